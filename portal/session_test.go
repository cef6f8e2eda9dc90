package portal_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/portal"
	"github.com/semenligne/sem/portal/portaltest"
)

func TestSessionCookie(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		insecure bool
		want     string
	}{
		{"https", false, "__Host-sem=…; Path=/; HttpOnly; Secure; SameSite=Lax"},
		{"demonstration", true, "sem=…; Path=/; HttpOnly; SameSite=Lax"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, p := open(t, func(h *portaltest.House) { h.Options.Insecure = tc.insecure })
			got := call(t, p, http.MethodPost, "/connexion", url.Values{"carte": {portaltest.Family.Card}, "nip": {portaltest.Family.PIN}}, nil)
			c := got.Cookies()
			if got.StatusCode != http.StatusSeeOther || len(c) != 1 {
				t.Fatalf("status %d, cookies %v", got.StatusCode, c)
			}
			if len(c[0].Value) != 43 {
				t.Errorf("token of %d characters, want 43 for 256 bits", len(c[0].Value))
			}
			text := strings.Replace(c[0].String(), c[0].Value, "…", 1)
			if diff := cmp.Diff(tc.want, text); diff != "" {
				t.Errorf("cookie (-want +got)\n%s", diff)
			}
		})
	}
}

// call asks the portal without any network, as inside a synctest bubble.
func call(t *testing.T, p *portal.Portal, method, path string, form url.Values, cookies []*http.Cookie, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	p.Handler().ServeHTTP(w, r)
	return w.Result()
}

// enter signs somebody in and returns the cookies.
func enter(t *testing.T, p *portal.Portal, who portaltest.Person, had ...*http.Cookie) []*http.Cookie {
	t.Helper()
	got := call(t, p, http.MethodPost, "/connexion", url.Values{"carte": {who.Card}, "nip": {who.PIN}}, had)
	if got.StatusCode != http.StatusSeeOther {
		t.Fatalf("sign-in: status %d", got.StatusCode)
	}
	return got.Cookies()
}

func TestSessionTimes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		every  time.Duration
		header []string
		ends   time.Duration // when a page first asks to sign in again
	}{
		{"idle", 21 * time.Minute, nil, 21 * time.Minute},
		{"busy, until the absolute end", 15 * time.Minute, nil, 10 * time.Hour},
		{"asking in the background is not being there", 4 * time.Minute, []string{"Sem-Background", "1"}, 20 * time.Minute},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, p := open(t)
				started := time.Now()
				cookies := enter(t, p, portaltest.Family)
				for {
					time.Sleep(tc.every)
					got := call(t, p, http.MethodGet, "/", nil, cookies, tc.header...)
					if got.StatusCode != http.StatusOK {
						break
					}
					if time.Since(started) > 12*time.Hour {
						t.Fatal("the session never ends")
					}
				}
				if took := time.Since(started); took != tc.ends {
					t.Errorf("ended after %v, want %v", took, tc.ends)
				}
			})
		})
	}
}

func TestSignOutEndsTheSessionAtOnce(t *testing.T) {
	t.Parallel()
	_, p := open(t)
	cookies := enter(t, p, portaltest.Family)
	if got := call(t, p, http.MethodGet, "/", nil, cookies); got.StatusCode != http.StatusOK {
		t.Fatalf("before: status %d", got.StatusCode)
	}
	out := call(t, p, http.MethodPost, "/deconnexion", url.Values{}, cookies)
	if out.Header.Get("Clear-Site-Data") == "" || out.Cookies()[0].MaxAge >= 0 {
		t.Errorf("sign-out: %v", out.Header)
	}
	for _, path := range []string{"/", "/bibliotheque"} {
		if got := call(t, p, http.MethodGet, path, nil, cookies); got.StatusCode != http.StatusSeeOther {
			t.Errorf("%s after sign-out: status %d", path, got.StatusCode)
		}
	}
	if got := call(t, p, http.MethodGet, "/api/v1/dashboard", nil, cookies); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("JSON after sign-out: status %d", got.StatusCode)
	}
}

// Another process has the same dossier and its own memory.
func TestSignOutElsewhereIsNoticed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, here := open(t)
		there, err := portal.New(withNewRegistry(h))
		if err != nil {
			t.Fatal(err)
		}
		cookies := enter(t, here, portaltest.Family)
		for _, p := range []*portal.Portal{here, there} {
			if got := call(t, p, http.MethodGet, "/", nil, cookies); got.StatusCode != http.StatusOK {
				t.Fatalf("status %d", got.StatusCode)
			}
		}
		call(t, there, http.MethodPost, "/deconnexion", url.Values{}, cookies)
		time.Sleep(5 * time.Second)
		if got := call(t, here, http.MethodGet, "/", nil, cookies); got.StatusCode != http.StatusSeeOther {
			t.Errorf("five seconds later: status %d", got.StatusCode)
		}
	})
}

func withNewRegistry(h *portaltest.House) portal.Options {
	o := h.Options
	o.Registerer = nil
	return o
}

func TestSignInChangesTheToken(t *testing.T) {
	t.Parallel()
	_, p := open(t)
	first := enter(t, p, portaltest.Family)
	second := enter(t, p, portaltest.Stale, first...)
	if first[0].Value == second[0].Value {
		t.Error("the token stayed the same")
	}
	if got := call(t, p, http.MethodGet, "/", nil, first); got.StatusCode != http.StatusSeeOther {
		t.Errorf("the token before: status %d", got.StatusCode)
	}
	planted := []*http.Cookie{{Name: "sem", Value: "planted-by-somebody"}}
	if got := enter(t, p, portaltest.Family, planted...); got[0].Value == planted[0].Value {
		t.Error("a planted token was kept")
	}
}

// On a computer that others use a session is short, and nothing of whoever
// leaves stays.
func TestSharedComputer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, p := open(t)
		form := url.Values{"carte": {portaltest.Family.Card}, "nip": {portaltest.Family.PIN}, "ordinateur": {"partage"}}
		enterShared := func() []*http.Cookie { return call(t, p, http.MethodPost, "/connexion", form, nil).Cookies() }
		cookies := enterShared()
		if idle := bodyOf(t, call(t, p, http.MethodGet, "/", nil, cookies)); !strings.Contains(idle, `data-idle="300"`) {
			t.Error("the page does not know when its session ends")
		}
		time.Sleep(4 * time.Minute)
		if got := call(t, p, http.MethodGet, "/", nil, cookies); got.StatusCode != http.StatusOK {
			t.Errorf("after four minutes: status %d", got.StatusCode)
		}
		time.Sleep(5*time.Minute + time.Second)
		if got := call(t, p, http.MethodGet, "/", nil, cookies); got.StatusCode != http.StatusSeeOther {
			t.Errorf("after five more: status %d", got.StatusCode)
		}

		unread := enterShared() // and not even the first page is asked for
		time.Sleep(5*time.Minute + time.Second)
		if got := call(t, p, http.MethodGet, "/", nil, unread); got.StatusCode != http.StatusSeeOther {
			t.Errorf("never used: status %d", got.StatusCode)
		}

		cookies = enterShared()
		if kept := call(t, p, http.MethodPost, "/affichage", url.Values{"taille": {"200"}, "langue": {"en"}}, cookies).Cookies(); len(kept) != 0 {
			t.Errorf("a choice stays in the browser: %v", kept)
		}
		out := call(t, p, http.MethodPost, "/deconnexion", url.Values{}, cookies)
		if got := out.Header.Get("Clear-Site-Data"); got != `"cache", "storage"` {
			t.Errorf("Clear-Site-Data %q", got)
		}
		display := ""
		for _, c := range out.Cookies() {
			if c.Name == "sem_affichage" {
				display = c.Value
			}
		}
		if display != "fr.100....shared" {
			t.Errorf("what stays is %q", display)
		}
		end := call(t, p, http.MethodGet, "/connexion?fin", nil, []*http.Cookie{{Name: "sem_affichage", Value: display}})
		if end.Header.Get("Clear-Site-Data") == "" || !strings.Contains(bodyOf(t, end), `value="partage" checked`) {
			t.Error("the next one is not asked on a shared computer")
		}
	})
}
