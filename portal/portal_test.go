package portal_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/semenligne/sem/portal"
	"github.com/semenligne/sem/portal/portaltest"
)

// open starts a portal over real stores.
func open(t *testing.T, change ...func(*portaltest.House)) (*portaltest.House, *portal.Portal) {
	t.Helper()
	h, err := portaltest.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, c := range change {
		c(h)
	}
	p, err := portal.New(h.Options)
	if err != nil {
		t.Fatal(err)
	}
	return h, p
}

// browser is a client that keeps cookies and follows nothing by itself.
type browser struct {
	t    *testing.T
	base string
	http *http.Client
}

func visit(t *testing.T, p *portal.Portal) browser {
	t.Helper()
	server := httptest.NewServer(p.Handler())
	t.Cleanup(func() {
		p.EndStreams()
		server.Close()
	})
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return browser{t, server.URL, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// page is an answer, read.
type page struct {
	*http.Response
	text string
	html *goquery.Document
}

func (b browser) do(req *http.Request) page {
	b.t.Helper()
	resp, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(body)))
	if err != nil {
		b.t.Fatal(err)
	}
	return page{resp, string(body), doc}
}

func (b browser) get(path string) page {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.base+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do(req)
}

func (b browser) post(path string, pairs ...string) page {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return b.postForm(path, form)
}

func (b browser) postForm(path string, form url.Values) page {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(req)
}

func (b browser) signIn(who portaltest.Person) {
	b.t.Helper()
	got := b.post("/connexion", "carte", who.Card, "nip", who.PIN)
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/" {
		b.t.Fatalf("sign-in: status %d to %q\n%s", got.StatusCode, got.Header.Get("Location"), got.text)
	}
}

// text is what a selector holds, with spaces folded.
func (p page) at(selector string) string {
	return strings.Join(strings.FieldsFunc(p.html.Find(selector).Text(), func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' }), " ")
}
