package aggregator

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// numbers is a source that knows requests by number: its Refs are lists of
// them, and what each call asked is kept.
type numbers struct{ asked []string }

func (n *numbers) source() Source {
	s := person("requests", func(_ context.Context, who record.Ref) ([]record.Record, error) {
		n.asked = append(n.asked, who.Reveal())
		if n.asked[len(n.asked)-1] == "9" {
			return nil, connectors.ErrUnavailable
		}
		var found []record.Record
		for id := range strings.SplitSeq(who.Reveal(), "+") {
			found = append(found, record.Record{Key: id, Owner: who, Body: record.Request{ID: id, Status: record.RequestOpen}})
		}
		return found, nil
	})
	s.Source.Follow = func(refs []record.Ref, references []string) (record.Ref, bool) {
		var all []string
		for _, r := range refs {
			if r.Reveal() == "account" {
				return record.Ref{}, false
			}
			all = append(all, r.Reveal())
		}
		return record.NewRef(strings.Join(append(all, references...), "+")), true
	}
	return s
}

// submitted is something that the holder of a card sent.
func submitted(number, source, reference string, state dossier.TransactionState) dossier.Transaction {
	return dossier.Transaction{
		Citizen: citizenOf(number), Source: source, State: state, Action: record.Submit{ServiceCode: "S"},
		Receipt: record.Receipt{Outcome: record.OutcomeDone, Reference: reference},
	}
}

// TestWhatWasSentIsFollowed: what a citizen sent is asked for beside what a link
// names, and nothing else is.
func TestWhatWasSentIsFollowed(t *testing.T) {
	t.Parallel()
	renewed := submitted("1", "requests", "R", dossier.Done)
	renewed.Action = record.Renew{}
	for name, tc := range map[string]struct {
		card  record.Card
		sent  []dossier.Transaction
		asked string
		want  string
	}{
		"a link and two requests":      {card("1", "requests=A"), []dossier.Transaction{submitted("1", "requests", "C", dossier.Done), submitted("1", "requests", "B", dossier.Done)}, "A+C+B", "fresh: A B C"},
		"no link and one request":      {card("1"), []dossier.Transaction{submitted("1", "requests", "B", dossier.Done)}, "B", "fresh: B"},
		"an account lists by itself":   {card("1", "requests=account"), []dossier.Transaction{submitted("1", "requests", "B", dossier.Done)}, "account", "fresh: account"},
		"not done, elsewhere, a loan":  {card("1", "requests=A"), []dossier.Transaction{submitted("1", "requests", "B", dossier.Refused), submitted("1", "other", "C", dossier.Done), renewed, submitted("1", "requests", "", dossier.Done)}, "A", "fresh: A"},
		"what somebody else sent":      {card("1", "requests=A"), []dossier.Transaction{submitted("2", "requests", "B", dossier.Done)}, "A", "fresh: A"},
		"nobody's, without a link":     {card("1"), []dossier.Transaction{submitted("2", "requests", "B", dossier.Done)}, "", "unknown (not_linked)"},
		"nothing that can be asked of": {card("1"), []dossier.Transaction{submitted("1", "requests", "", dossier.Done)}, "", "unknown (not_linked)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				source := &numbers{}
				people := registerOf(tc.card)
				people.sent = tc.sent
				h := newHouse(t, people, source.source())
				defer h.run()()
				h.Touch(citizenOf("1"))
				synctest.Wait()
				h.expect("1", "requests", tc.want)
				if got := strings.Join(source.asked, " "); got != tc.asked {
					t.Errorf("asked for %q, want %q", got, tc.asked)
				}
			})
		})
	}
}

// TestFollowedSectionStands: another request, a source that is down and a
// registry that learns the number take nothing away; another link does.
func TestFollowedSectionStands(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &numbers{}
		people := registerOf(card("1"))
		people.sent = []dossier.Transaction{submitted("1", "requests", "B", dossier.Done)}
		registry := whole("cards", nil)
		registry.Cards = true
		cards := []record.Record{}
		registry.Source.List = listOf(func() []record.Record { return cards })
		h := newHouse(t, people, source.source(), registry)
		defer h.run()()
		h.Reread(t.Context(), "requests", citizenOf("1"))
		h.expect("1", "requests", "fresh: B")

		people.mu.Lock()
		people.sent = append([]dossier.Transaction{submitted("1", "requests", "9", dossier.Done)}, people.sent[:0]...)
		people.mu.Unlock()
		h.Reread(t.Context(), "requests", citizenOf("1"))
		h.expect("1", "requests", "fresh (unavailable): B") // down at that moment

		people.mu.Lock()
		people.sent = []dossier.Transaction{submitted("1", "requests", "C", dossier.Done), submitted("1", "requests", "B", dossier.Done)}
		people.mu.Unlock()
		h.Reread(t.Context(), "requests", citizenOf("1"))
		h.expect("1", "requests", "fresh: B C")

		linked := card("1", "requests=account")
		cards = []record.Record{{Key: "1", Body: linked}}
		h.refresh("cards", connectors.ReasonOK)
		time.Sleep(2 * touchEvery)
		h.expect("1", "requests", "fresh: account")
		if last := source.asked[len(source.asked)-1]; last != "account" {
			t.Errorf("asked for %q under the new link", last)
		}
	})
}
