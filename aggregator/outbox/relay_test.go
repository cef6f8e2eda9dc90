package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/aggregator/outbox"
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

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

// TestActBudget: the caller leaves with an honest state, and the action goes on.
func TestActBudget(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		patience time.Duration
		after    time.Duration
	}{
		"the budget ends":   {time.Hour, 10 * time.Second},
		"the caller leaves": {4 * time.Second, 4 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, anne, _ := store(t)
				library := source{do: func(ctx context.Context, _ record.Action) (record.Receipt, error) {
					select {
					case <-ctx.Done():
						return record.Receipt{}, ctx.Err()
					case <-time.After(20 * time.Second):
						return done("R1")
					}
				}}
				r := started(t, outbox.Options{Dossier: s, Sources: []outbox.Source{library.named("library")}})
				ctx, cancel := context.WithTimeout(t.Context(), tc.patience)
				defer cancel()
				began := time.Now()
				got, err := r.Act(ctx, renew(anne, "1"))
				if err != nil || time.Since(began) != tc.after {
					t.Errorf("after %s: %v", time.Since(began), err)
				}
				expect(t, got, "sending  1 0")
				expect(t, settled(t, s, r, anne, got.ID), "done ok 1 0")
			})
		})
	}
}

// TestNothingSent: what a source did not take is refused when it depends on the
// moment, tried again when it does not, and parked after the last attempt.
func TestNothingSent(t *testing.T) {
	t.Parallel()
	rules := outbox.Rules{Attempts: 3}
	for _, tc := range []struct {
		err                  error
		moment, waits, parks string
	}{
		{connectors.ErrUnavailable, "refused unavailable 1 0", "pending unavailable 1 0", "parked unavailable 3 0"},
		{connectors.ErrDenied, "refused denied 1 0", "pending denied 1 0", "parked denied 3 0"},
		{connectors.ErrPaused, "refused paused 1 0", "pending paused 0 0", ""},
		{connectors.ErrRefused, "refused refused 1 0", "refused refused 1 0", "refused refused 1 0"},
		{connectors.ErrNotFound, "refused not_found 1 0", "refused not_found 1 0", "refused not_found 1 0"},
		{connectors.ErrMalformed, "refused malformed 1 0", "parked malformed 1 0", "parked malformed 1 0"},
		{errors.New("whatever"), "parked defect 1 0", "parked defect 1 0", "parked defect 1 0"}, // and no way to learn
	} {
		t.Run(tc.err.Error(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, anne, _ := store(t)
				failing := source{do: func(context.Context, record.Action) (record.Receipt, error) {
					return record.Receipt{}, fmt.Errorf("fake: %w", tc.err)
				}}
				r := started(t, outbox.Options{Dossier: s, Rules: rules, Sources: []outbox.Source{failing.named("library"), failing.named("requests")}})
				got, err := r.Act(t.Context(), renew(anne, "1"))
				if err != nil {
					t.Fatal(err)
				}
				expect(t, got, tc.moment)
				if got.State == dossier.Refused && got.Receipt.Outcome != record.OutcomeRefused {
					t.Errorf("refused, and the receipt says %q", got.Receipt.Outcome)
				}
				began := time.Now()
				if got, err = r.Act(t.Context(), submit(anne, "k")); err != nil {
					t.Fatal(err)
				}
				expect(t, got, tc.waits)
				most := 30 * time.Second
				if errors.Is(tc.err, connectors.ErrPaused) {
					most = 15 * time.Minute
				}
				if pause := got.NotBefore.Sub(began); got.State == dossier.Pending && (pause < most/2 || pause > most) {
					t.Errorf("the next attempt is after %s, want half to whole of %s", pause, most)
				}
				if tc.parks != "" {
					expect(t, settled(t, s, r, anne, got.ID), tc.parks)
				}
			})
		})
	}
}

// TestPausedForLong: a long maintenance uses up no attempts.
func TestPausedForLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, anne, _ := store(t)
		open := time.Now().Add(2 * time.Hour)
		requests := source{do: func(context.Context, record.Action) (record.Receipt, error) {
			if time.Now().Before(open) {
				return record.Receipt{}, connectors.ErrPaused
			}
			return done("Q1")
		}}
		r := started(t, outbox.Options{Dossier: s, Rules: outbox.Rules{Attempts: 2}, Sources: []outbox.Source{requests.named("requests")}})
		got, err := r.Act(t.Context(), submit(anne, "k"))
		if err != nil {
			t.Fatal(err)
		}
		expect(t, settled(t, s, r, anne, got.ID), "done ok 1 0")
		if late := time.Since(open); late > 15*time.Minute {
			t.Errorf("done %s after the end of the maintenance", late)
		}
	})
}

// TestLostReply: what was sent and not answered is read until the truth is
// known, and not sent again unless that harms nobody.
func TestLostReply(t *testing.T) {
	t.Parallel()
	notDone := record.Receipt{Outcome: record.OutcomeRefused, Refusal: record.NotDone}
	unknown := record.Receipt{Outcome: record.OutcomeUnknown}
	isDone, _ := done("R1")
	full := record.Receipt{Outcome: record.OutcomeRefused, Refusal: "activity_full"}
	const never = 1 << 20
	for name, tc := range map[string]struct {
		sent    func(record.Citizen) dossier.Transaction
		learnt  record.Receipt
		err     error
		settles int // at which reading of the source; never is none
		want    string
		sends   int
	}{
		"done, seen at once":          {register, isDone, nil, 1, "done ok 1 1", 1},
		"done, seen later":            {register, isDone, nil, 4, "done ok 1 4", 1},
		"refused by the source":       {register, full, nil, 1, "refused refused 1 1", 1},
		"registration not done":       {register, notDone, nil, 1, "done ok 2 6", 2},
		"request not done":            {func(c record.Citizen) dossier.Transaction { return submit(c, "k") }, notDone, nil, 1, "parked not_done 1 6", 1},
		"renewal not done":            {func(c record.Citizen) dossier.Transaction { return renew(c, "1") }, notDone, nil, 1, "refused not_done 1 6", 1},
		"never known":                 {register, unknown, nil, never, "parked outcome_unknown 1", 1},
		"source never read":           {register, unknown, connectors.ErrUnavailable, never, "parked outcome_unknown 1", 1},
		"source not read, then it is": {register, isDone, nil, 3, "done ok 1 3", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, anne, _ := store(t)
				sends, reads, began := 0, 0, time.Now()
				fake := source{
					do: func(context.Context, record.Action) (record.Receipt, error) {
						if sends++; sends > 1 {
							return done("R2")
						}
						return record.Receipt{Outcome: record.OutcomeUnknown}, connectors.ErrOutcomeUnknown
					},
					learn: func(_ context.Context, _ record.Action, sent time.Time) (record.Receipt, error) {
						if !sent.Equal(began) {
							t.Errorf("sent at %s, want %s", sent, began)
						}
						if reads++; reads >= tc.settles {
							return tc.learnt, nil
						}
						return unknown, tc.err
					},
				}
				r := started(t, outbox.Options{Dossier: s, Sources: []outbox.Source{fake.named("library"), fake.named("recreation"), fake.named("requests")}})
				got, err := r.Act(t.Context(), tc.sent(anne))
				if err != nil {
					t.Fatal(err)
				}
				got = settled(t, s, r, anne, got.ID)
				words := fmt.Sprintf("%s %s %d %d", got.State, got.Reason, got.Attempts, got.Checks)
				if tc.learnt.Refusal == record.NotDone {
					// How many readings fit into the first minute is left to chance.
					words = fmt.Sprintf("%s %s %d 6", got.State, got.Reason, got.Attempts)
					if tc.sends == 1 && time.Since(began) < time.Minute {
						t.Errorf("believed after %s", time.Since(began))
					}
				}
				if tc.settles == never {
					words = fmt.Sprintf("%s %s %d", got.State, got.Reason, got.Attempts)
					if took := time.Since(began); took < 24*time.Hour || took > 25*time.Hour || got.Checks < 90 || got.Checks > 200 {
						t.Errorf("parked after %s and %d readings", took, got.Checks)
					}
				}
				if words != tc.want || sends != tc.sends {
					t.Errorf("%q after %d sendings; want %q after %d", words, sends, tc.want, tc.sends)
				}
			})
		})
	}
}

// TestNoWayToLearn: an unknown outcome that nothing can settle is for a person
// of the town, at once, and the caller is told so.
func TestNoWayToLearn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, anne, _ := store(t)
		calls := 0
		lost := func() (record.Receipt, error) {
			calls++
			return record.Receipt{}, connectors.ErrOutcomeUnknown
		}
		library := source{do: func(context.Context, record.Action) (record.Receipt, error) { return lost() }}
		post := source{send: func(context.Context, record.Message) (record.Receipt, error) { return lost() }}
		r := started(t, outbox.Options{Dossier: s, Sources: []outbox.Source{library.named("library"), post.named("mail")}})
		for _, sent := range []dossier.Transaction{renew(anne, "1"), mailTo(anne, "Plainte")} {
			got, err := r.Act(t.Context(), sent)
			if err != nil {
				t.Fatal(err)
			}
			expect(t, got, "parked outcome_unknown 1 0")
		}
		time.Sleep(2 * time.Hour)
		if synctest.Wait(); calls != 2 {
			t.Errorf("%d calls, want 2", calls)
		}
	})
}

// TestOrder: an account's actions are done in the order in which they were sent,
// one source does not wait for another, and what waited past its moment is
// refused.
func TestOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, anne, leo := store(t)
		var mu sync.Mutex
		var order []string
		library := source{do: func(_ context.Context, a record.Action) (record.Receipt, error) {
			item := a.(record.Renew).Item
			mu.Lock()
			order = append(order, item)
			mu.Unlock()
			if item == "stuck" {
				time.Sleep(50 * time.Second)
				return record.Receipt{}, connectors.ErrOutcomeUnknown
			}
			return done(item)
		}, learn: func(context.Context, record.Action, time.Time) (record.Receipt, error) {
			return record.Receipt{Outcome: record.OutcomeUnknown}, nil
		}}
		requests := source{do: func(context.Context, record.Action) (record.Receipt, error) { return done("Q") }}
		r := started(t, outbox.Options{
			Dossier: s, Rules: outbox.Rules{CheckingFor: time.Hour}, Sources: []outbox.Source{library.named("library"), requests.named("requests")},
		})
		for _, step := range []struct {
			sent dossier.Transaction
			want string
		}{
			{renew(anne, "1"), "done ok 1 0"},
			{renew(anne, "stuck"), "sending  1 0"},
			{renew(anne, "2"), "pending  0 0"}, // behind the one that is stuck
			{renew(leo, "3"), "done ok 1 0"},
			{submit(anne, "k"), "done ok 1 0"},
		} {
			got, err := r.Act(t.Context(), step.sent)
			if err != nil {
				t.Fatal(err)
			}
			expect(t, got, step.want)
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		want := []string{"submit done", "renew refused", "renew parked", "renew done"}
		if got := all(t, s, anne); !slices.Equal(got, want) || !slices.Equal(order, []string{"1", "stuck", "3"}) {
			t.Errorf("ended as %q, done in the order %q", got, order)
		}
	})
}

// TestLetters: receipts are stored with the end that they tell of, once, and are
// sent; nothing follows from them in turn.
func TestLetters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, anne, _ := store(t)
		var posted []string
		library := source{do: func(context.Context, record.Action) (record.Receipt, error) { return done("R1") }}
		post := source{send: func(_ context.Context, m record.Message) (record.Receipt, error) {
			posted = append(posted, m.Subject)
			return done("")
		}}
		r := started(t, outbox.Options{
			Dossier: s, Sources: []outbox.Source{library.named("library"), post.named("mail")},
			Letters: func(of dossier.Transaction) []dossier.Transaction {
				return []dossier.Transaction{mailTo(of.Citizen, "Reçu "+of.Receipt.Reference)}
			},
		})
		for range 2 {
			if _, err := r.Act(t.Context(), renew(anne, "1")); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		want := []string{"message done", "renew done"}
		if got := all(t, s, anne); !slices.Equal(got, want) || !slices.Equal(posted, []string{"Reçu R1"}) {
			t.Errorf("%q, posted %q", got, posted)
		}
	})
}

// TestLetterThatCannotBe: a receipt for nobody does not lose the outcome.
func TestLetterThatCannotBe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, anne, _ := store(t)
		library := source{do: func(context.Context, record.Action) (record.Receipt, error) { return done("R1") }}
		r := started(t, outbox.Options{
			Dossier: s, Sources: []outbox.Source{library.named("library")},
			Letters: func(dossier.Transaction) []dossier.Transaction {
				return []dossier.Transaction{mailTo("nobody", "Reçu")}
			},
		})
		got, err := r.Act(t.Context(), renew(anne, "1"))
		if err != nil {
			t.Fatal(err)
		}
		expect(t, got, "done ok 1 0")
	})
}

// TestRefresh: what was done is read again, for both people concerned.
func TestRefresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, anne, leo := store(t)
		var read []string
		library := source{do: func(context.Context, record.Action) (record.Receipt, error) { return done("R1") }}
		r := started(t, outbox.Options{
			Dossier: s, Sources: []outbox.Source{library.named("library")},
			Refresh: func(_ context.Context, source string, who record.Citizen) {
				read = append(read, source+" "+map[record.Citizen]string{anne: "anne", leo: "leo"}[who])
			},
		})
		sent := renew(anne, "1")
		sent.For = leo
		if _, err := r.Act(t.Context(), sent); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if diff := cmp.Diff([]string{"library leo", "library anne"}, read); diff != "" {
			t.Error(diff)
		}
	})
}

// TestNoSource: what no source does is not accepted.
func TestNoSource(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, anne, _ := store(t)
		library := source{do: func(context.Context, record.Action) (record.Receipt, error) { return done("R1") }}
		r := started(t, outbox.Options{Dossier: s, Sources: []outbox.Source{library.named("library"), source{}.named("silent")}})
		silent, message := renew(anne, "1"), mailTo(anne, "x")
		silent.Source, message.Source = "silent", "library"
		for _, sent := range []dossier.Transaction{submit(anne, "k"), silent, message, {Citizen: anne, Source: "library"}} {
			if _, err := r.Act(t.Context(), sent); !errors.Is(err, outbox.ErrNoSource) {
				t.Errorf("error %v, want ErrNoSource", err)
			}
		}
		if got := all(t, s, anne); len(got) != 0 {
			t.Errorf("accepted: %q", got)
		}
	})
}

// TestReplay: an operator's word, given in another process, is followed.
func TestReplay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, anne, _ := store(t)
		mended := false
		requests := source{do: func(context.Context, record.Action) (record.Receipt, error) {
			if mended {
				return done("Q1")
			}
			return record.Receipt{}, connectors.ErrMalformed
		}}
		r := started(t, outbox.Options{Dossier: s, Sources: []outbox.Source{requests.named("requests")}})
		got, err := r.Act(t.Context(), submit(anne, "k"))
		if err != nil {
			t.Fatal(err)
		}
		expect(t, got, "parked malformed 1 0")
		time.Sleep(time.Hour)
		mended = true
		if err := s.Replay(t.Context(), got.ID, "Marie", time.Now()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if got, err = s.Transaction(t.Context(), anne, got.ID); err != nil {
			t.Fatal(err)
		}
		expect(t, got, "done ok 1 0")
	})
}
