package portal_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/portaltest"
)

const potholePath = "/requetes/signaler/" + serviceKey

func TestServicesAreFound(t *testing.T) {
	t.Parallel()
	_, b, _ := sentBy(t)
	for words, want := range map[string]string{
		"":              "Collectes Bac brisé Rues et trottoirs Lampadaire éteint Nid-de-poule",
		"TROU asphalte": "Rues et trottoirs Nid-de-poule",
		"eteint":        "Rues et trottoirs Lampadaire éteint",
		"girafe":        "",
	} {
		var got []string
		for _, e := range b.get("/requetes/signaler?q=" + url.QueryEscape(words)).html.Find("main section h3, main section .row-title").EachIter() {
			got = append(got, strings.TrimSpace(e.Text()))
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%q (-want +got)\n%s", words, diff)
		}
	}
}

// TestUnknownServices: a list that could not be read is not an empty one.
func TestUnknownServices(t *testing.T) {
	t.Parallel()
	h, p := open(t)
	if err := h.Cache.PutTown(t.Context(), cache.Section{Source: "requetes"}.Failed("unavailable", portaltest.Now())); err != nil {
		t.Fatal(err)
	}
	b := visit(t, p)
	b.signIn(portaltest.Family)
	text := b.get("/requetes/signaler").at("main")
	if !strings.Contains(text, "Nous n’avons pas encore pu consulter la liste") || strings.Contains(text, "n’offre aucun type") {
		t.Errorf("a list that was never read:\n%s", text)
	}
}

// filled has everything that the pothole's form wants; pairs replace or add.
func filled(key string, pairs ...string) url.Values {
	form := url.Values{
		"cle": {key}, "lieu": {"ailleurs"}, "adresse": {"125, rue du Moulin"}, "texte": {"Un trou devant l’école.\r\nIl grandit."},
		questionField("taille"): {"g"}, questionField("dangers"): {"auto", "velo"}, questionField("profondeur"): {"12,5"}, questionField("vu"): {"2026-11-20T08:30"},
	}
	for i := 0; i < len(pairs); i += 2 {
		form[pairs[i]] = strings.Split(pairs[i+1], "|")
	}
	return form
}

func TestReportIsSent(t *testing.T) {
	t.Parallel()
	_, b, effects := sentBy(t)
	page := b.get(potholePath)
	key := page.html.Find("form.asks input[name=cle]").AttrOr("value", "")
	got := b.postForm(potholePath, filled(key, "courriel", "maude@exemple.test"))
	if got.StatusCode != http.StatusSeeOther {
		t.Fatalf("status %d\n%s", got.StatusCode, got.at("main"))
	}
	list := effects()
	if len(list) != 1 {
		t.Fatalf("%d requests", len(list))
	}
	want := record.Submit{
		ServiceCode: "NIDPOULE", Address: "125, rue du Moulin", Description: "Un trou devant l’école.\nIl grandit.", Email: "maude@exemple.test",
		Attributes: map[string][]string{"taille": {"g"}, "dangers": {"auto", "velo"}, "profondeur": {"12.5"}, "vu": {"2026-11-20T08:30"}},
	}
	if diff := cmp.Diff(record.Action(want), list[0].Action); diff != "" {
		t.Errorf("action (-want +got)\n%s", diff)
	}
	if list[0].Source != "requetes" || list[0].About != "Nid-de-poule" {
		t.Errorf("sent to %q about %q", list[0].Source, list[0].About)
	}
}

// TestReportFromHome: choosing one's property sends its point and its address.
func TestReportFromHome(t *testing.T) {
	t.Parallel()
	_, b, effects := sentBy(t)
	page := b.get(potholePath)
	home := page.html.Find("input[name=lieu]").First().AttrOr("value", "")
	if got := b.postForm(potholePath, filled("fromhomefromhome1", "lieu", home, "adresse", "")); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("status %d\n%s", got.StatusCode, got.at("main"))
	}
	sent := effects()[0].Action.(record.Submit)
	if sent.Address != "14, rue des Érables" || sent.Point == nil || !sent.Point.Valid() {
		t.Errorf("sent from %q at %v", sent.Address, sent.Point)
	}
}

// TestReportIsCorrected: what is wrong is said, nothing is sent, and nothing
// that was written is lost.
func TestReportIsCorrected(t *testing.T) {
	t.Parallel()
	_, b, effects := sentBy(t)
	size, danger, depth, since, mark := questionField("taille"), questionField("dangers"), questionField("profondeur"), questionField("vu"), questionField("repere")
	for name, tc := range map[string]struct {
		change []string
		field  string
	}{
		"no place":                    {[]string{"lieu", "", "adresse", ""}, "lieu"},
		"elsewhere, without address":  {[]string{"adresse", " "}, "adresse"},
		"an address of two lines":     {[]string{"adresse", "a\nb"}, "adresse"},
		"a property of somebody else": {[]string{"lieu", "0000000000", "adresse", ""}, "lieu"},
		"a required question":         {[]string{size, ""}, size},
		"a choice that is none":       {[]string{size, "énorme"}, size},
		"two where one is wanted":     {[]string{size, "p|g"}, size},
		"a choice that is none among": {[]string{danger, "auto|avion"}, danger},
		"no number":                   {[]string{depth, "douze"}, depth},
		"no instant":                  {[]string{since, "hier"}, since},
		"lines in a line":             {[]string{mark, "a\nb"}, mark},
		"control characters":          {[]string{"texte", "a\x00b"}, "texte"},
		"a text too long":             {[]string{"texte", strings.Repeat("é", 4001)}, "texte"},
		"no mail address":             {[]string{"courriel", "maude"}, "courriel"},
		"a name with the address":     {[]string{"courriel", "Maude <maude@exemple.test>"}, "courriel"},
	} {
		form := filled("correctedcorrected", tc.change...)
		got := b.postForm(potholePath, form)
		if got.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d", name, got.StatusCode)
			continue
		}
		if link := got.html.Find("#problemes a[href='#" + tc.field + "']"); link.Length() != 1 || got.html.Find("#"+tc.field).Length() != 1 {
			t.Errorf("%s: no problem that leads to its field\n%s", name, got.at("#problemes"))
		}
		if kept := got.html.Find("#texte").Text(); tc.field != "texte" && kept != strings.ReplaceAll(form.Get("texte"), "\r\n", "\n") {
			t.Errorf("%s: the text became %q", name, kept)
		}
		if got.html.Find("input[name='"+danger+"'][checked]").Length() != 2 && tc.field != danger {
			t.Errorf("%s: answers are lost", name)
		}
	}
	if n := len(effects()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestUnknownServiceIsNotFound(t *testing.T) {
	t.Parallel()
	_, b, effects := sentBy(t)
	if got := b.postForm("/requetes/signaler/0123456789abcdef", filled("nosuchservice12345")); got.StatusCode != http.StatusNotFound || len(effects()) != 0 {
		t.Errorf("status %d", got.StatusCode)
	}
}

// questionField is the field of a question in a form.
func questionField(code string) string {
	sum := sha256.Sum256([]byte(code))
	return "q-" + hex.EncodeToString(sum[:5])
}
