package portal_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/portal"
	"github.com/semenligne/sem/portal/photo"
)

// upload is what the reading of one form gave.
type upload struct {
	fields map[string][]string
	photos []portal.SentPhoto
	err    error
}

// uploadServer reads forms over real HTTP and hands over what it made of them.
func uploadServer(t *testing.T, within time.Duration) (*portal.Portal, *httptest.Server, chan upload) {
	t.Helper()
	_, p := open(t)
	got := make(chan upload, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fields, photos, err := p.ReadPhotos(w, r, within)
		got <- upload{fields, photos, err}
	}))
	t.Cleanup(func() {
		server.Close()
		if !p.FreeUploads() {
			t.Error("room for uploads is still held")
		}
	})
	return p, server, got
}

func send(t *testing.T, server *httptest.Server, got chan upload, kind string, body io.Reader) upload {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	if resp, err := server.Client().Do(req); err == nil { // a refused body may end the connection
		resp.Body.Close()
	}
	return <-got
}

// part is one of a multipart form; without filename it is a field.
type part struct {
	name, filename, kind string
	file                 bool
	content              []byte
}

func field(name, value string) part { return part{name: name, content: []byte(value)} }

func file(filename string, content []byte) part {
	return part{name: "photo", filename: filename, kind: "image/jpeg", file: true, content: content}
}

func multipartOf(t *testing.T, parts ...part) (kind string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		h := textproto.MIMEHeader{}
		d := fmt.Sprintf("form-data; name=%q", p.name)
		if p.file {
			d += `; filename="` + p.filename + `"`
			h.Set("Content-Type", p.kind)
		}
		h.Set("Content-Disposition", d)
		out, err := w.CreatePart(h)
		if err == nil {
			_, err = out.Write(p.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.Bytes()
}

func jpegFile(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 640, 480)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngFile(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 64, 48))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestFormWithPhotos: fields and files in any order; the names and types that a
// browser tells mean nothing.
func TestFormWithPhotos(t *testing.T) {
	t.Parallel()
	_, server, got := uploadServer(t, time.Minute)
	good := jpegFile(t)
	kind, body := multipartOf(t,
		file("../../etc/passwd", good),
		field("description", "Nid-de-poule\r\ndevant le 14"),
		file("été à la maison.png.php", pngFile(t)),
		file("vide.jpg", nil),
		part{name: "photo", file: true, kind: "application/octet-stream"}, // nothing chosen
		field("cote", "N"), field("cote", "S"),
		part{name: "photo", filename: "page.jpg", kind: "image/jpeg", file: true, content: []byte("<script>1</script>")},
		part{name: "autre", filename: "x.html", kind: "text/html", file: true, content: append(bytes.Clone(good), "<script>1</script>"...)},
		file("sixieme.jpg", good), file("septieme.jpg", good),
	)
	form := send(t, server, got, kind, bytes.NewReader(body))
	if form.err != nil {
		t.Fatal(form.err)
	}
	want := map[string][]string{"description": {"Nid-de-poule\r\ndevant le 14"}, "cote": {"N", "S"}}
	if diff := cmp.Diff(want, form.fields); diff != "" {
		t.Errorf("fields (-want +got)\n%s", diff)
	}
	var said []string
	for _, p := range form.photos {
		said = append(said, fmt.Sprint(p.Field, " ", p.Photo.Width, " ", string(p.Problem), " ", bytes.Contains(p.Photo.JPEG, []byte("script"))))
	}
	wantSaid := []string{
		"photo 640  false", "photo 64  false", "photo 0 damaged false", "photo 0 not_a_photo false", "autre 640  false",
		"photo 0 too_many false", "photo 0 too_many false",
	}
	if diff := cmp.Diff(wantSaid, said); diff != "" {
		t.Errorf("photos (-want +got)\n%s", diff)
	}
}

func TestFormWithoutFiles(t *testing.T) {
	t.Parallel()
	_, server, got := uploadServer(t, time.Minute)
	form := send(t, server, got, "application/x-www-form-urlencoded", strings.NewReader("a=1&a=2&b=%C3%A9"))
	if diff := cmp.Diff(map[string][]string{"a": {"1", "2"}, "b": {"é"}}, form.fields); diff != "" || form.err != nil || form.photos != nil {
		t.Errorf("%v %s", form.err, diff)
	}
}

func TestFormsRefused(t *testing.T) {
	t.Parallel()
	good := jpegFile(t)
	many := func(n int, p part) (list []part) {
		for range n {
			list = append(list, p)
		}
		return list
	}
	nestedKind, nested := multipartOf(t, file("x.jpg", good))
	urlencoded := "application/x-www-form-urlencoded"
	for what, tc := range map[string]struct {
		parts []part
		kind  string // with body, instead of parts
		body  string
		want  error
	}{
		"200 parts":           {parts: many(200, file("x.jpg", nil)), want: portal.ErrFormTooLarge},
		"101 fields":          {parts: many(101, field("a", "b")), want: portal.ErrFormTooLarge},
		"a huge field":        {parts: []part{field("a", strings.Repeat("x", 1<<20))}, want: portal.ErrFormTooLarge},
		"many big fields":     {parts: many(9, field("a", strings.Repeat("x", 16<<10))), want: portal.ErrFormTooLarge},
		"a long name":         {parts: []part{field(strings.Repeat("a", 101), "b")}, want: portal.ErrBadForm},
		"no name":             {parts: []part{field("", "b")}, want: portal.ErrBadForm},
		"bytes for text":      {parts: []part{field("a", "\xff\xfe")}, want: portal.ErrBadForm},
		"more than all":       {parts: many(6, file("x.jpg", make([]byte, 12<<20))), want: portal.ErrFormTooLarge},
		"NUL in a file name":  {parts: []part{file("x.jpg\x00.php", good)}, want: portal.ErrBadForm},
		"no boundary":         {kind: "multipart/form-data", body: "x", want: portal.ErrBadForm},
		"another type":        {kind: "text/plain", body: "x", want: portal.ErrBadForm},
		"mixed, not a form":   {kind: "multipart/mixed; boundary=x", body: "--x\r\n\r\n\r\n--x--\r\n", want: portal.ErrBadForm},
		"no end":              {kind: "multipart/form-data; boundary=x", body: "--x\r\nContent-Disposition: form-data; name=a\r\n\r\nb", want: portal.ErrBadForm},
		"huge plain form":     {kind: urlencoded, body: "a=" + strings.Repeat("x", 1<<20), want: portal.ErrFormTooLarge},
		"bad plain form":      {kind: urlencoded, body: "a=%zz", want: portal.ErrBadForm},
		"plain field too big": {kind: urlencoded, body: "a=" + strings.Repeat("x", 17<<10), want: portal.ErrFormTooLarge},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			_, server, got := uploadServer(t, time.Minute)
			kind, body := tc.kind, []byte(tc.body)
			if tc.parts != nil {
				kind, body = multipartOf(t, tc.parts...)
			}
			if form := send(t, server, got, kind, bytes.NewReader(body)); !errors.Is(form.err, tc.want) || form.fields != nil || form.photos != nil {
				t.Errorf("%v, want %v and nothing of the form", form.err, tc.want)
			}
		})
	}
	t.Run("nested multipart", func(t *testing.T) {
		t.Parallel()
		_, server, got := uploadServer(t, time.Minute)
		kind, body := multipartOf(t, part{name: "photo", filename: "x", kind: nestedKind, file: true, content: nested})
		form := send(t, server, got, kind, bytes.NewReader(body))
		if form.err != nil || len(form.photos) != 1 || form.photos[0].Problem != photo.ErrNotAPhoto {
			t.Errorf("%v, %d photos: what is inside is no part of the form", form.err, len(form.photos))
		}
	})
}

// TestSlowAndCutSenders hold nothing for long, and nothing of their form is
// used.
func TestSlowAndCutSenders(t *testing.T) {
	t.Parallel()
	kind, body := multipartOf(t, field("a", "b"), file("x.jpg", jpegFile(t)))
	for what, cut := range map[string]bool{"slow": false, "cut": true} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			within := time.Minute
			if !cut {
				within = 50 * time.Millisecond
			}
			_, server, got := uploadServer(t, within)
			line, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(server.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer line.Close()
			if _, err := fmt.Fprintf(line, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", kind, len(body), body[:len(body)/2]); err != nil {
				t.Fatal(err)
			}
			if cut {
				line.Close()
			}
			if form := <-got; form.err == nil || form.fields != nil || form.photos != nil {
				t.Errorf("%v, %v", form.err, form.fields)
			}
		})
	}
}

func TestUploadsHaveRoom(t *testing.T) {
	t.Parallel()
	p, server, got := uploadServer(t, time.Minute)
	kind, body := multipartOf(t, file("x.jpg", jpegFile(t)))
	free := p.FillUploads()
	if form := send(t, server, got, kind, bytes.NewReader(body)); !errors.Is(form.err, portal.ErrManyUploads) {
		t.Errorf("%v while there is no room", form.err)
	}
	free()
	if form := send(t, server, got, kind, bytes.NewReader(body)); form.err != nil || len(form.photos) != 1 {
		t.Errorf("%v, %d photos", form.err, len(form.photos))
	}
}
