package portal

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"time"
	"unicode/utf8"

	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/photo"
)

// The limits of a form with photos.
const (
	maxFields     = 100
	maxFieldName  = 100       // bytes
	maxFieldBytes = 16 << 10  // of one: 4,000 characters of any script
	maxFormBytes  = 128 << 10 // of all fields
	maxParts      = maxFields + 20
	// uploadsAtOnce bounds the files that are in memory before they are decoded;
	// whoever comes later is told to try again.
	uploadsAtOnce = 16
	// uploadTime is how long a form with photos may take to arrive.
	uploadTime = 90 * time.Second
)

// errTooManyPhotos is said of each photo beyond dossier.MaxPhotos; nothing of it is
// kept.
const errTooManyPhotos photo.Error = "too_many"

// sentPhoto is one file of a form: a cleaned photo, or why there is none.
type sentPhoto struct {
	field   string // of the form
	photo   photo.Photo
	problem photo.Error
}

// sentForm is a form with photos. Files keep the order in which they came;
// their names and types were never looked at.
type sentForm struct {
	fields url.Values
	photos []sentPhoto
}

// uploads reads forms with photos, a few at once.
type uploads struct {
	cleaner *photo.Cleaner
	limits  photo.Limits
	slots   chan struct{}
	time    time.Duration
}

func newUploads(limits photo.Limits) *uploads {
	return &uploads{photo.NewCleaner(limits), limits, make(chan struct{}, uploadsAtOnce), uploadTime}
}

// readPhotos reads a posted form, multipart or not, within limits of its own: at
// most dossier.MaxPhotos photos, cleaned one by one while the rest arrives. The
// error is errBadForm, errFormTooLarge, errManyUploads or the context's: then
// nothing of the form may be used.
func (p *Portal) readPhotos(w http.ResponseWriter, r *http.Request) (sentForm, error) {
	return p.uploads.read(w, r)
}

func (u *uploads) read(w http.ResponseWriter, r *http.Request) (sentForm, error) {
	select {
	case u.slots <- struct{}{}:
		defer func() { <-u.slots }()
	default:
		return sentForm{}, errManyUploads
	}
	ctx, cancel := context.WithTimeout(r.Context(), u.time)
	defer cancel()
	end, connection := time.Now().Add(u.time), http.NewResponseController(w)
	// A connection that knows no deadlines has those of the server.
	if err := errors.Join(connection.SetReadDeadline(end), connection.SetWriteDeadline(end.Add(u.time))); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return sentForm{}, errBadForm
	}
	r.Body = http.MaxBytesReader(w, r.Body, dossier.MaxPhotos*u.limits.Bytes+2*maxFormBytes)
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && kind == "application/x-www-form-urlencoded" {
		return plainForm(w, r)
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return sentForm{}, errBadForm
	}
	form := formReader{uploads: u, form: sentForm{fields: url.Values{}}}
	for range maxParts {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return form.form, nil
		}
		if err == nil {
			err = form.part(ctx, part)
		}
		if err != nil {
			return sentForm{}, formError(ctx, err)
		}
	}
	return sentForm{}, errFormTooLarge
}

// plainForm is a form that was sent without files, within the same limits.
func plainForm(w http.ResponseWriter, r *http.Request) (sentForm, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxFormBytes)
	if err := r.ParseForm(); err != nil {
		return sentForm{}, formError(r.Context(), err)
	}
	form := formReader{form: sentForm{fields: url.Values{}}}
	for name, values := range r.PostForm {
		for _, v := range values {
			if err := form.add(name, v); err != nil {
				return sentForm{}, err
			}
		}
	}
	return form.form, nil
}

// formError keeps what the sender can be told.
func formError(ctx context.Context, err error) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large), errors.Is(err, errFormTooLarge):
		return errFormTooLarge
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil:
		return errManyUploads // no turn came in time
	}
	return errBadForm
}

// formReader gathers a form part by part.
type formReader struct {
	*uploads
	form          sentForm
	fields, bytes int
}

func (f *formReader) part(ctx context.Context, part *multipart.Part) error {
	_, disposition, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if err != nil || part.FormName() == "" || len(part.FormName()) > maxFieldName {
		return errBadForm
	}
	if name, file := disposition["filename"]; file {
		return f.file(ctx, part, name == "")
	}
	value, err := io.ReadAll(io.LimitReader(part, maxFieldBytes+1))
	if err != nil {
		return err
	}
	return f.add(part.FormName(), string(value))
}

// add takes one field.
func (f *formReader) add(name, value string) error {
	f.fields++
	f.bytes += len(name) + len(value)
	if f.fields > maxFields || f.bytes > maxFormBytes || len(value) > maxFieldBytes || len(name) > maxFieldName {
		return errFormTooLarge
	}
	if !utf8.ValidString(name) || !utf8.ValidString(value) {
		return errBadForm
	}
	f.form.fields.Add(name, value)
	return nil
}

// file takes one photo. A browser sends an empty one without name when none was
// chosen.
func (f *formReader) file(ctx context.Context, part *multipart.Part, unnamed bool) error {
	source := &sender{Reader: part}
	sent := sentPhoto{field: part.FormName()}
	var err error
	if len(f.form.photos) >= dossier.MaxPhotos {
		sent.problem = errTooManyPhotos
		_, err = io.CopyN(io.Discard, source, 1)
	} else {
		sent.photo, err = f.cleaner.Clean(ctx, source)
	}
	if source.err != nil { // the line, not the photo
		return source.err
	}
	if problem, ok := errors.AsType[photo.Error](err); ok {
		sent.problem, err = problem, nil
	}
	if unnamed && !source.any {
		return nil
	}
	if errors.Is(err, io.EOF) { // an empty file too many
		err = nil
	}
	f.form.photos = append(f.form.photos, sent)
	return err
}

// sender tells a cut line from a bad photo.
type sender struct {
	io.Reader
	any bool
	err error
}

func (s *sender) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	s.any = s.any || n > 0
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}
