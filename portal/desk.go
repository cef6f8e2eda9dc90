package portal

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// Desk takes what citizens send to the systems of the town. It stores each
// transaction before it is attempted; whatever it accepted is settled behind
// the page, also when the reader went away or the process died.
type Desk interface {
	// Act accepts a transaction and attempts it at once. It returns the transaction
	// as it stands when it is settled, or when the context ends: an end of the
	// context is no error and cancels nothing. The same citizen and key give the
	// same transaction again; with other content it is [dossier.ErrKeyReused].
	// Photos are ids of the citizen's drafts, which go with it in the same step.
	Act(ctx context.Context, t dossier.Transaction, photos ...string) (dossier.Transaction, error)
	// Hold asks a source to keep a place while the person decides, or gives it back.
	// Nothing is bound and nothing is stored. A source that did not answer is a
	// refusal with the bounded reason.
	Hold(ctx context.Context, source string, who record.Ref, action record.Action) record.Receipt
	// Watch delivers a value each time a transaction of the citizen moved, until
	// the returned function is called.
	Watch(citizen record.Citizen) (changes <-chan struct{}, stop func())
	// Version is another number whenever one of the citizen's transactions may have
	// moved. It costs nothing.
	Version(citizen record.Citizen) uint64
	// Transaction returns one of the citizen's own, or dossier.ErrNotFound, and
	// Transactions all of them, newest first.
	Transaction(ctx context.Context, citizen record.Citizen, id string) (dossier.Transaction, error)
	Transactions(ctx context.Context, citizen record.Citizen) ([]dossier.Transaction, error)
}

// actBudget is how long somebody who sent something waits for the outcome
// before the page says that we are checking.
const actBudget = 10 * time.Second

// largestSent is how many bytes a form with something to send has at most: a
// few long answers, escaped.
const largestSent = 256 << 10

// The errors of sending something.
var (
	// errGone: what the form is about is not in the citizen's sections any more.
	errGone = errors.New("no longer there")
	// errUnread: whether what the form is about is still there is not known at the
	// moment.
	errUnread = errors.New("not known now")
	// errNoAccount: no source of the domain knows the citizen.
	errNoAccount = errors.New("no account")
	// errReused: the form's key was used with other content.
	errReused = errors.New("form used before with other content")
)

// keyField is the form's own key; see [formKey].
const keyField = "cle"

// formKey is the key of one form on a page: the page's own random key, and what
// the form is about, so that each form on a page has another one and the same
// form sent twice is the same transaction.
func formKey(page string, about ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(about, "\x00")))
	return page + "." + hex.EncodeToString(sum[:6])
}

// newFormKey draws the key of a page that has forms; a town without a desk has
// none.
func (p *Portal) newFormKey() string {
	if p.opt.Desk == nil {
		return ""
	}
	return strings.ToLower(rand.Text())
}

// sentKey reads a form's key. Without one nothing is sent: it could be sent
// twice.
func sentKey(r *http.Request) (string, error) {
	key := r.PostForm.Get(keyField)
	if len(key) < 16 || len(key) > 64 || strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789.") != "" {
		return "", errBadForm
	}
	return key, nil
}

// send gives transactions to the desk, within one budget for all, and leads to
// the page that says what became of them.
func (p *Portal) send(w http.ResponseWriter, r *http.Request, list ...dossier.Transaction) error {
	ctx, cancel := context.WithTimeout(r.Context(), actBudget)
	defer cancel()
	to := transactionsPath
	for _, t := range list {
		path, err := p.act(ctx, t)
		if err != nil {
			return err
		}
		to = path
	}
	if len(list) > 1 {
		batch, _, _ := strings.Cut(list[0].Key, ".")
		to = transactionsPath + "?envoi=" + batch
	}
	http.Redirect(w, r, to, http.StatusSeeOther) //nolint:gosec // a path of ours: the desk's own id, or a key that was checked
	return nil
}

// act gives a transaction to the desk and returns the page that says what became
// of it.
func (p *Portal) act(ctx context.Context, t dossier.Transaction, photos ...string) (string, error) {
	done, err := p.opt.Desk.Act(ctx, t, photos...)
	switch {
	case errors.Is(err, dossier.ErrKeyReused):
		return "", errReused
	case len(photos) > 0 && errors.Is(err, dossier.ErrNotFound):
		return "", errGone // a photo expired, or went with something else, at this very moment
	case err != nil:
		return "", err
	}
	return transactionPath(done), nil
}

// sentBefore is what the citizen sent under a key, or errGone.
func (p *Portal) sentBefore(r *http.Request, s snapshot, key string) (dossier.Transaction, error) {
	list, err := p.opt.Desk.Transactions(r.Context(), s.session.citizen)
	if err != nil {
		return dossier.Transaction{}, err
	}
	for _, t := range list {
		if t.Key == key {
			return t, nil
		}
	}
	return dossier.Transaction{}, errGone
}

// gone answers a form about something that is not in the citizen's sections any
// more: when the form itself brought that about, it leads to the same receipt.
func (p *Portal) gone(w http.ResponseWriter, r *http.Request, s snapshot, key string, why error) error {
	if !errors.Is(why, errGone) {
		return why
	}
	before, err := p.sentBefore(r, s, key)
	if err != nil {
		return err
	}
	http.Redirect(w, r, transactionPath(before), http.StatusSeeOther) //nolint:gosec // the desk's own id
	return nil
}
