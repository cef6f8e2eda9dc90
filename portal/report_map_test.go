package portal_test

import (
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/portaltest"
)

// TestPlaceIsClicked: a click on the plan is a point of the Earth, said in
// words, drawn, sent, and let go of.
func TestPlaceIsClicked(t *testing.T) {
	t.Parallel()
	_, b, effects := sentBy(t)
	form := b.get(potholePath)
	plan := form.html.Find("input[type=image]")
	around := form.form(potholePath, "autour")[0]
	if plan.AttrOr("src", "") != "/requetes/plan/"+around || plan.AttrOr("alt", "") == "" {
		t.Fatalf("plan at %q, described as %q", plan.AttrOr("src", ""), plan.AttrOr("alt", ""))
	}
	empty := b.get(plan.AttrOr("src", ""))
	if empty.StatusCode != http.StatusOK || empty.Header.Get("Content-Type") != "image/svg+xml" || !strings.Contains(empty.text, "<path") {
		t.Errorf("the plan: status %d, %s", empty.StatusCode, empty.Header.Get("Content-Type"))
	}
	// The picture shows 600 metres on 240 pixels: 40 pixels to the east are 100 metres.
	click := func(x, y string) page {
		return b.postForm(potholePath, filled("clickedclickedclick", "lieu", "", "adresse", "", "autour", around, "carte.x", x, "carte.y", y))
	}
	got := click("160", "120")
	if text := got.at("#lieu"); got.StatusCode != http.StatusOK || !strings.Contains(text, "à 100\u00a0m à l’est du 14, rue des Érables") {
		t.Fatalf("status %d: %q", got.StatusCode, text)
	}
	if got.html.Find("input[name=lieu][value=plan][checked]").Length() != 1 || got.html.Find("#texte").Text() == "" {
		t.Error("the point is not chosen, or what was written is lost")
	}
	point := got.form(potholePath, "point")[0]
	if marked := b.get(got.html.Find("input[type=image]").AttrOr("src", "")); marked.text == empty.text {
		t.Error("the point is not drawn")
	}
	if text := click("121", "120").at("#lieu"); !strings.Contains(text, "Au point choisi sur le plan, tout près du 14, rue des Érables") {
		t.Errorf("a click on the house: %q", text)
	}
	for what, at := range map[string][2]string{"a key": {"0", "0"}, "outside": {"241", "10"}, "no number": {"x", "1"}, "behind": {"-1", "1"}} {
		if n := len(click(at[0], at[1]).form(potholePath, "point")); n != 0 {
			t.Errorf("%s: %d points", what, n)
		}
	}
	let := b.postForm(potholePath, filled("clickedclickedclick", "lieu", "plan", "adresse", "", "autour", around, "point", point, "sanspoint", "oui"))
	if let.StatusCode != http.StatusOK || len(let.form(potholePath, "point")) != 0 || let.html.Find("input[name=lieu][value=plan]").Length() != 0 {
		t.Errorf("let go: status %d", let.StatusCode)
	}
	for what, wrong := range map[string]string{"another town": "46.8,-71.2", "nothing": "", "no number": "a,b", "not on Earth": "NaN,NaN"} {
		if got := b.postForm(potholePath, filled("clickedclickedclick", "lieu", "plan", "adresse", "", "point", wrong)); got.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d", what, got.StatusCode)
		}
	}
	if len(effects()) != 0 {
		t.Fatalf("%d requests", len(effects()))
	}
	if got := b.postForm(potholePath, filled("clickedclickedclick", "lieu", "plan", "adresse", "", "autour", around, "point", point)); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("status %d\n%s", got.StatusCode, got.at("main"))
	}
	home := record.Point{Lat: 45.5612, Long: -73.9034}
	sent := effects()[0].Action.(record.Submit)
	if sent.Point == nil || math.Abs(sent.Point.Lat-home.Lat) > 1e-5 || math.Abs((sent.Point.Long-home.Long)*math.Cos(home.Lat*math.Pi/180)*111_195-100) > 1.5 {
		t.Errorf("sent %v", sent.Point)
	}
	stranger := b.another()
	stranger.signIn(portaltest.Newcomer)
	if got := stranger.get("/requetes/plan/" + around); got.StatusCode != http.StatusNotFound {
		t.Errorf("somebody else's: status %d", got.StatusCode)
	}
}
