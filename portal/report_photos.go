package portal

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/locale"
	"github.com/semenligne/sem/portal/photo"
	"github.com/semenligne/sem/portal/views"
)

// The fields of a form with photos: new files, the ids of those that the form
// kept, and the one to leave out.
const (
	photoFiles  = "photos"
	keptPhotos  = "photo"
	removePhoto = "retirer"
)

// Why a photo cannot go with a request, beside the words of package photo.
const (
	errPhotoGone    photo.Error = "gone"     // a draft that expired, or nobody's
	errPhotosEnough photo.Error = "full_day" // the citizen sent all that a day allows
)

// takePhotos keeps the photos that came with a form as drafts of the citizen
// under the form's key, and finds those that it had kept before. What is wrong
// with one is said of that one; the others stay.
func (p *Portal) takePhotos(r *http.Request, citizen record.Citizen, key string, sent []sentPhoto, x *report) error {
	ctx := r.Context()
	bad := func(n int, problem photo.Error) {
		x.problems = append(x.problems, fieldProblem{photoFiles, "report.photo." + string(problem), []string{"n", strconv.Itoa(n)}})
	}
	out := x.form.Get(removePhoto)
	for i, id := range slices.Compact(x.form[keptPhotos]) {
		if id == out {
			if err := p.opt.Dossier.DropPhoto(ctx, citizen, id); err != nil && !errors.Is(err, dossier.ErrNotFound) {
				return err
			}
			continue
		}
		_, err := p.opt.Dossier.Thumbnail(ctx, citizen, id)
		switch {
		case errors.Is(err, dossier.ErrNotFound):
			bad(i+1, errPhotoGone)
		case err != nil:
			return err
		case len(x.photos) < dossier.MaxPhotos:
			x.photos = append(x.photos, id)
		}
	}
	for i, one := range sent {
		if one.problem == "" && len(x.photos) >= dossier.MaxPhotos {
			one.problem = errTooManyPhotos
		}
		if one.problem != "" {
			bad(i+1, one.problem)
			continue
		}
		id, _, err := p.keepPhoto(r, citizen, key, one.photo)
		switch {
		case errors.Is(err, dossier.ErrTooManyPhotos):
			bad(i+1, errPhotosEnough)
		case err != nil:
			return err
		case !slices.Contains(x.photos, id):
			x.photos = append(x.photos, id)
		}
	}
	return nil
}

// withPhotos gives the town the address of the first photo, which is all that
// GeoReport v2 has room for, and those of the others in a last line of the
// description.
func (p *Portal) withPhotos(x report, c *checked) {
	if len(x.photos) == 0 {
		return
	}
	var addresses []string
	for _, id := range x.photos {
		addresses = append(addresses, p.opt.BaseURL+p.photoPath(id))
	}
	c.submit.MediaURL = addresses[0]
	if len(addresses) == 1 {
		return
	}
	line := p.words[locale.French].T("report.photos.others", "links", strings.Join(addresses[1:], " "))
	c.submit.Description = strings.TrimSpace(c.submit.Description + "\n" + line)
	if over := utf8.RuneCountInString(c.submit.Description) - longestText; over > 0 && len(c.problems) == 0 {
		c.problems = append(c.problems, fieldProblem{"texte", "report.problem.long.photos", []string{"n", strconv.Itoa(over)}})
	}
}

// photoList shows photos of the citizen's own.
func (b builder) photoList(ids []string) []views.Photo {
	var list []views.Photo
	for i, id := range ids {
		list = append(list, views.Photo{
			ID: id, Small: myPhotosPath + "/" + id, Large: myPhotosPath + "/" + id + "?grande", Text: b.w.T("photo.number", "n", strconv.Itoa(i+1)),
		})
	}
	return list
}
