package portal_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/semenligne/sem/portal"
	"github.com/semenligne/sem/portal/browsertest"
	"github.com/semenligne/sem/portal/portaltest"
	"github.com/semenligne/sem/portal/townmap"
)

func tiled(url string) func(*portaltest.House) {
	return func(h *portaltest.House) {
		h.Options.Tiles = &portal.Tiles{TileSource: townmap.TileSource{URL: url, MaxZoom: 19}, Attribution: "© Carte des essais"}
	}
}

// TestTilesOnlyWhereAskedFor: pictures of elsewhere are on the one page that has
// them, allowed by the policy of that page alone, and for nobody who wants fewer
// bytes or more contrast.
func TestTilesOnlyWhereAskedFor(t *testing.T) {
	t.Parallel()
	_, p := open(t, tiled("https://tuiles.exemple.test/{z}/{x}/{y}.png?style=clair"))
	b := visit(t, p)
	b.signIn(portaltest.Family)
	policy := func(path string) string { return b.get(path).Header.Get("Content-Security-Policy") }
	got := b.get("/quartier")
	images := got.html.Find("svg .map-tiles image[href^='https://tuiles.exemple.test/']")
	if images.Length() < 4 || got.html.Find("image").Length() != images.Length() || got.at(".map-credit") != "© Carte des essais" {
		t.Errorf("%d tiles, %q", images.Length(), got.at(".map-credit"))
	}
	if csp := policy("/quartier"); !strings.Contains(csp, "img-src 'self' https://tuiles.exemple.test;") || strings.Count(csp, "tuiles") != 1 {
		t.Errorf("policy %s", csp)
	}
	for _, path := range []string{"/", "/collectes", "/propriete"} {
		if csp := policy(path); strings.Contains(csp, "tuiles") {
			t.Errorf("%s: policy %s", path, csp)
		}
	}
	for _, choice := range [][2]string{{"donnees", "reduites"}, {"contraste", "plus"}} {
		b.post("/affichage", choice[0], choice[1])
		got := b.get("/quartier")
		if n := got.html.Find("image, .map-credit").Length(); n > 0 || strings.Contains(policy("/quartier"), "tuiles") {
			t.Errorf("%s: %d tiles, policy %s", choice, n, policy("/quartier"))
		}
		b.post("/affichage", "donnees", "completes")
	}
}

func TestNoTilesNothingFromElsewhere(t *testing.T) {
	t.Parallel()
	_, p := open(t)
	b := visit(t, p)
	b.signIn(portaltest.Family)
	got := b.get("/quartier")
	if n := got.html.Find("image, .map-credit").Length(); n > 0 || !strings.Contains(got.Header.Get("Content-Security-Policy"), "img-src 'self';") {
		t.Errorf("%d tiles, policy %s", n, got.Header.Get("Content-Security-Policy"))
	}
}

// TestTilesInABrowser: the browser may fetch the tiles, tells their owner no page
// and no cookie, and shows them where the marks say.
func TestTilesInABrowser(t *testing.T) {
	browser := browsertest.Chromium(t)
	var mu sync.Mutex
	asked, referred := map[string]int{}, ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked[r.URL.Path]++
		referred += r.Referer() + r.Header.Get("Cookie")
		w.Header().Set("Content-Type", "image/svg+xml")
		_, _ = w.Write([]byte(`<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256"><rect width="256" height="256" fill="#cde"/></svg>`))
	}))
	defer server.Close()
	elsewhere := strings.Replace(server.URL, "127.0.0.1", "localhost", 1) // cookies know no ports
	_, p := open(t, settled(t), tiled(elsewhere+"/{z}/{x}/{y}"))
	base := visit(t, p).base
	page := browser.MustPage(base + "/connexion")
	signInAs(t, page, base, portaltest.Family)
	page.MustNavigate(base + "/quartier").MustWaitLoad()
	// The circle is around the property: the middle of its tile's fraction.
	off := page.MustEval(`async ([lat, long]) => {
		const loaded = await Promise.all([...document.querySelectorAll(".map-tiles image")].map(e => new Promise(done => {
			const i = new Image(); i.onload = () => done(true); i.onerror = () => done(false); i.src = e.href.baseVal }))), rad = lat * Math.PI / 180
		if (!loaded.length || loaded.includes(false)) return "not every tile came: " + loaded
		const z = +new URL(document.querySelector(".map-tiles image").href.baseVal).pathname.split("/")[1], n = 2 ** z
		const x = (long + 180) / 360 * n, y = (1 - Math.log(Math.tan(rad) + 1 / Math.cos(rad)) / Math.PI) / 2 * n
		const tile = document.querySelector('.map-tiles image[href$="/' + z + "/" + Math.floor(x) + "/" + Math.floor(y) + '"]')
		if (!tile) return "no tile at the property"
		const t = tile.getBoundingClientRect(), c = document.querySelector(".map-circle").getBoundingClientRect()
		return Math.hypot(t.left + (x % 1) * t.width - c.left - c.width / 2, t.top + (y % 1) * t.height - c.top - c.height / 2)
	}`, []float64{45.5612, -73.9034})
	if text, ok := off.Val().(string); ok {
		t.Fatal(text)
	}
	if off.Num() > 1 {
		t.Errorf("the property is %g pixels from where its tile has it", off.Num())
	}
	mu.Lock()
	defer mu.Unlock()
	if len(asked) < 4 || referred != "" {
		t.Errorf("%d tiles asked for, told %q", len(asked), referred)
	}
}
