package outbox_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/semenligne/sem/aggregator/outbox"
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// source is a fake legacy system; a nil function is a capability it lacks.
type source struct {
	do    func(ctx context.Context, a record.Action) (record.Receipt, error)
	learn func(ctx context.Context, a record.Action, sent time.Time) (record.Receipt, error)
	send  func(ctx context.Context, m record.Message) (record.Receipt, error)
}

func (s source) Do(ctx context.Context, _ record.Ref, a record.Action) (record.Receipt, error) {
	return s.do(ctx, a)
}

func (s source) Learn(ctx context.Context, _ record.Ref, a record.Action, sent time.Time) (record.Receipt, error) {
	return s.learn(ctx, a, sent)
}

func (s source) Send(ctx context.Context, m record.Message) (record.Receipt, error) {
	return s.send(ctx, m)
}

func (s source) named(name string) outbox.Source {
	var c connectors.Source
	if s.do != nil {
		c.Do = s
	}
	if s.learn != nil {
		c.Learn = s
	}
	if s.send != nil {
		c.Send = s
	}
	return outbox.Source{Name: name, Source: c}
}

func done(ref string) (record.Receipt, error) {
	return record.Receipt{Outcome: record.OutcomeDone, Reference: ref, Proof: record.ProofReply}, nil
}

// store is a dossier with two citizens, who hold the cards 1 and 2.
func store(t *testing.T) (s *dossier.SQLite, anne, leo record.Citizen) {
	t.Helper()
	s, err := dossier.OpenSQLite(filepath.Join(t.TempDir(), "dossier.db"), slog.New(slog.DiscardHandler), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	_, err = s.ImportCards(t.Context(), []record.Card{{Number: "1", Name: "Anne"}, {Number: "2", Name: "Léo"}})
	if err != nil {
		t.Fatal(err)
	}
	for number, who := range map[string]*record.Citizen{"1": &anne, "2": &leo} {
		if *who, err = s.ByCard(t.Context(), number); err != nil {
			t.Fatal(err)
		}
	}
	return s, anne, leo
}

// started runs a relay until the test ends.
func started(t *testing.T, o outbox.Options) *outbox.Relay {
	t.Helper()
	r, err := outbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return r
}

// settled waits until nothing is left to do for a transaction, and returns it.
func settled(t *testing.T, s *dossier.SQLite, r *outbox.Relay, citizen record.Citizen, id string) dossier.Transaction {
	t.Helper()
	changes, stop := r.Watch(citizen)
	defer stop()
	for {
		got, err := s.Transaction(t.Context(), citizen, id)
		if err != nil {
			t.Fatal(err)
		}
		if got.State.Final() || got.State == dossier.Parked {
			return got
		}
		<-changes
	}
}

// all lists what a citizen sent, as "action state", newest first.
func all(t *testing.T, s *dossier.SQLite, citizen record.Citizen) (words []string) {
	t.Helper()
	list, err := s.Transactions(t.Context(), citizen)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range list {
		words = append(words, one.Action.ActionName()+" "+string(one.State))
	}
	return words
}

func submit(citizen record.Citizen, key string) dossier.Transaction {
	return dossier.Transaction{Citizen: citizen, Source: "requests", Action: record.Submit{ServiceCode: "7"}, Key: key}
}

func register(citizen record.Citizen) dossier.Transaction {
	return dossier.Transaction{Citizen: citizen, Source: "recreation", Ref: record.NewRef("A"), Action: record.Register{Session: "x"}, Key: "place"}
}

func mailTo(citizen record.Citizen, subject string) dossier.Transaction {
	return dossier.Transaction{Citizen: citizen, Source: "mail", Action: record.Message{Subject: subject, Text: "Bonjour"}, Key: subject}
}

func renew(citizen record.Citizen, item string) dossier.Transaction {
	return dossier.Transaction{
		Citizen: citizen, Source: "library", Ref: record.NewRef("P-" + string(citizen)), Action: record.Renew{Item: item}, Key: "form " + item,
	}
}

// expect compares the state, reason, attempts and checks of a transaction.
func expect(t *testing.T, got dossier.Transaction, want string) {
	t.Helper()
	if s := fmt.Sprintf("%s %s %d %d", got.State, got.Reason, got.Attempts, got.Checks); s != want {
		t.Errorf("transaction is %q, want %q", s, want)
	}
}
