package portal

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/views"
)

func dollars(d int64) *record.Cents { return new(record.Cents(d * 100)) }

// factsOf is every label and value of a unit, by label.
func factsOf(u views.Unit) map[string]string {
	all := map[string]string{}
	for _, g := range u.Groups {
		for _, f := range g.Facts {
			all[f.Label] = f.Value
		}
	}
	return all
}

func TestUnitSaysAllThatTheRollSays(t *testing.T) {
	t.Parallel()
	got := at(t, 9, 0).unit(record.Unit{
		Matricule: "071981097640000001", RollYear: 2026, Borough: "Vieux-Village", File: "D-12", Neighbourhood: "3102", Lots: []string{"9000123", "9000124"},
		Addresses: []record.Address{{Text: "16-18, rue du Moulin"}, {Text: "2, rue du Verger"}}, Use: "1000", UseName: "Logement",
		Land:     record.Land{Frontage: new(22.86), Area: new(1627.4), AgriculturalZoning: "0", ForestArea: new(0.), ServicedVacant: new(false)},
		Building: &record.Building{Storeys: new(2), Year: 2004, YearEstimated: true, FloorArea: new(97.7), PhysicalLink: "semi_detached", Genre: "Z", Dwellings: new(2), RentedRooms: new(0)},
		Values:   record.Values{MarketDate: record.Date{Year: 2024, Month: 7, Day: 1}, Land: dollars(136_000), Building: dollars(308_000), Total: dollars(444_000), Previous: dollars(334_500)},
		Taxation: []record.TaxPart{{Law: "F-2.1", Article: "204", Paragraph: "4", Amount: dollars(444_000), Taxability: "1"}},
	})
	want := map[string]string{
		"Valeur du terrain": "136_000_$", "Valeur du bâtiment": "308_000_$", "Valeur de l’immeuble": "444_000_$", "Rôle précédent": "334_500_$",
		"Date de référence du marché": "1er_juillet 2024", "Matricule": "0719-81-0976-4-000-0001", "Lots": "9000123, 9000124", "Utilisation": "Logement (1000)",
		"Arrondissement": "Vieux-Village", "Unité de voisinage": "3102", "Dossier": "D-12", "Superficie": "1_627_m²", "Mesure frontale": "22,86_m",
		"Zonage agricole": "Aucun", "Superficie forestière": "0_m²", "Terrain vague desservi": "Non", "Année de construction": "2004 (estimée)",
		"Aire d’étages": "98_m²", "Étages": "2", "Logements": "2", "Lien physique": "Jumelé", "Genre de construction": "Z", "Chambres locatives": "0",
	}
	for label, value := range want {
		want[label] = unbreak(value)
	}
	if diff := cmp.Diff(want, factsOf(got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got.Address != "16-18, rue du Moulin" || !cmp.Equal(got.OtherAddresses, []string{"2, rue du Verger"}) || got.Vacant != "" {
		t.Errorf("address %q, others %q, vacant %q", got.Address, got.OtherAddresses, got.Vacant)
	}
	tax := got.Groups[len(got.Groups)-1].Rows[0]
	if text := tax.Title + " " + strings.Join(tax.Detail, " "); text != unbreak("F-2.1, article 204 Paragraphe 4 Montant_: 444_000_$ Imposabilité, code 1") {
		t.Errorf("taxation %q", text)
	}
}

// TestVacantLandHasNoZero: what vacant land has not is not worth 0 dollars.
func TestVacantLandHasNoZero(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	vacant := b.unit(record.Unit{Matricule: "071981097640000000", Use: "9100", Values: record.Values{Land: dollars(90_000), Total: dollars(90_000)}})
	silent := b.unit(record.Unit{Matricule: "071981097640000000", Use: "1000"})
	for _, tc := range []struct {
		name string
		unit views.Unit
		want map[string]string
	}{
		{"vacant", vacant, map[string]string{"Valeur du bâtiment": "Aucun bâtiment", "Valeur de l’immeuble": unbreak("90_000_$"), "Rôle précédent": "Non précisé au rôle"}},
		{"not described", silent, map[string]string{"Valeur du bâtiment": "Non précisé au rôle", "Valeur de l’immeuble": "Non précisé au rôle", "Superficie": "Non précisé au rôle"}},
	} {
		facts := factsOf(tc.unit)
		for label, want := range tc.want {
			if facts[label] != want {
				t.Errorf("%s: %s is %q", tc.name, label, facts[label])
			}
		}
		if _, ok := facts["Année de construction"]; ok || tc.unit.Chart != nil || tc.unit.Address != "Sans adresse civique" {
			t.Errorf("%s: a building, a chart or an address: %+v", tc.name, tc.unit)
		}
	}
	if vacant.Vacant != unbreak("Terrain vacant_: rien n’est construit.") || silent.Vacant != "Le rôle ne décrit aucun bâtiment." {
		t.Errorf("%q, %q", vacant.Vacant, silent.Vacant)
	}
}

func TestValueChart(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	for _, tc := range []struct {
		name    string
		values  record.Values
		summary string
		parts   []views.BarPart // of the bar of this roll
	}{
		{
			"land and building",
			record.Values{Land: dollars(100), Building: dollars(300), Total: dollars(400), Previous: dollars(200)},
			"La valeur a augmenté de 200_$ (+100,0_%) depuis le rôle précédent.",
			[]views.BarPart{{Class: "land", Width: 25}, {Class: "building", From: 25, Width: 75}},
		},
		{
			"less than before",
			record.Values{Total: dollars(200), Previous: dollars(400)},
			"La valeur a diminué de 200_$ (−50,0_%) depuis le rôle précédent.",
			[]views.BarPart{{Class: "whole", Width: 50}},
		},
		{
			"parts that are not the whole",
			record.Values{Land: dollars(100), Building: dollars(100), Total: dollars(400), Previous: dollars(400)},
			"La valeur n’a pas changé depuis le rôle précédent.",
			[]views.BarPart{{Class: "whole", Width: 100}},
		},
		{"no previous roll", record.Values{Total: dollars(200)}, "", nil},
		{"no total", record.Values{Land: dollars(200), Previous: dollars(100)}, "", nil},
		{"nothing before", record.Values{Total: dollars(200), Previous: dollars(0)}, "", nil},
	} {
		got := b.valueChart(record.Unit{RollYear: 2026, Values: tc.values})
		if got == nil {
			if tc.summary != "" {
				t.Errorf("%s: no chart", tc.name)
			}
			continue
		}
		if got.Summary != unbreak(tc.summary) {
			t.Errorf("%s: %q", tc.name, got.Summary)
		}
		if diff := cmp.Diff(tc.parts, got.Bars[1].Parts); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tc.name, diff)
		}
	}
}
