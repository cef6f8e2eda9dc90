package portaltest

import (
	"context"
	"fmt"
	"net/mail"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal"
)

// Desk is a desk whose sources answer at once, as Answer says, and that keeps
// what was sent in memory.
type Desk struct {
	// Photos is where photos become those of a transaction; nil takes none.
	Photos dossier.Photos

	mu      sync.Mutex
	answer  func(dossier.Transaction) dossier.Transaction
	hold    func(record.Action) record.Receipt
	sent    []dossier.Transaction // oldest first
	effects []dossier.Transaction // what reached a source
	watch   map[record.Citizen][]chan struct{}
	version uint64 // of everybody
}

// NewDesk makes a desk where everything is done, and a place costs nothing.
func NewDesk() *Desk {
	return &Desk{
		watch: map[record.Citizen][]chan struct{}{},
		answer: func(t dossier.Transaction) dossier.Transaction {
			t.State, t.Receipt = dossier.Done, record.Receipt{Outcome: record.OutcomeDone}
			return t
		},
		hold: func(record.Action) record.Receipt {
			return record.Receipt{Outcome: record.OutcomeDone, Quote: &record.Quote{Total: cents(0)}}
		},
	}
}

// Answer sets what becomes of the transactions to come.
func (d *Desk) Answer(f func(dossier.Transaction) dossier.Transaction) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answer = f
}

// AnswerHold sets what the sources say about a place.
func (d *Desk) AnswerHold(f func(record.Action) record.Receipt) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hold = f
}

// Effects is what reached a source so far, once an attempt.
func (d *Desk) Effects() []dossier.Transaction {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.effects)
}

// Act implements portal.Desk.
func (d *Desk) Act(ctx context.Context, t dossier.Transaction, photos ...string) (dossier.Transaction, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, old := range d.sent {
		if old.Citizen != t.Citizen || old.Key != t.Key {
			continue
		}
		if old.Source != t.Source || old.For != t.For || old.Ref != t.Ref || !reflect.DeepEqual(old.Action, t.Action) {
			return dossier.Transaction{}, dossier.ErrKeyReused
		}
		return old, nil
	}
	if t.ID == "" {
		t.ID = uuid.NewString()
	}
	if len(photos) > 0 {
		if err := d.Photos.AttachPhotos(ctx, t.Citizen, t.ID, photos...); err != nil {
			return dossier.Transaction{}, err
		}
	}
	d.effects = append(d.effects, t)
	t = d.answer(t)
	if t.State.Final() {
		t.Settled = t.Accepted
	}
	d.sent = append(d.sent, t)
	d.version++
	return t, nil
}

// Hold implements portal.Desk.
func (d *Desk) Hold(_ context.Context, _ string, _ record.Ref, action record.Action) record.Receipt {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.hold(action)
}

// Move gives a transaction another state and tells who watches.
func (d *Desk) Move(t dossier.Transaction) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.version++
	for i, old := range d.sent {
		if old.ID == t.ID {
			d.sent[i] = t
		}
	}
	for _, c := range d.watch[t.Citizen] {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// Watch implements portal.Desk.
func (d *Desk) Watch(citizen record.Citizen) (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.watch[citizen] = append(d.watch[citizen], c)
	return c, func() {} // the channel is dropped with the desk
}

// Version implements portal.Desk.
func (d *Desk) Version(record.Citizen) uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.version
}

// Transaction implements portal.Desk.
func (d *Desk) Transaction(_ context.Context, citizen record.Citizen, id string) (dossier.Transaction, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, t := range d.sent {
		if t.Citizen == citizen && t.ID == id {
			return t, nil
		}
	}
	return dossier.Transaction{}, dossier.ErrNotFound
}

// Transactions implements portal.Desk.
func (d *Desk) Transactions(_ context.Context, citizen record.Citizen) ([]dossier.Transaction, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []dossier.Transaction
	for _, t := range slices.Backward(d.sent) {
		if t.Citizen == citizen {
			list = append(list, t)
		}
	}
	return list, nil
}

// SentID is the transaction that the family sent before Now.
const SentID = "1c6b3f52-8a4e-4d0b-9f37-5e21a07cd9b4"

// sendBefore has the family renew a loan the day before.
func (h *House) sendBefore(ctx context.Context, desk *Desk) error {
	maude, err := h.Dossier.ByCard(ctx, Family.Card)
	if err != nil {
		return fmt.Errorf("portaltest: %w", err)
	}
	_, err = desk.Act(ctx, dossier.Transaction{
		ID: SentID, Citizen: maude, For: maude, Source: "bibliotheque", Ref: record.NewRef("21234000"), About: "Cuisiner avec les courges",
		Action: record.Renew{Item: "31234000014", Due: day(24)}, Key: "portaltest.fixture.1", Accepted: Now().Add(-26 * time.Hour),
	})
	return err
}

// Services is what the town may be asked: one service for each way to answer.
func Services() cache.Section {
	question := func(code, datatype, text string, required bool, values ...record.AttributeValue) record.Attribute {
		return record.Attribute{Code: code, Datatype: datatype, Question: true, Required: required, Description: text, Values: values}
	}
	list := []record.Service{
		{Code: "NIDPOULE", Name: "Nid-de-poule", Group: "Rues et trottoirs", Description: "Un trou dans la chaussée.", Keywords: []string{"trou", "asphalte"}, FollowUp: record.FollowUpNow, Attributes: []record.Attribute{
			{Code: "avis", Datatype: "text", Description: "Pour un danger immédiat, composez le 9-1-1."},
			question("taille", "singlevaluelist", "Quelle est sa taille?", true, record.AttributeValue{Key: "p", Name: "Comme une assiette"}, record.AttributeValue{Key: "g", Name: "Plus grand"}),
			question("dangers", "multivaluelist", "Qui est gêné?", false, record.AttributeValue{Key: "auto", Name: "Les autos"}, record.AttributeValue{Key: "velo", Name: "Les vélos"}),
			question("profondeur", "number", "Sa profondeur, en centimètres", false),
			question("vu", "datetime", "Depuis quand?", false),
			question("repere", "string", "Un point de repère", false),
		}},
		{Code: "LAMPADAIRE", Name: "Lampadaire éteint", Group: "Rues et trottoirs", FollowUp: record.FollowUpLater},
		{Code: "BAC/BRIS", Name: "Bac brisé", Group: "Collectes", FollowUp: record.FollowUpNone},
	}
	read := Now().Add(-5 * time.Minute)
	var records []record.Record
	for _, s := range list {
		records = append(records, record.Record{Key: s.Code, Source: "requetes", ReadAt: read, Body: s})
	}
	return cache.Section{Source: "requetes"}.Succeeded(records, read, cache.Ages{FreshFor: 24 * time.Hour, HideAfter: 30 * 24 * time.Hour})
}

// Mail is how the citizens of the fixture write.
func Mail() *portal.Mail {
	return &portal.Mail{Source: "courriel", Subjects: []portal.Subject{
		{Name: "voirie", Title: map[string]string{"fr": "Rues et trottoirs", "en": "Streets and sidewalks"}, To: mail.Address{Address: "voirie@pointe-aux-erables.example"}},
		{Name: "loisirs", Title: map[string]string{"fr": "Loisirs", "en": "Recreation"}, To: mail.Address{Address: "loisirs@pointe-aux-erables.example"}},
	}}
}
