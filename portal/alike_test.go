package portal

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors/record"
)

// at places a calendar at an address.
func (c Collections) at(address, sector string) Collections {
	c.Address, c.Sector = address, sector
	for i := range c.Days {
		c.Days[i].Sector = sector
	}
	return c
}

// lost is a property of which nobody knows the sector.
func lost(address string) Collections { return Collections{Why: IgnoranceNoSector, Address: address} }

func TestPropertiesThatAreAlike(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	brown := func(address, sector string) Collections { return calendar(t, b, "2026-11-25 brun").at(address, sector) }
	blue := calendar(t, b, "2026-11-25 bleu").at("9, rue C", "2")
	for _, tc := range []struct {
		name string
		list []Collections
		want []string // anchor, addresses, sector
	}{
		{"none", nil, nil},
		{"the whole town", []Collections{brown("", "")}, []string{"adresse-1  "}},
		{"one", []Collections{brown("1, rue A", "1")}, []string{"adresse-1 1, rue A 1"}},
		{"two in a sector", []Collections{brown("1, rue A", "1"), brown("3, rue A", "1")}, []string{"adresse-1 1, rue A et 3, rue A 1"}},
		{"the same days in two sectors", []Collections{brown("1, rue A", "1"), brown("3, rue B", "2")}, []string{"adresse-1 1, rue A et 3, rue B "}},
		{"an address twice", []Collections{brown("1, rue A", "1"), brown("1, rue A", "1")}, []string{"adresse-1 1, rue A 1"}},
		{"three of which one differs", []Collections{brown("1, rue A", "1"), blue, brown("3, rue A", "1")}, []string{"adresse-1 1, rue A et 3, rue A 1", "adresse-2 9, rue C 2"}},
		{"four alike", []Collections{brown("1", "1"), brown("2", "1"), brown("3", "1"), brown("4", "1")}, []string{"adresse-1 1, 2, 3 et 4 1"}},
		{"one that is lost hides nothing", []Collections{lost("5, rue D"), blue}, []string{"adresse-1 5, rue D ", "adresse-2 9, rue C 2"}},
		{"known to be empty is not unknown", []Collections{lost("5, rue D"), calendar(t, b).at("6, rue D", "1")}, []string{"adresse-1 5, rue D ", "adresse-2 6, rue D 1"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, g := range byAnswer(tc.list) {
				got = append(got, g.anchor()+" "+addresses(b, g)+" "+sector(g))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	ends := brown("2", "1")
	ends.Ends = november(25)
	if n := len(byAnswer([]Collections{brown("1", "1"), ends})); n != 2 {
		t.Error("a calendar that ends is like one that does not")
	}
}

// TestBinsOfTwoProperties tells at which property the bin goes out, unless it is
// the same one at all.
func TestBinsOfTwoProperties(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	here := func(days ...string) Collections { return calendar(t, b, days...).at("1, rue A", "1") }
	there := func(days ...string) Collections { return calendar(t, b, days...).at("3, rue B", "2") }
	const brown, blue = "Ce soir, après 19_h, sortez le bac_: Bac brun.", "Ce soir, après 19_h, sortez le bac_: Bac bleu."
	for _, tc := range []struct {
		name string
		list []Collections
		want []string
	}{
		{"alike", []Collections{here("2026-11-25 brun"), there("2026-11-25 brun")}, []string{brown + " /collectes"}},
		{"alike tonight, not next week", []Collections{here("2026-11-25 brun", "2026-12-02 bleu"), there("2026-11-25 brun")}, []string{brown + " /collectes"}},
		{"another bin", []Collections{here("2026-11-25 brun"), there("2026-11-25 bleu")}, []string{"1, rue A – " + brown + " /collectes#adresse-1", "3, rue B – " + blue + " /collectes#adresse-2"}},
		{"only at the second", []Collections{here("2026-11-27 brun"), there("2026-11-25 bleu")}, []string{"3, rue B – " + blue + " /collectes#adresse-2"}},
		{"the first is lost", []Collections{lost("5, rue D"), there("2026-11-25 bleu")}, []string{"3, rue B – " + blue + " /collectes#adresse-2"}},
		{"without address", []Collections{here("2026-11-27 brun"), there("2026-11-25 bleu").at("", "2")}, []string{"Adresse 2 – " + blue + " /collectes#adresse-2"}},
		{"both are lost", []Collections{lost("5, rue D"), lost("7, rue D")}, nil},
		{"neither", []Collections{here("2026-11-27 brun"), there("2026-11-28 bleu")}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var got, want []string
			for _, u := range b.todoBins(tc.list) {
				got = append(got, u.Text+" "+u.Href)
			}
			for _, w := range tc.want {
				want = append(want, unbreak(w))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestCardOfTwoProperties(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	brown, blue := calendar(t, b, "2026-11-27 brun").at("1, rue A", "1"), calendar(t, b, "2026-11-25 bleu").at("3, rue B", "2")
	wet := Watering{Address: "1, rue A", Devices: []DeviceWatering{{Device: record.DeviceHand, State: WateringAllowed, Why: WateringRule, Until: b.now.Add(2 * time.Hour)}}}
	dry := Watering{Address: "3, rue B", Devices: []DeviceWatering{{Device: record.DeviceHand, State: WateringForbidden, Why: WateringBan}}}
	two := wet
	two.Address = "3, rue B"
	for _, tc := range []struct {
		name  string
		list  []Collections
		water []Watering
		want  string
	}{
		{
			"they differ",
			[]Collections{brown, blue},
			[]Watering{wet, dry},
			"Selon l’adresse|1, rue A: Vendredi 27_novembre_: Bac brun|3, rue B: Demain_: Bac bleu|Arrosage à la main – 1, rue A: Permis jusqu’à 11_h|Arrosage à la main – 3, rue B: Une interdiction est en vigueur",
		},
		{"they agree", []Collections{brown, brown.at("2, rue A", "1")}, []Watering{wet, two}, "Vendredi 27_novembre|Arrosage à la main: Permis jusqu’à 11_h"},
		{
			"one is lost",
			[]Collections{lost("5, rue D"), blue},
			[]Watering{wet, two},
			"Selon l’adresse|5, rue D: Nous ne savons pas dans quel secteur est votre adresse. Cela ne veut pas dire qu’il n’y a pas de collecte. Le comptoir de la Ville peut vous renseigner.|3, rue B: Demain_: Bac bleu|Arrosage à la main: Permis jusqu’à 11_h",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			card := b.collectionsCard(tc.list, tc.water)
			got := []string{card.Headline}
			for _, r := range card.Rows {
				got = append(got, r.Title+": "+strings.Join(r.Detail, " "))
			}
			if diff := cmp.Diff(unbreak(tc.want), strings.Join(got, "|")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			for _, g := range b.watering(tc.water).Groups {
				if !strings.HasPrefix(g.Title, "En ce moment, au ") {
					t.Errorf("watering of %q", g.Title)
				}
			}
		})
	}
}

// TestYearOfOneOfTwoProperties: a link a property, and the years beside it keep
// the one that was chosen.
func TestYearOfOneOfTwoProperties(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	list := []Collections{
		calendar(t, b, "2026-11-25 brun").at("1, rue A", "1"), calendar(t, b, "2026-11-26 bleu").at("3, rue B", "2"), calendar(t, b, "2026-11-25 brun").at("2, rue A", "1"),
	}
	for number, want := range map[int]string{
		1: "1, rue A et 2, rue A · secteur 1; *1, rue A et 2, rue A /collectes/annee, 3, rue B /collectes/annee?adresse=2; /collectes/annee/2025 /collectes/annee/2027",
		2: "3, rue B · secteur 2; 1, rue A et 2, rue A /collectes/annee, *3, rue B /collectes/annee?adresse=2; /collectes/annee/2025?adresse=2 /collectes/annee/2027?adresse=2",
		3: "1, rue A et 2, rue A · secteur 1; *1, rue A et 2, rue A /collectes/annee, 3, rue B /collectes/annee?adresse=2; /collectes/annee/2025?adresse=3 /collectes/annee/2027?adresse=3",
	} {
		page, err := b.yearPage(2026, list, number)
		if err != nil {
			t.Fatal(err)
		}
		var properties, years []string
		for _, l := range page.Properties {
			properties = append(properties, pick(l.Current, "*", "")+l.Text+" "+l.Href)
		}
		for _, l := range page.Years {
			years = append(years, l.Href)
		}
		if got := page.Where + "; " + strings.Join(properties, ", ") + "; " + strings.Join(years, " "); got != want {
			t.Errorf("%d:\n%s\nwant\n%s", number, got, want)
		}
	}
	for _, number := range []int{-1, 0, 4} {
		if _, err := b.yearPage(2026, list, number); err == nil {
			t.Errorf("property %d", number)
		}
	}
}

// TestWeekOfTwoProperties titles the collections by address only where they
// differ.
func TestWeekOfTwoProperties(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	brown, blue := calendar(t, b, "2026-11-25 brun").at("1, rue A", "1"), calendar(t, b, "2026-11-26 bleu").at("3, rue B", "2")
	for _, tc := range []struct {
		name          string
		list          []Collections
		want, unknown string
	}{
		{"alike", []Collections{brown, brown.at("2, rue A", "1")}, "Bac brun @", ""},
		{"they differ", []Collections{brown, blue}, "Bac brun @1, rue A|Bac bleu @3, rue B", ""},
		{"one is lost", []Collections{lost("5, rue D"), blue}, "Bac bleu @3, rue B", "Collectes (5, rue D)_: on ne sait pas."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var g gathered
			b.gatherTown(&g, weekInput{within: weekOf(b.today()), collections: tc.list})
			var got []string
			for _, e := range g.events {
				got = append(got, e.title+" @"+e.place)
			}
			if strings.Join(got, "|") != tc.want || strings.Join(g.unknown, "|") != unbreak(tc.unknown) {
				t.Errorf("%q, unknown %q", got, g.unknown)
			}
		})
	}
}

// TestTurnOfTheSecondProperty: what changes there changes the pages too.
func TestTurnOfTheSecondProperty(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	blue := calendar(t, b, "2026-11-24 bleu")
	blue.Days[0].Hours.Until = "11:30"
	turned := &turn{now: b.now}
	b.calendars(turned, []Collections{{}, blue}, []Watering{{}, {Devices: []DeviceWatering{{From: b.now.Add(3 * time.Hour)}}}})
	if want := b.now.Add(time.Hour); !turned.first.Equal(want) { // when the calendar is no longer fresh
		t.Errorf("%s, want %s", turned.first, want)
	}
	blue.Read.Until = time.Time{}
	turned = &turn{now: b.now}
	b.calendars(turned, []Collections{{}, blue}, []Watering{{}, {Devices: []DeviceWatering{{From: b.now.Add(2 * time.Hour)}}}})
	if want := b.now.Add(2 * time.Hour); !turned.first.Equal(want) {
		t.Errorf("watering: %s, want %s", turned.first, want)
	}
}
