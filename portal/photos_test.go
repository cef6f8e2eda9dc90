package portal_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal"
	"github.com/semenligne/sem/portal/photo"
	"github.com/semenligne/sem/portal/portaltest"
)

// keepPhoto adds a photo for a citizen as the form does.
func keepPhoto(t *testing.T, p *portal.Portal, citizen record.Citizen, key string) (id, path string, sent photo.Photo) {
	t.Helper()
	sent, err := photo.NewCleaner(photo.DefaultLimits()).Clean(t.Context(), bytes.NewReader(jpegFile(t)))
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
	if id, path, err = p.KeepPhoto(r, citizen, key, sent); err != nil {
		t.Fatal(err)
	}
	return id, path, sent
}

// checkPicture: a picture and nothing else, however it is asked for.
func checkPicture(t *testing.T, what string, got page, want []byte, resource string) {
	t.Helper()
	if got.StatusCode != http.StatusOK || got.text != string(want) {
		t.Errorf("%s: status %d, %d bytes of %d", what, got.StatusCode, len(got.text), len(want))
	}
	for name, value := range map[string]string{
		"Content-Type": "image/jpeg", "X-Content-Type-Options": "nosniff", "Content-Disposition": `inline; filename="photo.jpg"`,
		"Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'", "Cross-Origin-Resource-Policy": resource,
		"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Set-Cookie": "", "Service-Worker-Allowed": "",
	} {
		if v := got.Header.Get(name); v != value {
			t.Errorf("%s: %s is %q", what, name, v)
		}
	}
	if sniffed := http.DetectContentType([]byte(got.text)); sniffed != "image/jpeg" {
		t.Errorf("%s: looks like %s", what, sniffed)
	}
}

func TestSharedPhoto(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	now := portaltest.Now()
	h, p := open(t, func(h *portaltest.House) {
		h.Options.Log, h.Options.Now = slog.New(slog.NewTextHandler(&logged, nil)), func() time.Time { return now }
	})
	owner := citizen(t, h, portaltest.Family)
	_, path, sent := keepPhoto(t, p, owner, "form")
	if _, again, _ := keepPhoto(t, p, owner, "form"); again != path {
		t.Error("a second click got another address: the request would be another one")
	}
	token := strings.TrimPrefix(path, "/photos/")
	if len(token) != 43 {
		t.Errorf("token of %d characters, want 43 for 256 bits", len(token))
	}
	server := visit(t, p)
	ask := func(path string, headers ...string) page {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		return server.do(req)
	}
	checkPicture(t, "fetched", ask(path), sent.JPEG, "cross-origin")
	checkPicture(t, "as a page", ask(path, "Accept", "text/html", "Sec-Fetch-Dest", "document"), sent.JPEG, "cross-origin")
	checkPicture(t, "as a script", ask(path, "Service-Worker", "script", "Sec-Fetch-Dest", "serviceworker"), sent.JPEG, "cross-origin")
	checkPicture(t, "with a type", ask(path+"?type=text/html&download=x.html"), sent.JPEG, "cross-origin")
	unknown := ask("/photos/" + strings.Repeat("x", 43))
	for _, other := range []string{token[1:], token + "A", token + "/x.html", "..%2fdossier.db", "%00", strings.Repeat("A", 4000)} {
		if got := ask("/photos/" + other); got.StatusCode != http.StatusNotFound {
			t.Errorf("%.20q: status %d", other, got.StatusCode)
		}
	}
	now = now.Add(90 * 24 * time.Hour)
	ended := ask(path)
	if ended.StatusCode != http.StatusNotFound || ended.text != strings.ReplaceAll(unknown.text, strings.Repeat("x", 43), token) {
		t.Errorf("ended: status %d, and unlike an unknown one", ended.StatusCode)
	}
	if strings.Contains(logged.String(), token) {
		t.Error("the log has the token")
	}
}

func TestSharedPhotoHasARate(t *testing.T) {
	t.Parallel()
	h, p := open(t)
	owner := citizen(t, h, portaltest.Family)
	_, path, _ := keepPhoto(t, p, owner, "form")
	_, other, _ := keepPhoto(t, p, owner, "another form")
	b := visit(t, p)
	refused := 0
	for range 40 {
		switch got := b.get(path); got.StatusCode {
		case http.StatusOK:
		case http.StatusTooManyRequests:
			refused++
		default:
			t.Fatalf("status %d", got.StatusCode)
		}
	}
	if refused == 0 {
		t.Error("40 times in a row, and never refused")
	}
	if got := b.get(other); got.StatusCode != http.StatusOK {
		t.Errorf("another photo: status %d", got.StatusCode)
	}
}

func TestMyPhoto(t *testing.T) {
	t.Parallel()
	h, p := open(t)
	id, _, sent := keepPhoto(t, p, citizen(t, h, portaltest.Family), "form")
	owner, stranger, nobody := visit(t, p), visit(t, p), visit(t, p)
	owner.signIn(portaltest.Family)
	stranger.signIn(portaltest.Busy)
	checkPicture(t, "thumbnail", owner.get("/requetes/photo/"+id), sent.Thumbnail, "same-origin")
	checkPicture(t, "picture", owner.get("/requetes/photo/"+id+"?grande"), sent.JPEG, "same-origin")
	if m, err := jpeg.DecodeConfig(strings.NewReader(owner.get("/requetes/photo/" + id).text)); err != nil || image.Pt(m.Width, m.Height) != image.Pt(320, 240) {
		t.Errorf("thumbnail of %d×%d, %v", m.Width, m.Height, err)
	}
	for _, more := range []string{"", "?grande"} {
		theirs, none := stranger.get("/requetes/photo/"+id+more), stranger.get("/requetes/photo/ELSE"+more)
		if theirs.StatusCode != http.StatusNotFound || theirs.text != strings.ReplaceAll(none.text, "ELSE", id) {
			t.Errorf("another's: status %d, and unlike one that is not there", theirs.StatusCode)
		}
		if got := nobody.get("/requetes/photo/" + id + more); got.StatusCode != http.StatusSeeOther {
			t.Errorf("signed out: status %d", got.StatusCode)
		}
	}
	for _, wrong := range []string{"..%2f..%2fdossier.db", "%2e%2e", id + ".jpg", id + "%00", strings.ToLower(id)} {
		if got := owner.get("/requetes/photo/" + wrong); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", wrong, got.StatusCode)
		}
	}
}
