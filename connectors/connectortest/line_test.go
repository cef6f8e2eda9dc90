package connectortest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/connectortest"
)

// lineFake answers one line with one line, each with its checksum:
//
//	KEY status            ok
//	KEY find WHO          {"who":"W1","items":[{"key":"k1","title":"…"}]}
//	KEY list              {"items":[…]}
//	KEY auth CARD PIN     granted W1
//	KEY do WHO WHAT       done
//	KEY did WHO WHAT      W1 yes
//	KEY send WORDS        taken, or refused
//
// or "denied", "nobody".
type lineFake struct {
	listener  net.Listener
	serving   sync.WaitGroup
	performed atomic.Int64
	foreign   atomic.Bool

	mu    sync.Mutex
	conns map[net.Conn]bool
	did   map[string]bool
}

const lineKey = "line-key-1"

func startLine() (connectortest.Fake, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return connectortest.Fake{}, err
	}
	f := &lineFake{listener: listener, conns: map[net.Conn]bool{}, did: map[string]bool{}}
	f.serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			f.mu.Lock()
			f.conns[conn] = true
			f.mu.Unlock()
			f.serving.Go(func() { f.serve(conn) })
		}
	})
	return connectortest.Fake{
		Addr: listener.Addr().String(), Close: f.close,
		Performed: func() int { return int(f.performed.Load()) },
		Foreign:   func() { f.foreign.Store(true) },
	}, nil
}

func (f *lineFake) close() error {
	err := f.listener.Close()
	f.mu.Lock()
	for conn := range f.conns {
		_ = conn.Close()
	}
	f.mu.Unlock()
	f.serving.Wait()
	return err
}

func (f *lineFake) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		if _, err := io.WriteString(conn, summed(f.answer(strings.Fields(lines.Text())))); err != nil {
			return
		}
	}
}

func summed(text string) string {
	return fmt.Sprintf("%s %08x\n", text, crc32.ChecksumIEEE([]byte(text)))
}

const lineItems = `"items":[{"key":"k1","title":"Clôture au 14, rue des Essais"},{"key":"k2","title":"Piscine"}]`

func (f *lineFake) answer(words []string) string {
	if len(words) < 2 || words[0] != lineKey {
		return "denied"
	}
	words = append(words, "", "")
	switch verb, arg := words[1], words[2]; {
	case verb == "status":
		return "ok"
	case verb == "find" && arg == "W1" && f.foreign.Load():
		return `{"who":"W2",` + lineItems + `}`
	case verb == "find" && arg == "W1":
		return `{"who":"W1",` + lineItems + `}`
	case verb == "find":
		return "nobody"
	case verb == "list":
		return `{` + lineItems + `}`
	case verb == "auth" && arg == "C100" && words[3] == "4321":
		return "granted W1"
	case verb == "auth":
		return "denied"
	case verb == "do":
		f.performed.Add(1)
		return f.note(arg + " " + words[3])
	case verb == "did":
		return f.told(arg, words[3])
	case verb == "send" && arg == "nowhere":
		return "refused"
	case verb == "send":
		f.performed.Add(1)
		return "taken"
	}
	return "what?"
}

func (f *lineFake) note(what string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.did[what] = true
	return "done"
}

func (f *lineFake) told(who, what string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.foreign.Load():
		return "W2 yes"
	case f.did[who+" "+what]:
		return who + " yes"
	}
	return who + " no"
}

// lineReply is what find and list answer.
type lineReply struct {
	Who   string `json:"who"`
	Items []struct {
		Key   string `json:"key"`
		Title string `json:"title"`
	} `json:"items"`
}

// errNotSent marks an exchange that never began.
var errNotSent = errors.New("not sent")

// ask sends one request on a connection of its own and returns the reply
// without its checksum.
func (s *lineSource) ask(ctx context.Context, request string) (string, error) {
	conn, err := s.deps.Dial(ctx, "tcp", s.address)
	if err != nil {
		if s.has("refused find is malformed") && ctx.Err() == nil && strings.HasPrefix(request, "find") {
			return "", connectors.ErrMalformed
		}
		return "", fmt.Errorf("%w: %w", errNotSent, err)
	}
	defer func() { _ = conn.Close() }()
	if deadline, ok := ctx.Deadline(); ok && !s.has("no deadline") {
		_ = conn.SetDeadline(deadline)
	}
	if !s.has("cancellation ignored") && !s.has("no deadline") {
		defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	}
	if _, err := io.WriteString(conn, s.key+" "+request+"\n"); err != nil {
		return "", s.sent(ctx, request, err)
	}
	line, err := s.line(conn)
	if err != nil && (!errors.Is(err, io.EOF) || !s.has("half a reply is one")) {
		return "", s.sent(ctx, request, err)
	}
	text := line[:max(0, strings.LastIndexByte(line, ' '))]
	if summed(text) != line && !s.has("checksum not looked at") && !s.has("half a reply is one") {
		if s.has("panics on garble") {
			panic("what a reply")
		}
		return "", fmt.Errorf("line: checksum: %w", connectors.ErrMalformed)
	}
	return text, nil
}

func (s *lineSource) line(conn net.Conn) (string, error) {
	limit := int64(1 << 20)
	if s.has("no limit") {
		limit = 1 << 40
	}
	if s.has("deadline until the first byte") {
		conn = &patient{Conn: conn}
	}
	r := bufio.NewReaderSize(io.LimitReader(conn, limit), 64<<10)
	if s.has("no limit") { // reads on, and keeps nothing, to spare this machine
		var last string
		for {
			part, err := r.ReadSlice('\n')
			last += string(part[:min(len(part), 512)])
			last = last[max(0, len(last)-1024):]
			if !errors.Is(err, bufio.ErrBufferFull) {
				return last, err
			}
		}
	}
	return r.ReadString('\n')
}

// patient waits on for ever once something came, whatever the deadline was.
type patient struct {
	net.Conn
	begun bool
}

func (p *patient) Read(b []byte) (int, error) {
	for {
		n, err := p.Conn.Read(b)
		if n > 0 || !p.begun || !errors.Is(err, os.ErrDeadlineExceeded) {
			p.begun = p.begun || n > 0
			return n, err
		}
		_ = p.SetReadDeadline(time.Time{})
	}
}

// sent is the error of an exchange that broke off.
func (s *lineSource) sent(ctx context.Context, request string, err error) error {
	var netErr net.Error
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("line: %w", context.Cause(ctx))
	case errors.As(err, &netErr):
		return fmt.Errorf("line: %w", connectors.ErrUnavailable)
	case s.has("cut is denied") && strings.HasPrefix(request, "find"):
		return fmt.Errorf("line: %w", connectors.ErrDenied)
	}
	return fmt.Errorf("line: reply: %w", connectors.ErrMalformed)
}

func decodeLine(text string) (lineReply, error) {
	var reply lineReply
	if err := json.Unmarshal([]byte(text), &reply); err != nil || reply.Items == nil {
		return lineReply{}, fmt.Errorf("line: reply: %w", connectors.ErrMalformed)
	}
	return reply, nil
}
