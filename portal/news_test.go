package portal

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/views"
)

// grown is a library's section, read at 6 h with a loan and at 8 h with one more
// and another title of the first.
func grown(b builder) cache.Section {
	ages := cache.Ages{FreshFor: 4 * time.Hour, HideAfter: 24 * time.Hour}
	loan := func(key, title string) record.Record {
		return record.Record{Key: key, Body: record.Loan{Title: title, Due: november(30)}}
	}
	six := time.Date(2026, time.November, 24, 6, 0, 0, 0, b.zone)
	return cache.Section{Source: "bibliotheque"}.
		Succeeded([]record.Record{loan("a", "A"), loan("c", "C")}, six, ages).
		Succeeded([]record.Record{loan("a", "A bis"), loan("b", "B"), loan("c", "C")}, six.Add(2*time.Hour), ages)
}

func TestRowsAreMarkedSinceTheLastVisit(t *testing.T) {
	t.Parallel()
	source := Source{Name: "bibliotheque", Domain: Library}
	for name, tc := range map[string]struct {
		visit time.Duration // before 9 h; 0 is a first visit
		rows  map[string]views.Change
		card  string
	}{
		"a first visit":           {0, map[string]views.Change{"A bis": "", "B": "", "C": ""}, ""},
		"a visit before":          {2 * time.Hour, map[string]views.Change{"A bis": views.Changed, "B": views.New, "C": ""}, "2" + nb + "nouveautés"},
		"a visit after":           {30 * time.Minute, map[string]views.Change{"A bis": "", "B": "", "C": ""}, ""},
		"a visit before all news": {90 * 24 * time.Hour, map[string]views.Change{"A bis": views.Changed, "B": views.New, "C": ""}, "2" + nb + "nouveautés"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := at(t, 9, 0)
			if tc.visit > 0 {
				b.visit = b.now.Add(-tc.visit)
			}
			v := grown(b).At(b.now)
			card := b.card(source, v)
			for where, rows := range map[string][]views.Row{"card": card.Rows, "page": b.section(source, v).Groups[0].Rows} {
				got := map[string]views.Change{}
				for _, row := range rows {
					got[row.Title] = ""
					if row.Since != nil {
						got[row.Title] = row.Since.Change
					}
				}
				if diff := cmp.Diff(tc.rows, got); diff != "" {
					t.Errorf("%s (-want +got)\n%s", where, diff)
				}
			}
			if card.News != tc.card {
				t.Errorf("the card says %q", card.News)
			}
		})
	}
}

func TestNewsOfTheDashboard(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	followed := grown(b)
	calm := cache.Section{Source: "loisirs"}.Succeeded(nil, b.now.Add(-100*24*time.Hour), followed.Ages).Succeeded(nil, b.now, followed.Ages)
	lost := cache.Section{Source: "loisirs"}.Succeeded(nil, b.now, followed.Ages) // its cache was lost
	for name, tc := range map[string]struct {
		visit    time.Duration
		after    time.Duration // 9 h
		sections []cache.Section
		want     string
		links    []views.Link
	}{
		"a first visit":             {0, 0, []cache.Section{followed, calm}, "", nil},
		"some":                      {2 * time.Hour, 0, []cache.Section{followed, calm}, "Depuis votre dernière visite, aujourd’hui à 7_h_: 2_nouveautés.", []views.Link{{Href: "#section-bibliotheque", Text: "Bibliothèque (2)"}}},
		"nothing":                   {time.Minute, 0, []cache.Section{calm}, "Depuis votre dernière visite, aujourd’hui à 8_h_59_: rien de nouveau.", nil},
		"nothing, but one is old":   {time.Minute, 5 * time.Hour, []cache.Section{calm}, "", nil},
		"nothing, but one was lost": {time.Minute, 0, []cache.Section{calm, lost}, "", nil},
		"nothing, but one is not known": {
			time.Minute, 0, []cache.Section{calm, {Source: "requetes"}}, "", nil,
		},
		"some, and one is not known": {
			2*24*time.Hour + 150*time.Minute, 0,
			[]cache.Section{{Source: "requetes"}, followed},
			"Depuis votre dernière visite, le 22_novembre à 6_h_30_: 2_nouveautés.",
			[]views.Link{{Href: "#section-bibliotheque", Text: "Bibliothèque (2)"}},
		},
		"some in what is old": {
			11 * time.Hour, 8 * time.Hour,
			[]cache.Section{followed},
			"Depuis votre dernière visite, aujourd’hui à 6_h_: 2_nouveautés.",
			[]views.Link{{Href: "#section-bibliotheque", Text: "Bibliothèque (2)"}},
		},
		"another year": {
			400 * 24 * time.Hour, 0,
			[]cache.Section{followed},
			"Depuis votre dernière visite, le 20_octobre 2025 à 10_h_: 2_nouveautés.",
			[]views.Link{{Href: "#section-bibliotheque", Text: "Bibliothèque (2)"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := b
			b.now = b.now.Add(tc.after)
			if tc.visit > 0 {
				b.visit = b.now.Add(-tc.visit)
			}
			var cards []views.Card
			var seen []cache.View
			for _, s := range tc.sections {
				v := s.At(b.now)
				cards, seen = append(cards, b.card(Source{Name: s.Source, Domain: map[string]Domain{"bibliotheque": Library, "loisirs": Recreation, "requetes": Requests}[s.Source]}, v)), append(seen, v)
			}
			got := b.news(cards, seen)
			if tc.want == "" {
				if got != nil {
					t.Errorf("it says %q", got.Text)
				}
				return
			}
			if diff := cmp.Diff(&views.News{Text: unbreak(tc.want), Links: tc.links}, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
