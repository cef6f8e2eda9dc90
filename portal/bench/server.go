package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal"
	"github.com/semenligne/sem/portal/portaltest"
)

// answer is what the bare handler writes: the portal's own bytes.
type answer struct {
	Type, Coding string
	Body         []byte

	length string
}

// serveBare writes the same bytes to everybody, by address.
func serveBare() error {
	in := bufio.NewReader(os.Stdin)
	line, err := in.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("answers: %w", err)
	}
	var answers map[string]*answer
	if err := json.Unmarshal(line, &answers); err != nil {
		return fmt.Errorf("answers: %w", err)
	}
	for _, a := range answers {
		a.length = strconv.Itoa(len(a.Body))
	}
	return listen(in, &http.Server{ReadHeaderTimeout: 3 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := answers[r.RequestURI]
		h := w.Header()
		h.Set("Content-Type", a.Type)
		h.Set("Content-Length", a.length)
		if a.Coding != "" {
			h.Set("Content-Encoding", a.Coding)
		}
		_, _ = w.Write(a.Body) // the reader may be gone
	})})
}

// asked counts what the portal asked to be refreshed and does nothing, as an
// aggregator does whose sources are being read already.
type asked struct{}

func (asked) Touch(record.Citizen) {}

// servePortal serves the whole portal, as `sem serve` does.
func servePortal() error {
	dir, err := os.MkdirTemp("", "sem-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	house, err := portaltest.Open(context.Background(), dir)
	if err != nil {
		return err
	}
	defer house.Close() //nolint:errcheck // a temporary folder
	house.Options.Toucher = asked{}
	p, err := portal.New(house.Options)
	if err != nil {
		return err
	}
	return listen(bufio.NewReader(os.Stdin), &http.Server{
		Handler: p.Handler(), ReadHeaderTimeout: 3 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
	})
}

// listen serves on a free port, which it prints, until standard input ends.
// Each line on standard input asks for the CPU spent so far.
func listen(in *bufio.Reader, s *http.Server) error {
	var config net.ListenConfig
	l, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go s.Serve(l) //nolint:errcheck // ends with the process
	fmt.Println(l.Addr())
	for {
		if _, err := in.ReadString('\n'); err != nil {
			return s.Close()
		}
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			return err
		}
		fmt.Println(u.Utime.Nano() + u.Stime.Nano())
	}
}

// server is one of the processes above, seen from outside.
type server struct {
	addr string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
}

// start runs this program again as a server on one core, with the answers of a
// bare one.
func start(ctx context.Context, kind string, answers map[string]*answer) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &server{cmd: exec.CommandContext(ctx, self, "-serve", kind)}
	s.cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	s.cmd.Stderr = os.Stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	s.out = bufio.NewReader(out)
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	if answers != nil {
		err = json.NewEncoder(s.in).Encode(answers)
	}
	if err == nil {
		s.addr, err = s.line()
	}
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("%s server: %w", kind, err)
	}
	return s, nil
}

func (s *server) line() (string, error) {
	line, err := s.out.ReadString('\n')
	return strings.TrimSpace(line), err
}

// cpu is what the process has spent so far.
func (s *server) cpu() (time.Duration, error) {
	if _, err := io.WriteString(s.in, "\n"); err != nil {
		return 0, err
	}
	line, err := s.line()
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(line, 10, 64)
	return time.Duration(n), err
}

// stop ends the process and waits for it.
func (s *server) stop() {
	if err := errors.Join(s.in.Close(), s.cmd.Wait()); err != nil {
		fmt.Fprintln(os.Stderr, "bench: server:", err)
	}
}
