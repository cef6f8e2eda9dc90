package portal

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
	"golang.org/x/time/rate"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/photo"
)

const (
	photosPath   = "/photos"
	myPhotosPath = "/requetes/photo"
	// photoShared is how long a system of the town may fetch a photo.
	photoShared = 90 * 24 * time.Hour
)

// picturePolicy is for a picture that somebody opens by itself: nothing in it
// may run or load, whatever a browser takes it for.
const picturePolicy = "default-src 'none'; sandbox; frame-ancestors 'none'"

// sharedPhoto answers whoever knows a photo's token, without any session: a
// system of the town, or a page of it that shows the picture.
func (p *Portal) sharedPhoto(w http.ResponseWriter, r *http.Request) error {
	token := chi.URLParam(r, "token")
	file, err := p.opt.Dossier.SharedPhoto(r.Context(), token, p.opt.Now())
	if err != nil {
		return photoError(err)
	}
	if !p.photoRates.allow(token) {
		return errManyPhotos
	}
	w.Header().Set("X-Robots-Tag", "noindex")
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin") // the token is the right
	writePicture(w, file)
	return nil
}

// myPhoto answers the citizen who sent a photo: its thumbnail, or with ?grande
// the picture.
func (p *Portal) myPhoto(w http.ResponseWriter, r *http.Request) error {
	s, err := p.sessions.look(r)
	if err != nil {
		return err
	}
	read := p.opt.Dossier.Thumbnail
	if r.URL.Query().Has("grande") {
		read = p.opt.Dossier.Picture
	}
	file, err := read(r.Context(), s.citizen, chi.URLParam(r, "id"))
	if err != nil {
		return photoError(err)
	}
	writePicture(w, file)
	return nil
}

// photoError makes "no such page" of a photo that is not there for whoever
// asks. A lost one is ours to mend, and says so.
func photoError(err error) error {
	if errors.Is(err, dossier.ErrNotFound) {
		return errNotFound
	}
	return err
}

// writePicture writes one of our own JPEG files, under one name for all.
func writePicture(w http.ResponseWriter, file []byte) {
	h := w.Header()
	h.Set("Content-Type", "image/jpeg")
	h.Set("Content-Length", strconv.Itoa(len(file)))
	h.Set("Content-Disposition", `inline; filename="photo.jpg"`)
	h.Set("Content-Security-Policy", picturePolicy)
	_, _ = w.Write(file) //nolint:gosec // a JPEG that we drew; the reader may be gone
}

// keepPhoto adds a cleaned photo to the citizen's drafts and opens its address
// to the town. The same picture sent again with the same form is the same photo
// with the same address, so that a double click stays one request. ErrTooManyPhotos
// comes from the dossier.
func (p *Portal) keepPhoto(r *http.Request, citizen record.Citizen, key string, sent photo.Photo) (id, path string, err error) {
	now := p.opt.Now()
	id, err = p.opt.Dossier.AddPhoto(r.Context(), dossier.NewPhoto{
		Citizen: citizen, Key: key, JPEG: sent.JPEG, Thumbnail: sent.Thumbnail, Added: now,
	})
	if err != nil {
		return "", "", err
	}
	path = p.photoPath(id)
	if err := p.opt.Dossier.SharePhoto(r.Context(), citizen, id, strings.TrimPrefix(path, photosPath+"/"), now.Add(photoShared)); err != nil {
		return "", "", err
	}
	return id, path, nil
}

// photoPath is where the town fetches a photo. It follows from the id and from
// our secret, so that whoever knows the id knows nothing.
func (p *Portal) photoPath(id string) string {
	mac := hmac.New(sha256.New, p.opt.Pepper)
	mac.Write([]byte("photo\x00" + id))
	return photosPath + "/" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// photoRates bounds how often one photo is fetched by its token. Only tokens
// that open something are remembered, and not all of them.
type photoRates struct {
	mu    sync.Mutex
	known map[string]*rate.Limiter
}

// The rate of a photo, and how many photos are remembered.
const (
	photoEvery  = 2 * time.Second
	photoBurst  = 20
	ratedPhotos = 4096
)

func newPhotoRates() *photoRates { return &photoRates{known: map[string]*rate.Limiter{}} }

func (p *photoRates) allow(token string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	limiter := p.known[token]
	if limiter == nil {
		if len(p.known) >= ratedPhotos {
			clear(p.known)
		}
		limiter = rate.NewLimiter(rate.Every(photoEvery), photoBurst)
		p.known[token] = limiter
	}
	return limiter.Allow()
}
