package guard

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

func TestFindContract(t *testing.T) {
	t.Parallel()
	hold := record.Record{Key: "31000001", Owner: person(), Body: record.Hold{Title: "Menaud"}}
	for _, c := range []struct {
		name    string
		records []record.Record
		want    error
		n       int
	}{
		{"nothing", nil, nil, 0},
		{"one key in two kinds", []record.Record{loan(person(), "31000001"), hold}, nil, 2},
		{"somebody else's", []record.Record{loan(person(), "1"), loan(record.NewRef("29000000000002"), "2")}, connectors.ErrMalformed, 0},
		{"nobody's", []record.Record{loan(record.Ref{}, "1")}, connectors.ErrDefect, 0},
		{"no key", []record.Record{loan(person(), "1"), loan(person(), "")}, connectors.ErrDefect, 0},
		{"no body", []record.Record{{Key: "1", Owner: person()}}, connectors.ErrDefect, 0},
		{"twice", []record.Record{loan(person(), "1"), loan(person(), "2"), loan(person(), "1")}, connectors.ErrMalformed, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			src := connectors.Source{Find: finderFunc(func(context.Context, record.Ref) ([]record.Record, error) { return c.records, nil })}
			got, err := New("biblio", src, Defaults(), Deps{}).Source().Find.Find(t.Context(), person())
			if !errors.Is(err, c.want) || len(got) != c.n || err != nil && got != nil {
				t.Errorf("%d records, %v; want %d, %v", len(got), err, c.n, c.want)
			}
		})
	}
}

// Records beside an error are never handed over.
func TestErrorDiscardsRecords(t *testing.T) {
	t.Parallel()
	src := connectors.Source{Find: finderFunc(func(context.Context, record.Ref) ([]record.Record, error) {
		return []record.Record{loan(person(), "1")}, connectors.ErrMalformed
	})}
	got, err := New("biblio", src, Defaults(), Deps{}).Source().Find.Find(t.Context(), person())
	if got != nil || !errors.Is(err, connectors.ErrMalformed) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestNobodyIsNotAskedAbout(t *testing.T) {
	t.Parallel()
	f := newFake(func(context.Context, int) error { return nil })
	s := New("biblio", f.source(), Defaults(), Deps{}).Source()
	if _, err := s.Find.Find(t.Context(), record.Ref{}); !errors.Is(err, connectors.ErrRefused) {
		t.Errorf("find: %v; want refused", err)
	}
	for _, c := range [][2]string{{"", "1234"}, {"29000000000001", ""}} {
		if _, err := s.Authenticate.Authenticate(t.Context(), c[0], c[1]); !errors.Is(err, connectors.ErrDenied) {
			t.Errorf("authenticate: %v; want denied", err)
		}
	}
	if f.called() != 0 {
		t.Errorf("%d calls reached the connector", f.called())
	}
}

func TestStamps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src := newFake(func(context.Context, int) error { <-time.After(time.Second); return nil }).source()
		s := New("biblio", src, Defaults(), Deps{}).Source()
		got, err := s.Find.Find(t.Context(), person())
		if err != nil {
			t.Fatal(err)
		}
		want := loan(person(), "31000001")
		want.Source, want.ReadAt = "biblio", time.Now().UTC()
		refs := cmp.Comparer(func(a, b record.Ref) bool { return a == b })
		if diff := cmp.Diff([]record.Record{want}, got, refs); diff != "" {
			t.Error(diff)
		}
		var listed []record.Record
		cursor, err := s.List.List(t.Context(), "", func(r record.Record) error { listed = append(listed, r); return nil })
		want.Owner, want.ReadAt = record.Ref{}, time.Now().UTC()
		if diff := cmp.Diff([]record.Record{want}, listed, refs); diff != "" || err != nil || cursor != "c1" {
			t.Errorf("%s, %v, cursor %s", diff, err, cursor)
		}
	})
}

type listerFunc func(context.Context, func(record.Record) error) error

func (f listerFunc) List(ctx context.Context, _ connectors.Cursor, emit func(record.Record) error) (connectors.Cursor, error) {
	return "c1", f(ctx, emit)
}

func TestList(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	three := func(emit func(record.Record) error) error {
		for _, key := range []string{"1", "2", "3"} {
			if err := emit(loan(record.Ref{}, key)); err != nil {
				return err
			}
		}
		return nil
	}
	for _, c := range []struct {
		name    string
		list    listerFunc
		emitErr error // by emit, at the second record
		want    error
		emitted int
		runs    int
		state   State
	}{
		{"all of it", func(_ context.Context, emit func(record.Record) error) error { return three(emit) }, nil, nil, 3, 1, Closed},
		{"an error of emit", func(_ context.Context, emit func(record.Record) error) error { return three(emit) }, full, full, 2, 1, Closed},
		{"an error of emit, ignored", func(_ context.Context, emit func(record.Record) error) error { _ = three(emit); return three(emit) }, full, full, 2, 1, Closed},
		{"broken off after the first", func(_ context.Context, emit func(record.Record) error) error {
			_ = emit(loan(record.Ref{}, "1"))
			return unavailable()
		}, nil, connectors.ErrUnavailable, 1, 1, Open},
		{"broken off before it", func(context.Context, func(record.Record) error) error { return unavailable() }, nil, connectors.ErrUnavailable, 0, 2, Open},
		{"twice the same", func(_ context.Context, emit func(record.Record) error) error { _ = three(emit); return three(emit) }, nil, connectors.ErrMalformed, 3, 1, Open},
		{"without key, ignored", func(_ context.Context, emit func(record.Record) error) error {
			_ = emit(loan(record.Ref{}, ""))
			return nil
		}, nil, connectors.ErrDefect, 0, 1, Open},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				runs, emitted := 0, 0
				src := connectors.Source{List: listerFunc(func(ctx context.Context, emit func(record.Record) error) error {
					runs++
					return c.list(ctx, emit)
				})}
				g := New("roles", src, config(func(cfg *Config) { cfg.Breaker.Failures = 1 }), Deps{})
				cursor, err := g.Source().List.List(t.Context(), "", func(record.Record) error {
					emitted++
					if emitted == 2 {
						return c.emitErr
					}
					return nil
				})
				if !errors.Is(err, c.want) || emitted != c.emitted || runs != c.runs || err != nil && cursor != "" {
					t.Errorf("%v, %d emitted in %d runs, cursor %q; want %v, %d in %d", err, emitted, runs, cursor, c.want, c.emitted, c.runs)
				}
				if s := g.Status().Reads; s != c.state {
					t.Errorf("breaker %s; want %s", s, c.state)
				}
			})
		})
	}
}

// A List left behind at the deadline emits nothing into a caller that is gone.
func TestListLeftBehindIsSilent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		late := make(chan error, 1)
		src := connectors.Source{List: listerFunc(func(_ context.Context, emit func(record.Record) error) error {
			<-time.After(time.Hour)
			late <- emit(loan(record.Ref{}, "1"))
			return nil
		})}
		began := time.Now()
		_, err := New("roles", src, Defaults(), Deps{}).Source().List.List(t.Context(), "", func(record.Record) error {
			t.Error("emit was called after List returned")
			return nil
		})
		if took := time.Since(began); !errors.Is(err, connectors.ErrUnavailable) || took != 10*time.Minute+grace {
			t.Errorf("%v after %s", err, took)
		}
		if err := <-late; err == nil {
			t.Error("the connector was not told to stop")
		}
	})
}

type doerFunc func(context.Context) (record.Receipt, error)

func (f doerFunc) Do(ctx context.Context, _ record.Ref, _ record.Action) (record.Receipt, error) {
	return f(ctx)
}

func TestDo(t *testing.T) {
	t.Parallel()
	done := record.Receipt{Outcome: record.OutcomeDone, Proof: record.ProofReply}
	with := func(owner record.Ref) record.Receipt {
		r := done
		r.Records = []record.Record{loan(owner, "1")}
		return r
	}
	for _, c := range []struct {
		name    string
		do      doerFunc
		want    error
		outcome record.Outcome
		records int
	}{
		{"done", func(context.Context) (record.Receipt, error) { return with(person()), nil }, nil, record.OutcomeDone, 1},
		{"done, town-wide record", func(context.Context) (record.Receipt, error) { return with(record.Ref{}), nil }, nil, record.OutcomeDone, 1},
		{"refused", func(context.Context) (record.Receipt, error) {
			return record.Receipt{Outcome: record.OutcomeRefused, Refusal: "too_many_renewals"}, nil
		}, nil, record.OutcomeRefused, 0},
		{"done, somebody else's record", func(context.Context) (record.Receipt, error) { return with(record.NewRef("29000000000002")), nil }, nil, record.OutcomeDone, 0},
		{"unknown, with what was read", func(context.Context) (record.Receipt, error) { return with(person()), connectors.ErrOutcomeUnknown }, connectors.ErrOutcomeUnknown, record.OutcomeUnknown, 1},
		{"no outcome", func(context.Context) (record.Receipt, error) { return record.Receipt{}, nil }, connectors.ErrOutcomeUnknown, record.OutcomeUnknown, 0},
		{"unknown without error", func(context.Context) (record.Receipt, error) {
			return record.Receipt{Outcome: record.OutcomeUnknown}, nil
		}, connectors.ErrOutcomeUnknown, record.OutcomeUnknown, 0},
		{"nothing sent", func(context.Context) (record.Receipt, error) { return with(person()), unavailable() }, connectors.ErrUnavailable, "", 0},
		{"cut short", func(ctx context.Context) (record.Receipt, error) { <-ctx.Done(); return record.Receipt{}, ctx.Err() }, connectors.ErrOutcomeUnknown, record.OutcomeUnknown, 0},
		{"cut short, called unavailable", func(ctx context.Context) (record.Receipt, error) {
			<-ctx.Done()
			return record.Receipt{}, unavailable()
		}, connectors.ErrOutcomeUnknown, record.OutcomeUnknown, 0},
		{"left behind", func(context.Context) (record.Receipt, error) { <-time.After(time.Hour); return done, nil }, connectors.ErrOutcomeUnknown, record.OutcomeUnknown, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := New("biblio", connectors.Source{Do: c.do}, Defaults(), Deps{})
				got, err := g.Source().Do.Do(t.Context(), person(), record.RenewAll{})
				if !errors.Is(err, c.want) || got.Outcome != c.outcome || len(got.Records) != c.records {
					t.Errorf("%s with %d records, %v; want %s with %d, %v", got.Outcome, len(got.Records), err, c.outcome, c.records, c.want)
				}
				if !errors.Is(c.want, connectors.ErrUnavailable) && errors.Is(err, connectors.ErrUnavailable) {
					t.Errorf("%v carries two meanings", err)
				}
				<-time.After(time.Hour) // the one left behind
			})
		})
	}
}

type authenticatorFunc func() (record.Ref, error)

func (f authenticatorFunc) Authenticate(context.Context, string, string) (record.Ref, error) {
	return f()
}

// Nobody is let in by an empty answer, nor by a Ref beside an error.
func TestAuthenticate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		ref  record.Ref
		err  error
		want error
	}{
		{"granted", person(), nil, nil},
		{"nobody", record.Ref{}, nil, connectors.ErrDefect},
		{"denied, with a Ref", person(), connectors.ErrDenied, connectors.ErrDenied},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			src := connectors.Source{Authenticate: authenticatorFunc(func() (record.Ref, error) { return c.ref, c.err })}
			who, err := New("biblio", src, Defaults(), Deps{}).Source().Authenticate.Authenticate(t.Context(), "29000000000001", "1234")
			if !errors.Is(err, c.want) || (err == nil) == who.IsZero() {
				t.Errorf("%v, nobody %t; want %v", err, who.IsZero(), c.want)
			}
		})
	}
}

func TestCapabilities(t *testing.T) {
	t.Parallel()
	s := New("x", connectors.Source{}, Defaults(), Deps{}).Source()
	if s.Check != nil || s.Find != nil || s.List != nil || s.Do != nil || s.Learn != nil || s.Send != nil || s.Authenticate != nil || s.Close != nil {
		t.Error("a guarded source can what its source cannot")
	}
	s = New("x", newFake(nil).source(), Defaults(), Deps{}).Source()
	if s.Check == nil || s.Find == nil || s.List == nil || s.Do == nil || s.Learn == nil || s.Send == nil || s.Authenticate == nil {
		t.Error("a guarded source lost a capability")
	}
}
