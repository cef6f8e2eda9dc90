package portal

import (
	"net/http"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/photo"
)

// SentPhoto is one photo of a form, as a test sees it.
type SentPhoto struct {
	Field   string
	Photo   photo.Photo
	Problem photo.Error
}

// ReadPhotos is readPhotos with other limits of time and room.
func (p *Portal) ReadPhotos(w http.ResponseWriter, r *http.Request, within time.Duration) (map[string][]string, []SentPhoto, error) {
	p.uploads.time = within
	form, err := p.readPhotos(w, r)
	var photos []SentPhoto
	for _, s := range form.photos {
		photos = append(photos, SentPhoto{s.field, s.photo, s.problem})
	}
	return form.fields, photos, err
}

// FillUploads takes all the room, until the function that it returns is called.
func (p *Portal) FillUploads() func() {
	for range cap(p.uploads.slots) {
		p.uploads.slots <- struct{}{}
	}
	return func() {
		for range cap(p.uploads.slots) {
			<-p.uploads.slots
		}
	}
}

// FreeUploads tells that nobody holds room.
func (p *Portal) FreeUploads() bool { return len(p.uploads.slots) == 0 }

// KeepPhoto is keepPhoto.
func (p *Portal) KeepPhoto(r *http.Request, citizen record.Citizen, key string, sent photo.Photo) (id, path string, err error) {
	return p.keepPhoto(r, citizen, key, sent)
}

// The errors of a form with photos.
var (
	ErrBadForm      = errBadForm
	ErrFormTooLarge = errFormTooLarge
	ErrManyUploads  = errManyUploads
)

// PhotoErrors are the reasons of the form beside those of package photo.
func PhotoErrors() []photo.Error {
	return []photo.Error{errTooManyPhotos, errPhotoGone, errPhotosEnough}
}

// Brief names something in a form.
func Brief(text string) string { return brief(text) }
