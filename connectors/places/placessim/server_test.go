package placessim

import (
	"encoding/json"
	"net/http"
	"testing"
	"unicode/utf8"
)

func TestServer(t *testing.T) {
	t.Parallel()
	park := Polygon(map[string]any{"NOM": "Parc de l'Érablière"}, Square(-74, 45, -73, 46))
	server, err := Start("127.0.0.1:0", Files{"/a.geojson": Collection(park), "/a.csv": "nom\nÉcole\n"})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	status := func(method, path, tag string) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, "http://"+server.Addr()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("If-None-Match", tag)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.StatusCode
	}
	for _, c := range []struct {
		method, path, tag string
		want              int
	}{
		{"GET", "/a.geojson", "", 200},
		{"GET", "/a.geojson?cle=x", "", 200},
		{"HEAD", "/a.csv", "", 200},
		{"GET", "/a.csv", "*", 304},
		{"GET", "/b.geojson", "", 404},
		{"POST", "/a.geojson", "", 405},
	} {
		if got := status(c.method, c.path, c.tag); got != c.want {
			t.Errorf("%s %s: status %d, want %d", c.method, c.path, got, c.want)
		}
	}
	if server.Calls() != 6 {
		t.Errorf("%d calls", server.Calls())
	}
}

// TestFaults: a fault that changes nothing would prove nothing.
func TestFaults(t *testing.T) {
	t.Parallel()
	whole := Collection(Point(map[string]any{"NOM": "Bibliothe\u0300que"}, -73.9, 45.5))
	if !json.Valid([]byte(whole)) {
		t.Fatalf("not JSON: %s", whole)
	}
	if json.Valid([]byte(spoiled(whole, FaultCut))) || json.Valid([]byte(spoiled(whole, FaultHTML))) {
		t.Error("a cut file or a page is JSON")
	}
	if utf8.ValidString(spoiled(Collection(Point(map[string]any{"NOM": "École"}, 1, 2)), FaultCharset)) {
		t.Error("the wrong charset is the right one")
	}
	if got := spoiled(whole, FaultHollow); got != Collection() || !json.Valid([]byte(got)) {
		t.Errorf("an empty file is %s", got)
	}
	if got := spoiled("nom\nÉcole\n", FaultHollow); got != "nom\n" {
		t.Errorf("an empty table is %q", got)
	}
}
