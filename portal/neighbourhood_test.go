package portal_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal"
	"github.com/semenligne/sem/portal/portaltest"
)

func around(s portaltest.Surroundings) func(*portaltest.House) {
	return func(h *portaltest.House) { h.Options.Places = s }
}

// TestNeighbourhoodListIsTheMap: whatever the radius, each mark on the map is a
// line of the list under the same number, and the other way around.
func TestNeighbourhoodListIsTheMap(t *testing.T) {
	t.Parallel()
	_, p := open(t)
	b := visit(t, p)
	b.signIn(portaltest.Family)
	for query, places := range map[string]int{"": 14, "?rayon=300": 14, "?rayon=100": 2, "?rayon=1000": 16, "?rayon=7": 2, "?rayon=99999": 16, "?rayon=beaucoup": 14, "?rayon=": 14} {
		got := b.get("/quartier" + query)
		var marks, list []string
		for _, m := range got.html.Find(".map-mark text").EachIter() {
			marks = append(marks, m.Text())
		}
		for _, r := range got.html.Find(".place-number").EachIter() {
			list = append(list, r.Text())
		}
		if diff := cmp.Diff(list, marks); diff != "" || len(list) != places {
			t.Errorf("%q: %d places, map (-list +map)\n%s", query, len(list), diff)
		}
		if title, text := got.at("svg[role=img] title"), got.at("svg[role=img] desc"); title != "Plan du quartier\u00a0: 14, rue des Érables" || !strings.Contains(text, fmt.Sprint(places)) {
			t.Errorf("%q: title %q, description %q", query, title, text)
		}
	}
}

func TestNeighbourhoodInWords(t *testing.T) {
	t.Parallel()
	const nb = "\u00a0"
	_, p := open(t)
	b := visit(t, p)
	b.signIn(portaltest.Family)
	got := b.get("/quartier")
	var titles []string
	for _, h := range got.html.Find(".places h3").EachIter() {
		titles = append(titles, h.Text())
	}
	want := []string{"Culture", "Écoles", "Garderies", "Loisirs et sports", "Parcs et espaces verts", "Santé", "Sécurité publique", "Transport", "Autres lieux"}
	if diff := cmp.Diff(want, titles); diff != "" {
		t.Errorf("categories (-want +got)\n%s", diff)
	}
	for selector, want := range map[string]string{
		".place:contains('Vieux-Moulin') .place-where":   "200" + nb + "m au nord-est · environ 4" + nb + "min à pied",
		".place:contains('Vieux-Moulin') .place-contact": "Tél." + nb + ": 450 555-0142 Site web, Bibliothèque du Vieux-Moulin",
		".place:contains('CLSC') .place-where":           "250" + nb + "m à l’est · environ 5" + nb + "min à pied",
		".home .sub":                                     "14 lieux à 300" + nb + "m ou moins",
		".ages":                                          "La liste des lieux. À jour à 13" + nb + "h" + nb + "20.",
	} {
		if text := got.at(selector); text != want {
			t.Errorf("%s: %q, want %q", selector, text, want)
		}
	}
	if href := got.html.Find(".place-contact a").AttrOr("href", ""); href != "https://bibliotheque.exemple.test/" {
		t.Errorf("address %q", href)
	}
}

// TestNeighbourhoodNeverSaysNothingByMistake: what is not known is not empty.
func TestNeighbourhoodNeverSaysNothingByMistake(t *testing.T) {
	t.Parallel()
	ages := cache.Ages{FreshFor: time.Hour, HideAfter: 24 * time.Hour}
	unread := cache.Section{Source: "lieux"}.Failed("unavailable", portaltest.Now())
	read := func(at time.Time) cache.Section { return cache.Section{Source: "lieux"}.Succeeded(nil, at, ages) }
	more := []portal.PlaceList{{Title: map[string]string{"fr": "Les parcs"}, Section: cache.Section{Source: "parcs"}.Succeeded(nil, portaltest.Now(), ages)}}
	for _, tc := range []struct {
		name string
		who  portaltest.Person
		s    portaltest.Surroundings
		want map[string]string
		not  []string
	}{
		{
			"the list was never read", portaltest.Family,
			portaltest.Surroundings{Section: unread},
			map[string]string{".unknown strong": "Nous n’avons pas encore pu lire la liste des lieux.", ".place": "", ".ages": "La liste des lieux. Jamais consulté jusqu’à maintenant."},
			[]string{"Aucun lieu", "0 lieu"},
		},
		{
			"the list is too old", portaltest.Family,
			portaltest.Surroundings{Section: read(portaltest.Now().Add(-48 * time.Hour))},
			map[string]string{".unknown strong": "Nous n’avons pas encore pu lire la liste des lieux.", ".place": ""},
			[]string{"Aucun lieu"},
		},
		{
			"the list is old", portaltest.Family,
			portaltest.Surroundings{Section: read(portaltest.Now().Add(-2*time.Hour)).Failed("unavailable", portaltest.Now())},
			map[string]string{".ages .age-text": "La liste des lieux. En date d’aujourd’hui, 12\u00a0h\u00a010. La liste des lieux ne répond pas présentement; nous réessayons."},
			[]string{"Aucun lieu"},
		},
		{
			"one list of two", portaltest.Family,
			portaltest.Surroundings{Section: unread, More: more},
			map[string]string{".unknown strong": "Nous n’avons pas encore pu lire la liste des lieux.", ".home .sub": "Aucun lieu à 300\u00a0m ou moins dans ce que nous avons pu lire."},
			[]string{"de la liste à"},
		},
		{
			"nothing there", portaltest.Family,
			portaltest.Surroundings{Places: []record.Place{}},
			map[string]string{".home .sub": "Aucun lieu de la liste à 300\u00a0m ou moins. Essayez un rayon plus grand.", ".unknown": ""},
			nil,
		},
		{
			"the roll was never read", portaltest.Newcomer,
			portaltest.Surroundings{},
			map[string]string{".unknown": "Nous n’avons pas encore pu consulter le rôle d’évaluation.Cela ne veut pas dire que vous n’avez aucune propriété.", ".home": ""},
			[]string{"Aucune propriété"},
		},
		{"no property", portaltest.Empty, portaltest.Surroundings{}, map[string]string{".empty": "Aucune propriété reliée à votre dossier.", ".home": "", ".unknown": ""}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, p := open(t, around(tc.s))
			b := visit(t, p)
			b.signIn(tc.who)
			got := b.get("/quartier")
			if got.StatusCode != http.StatusOK {
				t.Fatalf("status %d", got.StatusCode)
			}
			for selector, want := range tc.want {
				if text := got.at(selector); text != want {
					t.Errorf("%s: %q, want %q", selector, text, want)
				}
			}
			for _, not := range tc.not {
				if strings.Contains(got.at("main"), not) {
					t.Errorf("says %q", not)
				}
			}
		})
	}
}

// TestSeveralPropertiesEachOnItsOwnMap has one whose position nobody knows.
func TestSeveralPropertiesEachOnItsOwnMap(t *testing.T) {
	t.Parallel()
	h, p := open(t)
	citizen, err := h.Dossier.ByCard(t.Context(), portaltest.Family.Card)
	if err != nil {
		t.Fatal(err)
	}
	home := portaltest.Unit()
	unit, ok := home.Body.(record.Unit)
	if !ok {
		t.Fatalf("a unit is %T", home.Body)
	}
	second, third := unit, unit
	second.Addresses, second.Point = []record.Address{{Text: "3, rue du Verger"}}, &record.Point{Lat: 45.5642, Long: -73.9034}
	third.Addresses, third.Point = []record.Address{{Text: "Lot sans position"}}, nil
	section := cache.Section{Source: "role"}.Succeeded([]record.Record{home, {Key: "2", Body: second}, {Key: "3", Body: third}}, portaltest.Now(), cache.Ages{FreshFor: time.Hour, HideAfter: 2 * time.Hour})
	if err := h.Cache.Put(t.Context(), citizen, section); err != nil {
		t.Fatal(err)
	}
	b := visit(t, p)
	b.signIn(portaltest.Family)
	got := b.get("/quartier")
	if n := got.html.Find(".home").Length(); n != 3 {
		t.Errorf("%d properties", n)
	}
	if n := got.html.Find(".map").Length(); n != 2 {
		t.Errorf("%d maps", n)
	}
	if text := got.at("#lieu-3"); !strings.HasPrefix(text, "Lot sans position La position de cette propriété n’est pas connue.") || strings.Contains(text, "Aucun") {
		t.Errorf("without a position: %q", text)
	}
	ids := map[string]bool{}
	for _, e := range got.html.Find("[id]").EachIter() {
		if id := e.AttrOr("id", ""); ids[id] {
			t.Errorf("%s stands twice", id)
		} else {
			ids[id] = true
		}
	}
}

// TestManyPlaces: the nearest have numbers on the map, the others dots, and all
// are in the list.
func TestManyPlaces(t *testing.T) {
	t.Parallel()
	var places []record.Place
	for i := range 400 {
		at := portaltest.Places()[i%10].Point
		places = append(places, record.Place{Name: fmt.Sprintf("Lieu %d", i), Category: "Lieux", Point: &record.Point{Lat: at.Lat + float64(i)*1e-6, Long: at.Long}})
	}
	_, p := open(t, around(portaltest.Surroundings{Places: places}))
	b := visit(t, p)
	b.signIn(portaltest.Family)
	got := b.get("/quartier")
	list, marks, note := got.html.Find(".place").Length(), got.html.Find(".map-mark").Length(), got.at("figcaption")
	if list < 350 || marks != 50 || note == "" {
		t.Errorf("%d places listed, %d numbered on the map, note %q", list, marks, note)
	}
}

// TestHostileAddressIsNoLink: what a file calls a web address leads nowhere else.
func TestHostileAddressIsNoLink(t *testing.T) {
	t.Parallel()
	at := portaltest.Places()[0].Point
	_, p := open(t, around(portaltest.Surroundings{Places: []record.Place{
		{Name: "A", Point: at, Link: "javascript:alert(1)"},
		{Name: "B", Point: at, Link: "//x.test"},
		{Name: "C", Point: at, Link: "data:text/html,x"},
		{Name: "<script>alert(1)</script>", Point: at, Link: "https:"},
	}}))
	b := visit(t, p)
	b.signIn(portaltest.Family)
	got := b.get("/quartier")
	if n := got.html.Find(".place-contact a, main script").Length(); n != 0 || got.html.Find(".place").Length() != 4 {
		t.Errorf("%d links or scripts in %d places", n, got.html.Find(".place").Length())
	}
}

// TestRadiusOutlivesAChangeOfDisplay: the form in the foot comes back to it.
func TestRadiusOutlivesAChangeOfDisplay(t *testing.T) {
	t.Parallel()
	_, p := open(t)
	b := visit(t, p)
	b.signIn(portaltest.Family)
	back := b.get("/quartier?rayon=500").html.Find("form.display input[name=retour]").AttrOr("value", "")
	if got := b.post("/affichage", "retour", back, "taille", "150"); got.Header.Get("Location") != "/quartier?rayon=500" {
		t.Errorf("leads to %q", got.Header.Get("Location"))
	}
}

// TestNoPlacesNoPage: a town without lists offers no neighbourhood.
func TestNoPlacesNoPage(t *testing.T) {
	t.Parallel()
	_, p := open(t, func(h *portaltest.House) { h.Options.Places = nil })
	b := visit(t, p)
	b.signIn(portaltest.Family)
	if got := b.get("/quartier"); got.StatusCode != http.StatusNotFound {
		t.Errorf("status %d", got.StatusCode)
	}
	if n := b.get("/propriete").html.Find("a[href='/quartier']").Length(); n != 0 {
		t.Errorf("%d links to it", n)
	}
}
