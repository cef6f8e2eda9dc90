package collection_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/aggregator/collection"
	"github.com/semenligne/sem/aggregator/watering"
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/connectors/schedules"
)

// TestRuleFile goes the whole way, from a town's file to the days of a winter.
func TestRuleFile(t *testing.T) {
	t.Parallel()
	settings, ok := schedules.Kind().Settings().(*schedules.Settings)
	if !ok {
		t.Fatal("schedules.Kind has other settings")
	}
	settings.File = "../../connectors/schedules/testdata/regles.yaml"
	source, err := schedules.Kind().Open(settings, connectors.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	var records []record.Record
	if _, err := source.List.List(t.Context(), "", func(r record.Record) error {
		records = append(records, r)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, c := range collection.FromRecords(records).Days(func(string) string { return "A" }, date("2026-10-26"), date("2027-01-15")) {
		fmt.Fprintf(&text, "%s %s until %s\n", strings.TrimSpace(line(c)), c.Hours.OutAfter, c.Hours.Until)
	}
	want := `2026-10-26 Mon bac-brun Bac brun 19:00 until 18:00
2026-10-31 Sat feuilles Feuilles : Sacs de papier 19:00 until 18:00
2026-11-02 Mon bac-brun Bac brun 19:00 until 18:00
2026-11-04 Wed ordures Ordures 19:00 until 16:00
2026-11-14 Sat feuilles Feuilles : Sacs de papier 19:00 until 18:00
2026-11-16 Mon bac-brun Bac brun 19:00 until 18:00
2026-11-18 Wed ordures Ordures 19:00 until 16:00
2026-11-21 Sat feuilles Feuilles : Grand vent Sacs de papier 19:00 until 18:00
2026-11-30 Mon bac-brun Bac brun 19:00 until 18:00
2026-12-02 Wed ordures Ordures 19:00 until 16:00
2026-12-14 Mon bac-brun Bac brun 19:00 until 18:00
2026-12-16 Wed ordures Ordures 19:00 until 16:00
2026-12-29 Tue bac-brun Bac brun ← 2026-12-28 : Temps des fêtes 19:00 until 18:00
2026-12-30 Wed ordures Ordures 19:00 until 16:00
2027-01-06 Wed ordures Ordures 19:00 until 16:00
2027-01-11 Mon bac-brun Bac brun 19:00 until 18:00
`
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if town := watering.FromRecords(records); len(town.Rules) != 2 || len(town.Bans) != 1 || len(town.Permits) != 1 {
		t.Errorf("watering: %+v", town)
	}
}
