package portal_test

import (
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/semenligne/sem/portal/portaltest"
)

func TestUnknownCardLooksLikeAWrongPIN(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, p := open(t)
		answer := func(card, pin string) string {
			got := call(t, p, http.MethodPost, "/connexion", url.Values{"carte": {card}, "nip": {pin}}, nil)
			body, err := io.ReadAll(got.Body)
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprint(got.StatusCode, got.Header, strings.ReplaceAll(string(body), card, "######"))
		}
		wrong, unknown := answer(portaltest.Family.Card, "000001"), answer("999999", portaltest.Family.PIN)
		if diff := cmp.Diff(wrong, unknown); diff != "" {
			t.Errorf("wrong PIN and unknown card differ\n%s", diff)
		}
		if !strings.Contains(wrong, "Le NIP ou le numéro de carte est inexact.") {
			t.Error("the answer does not say what happened")
		}
	})
}

func TestSignInFormHelps(t *testing.T) {
	t.Parallel()
	_, p := open(t)
	b := visit(t, p)
	form := b.get("/connexion")
	for selector, want := range map[string]string{
		"#nip": "current-password", "#carte": "username",
	} {
		if got := form.html.Find(selector).AttrOr("autocomplete", ""); got != want {
			t.Errorf("%s: autocomplete %q", selector, got)
		}
	}
	got := b.post("/connexion", "carte", "20481", "nip", "583027")
	if got.StatusCode != http.StatusUnprocessableEntity || got.at("#carte-probleme") == "" || got.at("#nip-probleme") != "" {
		t.Errorf("five digits: status %d, %q", got.StatusCode, got.at("#carte-probleme"))
	}
	if v := got.html.Find("#carte").AttrOr("value", ""); v != "20481" {
		t.Errorf("the card is asked for again: %q", v)
	}
	if strings.Contains(got.text, "583027") {
		t.Error("the PIN is written back")
	}
	if d := got.html.Find("#carte").AttrOr("aria-describedby", ""); d != "carte-aide carte-probleme" {
		t.Errorf("aria-describedby %q", d)
	}
	spaced := b.post("/connexion", "carte", " 204 817 ", "nip", portaltest.Family.PIN, "suite", "/loisirs")
	if spaced.StatusCode != http.StatusSeeOther || spaced.Header.Get("Location") != "/loisirs" {
		t.Errorf("card with spaces: status %d to %q", spaced.StatusCode, spaced.Header.Get("Location"))
	}
}

func TestPageBeforeSignInIsReturnedTo(t *testing.T) {
	t.Parallel()
	_, p := open(t)
	b := visit(t, p)
	got := b.get("/bibliotheque")
	if to := got.Header.Get("Location"); got.StatusCode != http.StatusSeeOther || to != "/connexion?suite=/bibliotheque" {
		t.Fatalf("status %d to %q", got.StatusCode, to)
	}
	if v := b.get("/connexion?suite=/bibliotheque").html.Find("input[name=suite]").AttrOr("value", ""); v != "/bibliotheque" {
		t.Errorf("suite %q", v)
	}
	if v := b.get("/connexion?suite=//evil.example").html.Find("input[name=suite]").AttrOr("value", ""); v != "/" {
		t.Errorf("suite elsewhere %q", v)
	}
}

func TestTooManyAttempts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		registry := prometheus.NewRegistry()
		_, p := open(t, func(h *portaltest.House) { h.Options.Registerer = registry })
		form := url.Values{"carte": {portaltest.Family.Card}, "nip": {"000001"}}
		for range 5 {
			call(t, p, http.MethodPost, "/connexion", form, nil)
		}
		form.Set("nip", portaltest.Family.PIN)
		got := call(t, p, http.MethodPost, "/connexion", form, nil)
		if wait, _ := strconv.Atoi(got.Header.Get("Retry-After")); got.StatusCode != http.StatusTooManyRequests || wait < 800 || wait > 900 {
			t.Errorf("status %d, Retry-After %q", got.StatusCode, got.Header.Get("Retry-After"))
		}
		want := `# HELP sem_signin_total Attempts to sign in, by outcome.
# TYPE sem_signin_total counter
sem_signin_total{outcome="busy"} 0
sem_signin_total{outcome="error"} 0
sem_signin_total{outcome="granted"} 0
sem_signin_total{outcome="invalid"} 0
sem_signin_total{outcome="refused"} 5
sem_signin_total{outcome="throttled"} 1
sem_signin_total{outcome="unavailable"} 0
`
		if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "sem_signin_total"); err != nil {
			t.Error(err)
		}
	})
}

// Whoever forges X-Forwarded-For is still counted at the address that the
// connection comes from.
func TestForgedAddressChangesNothing(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		trusted []netip.Prefix
		last    int // status of the 21st attempt
	}{
		{"no proxy", nil, http.StatusTooManyRequests},
		{"behind a trusted proxy", []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, http.StatusUnprocessableEntity},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, p := open(t, func(h *portaltest.House) { h.Options.TrustedProxies = tc.trusted })
				status := 0
				for i := range 21 {
					form := url.Values{"carte": {strconv.Itoa(500000 + i)}, "nip": {"77" + strconv.Itoa(i)}}
					status = call(t, p, http.MethodPost, "/connexion", form, nil, "X-Forwarded-For", fmt.Sprintf("203.%d.113.9", i)).StatusCode
				}
				if status != tc.last {
					t.Errorf("status %d, want %d", status, tc.last)
				}
			})
		})
	}
}

func TestForeignSitesPostNothing(t *testing.T) {
	t.Parallel()
	_, p := open(t)
	cookies := enter(t, p, portaltest.Family)
	for _, path := range []string{"/deconnexion", "/affichage", "/connexion"} {
		got := call(t, p, http.MethodPost, path, url.Values{}, cookies, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example")
		if got.StatusCode != http.StatusForbidden {
			t.Errorf("%s: status %d", path, got.StatusCode)
		}
	}
	if got := call(t, p, http.MethodGet, "/", nil, cookies); got.StatusCode != http.StatusOK {
		t.Errorf("after all that: status %d", got.StatusCode)
	}
}
