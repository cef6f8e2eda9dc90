package aggregator

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

func services(n int) []record.Record {
	var all []record.Record
	for i := range n {
		all = append(all, service(fmt.Sprintf("s%03d", i)))
	}
	return all
}

func TestImplausibleListIsHeldBack(t *testing.T) {
	t.Parallel()
	var now []record.Record
	h := newHouse(t, registerOf(), whole("services", listOf(func() []record.Record { return now })))
	expectCount := func(want int) {
		t.Helper()
		section, err := h.o.Cache.Town(t.Context(), "services")
		if err != nil {
			t.Fatal(err)
		}
		if got := len(lastGood(section)); got != want {
			t.Errorf("%d records, want %d", got, want)
		}
	}
	now = services(40)
	h.refresh("services", "ok")
	now = services(20) // half is just plausible
	h.refresh("services", "ok")
	expectCount(20)
	now = services(9)
	h.refresh("services", "held_back")
	now = nil
	h.refresh("services", "held_back")
	expectCount(20)

	// The guard does not forget with the process.
	again, err := New(h.o)
	if err != nil {
		t.Fatal(err)
	}
	h.Aggregator = again
	h.refresh("services", "held_back")

	if err := h.Accept("services"); err != nil {
		t.Fatal(err)
	}
	h.refresh("services", "ok")
	expectCount(0)
	now = services(40)
	h.refresh("services", "ok")
	now = nil // accepted once, not for ever
	h.refresh("services", "held_back")
	now = services(39)
	h.refresh("services", "ok")
	expectCount(39)
}

func TestAgainst(t *testing.T) {
	t.Parallel()
	limits := newDrift("x", Drift{}).limits
	for name, tc := range map[string]struct {
		before, now profile
		want        string // part of the reason, "" for plausible
	}{
		"first read":             {profile{}, profile{"loan": 1}, ""},
		"the same":               {profile{"unit": 100, "unit.a": 100}, profile{"unit": 100, "unit.a": 100}, ""},
		"growth":                 {profile{"unit": 100}, profile{"unit": 1000}, ""},
		"small sources are free": {profile{"unit": 19}, profile{}, ""},
		"half is left":           {profile{"unit": 100}, profile{"unit": 50}, ""},
		"less than half":         {profile{"unit": 100}, profile{"unit": 49}, "records: 49 after 100"},
		"all gone":               {profile{"unit": 20}, profile{}, "records: 0 after 20"},
		"a kind gone":            {profile{"unit": 100, "other": 30}, profile{"unit": 100}, "other: 0 after 30"},
		"a rare kind gone":       {profile{"unit": 100, "other": 3}, profile{"unit": 100}, ""},
		"member gone":            {profile{"unit": 100, "unit.a": 95}, profile{"unit": 100}, "unit.a: in 0 % of records after 95 %"},
		"member gone in most":    {profile{"unit": 100, "unit.a": 100}, profile{"unit": 100, "unit.a": 40}, "unit.a: in 40 %"},
		"rare member gone":       {profile{"unit": 100, "unit.a": 60}, profile{"unit": 100}, ""},
		"new member":             {profile{"unit": 100}, profile{"unit": 100, "unit.a": 100}, ""},
		"fewer, same shape":      {profile{"unit": 100, "unit.a": 100}, profile{"unit": 60, "unit.a": 60}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := tc.now.against(tc.before, limits)
			if (got == "") != (tc.want == "") || !strings.Contains(got, tc.want) {
				t.Errorf("%q, want %q", got, tc.want)
			}
			if free := tc.now.against(tc.before, Drift{MaxLoss: 1, MinRecords: 1}); free != "" {
				t.Errorf("with max loss 1: %q", free)
			}
		})
	}
}

// A source whose fields were renamed still hands over as many records.
func TestReshapedListIsHeldBack(t *testing.T) {
	t.Parallel()
	named := true
	value := record.Cents(12_345)
	roll := whole("roll", listOf(func() []record.Record {
		var all []record.Record
		for i := range 30 {
			u := record.Unit{Matricule: fmt.Sprint(i)}
			if named {
				u.Values.Total = &value
			}
			all = append(all, record.Record{Key: u.Matricule, Owner: record.NewRef(u.Matricule), Body: u})
		}
		return all
	}))
	h := newHouse(t, registerOf(card("1", "roll=7")), roll)
	h.refresh("roll", "ok")
	named = false
	h.refresh("roll", "held_back")
	h.expect("1", "roll", "fresh (held_back): 7")
	if unit := lastGood(h.section("1", "roll"))[0].Body.(record.Unit); unit.Values.Total == nil {
		t.Error("the value was lost")
	}
}

func TestManyEmptiedPersonsAreHeldBack(t *testing.T) {
	t.Parallel()
	const people = 40
	cards := registerOf()
	for i := range people {
		n := fmt.Sprint(i)
		cards.cards[n] = card(n, "library=P"+n)
	}
	emptied := 0
	h := newHouse(t, cards, person("library", func(_ context.Context, who record.Ref) ([]record.Record, error) {
		var n int
		if _, err := fmt.Sscanf(who.Reveal(), "P%d", &n); err != nil {
			return nil, connectors.ErrMalformed
		}
		if n < emptied {
			return nil, nil
		}
		return []record.Record{loan(who.Reveal(), "a"+who.Reveal())}, nil
	}))
	h.refresh("library", "ok")
	emptied = 10
	h.refresh("library", "ok")
	h.expect("3", "library", "fresh:")
	h.expect("30", "library", "fresh: aP30")
	emptied = people
	if r := h.refresh("library", "held_back"); r.Failed != 30 || r.Citizens != 10 {
		t.Errorf("%+v, want 30 held back of 40", r)
	}
	h.expect("3", "library", "fresh:")
	h.expect("30", "library", "fresh (held_back): aP30")
	if err := h.Accept("library"); err != nil {
		t.Fatal(err)
	}
	h.refresh("library", "ok")
	h.expect("30", "library", "fresh:")
}

// A source with both a catalogue and persons is accepted as a whole.
func TestAcceptCoversBothHalves(t *testing.T) {
	t.Parallel()
	cards, empty := registerOf(), false
	for i := range 30 {
		n := fmt.Sprint(i)
		cards.cards[n] = card(n, "recreation=P"+n)
	}
	recreation := person("recreation", func(_ context.Context, who record.Ref) ([]record.Record, error) {
		if empty {
			return nil, nil
		}
		return []record.Record{loan(who.Reveal(), "a"+who.Reveal())}, nil
	})
	recreation.Source.List = listOf(func() []record.Record { return services(30) })
	h := newHouse(t, cards, recreation)
	h.refresh("recreation", "ok")
	empty = true
	h.refresh("recreation", "held_back")
	if err := h.Accept("recreation"); err != nil {
		t.Fatal(err)
	}
	h.refresh("recreation", "ok")
	h.expect("3", "recreation", "fresh:")
}

func BenchmarkCensus(b *testing.B) {
	value, area := record.Cents(1), 12.5
	r := unit("123456789012345678")
	r.Body = record.Unit{
		Matricule: "123456789012345678", Municipality: "66023", RollYear: 2026, Use: "1000", File: "F",
		Addresses: []record.Address{{Text: "14, rue des Érables"}}, Lots: []string{"1"}, Borough: "B",
		Land:   record.Land{Frontage: &area, Area: &area},
		Values: record.Values{Land: &value, Building: &value, Total: &value, Previous: &value},
	}
	c := census{}
	for b.Loop() {
		c.add(r)
	}
	if p := c.profile(); p["unit.values.total_cents"] != p["unit"] || p["unit.building"] != 0 {
		b.Errorf("%v", p)
	}
}
