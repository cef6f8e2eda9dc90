package aggregator

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

func TestFindReplacesWholeSections(t *testing.T) {
	t.Parallel()
	answer := []record.Record{loan("P1", "b"), loan("P1", "a")}
	var failure error
	library := person("library", func(_ context.Context, who record.Ref) ([]record.Record, error) {
		switch {
		case failure != nil:
			return nil, failure
		case who == record.NewRef("P1"):
			return answer, nil
		}
		return nil, fmt.Errorf("library: %w", connectors.ErrNotFound)
	})
	h := newHouse(t, registerOf(card("1", "library=P1"), card("2", "library=P2"), card("3")), library)

	h.refresh("library", "ok")
	h.expect("1", "library", "fresh: a b")
	h.expect("2", "library", "unknown (not_found)")
	h.expect("3", "library", "unknown (not_linked)")
	version := h.section("1", "library").Version

	answer = []record.Record{loan("P1", "a"), loan("P1", "b")}
	h.refresh("library", "ok")
	if got := h.section("1", "library").Version; got != version {
		t.Errorf("version %d after the same facts in another order, want %d", got, version)
	}

	answer = []record.Record{loan("P1", "b")}
	h.refresh("library", "ok")
	h.expect("1", "library", "fresh: b")

	failure = fmt.Errorf("library: %w", connectors.ErrUnavailable)
	before := h.section("1", "library")
	h.refresh("library", "unavailable")
	h.expect("1", "library", "fresh (unavailable): b")
	if after := h.section("1", "library"); !after.AsOf.Equal(before.AsOf) {
		t.Errorf("a failure moved the date to %s", after.AsOf)
	}

	failure, answer = nil, nil
	h.refresh("library", "ok")
	h.expect("1", "library", "fresh:")
}

func TestFindIsAllOrNothing(t *testing.T) {
	t.Parallel()
	var second error
	requests := person("requests", func(_ context.Context, who record.Ref) ([]record.Record, error) {
		if who == record.NewRef("B") && second != nil {
			return nil, second
		}
		return []record.Record{loan(who.Reveal(), "of-"+who.Reveal())}, nil
	})
	h := newHouse(t, registerOf(card("1", "requests=A", "requests=B")), requests)
	h.refresh("requests", "ok")
	h.expect("1", "requests", "fresh: of-A of-B")
	second = connectors.ErrMalformed
	h.refresh("requests", "malformed")
	h.expect("1", "requests", "fresh (malformed): of-A of-B")
}

func TestFindRefusesDoubtfulAnswers(t *testing.T) {
	t.Parallel()
	twice := loan("P1", "a")
	twice.Body = record.Loan{Item: "a", Title: "another title"}
	for name, tc := range map[string]struct {
		answer []record.Record
		want   string
	}{
		"another person's": {[]record.Record{loan("P1", "a"), loan("P2", "canary")}, "malformed"},
		"nobody's":         {[]record.Record{loan("", "canary")}, "malformed"},
		"a card":           {[]record.Record{{Key: "c", Owner: record.NewRef("P1"), Body: record.Card{Number: "9"}}}, "malformed"},
		"contradictory":    {[]record.Record{loan("P1", "a"), twice}, "malformed"},
		"without key":      {[]record.Record{loan("P1", "")}, "defect"},
		"without body":     {[]record.Record{{Key: "k", Owner: record.NewRef("P1")}}, "defect"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			library := person("library", func(context.Context, record.Ref) ([]record.Record, error) { return tc.answer, nil })
			h := newHouse(t, registerOf(card("1", "library=P1")), library)
			h.refresh("library", tc.want)
			h.expect("1", "library", "unknown ("+tc.want+")")
		})
	}
}

func TestDuplicatesCountOnce(t *testing.T) {
	t.Parallel()
	library := person("library", func(context.Context, record.Ref) ([]record.Record, error) {
		return []record.Record{loan("P1", "a"), loan("P1", "a")}, nil
	})
	h := newHouse(t, registerOf(card("1", "library=P1")), library)
	h.refresh("library", "ok")
	h.expect("1", "library", "fresh: a")
}

func TestRollGivesEachOwnerTheirUnits(t *testing.T) {
	t.Parallel()
	units := []record.Record{unit("R1"), unit("R2"), unit("R3"), unit("R9")}
	roll := whole("roll", listOf(func() []record.Record { return units }))
	h := newHouse(t, registerOf(
		card("1", "roll=R2", "roll=R1"), card("2", "roll=R2"), card("3", "roll=gone"), card("4")), roll)
	if r := h.refresh("roll", "ok"); r.Records != 4 || r.Citizens != 3 {
		t.Errorf("%d records for %d citizens, want 4 for 3", r.Records, r.Citizens)
	}
	h.expect("1", "roll", "fresh: R1 R2")
	h.expect("2", "roll", "fresh: R2")
	h.expect("3", "roll", "fresh:")
	h.expect("4", "roll", "unknown")
	h.expectTown("roll", "unknown")
}

func TestListFailureKeepsEverything(t *testing.T) {
	t.Parallel()
	var failure error
	services := whole("services", func(_ context.Context, _ connectors.Cursor, emit func(record.Record) error) (connectors.Cursor, error) {
		return "", errors.Join(emit(service("s1")), emit(unit("R1")), failure)
	})
	h := newHouse(t, registerOf(card("1", "services=R1")), services)
	h.refresh("services", "ok")
	failure = connectors.ErrMalformed
	h.refresh("services", "malformed")
	h.expect("1", "services", "fresh (malformed): R1")
	h.expectTown("services", "fresh (malformed): s1")
}

func TestCatalogueAndPersons(t *testing.T) {
	t.Parallel()
	recreation := person("recreation", func(_ context.Context, who record.Ref) ([]record.Record, error) {
		return []record.Record{loan(who.Reveal(), "mine")}, nil
	})
	recreation.Source.List = listOf(func() []record.Record { return []record.Record{service("course")} })
	h := newHouse(t, registerOf(card("1", "recreation=A")), recreation)
	h.refresh("recreation", "ok")
	h.expectTown("recreation", "fresh: course")
	h.expect("1", "recreation", "fresh: mine")
}

func TestListRefusesPersonalFactsOfNobody(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]record.Record{
		"loan": loan("", "a"),
		"card": {Key: "c", Body: record.Card{Number: "100001", Name: "Somebody"}},
		"unit": unit(""),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if r.Key == "" {
				r.Key = "u"
			}
			h := newHouse(t, registerOf(), whole("services", listOf(func() []record.Record {
				return []record.Record{service("s1"), r}
			})))
			h.refresh("services", "malformed")
			h.expectTown("services", "unknown (malformed)")
		})
	}
}

func TestRefreshOfUnknownSource(t *testing.T) {
	t.Parallel()
	h := newHouse(t, registerOf())
	if _, err := h.Refresh(t.Context(), "nothing"); !errors.Is(err, ErrNoSource) {
		t.Errorf("%v, want ErrNoSource", err)
	}
	if err := h.Accept("nothing"); !errors.Is(err, ErrNoSource) {
		t.Errorf("accept: %v, want ErrNoSource", err)
	}
}

// While a source stays down the page has no news to tell.
func TestRepeatedFailureIsNoNews(t *testing.T) {
	t.Parallel()
	h := newHouse(t, registerOf(card("1", "library=P1")),
		person("library", func(context.Context, record.Ref) ([]record.Record, error) { return nil, connectors.ErrUnavailable }))
	h.refresh("library", "unavailable")
	before, err := h.o.Cache.Dashboard(t.Context(), citizenOf("1"))
	if err != nil {
		t.Fatal(err)
	}
	h.refresh("library", "unavailable")
	after, err := h.o.Cache.Dashboard(t.Context(), citizenOf("1"))
	if err != nil {
		t.Fatal(err)
	}
	if after.Version != before.Version {
		t.Errorf("version %d after %d for the same trouble", after.Version, before.Version)
	}
}

// A roll of any size passes through; only linked units stay in memory.
func TestReadingKeepsLinkedRecordsOnly(t *testing.T) {
	t.Parallel()
	read := newReading(map[record.Ref][]record.Citizen{record.NewRef("17"): {citizenOf("1")}})
	for i := range 10_000 {
		if err := read.add(unit(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	if read.count != 10_000 || len(read.kept) != 1 {
		t.Errorf("%d records kept of %d, want 1 of 10000", len(read.kept), read.count)
	}
}

func TestTownSectionIsBounded(t *testing.T) {
	t.Parallel()
	read := newReading(nil)
	for i := range maxTown {
		if err := read.add(service(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := read.add(service("one more")); !errors.Is(err, connectors.ErrMalformed) {
		t.Errorf("%v, want ErrMalformed", err)
	}
}
