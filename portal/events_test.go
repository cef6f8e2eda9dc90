package portal_test

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semenligne/sem/portal/portaltest"
)

// listener reads a live stream.
type listener struct {
	t     *testing.T
	resp  *http.Response
	lines *bufio.Scanner
}

func (b browser) listen(path string, header ...string) listener {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.base+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { resp.Body.Close() })
	return listener{b.t, resp, bufio.NewScanner(resp.Body)}
}

// next returns the next event as "name data", or "end".
func (l listener) next() string {
	l.t.Helper()
	var name, data string
	for l.lines.Scan() {
		switch line := l.lines.Text(); {
		case strings.HasPrefix(line, "event: "):
			name = line[7:]
		case strings.HasPrefix(line, "data: "):
			data = line[6:]
		case line == "" && name != "":
			return name + " " + data
		}
	}
	return "end"
}

func TestStreamTellsWhatChanged(t *testing.T) {
	t.Parallel()
	h, p := open(t)
	b := visit(t, p)
	if got := b.get("/api/v1/events"); got.StatusCode != http.StatusUnauthorized {
		t.Fatalf("without session: status %d", got.StatusCode)
	}
	b.signIn(portaltest.Family)
	version := b.get("/").html.Find("body").AttrOr("data-version", "")
	l := b.listen("/api/v1/events?version=" + version)
	if h := l.resp.Header; h.Get("Content-Type") != "text/event-stream" || h.Get("X-Accel-Buffering") != "no" || h.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", h)
	}
	citizen, err := h.Dossier.ByCard(t.Context(), portaltest.Family.Card)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Cache.Put(t.Context(), citizen, portaltest.Sections(portaltest.Empty)[0]); err != nil {
		t.Fatal(err)
	}
	d, err := h.Cache.Dashboard(t.Context(), citizen)
	if err != nil {
		t.Fatal(err)
	}
	// The page was drawn before the change: it is told, whether it listened
	// already or comes back with the version that it had.
	got := l.next()
	again := b.listen("/api/v1/events", "Last-Event-ID", version).next()
	if !strings.HasPrefix(got, "changed ") || got != again {
		t.Errorf("told %q, and after coming back %q (version %d)", got, again, d.Version)
	}
	if page := b.get("/"); page.at("#section-bibliotheque .headline") != "Aucun prêt en cours." {
		t.Errorf("the page still says %q", page.at("#section-bibliotheque .headline"))
	}
}

// The trap of sessions and streams: a stream that outlives a sign-out must not
// bring the session back when it closes.
func TestStreamDoesNotUndoSignOut(t *testing.T) {
	t.Parallel()
	_, p := open(t)
	b := visit(t, p)
	b.signIn(portaltest.Family)
	version := b.get("/").html.Find("body").AttrOr("data-version", "")
	old := b.http.Jar
	l := b.listen("/api/v1/events?version=" + version)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.base+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	cookies := old.Cookies(req.URL)

	if got := b.post("/deconnexion"); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("sign-out: status %d", got.StatusCode)
	}
	if got := l.next(); got != "ended signed_out" {
		t.Errorf("the stream was told %q", got)
	}
	if got := l.next(); got != "end" {
		t.Errorf("the stream went on with %q", got)
	}
	for _, c := range cookies {
		req.AddCookie(c)
	}
	if got := b.do(req); got.StatusCode != http.StatusSeeOther {
		t.Errorf("the old cookie still opens the page: status %d", got.StatusCode)
	}
}

func TestStreamsPerCitizenAreBounded(t *testing.T) {
	t.Parallel()
	_, p := open(t)
	b := visit(t, p)
	b.signIn(portaltest.Family)
	for range 6 {
		if l := b.listen("/api/v1/events"); l.resp.StatusCode != http.StatusOK || !strings.HasPrefix(l.next(), "changed") {
			t.Fatalf("status %d", l.resp.StatusCode)
		}
	}
	if l := b.listen("/api/v1/events"); l.resp.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the seventh: status %d", l.resp.StatusCode)
	}
	other := visit(t, p)
	other.signIn(portaltest.Stale)
	if l := other.listen("/api/v1/events"); l.resp.StatusCode != http.StatusOK {
		t.Errorf("somebody else: status %d", l.resp.StatusCode)
	}
}

// recording is a ResponseWriter that hands over what is written, for streams in
// virtual time.
type recording struct {
	header http.Header
	wrote  chan string
}

func (r recording) Header() http.Header              { return r.header }
func (r recording) WriteHeader(int)                  {}
func (r recording) Write(b []byte) (int, error)      { r.wrote <- string(b); return len(b), nil }
func (r recording) Flush()                           {}
func (r recording) SetWriteDeadline(time.Time) error { return nil }

// A stream is told when age alone changes the page, and ends with its session
// at the heartbeat after: watching is not being there.
func TestStreamInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		started := time.Now()
		_, p := open(t, func(h *portaltest.House) {
			h.Options.Now = func() time.Time { return portaltest.Now().Add(time.Since(started)) }
		})
		cookies := enter(t, p, portaltest.Family)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.AddCookie(cookies[0])
		rec := recording{http.Header{}, make(chan string, 1000)}
		done := make(chan struct{})
		go func() {
			defer close(done)
			p.Handler().ServeHTTP(rec, r)
		}()
		<-done
		close(rec.wrote)
		var text strings.Builder
		for s := range rec.wrote {
			text.WriteString(s)
		}
		if took := time.Since(started); took != 20*time.Minute {
			t.Errorf("the stream lived for %v", took)
		}
		if n := strings.Count(text.String(), ": still here"); n != 79 {
			t.Errorf("%d heartbeats", n)
		}
		if !strings.HasSuffix(text.String(), "event: ended\ndata: signed_out\n\n") {
			t.Error("the stream did not say that it ended")
		}
	})
}
