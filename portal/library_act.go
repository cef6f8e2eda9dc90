package portal

import (
	"net/http"
	"slices"
	"strings"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/views"
)

const (
	renewPath      = "/bibliotheque/prolonger"
	cancelHoldPath = "/bibliotheque/annuler"
)

// own is a record of the citizen's own with the source that it came from.
type own struct {
	source Source
	record.Record
}

// ownRecord finds one of the citizen's records in a domain: a form names what
// it is about, and everything else comes from what the source said. What is not
// found is errGone only where every section is known.
func (p *Portal) ownRecord(s snapshot, d Domain, is func(record.Record) bool) (own, error) {
	missing := errGone
	for _, source := range p.opt.Sources {
		if source.Domain != d {
			continue
		}
		records, known := s.view(source.Name).Records()
		if i := slices.IndexFunc(records, is); i >= 0 {
			return own{source, records[i]}, nil
		}
		if !known {
			missing = errUnread
		}
	}
	return own{}, missing
}

// loanField names a loan in a form, with the due date that the person sees: a
// later one at the library proves that the renewal was made.
func loanField(l record.Loan) string { return l.Item + "_" + l.Due.String() }

// readLoanField is the renewal that a form's field asks for.
func readLoanField(value string) (record.Renew, error) {
	i := strings.LastIndex(value, "_")
	if i < 1 {
		return record.Renew{}, errBadForm
	}
	renew := record.Renew{Item: value[:i]}
	if err := renew.Due.UnmarshalText([]byte(value[i+1:])); err != nil {
		return record.Renew{}, errBadForm
	}
	return renew, nil
}

// renewForm asks for a longer loan.
func (b builder) renewForm(l record.Loan) []views.Form {
	if b.key == "" || l.Item == "" {
		return nil
	}
	return []views.Form{{
		Action: renewPath, Button: b.w.T("act.renew"), About: b.loanTitle(l),
		Fields: []views.Field{{Name: keyField, Value: b.key}, {Name: "pret", Value: loanField(l)}},
	}}
}

// renewAllForm asks for every loan that can be renewed, one by one: each has an
// outcome of its own.
func (b builder) renewAllForm(loans []record.Loan) []views.Form {
	fields := []views.Field{{Name: keyField, Value: b.key}}
	for _, l := range loans {
		if l.Item != "" {
			fields = append(fields, views.Field{Name: "pret", Value: loanField(l)})
		}
	}
	if b.key == "" || len(fields) < 3 {
		return nil
	}
	return []views.Form{{Action: renewPath, Button: b.w.T("act.renew.all"), Fields: fields}}
}

// cancelHoldForm gives a hold up.
func (b builder) cancelHoldForm(h record.Hold) []views.Form {
	if b.key == "" || h.Item == "" && h.Title == "" {
		return nil
	}
	return []views.Form{{
		Action: cancelHoldPath, Button: b.w.T("act.hold.cancel"), About: h.Title,
		Fields: []views.Field{{Name: keyField, Value: b.key}, {Name: "document", Value: h.Item}, {Name: "titre", Value: h.Title}},
	}}
}

// renew sends a renewal for each loan that the form names.
func (p *Portal) renew(w http.ResponseWriter, r *http.Request) error {
	s, page, err := p.sending(w, r)
	if err != nil {
		return err
	}
	values := r.PostForm["pret"]
	if len(values) == 0 {
		return errBadForm
	}
	var list []dossier.Transaction
	for _, value := range values {
		renew, err := readLoanField(value)
		if err != nil {
			return err
		}
		loan, err := p.ownRecord(s, Library, func(r record.Record) bool {
			l, ok := r.Body.(record.Loan)
			return ok && l.Item == renew.Item
		})
		if err != nil {
			return err
		}
		title := loan.Body.(record.Loan).Title //nolint:forcetypeassert // found as one
		list = append(list, p.transaction(s, loan, formKey(page, value), title, renew))
	}
	return p.send(w, r, list...)
}

// cancelHold sends the end of a hold.
func (p *Portal) cancelHold(w http.ResponseWriter, r *http.Request) error {
	s, page, err := p.sending(w, r)
	if err != nil {
		return err
	}
	item, title := r.PostForm.Get("document"), r.PostForm.Get("titre")
	if item == "" && title == "" {
		return errBadForm
	}
	hold, err := p.ownRecord(s, Library, func(r record.Record) bool {
		h, ok := r.Body.(record.Hold)
		return ok && h.Item == item && h.Title == title
	})
	if err != nil {
		return p.gone(w, r, s, formKey(page, item, title), err)
	}
	action := record.CancelHold{Item: item}
	if item == "" {
		action.Title = title
	}
	return p.send(w, r, p.transaction(s, hold, formKey(page, item, title), title, action))
}

// sending reads a form that sends something: who sends it, and its key.
func (p *Portal) sending(w http.ResponseWriter, r *http.Request) (snapshot, string, error) {
	s, err := p.snapshot(r)
	if err != nil {
		return snapshot{}, "", err
	}
	if err := readFormOf(w, r, largestSent); err != nil {
		return snapshot{}, "", err
	}
	key, err := sentKey(r)
	return s, key, err
}

// transaction is an action of the citizen on an account of their own.
func (p *Portal) transaction(s snapshot, on own, key, about string, action record.Action) dossier.Transaction {
	return dossier.Transaction{
		Citizen: s.session.citizen, For: s.session.citizen, Source: on.source.Name, Ref: on.Owner,
		Action: action, About: about, Key: key, Accepted: s.now,
	}
}
