package portal

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Étoile de mer": "etoile de mer", "CŒUR À CŒUR": "coeur a coeur", "  l’Île-Perdue, nº 2 ": "l ile perdue no 2",
		"e\u0301te\u0301": "ete", "ﬁlet": "filet", "": "", "!?": "", "Straße": "straße",
	} {
		if got := fold(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// swimming is weekly meetings of one course, from 1 December 2026 at 18 h on.
func swimming(b builder, name string, remaining ...int) []record.Record {
	var list []record.Record
	for week, left := range remaining {
		start := time.Date(2026, time.December, 1+7*week, 18, 0, 0, 0, b.zone)
		list = append(list, record.Record{Key: fmt.Sprint(name, week), Body: record.Activity{
			Name: name, Place: "Piscine", Category: "Aquatique", AgeMin: new(6), AgeMax: new(9), Start: start, End: start.Add(time.Hour), Remaining: &left, Status: record.ActivityScheduled,
		}})
	}
	return list
}

func TestMeetingsOfACourseAreOneLine(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	list := swimming(b, "Natation", 0, 3, 5)
	later := swimming(b, "Natation", 1)[0]
	a, ok := later.Body.(record.Activity)
	if !ok {
		t.Fatal("no activity")
	}
	a.Start, a.End = a.Start.Add(time.Hour), a.End.Add(time.Hour)
	later.Body = a
	found, offer := b.find(newCatalogue(append(list, later), b.zone).courses, readSearch(nil))
	var got []string
	for _, f := range found {
		row := b.courseRow(f)
		got = append(got, row.Title+" | "+strings.Join(row.Detail, " | ")+" | "+row.Badge.Word)
	}
	want := []string{
		unbreak("Natation | Mardi, 18_h_à 19_h · 3_séances, du 1er_décembre au 15_décembre 2026 | 6 à 9_ans · Piscine · Aquatique | De la place dès le mardi 8_décembre | 3_places"),
		unbreak("Natation | Mardi 1er_décembre, 19_h_à 20_h | 6 à 9_ans · Piscine · Aquatique | 1_place"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("courses (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([][]string{{"Piscine"}, {"Aquatique"}}, [][]string{offer.places, offer.categories}); diff != "" {
		t.Errorf("choices (-want +got)\n%s", diff)
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	body := func(a record.Activity) record.Record {
		if a.Status == "" {
			a.Status = record.ActivityScheduled
		}
		return record.Record{Key: a.Name, Body: a}
	}
	courses := newCatalogue(append(swimming(b, "Natation, étoile de mer", 0, 2),
		body(record.Activity{Name: "Cœur actif", Category: "Mise en forme", Place: "Gymnase", AgeMin: new(60), Remaining: new(0), Schedule: []record.Schedule{{Days: []time.Weekday{time.Thursday}, Start: "10:00"}}}),
		body(record.Activity{Name: "Poterie", Place: "Maison des arts", Remaining: new(4), StartDate: record.Date{Year: 2026, Month: time.December, Day: 5}, Description: "Tournage de bols"}),
		body(record.Activity{Name: "Annulé", Remaining: new(4), Status: record.ActivityCancelled, StartDate: record.Date{Year: 2026, Month: time.December, Day: 6}}),
		body(record.Activity{Name: "Passé", StartDate: november(20)}),
		body(record.Activity{Name: "Hier", Start: b.now.Add(-30 * time.Hour), End: b.now.Add(-29 * time.Hour)}),
	), b.zone).courses
	for query, want := range map[string]string{
		"":                        "Natation, étoile de mer; Poterie; Annulé; Cœur actif",
		"q=ETOILE":                "Natation, étoile de mer",
		"q=etoi+nata":             "Natation, étoile de mer",
		"q=toile":                 "",
		"q=coeur":                 "Cœur actif",
		"q=bols":                  "Poterie",
		"q=gymnase":               "Cœur actif",
		"age=7":                   "Natation, étoile de mer; Poterie; Annulé",
		"age=9":                   "Natation, étoile de mer; Poterie; Annulé",
		"age=10":                  "Poterie; Annulé",
		"age=78":                  "Poterie; Annulé; Cœur actif",
		"age=-1":                  "Natation, étoile de mer; Poterie; Annulé; Cœur actif",
		"jour=2":                  "Natation, étoile de mer",
		"jour=4":                  "Cœur actif",
		"jour=6":                  "Poterie",
		"jour=9":                  "Natation, étoile de mer; Poterie; Annulé; Cœur actif",
		"lieu=Piscine":            "Natation, étoile de mer",
		"categorie=Aquatique":     "Natation, étoile de mer",
		"saison=2026-4":           "Natation, étoile de mer; Poterie; Annulé",
		"saison=2027-1":           "",
		"saison=2026-9":           "Natation, étoile de mer; Poterie; Annulé; Cœur actif",
		"places=1":                "Natation, étoile de mer; Poterie",
		"places=1&age=8&jour=2":   "Natation, étoile de mer",
		"places=1&age=8&jour=4":   "",
		"q=" + "%00%ff&age=vieux": "Natation, étoile de mer; Poterie; Annulé; Cœur actif",
	} {
		q, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		list, _ := b.find(courses, readSearch(q))
		var names []string
		for _, f := range list {
			names = append(names, f.Name)
		}
		if got := strings.Join(names, "; "); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}

func TestSearchSurvivesItsAddress(t *testing.T) {
	t.Parallel()
	q, err := url.ParseQuery("q=étoile+%26+mer&age=0&jour=0&saison=2027-1&lieu=Maison+des+arts&categorie=A%2FB&places=1")
	if err != nil {
		t.Fatal(err)
	}
	s := readSearch(q)
	u, err := url.Parse(s.at(3))
	if err != nil {
		t.Fatal(err)
	}
	again := readSearch(u.Query())
	s.page = 3
	if diff := cmp.Diff(s, again, cmp.AllowUnexported(search{}, season{})); diff != "" {
		t.Errorf("(-before +after)\n%s", diff)
	}
	if href := readSearch(nil).at(1); href != cataloguePath {
		t.Errorf("nothing asked: %s", href)
	}
}

func TestOffersAreTold(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	hour := func(day, h int) time.Time { return time.Date(2026, time.November, day, h, 0, 0, 0, b.zone) }
	price, free := record.Cents(7800), record.Cents(0)
	for _, tc := range []struct {
		name   string
		offers []record.Offer
		prices string
		time   string
	}{
		{"none", nil, "", ""},
		{"by residency", []record.Offer{{Name: "R", Price: &price, Residents: new(true)}, {Name: "N", Residents: new(false)}}, "Résidents_: 78,00_$ · Autres_: prix non précisé", ""},
		{"free for all", []record.Offer{{Price: &free}}, "Gratuit", ""},
		{"residents first", []record.Offer{{Residents: new(true), Opens: hour(30, 9)}, {Residents: new(false), Opens: time.Date(2026, 12, 7, 9, 0, 0, 0, b.zone)}}, "Résidents_: prix non précisé · Autres_: prix non précisé", "Début des inscriptions_: 30_novembre, 9_h; pour les autres_: 7_décembre, 9_h"},
		{"open until", []record.Offer{{Price: &price, Opens: hour(1, 9), Closes: hour(28, 9)}}, "78,00_$", "Fin des inscriptions_: 28_novembre, 9_h"},
		{"over", []record.Offer{{Price: &price, Closes: hour(23, 9)}}, "78,00_$", "Inscriptions terminées"},
		{"one tier never closes", []record.Offer{{Price: &price, Closes: hour(23, 9)}, {Price: &price}}, "78,00_$ · 78,00_$", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := []string{b.prices(tc.offers), b.registrationTime(tc.offers)}
			if diff := cmp.Diff([]string{unbreak(tc.prices), unbreak(tc.time)}, got); diff != "" {
				t.Errorf("offers (-want +got)\n%s", diff)
			}
		})
	}
}

func TestRegistrationThatClosesSoon(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	in := func(days int, name string) closing { return closing{b.now.AddDate(0, 0, days), name} }
	for _, tc := range []struct {
		name string
		list []closing
		want string
	}{
		{"nothing", nil, ""},
		{"past", []closing{in(-1, "A")}, ""},
		{"far", []closing{in(4, "A")}, ""},
		{"one", []closing{in(-1, "P"), in(3, "A"), in(4, "B")}, "Les inscriptions à «_A_» se terminent le vendredi 27_novembre."},
		{"meetings of one", []closing{in(1, "A"), in(1, "A")}, "Les inscriptions à «_A_» se terminent demain."},
		{"two", []closing{in(1, "A"), in(2, "B")}, "Les inscriptions à 2_activités se terminent bientôt, les premières demain."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := ""
			for _, u := range b.todoClosing(tc.list) {
				got += u.Text
			}
			if got != unbreak(tc.want) {
				t.Errorf("%q, want %q", got, unbreak(tc.want))
			}
		})
	}
}

func TestCatalogueTellsUnknownFromEmpty(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	source := Source{Name: "r", Domain: Recreation}
	ages := cache.Ages{FreshFor: time.Hour, HideAfter: 48 * time.Hour}
	read := cache.Section{Source: "r"}.Succeeded(nil, b.now, ages)
	for _, tc := range []struct {
		name    string
		section cache.Section
		query   url.Values
		count   string
		unknown int
	}{
		{"never read", cache.Section{Source: "r"}, nil, "", 2},
		{"never read, down", cache.Section{Source: "r"}.Failed("unavailable", b.now), nil, "", 3},
		{"too old", cache.Section{Source: "r"}.Succeeded(nil, b.now.Add(-72*time.Hour), ages), nil, "", 2},
		{"confirmed empty", read, nil, "Aucune activité au programme en ce moment.", 0},
		{"nothing found", read, url.Values{"q": {"x"}}, "Aucune activité ne correspond. Retirez un critère et cherchez de nouveau.", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			v := tc.section.At(b.now)
			records, known := v.Records()
			page := b.catalogue([]offered{{source: source, view: v, known: known, catalogue: newCatalogue(records, b.zone)}}, readSearch(tc.query))
			if page.Count != tc.count || len(page.Unknown) != tc.unknown {
				t.Errorf("count %q, unknown %q", page.Count, page.Unknown)
			}
		})
	}
}

func TestCatalogueHasPages(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	var list []record.Record
	for n := range 2*coursesOnPage + 1 {
		list = append(list, record.Record{Body: record.Activity{Name: fmt.Sprintf("A%02d", n), StartDate: november(30), Status: record.ActivityScheduled}})
	}
	o := offered{source: Source{Domain: Recreation}, known: true, view: cache.Section{}.Succeeded(list, b.now, cache.Ages{FreshFor: time.Hour, HideAfter: time.Hour}).At(b.now), catalogue: newCatalogue(list, b.zone)}
	for query, want := range map[string]string{
		"":                         "A00 20 - /loisirs/activites?page=2",
		"page=2":                   "A20 20 /loisirs/activites /loisirs/activites?page=3",
		"page=3":                   "A40 1 /loisirs/activites?page=2 -",
		"page=99":                  "A40 1 /loisirs/activites?page=2 -",
		"page=-1&q=a":              "A00 20 - /loisirs/activites?page=2&q=a",
		"page=9223372036854775808": "A00 20 - /loisirs/activites?page=2",
	} {
		q, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		page := b.catalogue([]offered{o}, readSearch(q))
		got := fmt.Sprint(page.Rows[0].Title, " ", len(page.Rows))
		if page.Previous != nil {
			got += " " + page.Previous.Href
		} else {
			got += " -"
		}
		if page.Next != nil {
			got += " " + page.Next.Href
		} else {
			got += " -"
		}
		if got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}
