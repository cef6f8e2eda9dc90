package portal

import (
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"

	"github.com/semenligne/sem/portal/views"
)

// largestUnsigned is how many bytes are read of a form with photos from somebody
// who is not signed in; nothing of the photos is kept.
const largestUnsigned = 64 << 20

// keepForm answers somebody who sends something after the session ended: nothing
// was sent, and what was filled in stays on the page, from where it can be sent
// once they signed in again. A form that sends nothing is not kept: false.
func (p *Portal) keepForm(w http.ResponseWriter, r *http.Request) (bool, error) {
	fields, files, err := readFields(w, r)
	if err != nil || !fields.Has(keyField) && !fields.Has("commande") {
		return false, nil //nolint:nilerr // what cannot be read is not kept: they sign in and begin anew
	}
	page := views.KeptPage{Page: p.page(p.preferencesOf(r), "/connexion"), To: r.URL.Path, Files: files}
	page.Title = page.W.T("kept.title")
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		for _, value := range fields[name] {
			page.Fields = append(page.Fields, views.Field{Name: name, Value: value})
		}
	}
	return true, p.render(w, r, http.StatusForbidden, views.Kept(page))
}

// readFields reads the fields of a posted form, multipart or not, and leaves its
// files out: nobody has proved yet to be somebody of ours.
func readFields(w http.ResponseWriter, r *http.Request) (fields url.Values, files bool, err error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "multipart/form-data" {
		err := readFormOf(w, r, largestSent)
		return r.PostForm, false, err
	}
	r.Body = http.MaxBytesReader(w, r.Body, largestUnsigned)
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, false, err
	}
	fields = url.Values{}
	for left := int64(largestSent); ; {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return fields, files, nil
		} else if err != nil {
			return nil, false, err
		}
		if part.FileName() != "" {
			files = true
			continue
		}
		value, err := io.ReadAll(io.LimitReader(part, left+1))
		if left -= int64(len(value) + len(part.FormName())); err != nil || left < 0 {
			return nil, false, errFormTooLarge
		}
		if name := part.FormName(); name != "" {
			fields.Add(name, string(value))
		}
	}
}
