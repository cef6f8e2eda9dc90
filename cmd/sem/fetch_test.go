package main

import (
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// writing is a terminal's output that looks around at the first byte.
type writing struct {
	io.Writer
	look func()
}

func (w *writing) Write(p []byte) (int, error) {
	if w.look != nil {
		w.look()
		w.look = nil
	}
	return w.Writer.Write(p)
}

// TestFetchLeavesNoFile ends like `sem fetch … | head -1`: at the first byte
// the process may be gone, so what is kept aside must have no name by then.
func TestFetchLeavesNoFile(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	cards := filepath.Join(t.TempDir(), "cartes.csv")
	if err := os.WriteFile(cards, []byte("carte;nom\n100001;Ada Roy\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := config(t, "tabular", "file: "+cards+", columns: {card: carte, name: [nom]}")
	looked := false
	var out, errs lockedBuffer
	code := run(t.Context(), terminal{strings.NewReader(""), &writing{&out, func() {
		looked = true
		left, err := os.ReadDir(dir)
		if err != nil || len(left) > 0 {
			t.Errorf("%v, %v", left, err)
		}
	}}, &errs}, []string{"fetch", "-c", file, "thing"})
	if code != exitOK || !looked || !strings.Contains(out.String(), "100001") {
		t.Errorf("%d, %s, %s", code, out.String(), errs.String())
	}
}

// TestRepliesOutOfTurnAreNotPrinted has a server that sends more than it
// announced, which net/http would print with the standard logger.
func TestRepliesOutOfTurnAreNotPrinted(t *testing.T) {
	var printed lockedBuffer
	log.SetOutput(&printed)
	t.Cleanup(func() { log.SetOutput(os.Stderr) })
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.SetDeadline(time.Now().Add(5 * time.Second))
			_, _ = c.Read(make([]byte, 4096))
			_, _ = io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\nMaude Canari")
			_, _ = io.Copy(io.Discard, c)
			_ = c.Close()
		}
	}()
	a := sem(t, "", "fetch", "-c", config(t, "assessmentroll", "url: http://"+l.Addr().String()+"/r.xml"), "thing")
	if a.code != exitFailed || strings.Contains(a.err+printed.String(), "Canari") || log.Writer() != io.Discard {
		t.Errorf("%+v, %s", a, printed.String())
	}
}
