package portal

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// TestCatalogueForAPerson has somebody of every age around the ages of three
// courses: one that begins on 5 December, one of meetings, the next of which is
// today, and one for everybody.
func TestCatalogueForAPerson(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	body := func(a record.Activity) record.Record {
		a.Status = record.ActivityScheduled
		return record.Record{Key: a.Name, Body: a}
	}
	december := record.Date{Year: 2026, Month: time.December, Day: 5}
	courses := newCatalogue([]record.Record{
		body(record.Activity{Name: "Poterie", AgeMin: new(6), AgeMax: new(8), StartDate: december}),
		body(record.Activity{Name: "Natation", AgeMin: new(9), Start: time.Date(2026, time.November, 24, 18, 0, 0, 0, b.zone), End: time.Date(2026, time.November, 24, 19, 0, 0, 0, b.zone)}),
		body(record.Activity{Name: "Fête", StartDate: record.Date{Year: 2026, Month: time.December, Day: 20}}),
	}, b.zone).courses
	born := func(year int, month time.Month, day int) dossier.Born {
		return dossier.BornOn(record.Date{Year: year, Month: month, Day: day})
	}
	for name, c := range map[string]struct {
		born    dossier.Born
		query   string
		want    string
		unknown bool
	}{
		"six on the first day":           {born(2020, time.December, 5), "", "Poterie; Fête", false},
		"six the day after":              {born(2020, time.December, 6), "", "Fête", false},
		"eight on the first day":         {born(2017, time.December, 6), "", "Poterie; Fête", false},
		"nine on the first day":          {born(2017, time.December, 5), "", "Fête", false},
		"nine today, by the meeting":     {born(2017, time.November, 24), "", "Natation; Fête", false},
		"nine tomorrow":                  {born(2017, time.November, 25), "", "Fête", false},
		"grown up":                       {born(1986, time.April, 11), "", "Natation; Fête", false},
		"of unknown age, nothing is out": {dossier.Born{}, "", "Natation; Poterie; Fête", true},
		"with words besides":             {born(1986, time.April, 11), "q=fete", "Fête", false},
		"of unknown age, no age asked":   {dossier.Born{}, "q=fete", "Fête", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q, err := url.ParseQuery(c.query + "&pour=h")
			if err != nil {
				t.Fatal(err)
			}
			s := readSearch(q)
			if err := s.forPerson([]eligible{{handle: myself}, {"h", "Léa Roy", c.born}}); err != nil {
				t.Fatal(err)
			}
			list, _ := b.find(courses, s)
			var names []string
			for _, f := range list {
				names = append(names, f.Name)
			}
			if got := strings.Join(names, "; "); got != c.want || (b.ageUnknown(s, list) != "") != c.unknown {
				t.Errorf("%s, want %s; %q", got, c.want, b.ageUnknown(s, list))
			}
		})
	}
	s := readSearch(url.Values{"pour": {"somebody else's"}})
	if err := s.forPerson([]eligible{{handle: myself}}); err == nil {
		t.Error("a handle of nobody here")
	}
}

// TestChoicesOfPeople names two of one name in full, and leads to the same search.
func TestChoicesOfPeople(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	people := []eligible{{handle: myself, name: "Maude Roy"}, {handle: "a", name: "Léa Roy"}, {handle: "b", name: "Léa Tremblay"}}
	s := readSearch(url.Values{"q": {"eau"}, "pour": {"a"}, "page": {"3"}})
	page := b.catalogue(nil, s)
	b.catalogueFor(&page, s, people)
	var got []string
	for _, l := range page.For {
		got = append(got, pick(l.Current, "*", "")+l.Text+" "+l.Href)
	}
	want := "Pour Maude /loisirs/activites?pour=moi&q=eau|*Pour Léa Roy /loisirs/activites?pour=a&q=eau|Pour Léa Tremblay /loisirs/activites?pour=b&q=eau"
	if strings.Join(got, "|") != want || page.Person != "a" {
		t.Errorf("%s\nwant %s", strings.Join(got, "|"), want)
	}
	b.catalogueFor(&page, search{}, []eligible{{handle: myself}})
	if last := page.For[len(page.For)-1]; last.Text != "Pour moi" {
		t.Errorf("without a name: %q", last.Text)
	}
	if asVersion(people) == asVersion(people[:2]) || asVersion(people[:1]) == asVersion([]eligible{{handle: myself, name: "Maude"}}) {
		t.Error("another household has the same page")
	}
}
