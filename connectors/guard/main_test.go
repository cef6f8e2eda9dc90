package guard

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a connector whose every operation is one function; the number says
// which call it is, from 1.
type fake struct {
	do    func(ctx context.Context, n int) error
	calls chan struct{} // one token a call
}

func newFake(do func(ctx context.Context, n int) error) *fake {
	return &fake{do: do, calls: make(chan struct{}, 1<<16)}
}

func (f *fake) called() int { return len(f.calls) }

func (f *fake) run(ctx context.Context) error {
	f.calls <- struct{}{}
	return f.do(ctx, len(f.calls))
}

func (f *fake) Find(ctx context.Context, who record.Ref) ([]record.Record, error) {
	if err := f.run(ctx); err != nil {
		return nil, err
	}
	return []record.Record{loan(who, "31000001")}, nil
}

func (f *fake) List(ctx context.Context, _ connectors.Cursor, emit func(record.Record) error) (connectors.Cursor, error) {
	if err := f.run(ctx); err != nil {
		return "", err
	}
	return "c1", emit(loan(record.Ref{}, "31000001"))
}

func (f *fake) Do(ctx context.Context, _ record.Ref, _ record.Action) (record.Receipt, error) {
	if err := f.run(ctx); err != nil {
		return record.Receipt{}, err
	}
	return record.Receipt{Outcome: record.OutcomeDone}, nil
}

func (f *fake) Learn(ctx context.Context, who record.Ref, _ record.Action, _ time.Time) (record.Receipt, error) {
	if err := f.run(ctx); err != nil {
		return record.Receipt{}, err
	}
	return record.Receipt{Outcome: record.OutcomeDone, Proof: record.ProofReread, Records: []record.Record{loan(who, "31000001")}}, nil
}

func (f *fake) Send(ctx context.Context, _ record.Message) (record.Receipt, error) {
	if err := f.run(ctx); err != nil {
		return record.Receipt{}, err
	}
	return record.Receipt{Outcome: record.OutcomeDone, Proof: record.ProofReply}, nil
}

func (f *fake) Authenticate(ctx context.Context, card, _ string) (record.Ref, error) {
	if err := f.run(ctx); err != nil {
		return record.Ref{}, err
	}
	return record.NewRef(card), nil
}

func (f *fake) source() connectors.Source {
	return connectors.Source{Check: f.run, Find: f, List: f, Do: f, Learn: f, Send: f, Authenticate: f}
}

func loan(owner record.Ref, key string) record.Record {
	return record.Record{Key: key, Owner: owner, Body: record.Loan{Title: "Maria Chapdelaine"}}
}

func person() record.Ref { return record.NewRef("29000000000001") }

// find asks the guarded source about the person of the tests.
func find(ctx context.Context, g *Guard) error {
	_, err := g.Source().Find.Find(ctx, person())
	return err
}

// config is the default one, changed.
func config(change func(*Config)) Config {
	c := Defaults()
	if change != nil {
		change(&c)
	}
	return c
}

func unavailable() error { return fmt.Errorf("fake: %w", connectors.ErrUnavailable) }

// logged makes a logger that writes to a buffer.
func logged() (*slog.Logger, *bytes.Buffer) {
	var b bytes.Buffer
	return slog.New(slog.NewTextHandler(&b, nil)), &b
}
