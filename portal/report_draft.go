package portal

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/views"
)

const (
	draftsPath = "/requetes/brouillons"
	// saveDraft is the button that keeps a draft, openDraft what in a form's address
	// fills it from the draft.
	saveDraft = "brouillon"
	openDraft = "brouillon"
)

// topic names the draft of a service.
func (s service) topic() string { return strings.TrimPrefix(s.path(), reportPath+"/") }

// drafts are what the citizen began to fill in, the latest first.
func (p *Portal) drafts(r *http.Request, s snapshot) ([]dossier.Draft, error) {
	list, err := p.opt.Dossier.Drafts(r.Context(), s.session.citizen, s.now)
	if err != nil {
		return nil, fmt.Errorf("drafts: %w", err)
	}
	return list, nil
}

// draft is what was filled in about a service; empty when there is none.
func (p *Portal) draft(r *http.Request, s snapshot, about service) (url.Values, error) {
	form := url.Values{}
	list, err := p.drafts(r, s)
	if err != nil {
		return form, err
	}
	i := slices.IndexFunc(list, func(d dossier.Draft) bool { return d.Topic == about.topic() })
	if i < 0 {
		return form, nil
	}
	if err := json.Unmarshal(list[i].Content, &form); err != nil {
		return nil, fmt.Errorf("draft: %w", err)
	}
	return form, nil
}

// resume fills a form from the draft of its service, under the key that it had:
// sent twice it is one request.
func (p *Portal) resume(r *http.Request, s snapshot, x *report) (err error) {
	if x.form, err = p.draft(r, s, x.service); err != nil || len(x.form) == 0 || p.opt.BaseURL == "" {
		return err
	}
	return p.takePhotos(r, s.session.citizen, x.form.Get(keyField), nil, x)
}

// endDraft drops the draft of a form that was sent. One of another form about
// the same service stays.
func (p *Portal) endDraft(r *http.Request, s snapshot, x report) error {
	form, err := p.draft(r, s, x.service)
	if err != nil || form.Get(keyField) != x.form.Get(keyField) {
		return err
	}
	return p.opt.Dossier.DropDraft(r.Context(), s.session.citizen, x.service.topic())
}

// keepDraft keeps what was filled in, and says what there is to say of it.
func (p *Portal) keepDraft(r *http.Request, s snapshot, x report) (said string, err error) {
	form := url.Values{}
	for name, values := range x.form {
		if name != saveDraft && name != removePhoto && name != keptPhotos {
			form[name] = values
		}
	}
	form[keptPhotos] = x.photos
	content, err := json.Marshal(form)
	if err != nil {
		return "", fmt.Errorf("draft: %w", err)
	}
	b := p.builder(s)
	d := dossier.Draft{Citizen: s.session.citizen, Topic: x.service.topic(), Title: b.serviceName(x.service), Content: content, Saved: s.now}
	err = p.opt.Dossier.SaveDraft(r.Context(), d)
	switch {
	case errors.Is(err, dossier.ErrTooManyDrafts):
		return b.w.T("draft.many"), nil
	case errors.Is(err, dossier.ErrRefused):
		return b.w.T("draft.long"), nil
	case err != nil:
		return "", err
	}
	return b.w.T("draft.kept", "date", b.w.WeekdayDate(record.DateOf(d.Expires().In(b.zone)), s.now)), nil
}

// dropDraft removes a draft of the citizen's own.
func (p *Portal) dropDraft(w http.ResponseWriter, r *http.Request) error {
	s, err := p.snapshot(r)
	if err != nil {
		return err
	}
	if err := readForm(w, r); err != nil {
		return err
	}
	if err := p.opt.Dossier.DropDraft(r.Context(), s.session.citizen, r.PostForm.Get(saveDraft)); err != nil {
		return err
	}
	http.Redirect(w, r, reportPath, http.StatusSeeOther)
	return nil
}

// draftRows lead on with each draft, and drop it. A service that the town offers
// no more is not led to.
func (b builder) draftRows(list []dossier.Draft, lists []serviceList) []views.Row {
	var rows []views.Row
	for _, d := range list {
		day := b.w.Date(record.DateOf(d.Saved.In(b.zone)))
		row := views.Row{Title: d.Title, Detail: []string{b.w.T("draft.of", "date", day)}}
		row.Forms = []views.Form{{Action: draftsPath, Button: b.w.T("draft.drop"), About: d.Title, Fields: []views.Field{{Name: saveDraft, Value: d.Topic}}}}
		for _, l := range lists {
			if slices.ContainsFunc(l.services, func(s service) bool { return s.topic() == d.Topic }) {
				row.Title, row.Href = b.w.T("draft.resume", "title", d.Title), reportPath+"/"+d.Topic+"?"+openDraft
			}
		}
		rows = append(rows, row)
	}
	return rows
}
