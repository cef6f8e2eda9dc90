package portal

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors/record"
)

func TestSeasonOf(t *testing.T) {
	t.Parallel()
	for day, want := range map[record.Date]string{
		{Year: 2027, Month: time.January, Day: 1}: "2027-1", {Year: 2027, Month: time.March, Day: 31}: "2027-1",
		{Year: 2027, Month: time.April, Day: 1}: "2027-2", {Year: 2027, Month: time.June, Day: 14}: "2027-2",
		{Year: 2027, Month: time.June, Day: 15}: "2027-3", {Year: 2027, Month: time.August, Day: 31}: "2027-3",
		{Year: 2027, Month: time.September, Day: 1}: "2027-4", {Year: 2027, Month: time.December, Day: 31}: "2027-4",
	} {
		got := seasonOf(day)
		if got.String() != want || readSeason(want) != got {
			t.Errorf("%v: %s, want %s", day, got, want)
		}
	}
	for _, text := range []string{"", "2027", "2027-0", "2027-5", "x-1", "-1-1", "2027-1-1"} {
		if got := readSeason(text); got != (season{}) {
			t.Errorf("%q is %v", text, got)
		}
	}
}

func TestSeasonsOfACourse(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	for name, tc := range map[string]struct {
		weeks int // of meetings from 1 December 2026 on
		want  []season
	}{
		"one meeting":                      {1, []season{{2026, 4}}},
		"a session over New Year":          {12, []season{{2026, 4}}},
		"all year, each season once":       {40, []season{{2026, 4}, {2027, 1}, {2027, 2}, {2027, 3}}},
		"no meeting known, and no day too": {0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := course{}
			if tc.weeks > 0 {
				c = newCatalogue(swimming(b, "Natation", make([]int, tc.weeks)...), b.zone).courses[0]
			}
			if diff := cmp.Diff(tc.want, b.seasonsOf(c, c.meetings), cmp.AllowUnexported(season{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestEachFilterIsTakenAwayAlone(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	q, err := url.ParseQuery("q=nage&age=8&jour=2&saison=2027-1&lieu=Piscine&categorie=Aquatique&places=1&page=3")
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, l := range b.activeFilters(readSearch(q)) {
		texts = append(texts, l.Text)
		u, err := url.Parse(l.Href)
		if err != nil {
			t.Fatal(err)
		}
		if left := u.Query(); len(left) != 6 || left.Has("page") {
			t.Errorf("%s leads to %s", l.Text, l.Href)
		}
	}
	want := []string{"Mots_: nage", "Âge_: 8", "Jour_: mardi", "Saison_: Hiver 2027", "Lieu_: Piscine", "Catégorie_: Aquatique", "Places_: Avec de la place seulement"}
	for i := range want {
		want[i] = unbreak(want[i])
	}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := b.activeFilters(readSearch(nil)); got != nil {
		t.Errorf("without a search: %v", got)
	}
}
