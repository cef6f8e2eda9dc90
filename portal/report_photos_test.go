package portal_test

import (
	"bytes"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal"
	"github.com/semenligne/sem/portal/locale"
	"github.com/semenligne/sem/portal/photo"
	"github.com/semenligne/sem/portal/portaltest"
)

// withFiles posts a form as a browser does that has files in it.
func (b browser) withFiles(path string, form url.Values, files ...[]byte) page {
	b.t.Helper()
	var parts []part
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range form[name] {
			parts = append(parts, field(name, value))
		}
	}
	for _, content := range files {
		parts = append(parts, part{name: "photos", filename: "IMG_0001.jpg", kind: "image/jpeg", file: true, content: content})
	}
	kind, body := multipartOf(b.t, parts...)
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+path, bytes.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	return b.do(req)
}

// another is somebody else before the same portal.
func (b browser) another() browser {
	b.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return browser{b.t, b.base, &http.Client{Jar: jar, CheckRedirect: b.http.CheckRedirect}}
}

// kept are the ids of the photos that a form holds.
func (p page) kept() []string { return p.form(potholePath, "photo") }

func TestReportWithPhotos(t *testing.T) {
	t.Parallel()
	h, b, effects := sentBy(t)
	h.Desk.Answer(func(sent dossier.Transaction) dossier.Transaction {
		sent.State, sent.Receipt = dossier.Done, record.Receipt{Outcome: record.OutcomeDone, Reference: "2026-01874"}
		return sent
	})
	// A form with a mistake: what was right of it stays, and what is wrong is said.
	wrong := b.withFiles(potholePath, filled("photosphotosphotos", "adresse", ""), jpegFile(t), []byte("%PDF-1.7"))
	if wrong.StatusCode != http.StatusUnprocessableEntity || len(wrong.kept()) != 1 {
		t.Fatalf("status %d, %d photos kept\n%s", wrong.StatusCode, len(wrong.kept()), wrong.at("main"))
	}
	if text := wrong.at("#photos-probleme"); !strings.Contains(text, "Photo 2") || !strings.Contains(text, "JPEG, PNG et WebP") {
		t.Errorf("beside the photos: %q", text)
	}
	thumbnail := wrong.html.Find("ul.photos img").AttrOr("src", "")
	if got := b.get(thumbnail); got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("thumbnail %q: status %d", thumbnail, got.StatusCode)
	}
	form := filled("photosphotosphotos")
	form["photo"] = wrong.kept()
	got := b.withFiles(potholePath, form, pngFile(t))
	if got.StatusCode != http.StatusSeeOther {
		t.Fatalf("status %d\n%s", got.StatusCode, got.at("main"))
	}
	if again := b.withFiles(potholePath, form, pngFile(t)); again.Header.Get("Location") != got.Header.Get("Location") || len(effects()) != 1 {
		t.Errorf("a double click: %d requests, led to %q", len(effects()), again.Header.Get("Location"))
	}
	sent := effects()[0].Action.(record.Submit)
	first, ok := strings.CutPrefix(sent.MediaURL, portaltest.BaseURL+"/photos/")
	if picture := b.another().get("/photos/" + first); !ok || picture.StatusCode != http.StatusOK || picture.Header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("the town is given %q, which answers %d", sent.MediaURL, picture.StatusCode)
	}
	text, others, ok := strings.Cut(sent.Description, "\nAutres photos\u00a0: ")
	if !ok || text != "Un trou devant l’école.\nIl grandit." || !strings.HasPrefix(others, portaltest.BaseURL+"/photos/") || others == sent.MediaURL {
		t.Errorf("description %q", sent.Description)
	}
	receipt := b.get(got.Header.Get("Location"))
	if n := receipt.html.Find("ul.photos img").Length(); n != 2 {
		t.Errorf("%d photos on the receipt", n)
	}
	stranger := b.another()
	stranger.signIn(portaltest.Newcomer)
	if got := stranger.get(thumbnail); got.StatusCode != http.StatusNotFound {
		t.Errorf("somebody else's thumbnail: status %d", got.StatusCode)
	}
	form = filled("photosofstrangers1")
	form["photo"] = wrong.kept()
	if got := stranger.withFiles(potholePath, form); got.StatusCode != http.StatusUnprocessableEntity || len(got.kept()) != 0 || !strings.Contains(got.at("#photos-probleme"), "nous ne l’avons plus") {
		t.Errorf("with somebody else's photo: status %d, %d photos", got.StatusCode, len(got.kept()))
	}
	if n := len(effects()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// TestPhotosOfRequest: the page of a request has the photos that its owner sent.
func TestPhotosOfRequest(t *testing.T) {
	t.Parallel()
	h, b, _ := sentBy(t)
	h.Desk.Answer(func(sent dossier.Transaction) dossier.Transaction {
		records, _ := portaltest.Sections(portaltest.Family)[3].At(portaltest.Now()).Records()
		sent.State, sent.Receipt = dossier.Done, record.Receipt{Outcome: record.OutcomeDone, Records: records[:1]}
		return sent
	})
	if n := b.get("/requetes/" + requestKey).html.Find("ul.photos").Length(); n != 0 {
		t.Errorf("%d lists of photos before there are any", n)
	}
	if got := b.withFiles(potholePath, filled("photosofarequest12"), jpegFile(t)); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("status %d\n%s", got.StatusCode, got.at("main"))
	}
	if n := b.get("/requetes/" + requestKey).html.Find("ul.photos img").Length(); n != 1 {
		t.Errorf("%d photos on the request's page", n)
	}
}

func TestPhotoIsRemoved(t *testing.T) {
	t.Parallel()
	_, b, effects := sentBy(t)
	six := make([][]byte, 6)
	for i := range six {
		six[i] = append(jpegFile(t), byte(i)) // one picture: it is kept once
	}
	six[1] = pngFile(t)
	full := b.withFiles(potholePath, filled("removedremovedremo"), six...)
	if full.StatusCode != http.StatusUnprocessableEntity || len(full.kept()) != 2 || !strings.Contains(full.at("#photos-probleme"), "Photo 6\u00a0: cinq photos") {
		t.Fatalf("six photos: status %d, %d kept\n%s", full.StatusCode, len(full.kept()), full.at("#photos-probleme"))
	}
	form := filled("removedremovedremo", "retirer", full.kept()[0])
	form["photo"] = full.kept()
	got := b.withFiles(potholePath, form)
	if got.StatusCode != http.StatusOK || len(got.kept()) != 1 || got.kept()[0] != full.kept()[1] || got.html.Find("#problemes").Length() != 0 {
		t.Errorf("status %d, kept %v", got.StatusCode, got.kept())
	}
	if gone := b.get("/requetes/photo/" + full.kept()[0]); gone.StatusCode != http.StatusNotFound || len(effects()) != 0 {
		t.Errorf("the removed photo: status %d; %d requests were sent", gone.StatusCode, len(effects()))
	}
}

// TestNoPhotosWithoutAddress: a town that cannot fetch photos is not sent any.
func TestNoPhotosWithoutAddress(t *testing.T) {
	t.Parallel()
	h, p := open(t, func(h *portaltest.House) { h.Options.BaseURL = "" })
	b := visit(t, p)
	b.signIn(portaltest.Family)
	if n := b.get(potholePath).html.Find("input[type=file]").Length(); n != 0 {
		t.Errorf("%d fields for photos", n)
	}
	before := len(h.Desk.Effects())
	got := b.withFiles(potholePath, filled("nophotosnophotos12"), jpegFile(t))
	if got.StatusCode != http.StatusSeeOther || h.Desk.Effects()[before].Action.(record.Submit).MediaURL != "" {
		t.Errorf("status %d", got.StatusCode)
	}
}

// TestPhotoProblemsHaveWords: each reason is said in words of its own.
func TestPhotoProblemsHaveWords(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{locale.French, locale.English} {
		words, err := locale.Load(lang, portaltest.Now().Location())
		if err != nil {
			t.Fatal(err)
		}
		said := map[string]photo.Error{}
		for _, problem := range append(photo.Errors(), portal.PhotoErrors()...) {
			key := "report.photo." + string(problem)
			if other, twice := said[words.T(key)]; !words.Has(key) || twice {
				t.Errorf("%s: %s has no words of its own (%s)", lang, problem, other)
			}
			said[words.T(key)] = problem
		}
	}
}
