package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// served is a configuration on disk and the portal that serves it.
type served struct {
	file, portal, operators string
	log                     *lockedBuffer
	stop                    func() int
}

// freeAddress asks the kernel for a port that is free now.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// startServe serves a town of one card and one library that is down, as it may
// be on the morning of an installation.
func startServe(t *testing.T) served {
	t.Helper()
	folder := t.TempDir()
	s := served{file: filepath.Join(folder, "sem.yaml"), portal: freeAddress(t), operators: freeAddress(t), log: &lockedBuffer{}}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("cards.csv", "carte;nom;biblio\n012345;Maude Canari;"+reader+"\n")
	write("sem.yaml", fmt.Sprintf(`listen: %s
metrics_listen: %s
data_dir: data
portal: {insecure_cookies: true}
sources:
  - name: cards
    kind: tabular
    cards: true
    poll: {every: 1m}
    settings: {file: cards.csv, columns: {card: carte, name: [nom], links: {library: biblio}}}
  - name: library
    kind: sip2
    guard: {deadline: 1s, dial_allow: [127.0.0.0/8]}
    settings: {address: "%s"}
`, s.portal, s.operators, freeAddress(t)))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, terminal{strings.NewReader(""), s.log, s.log}, []string{"serve", "-c", s.file})
	}()
	s.stop = func() int { cancel(); return <-ended }
	return s
}

// TestServe starts with a dead source, admits a card that the registry names
// once it has a PIN, tells that the library is not known, and drains.
func TestServe(t *testing.T) {
	t.Parallel()
	s := startServe(t)
	ended := false
	defer func() {
		if !ended {
			s.stop()
		}
	}()
	eventually(t, "a portal that is ready", func() bool {
		resp, err := http.Get("http://" + s.operators + "/readyz")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	var pin string
	eventually(t, "a card of the registry", func() bool {
		a := sem(t, "", "citizen", "pin", "-c", s.file, "012345")
		pin = strings.TrimSpace(a.out)
		return a.code == exitOK
	})
	if !regexp.MustCompile(`^\d{6}$`).MatchString(pin) {
		t.Fatalf("PIN of %d characters", len(pin))
	}
	if a := sem(t, "", "citizen", "pin", "-c", s.file, "999999"); a.code != exitFailed || a.out != "" {
		t.Errorf("a card of nobody: %+v", a)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Jar: jar}
	resp, err := c.PostForm("http://"+s.portal+"/connexion", url.Values{"carte": {"012345"}, "nip": {pin}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.Request.URL.Path != "/" || resp.StatusCode != http.StatusOK {
		t.Fatalf("sign-in ends at %s with %s", resp.Request.URL.Path, resp.Status)
	}
	d := runningDemo{announcement: announcement{Portal: "http://" + s.portal}, stderr: s.log}
	sections := d.until(t, c, "a library in trouble", func(all map[string]section) bool { return all["library"].Reason == "unavailable" })
	if l := sections["library"]; l.State != "unknown" || l.Records != nil || len(sections) != 1 {
		t.Errorf("sections %+v", sections)
	}
	ended = true
	if code := s.stop(); code != exitOK {
		t.Errorf("ended with %d\n%s", code, s.log)
	}
	if log := s.log.String(); strings.Contains(log, "Canari") || strings.Contains(log, "012345") || strings.Contains(log, reader) || strings.Contains(log, pin) {
		t.Errorf("a person shows in the log:\n%s", log)
	}
}

// TestTakenAddress: a town that cannot listen says so and ends, with everything
// closed that was open.
func TestTakenAddress(t *testing.T) {
	t.Parallel()
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	a := sem(t, "", "demo", "--people", "20", "--listen", taken.Addr().String())
	if a.code != exitFailed || !strings.Contains(a.err, "address already in use") {
		t.Errorf("%+v", a)
	}
}
