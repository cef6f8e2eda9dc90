package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"testing/synctest"
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

func TestActDone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, anne, _ := store(t)
		calls := 0
		library := source{do: func(context.Context, record.Action) (record.Receipt, error) {
			calls++
			time.Sleep(3 * time.Second)
			return done("R1")
		}}
		r := started(t, outbox.Options{Dossier: s, Sources: []outbox.Source{library.named("library")}})
		began := time.Now()
		got, err := r.Act(t.Context(), renew(anne, "1"))
		if err != nil || time.Since(began) != 3*time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		expect(t, got, "done ok 1 0")
		again, err := r.Act(t.Context(), renew(anne, "1"))
		if err != nil || again.ID != got.ID || calls != 1 {
			t.Errorf("posted again: another transaction %v, %d calls, %v", again.ID != got.ID, calls, err)
		}
		other := renew(anne, "1")
		other.Action = record.Renew{Item: "2"}
		if _, err := r.Act(t.Context(), other); !errors.Is(err, dossier.ErrKeyReused) {
			t.Errorf("the same key with other content: %v", err)
		}
	})
}
