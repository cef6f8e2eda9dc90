package portal_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal"
	"github.com/semenligne/sem/portal/portaltest"
)

// broken is a cache that cannot be read, in one way or another.
type broken struct {
	cache.Reader
	fail func() error
}

func (b broken) Dashboard(context.Context, record.Citizen) (cache.Dashboard, error) {
	return cache.Dashboard{}, b.fail()
}

func TestOurOwnFailureIsToldAndLoggedWithoutAnybody(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		fail func() error
	}{
		{"error", func() error { return errors.New("disk full") }},
		{"panic", func() error { panic("about " + portaltest.Family.Card + " " + portaltest.Family.Name) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var logged bytes.Buffer
			registry := prometheus.NewRegistry()
			_, p := open(t, func(h *portaltest.House) {
				h.Options.Cache = broken{h.Options.Cache, tc.fail}
				h.Options.Log = slog.New(slog.NewTextHandler(&logged, nil))
				h.Options.Registerer = registry
			})
			cookies := enter(t, p, portaltest.Family)
			got := call(t, p, http.MethodGet, "/", nil, cookies)
			body, err := io.ReadAll(got.Body)
			if err != nil {
				t.Fatal(err)
			}
			if got.StatusCode != http.StatusInternalServerError || !strings.Contains(string(body), "Une erreur s’est produite de notre côté") {
				t.Errorf("status %d\n%s", got.StatusCode, body)
			}
			if !strings.Contains(logged.String(), "level=ERROR") {
				t.Error("nothing was logged")
			}
			for _, secret := range []string{portaltest.Family.Card, portaltest.Family.Name, portaltest.Family.PIN, cookies[0].Value} {
				if strings.Contains(logged.String(), secret) {
					t.Errorf("logged %q", secret)
				}
			}
			want := `# HELP sem_http_requests_total Requests answered by the portal, by route pattern, method and class of status.
# TYPE sem_http_requests_total counter
sem_http_requests_total{method="GET",route="/",status="5xx"} 1
sem_http_requests_total{method="POST",route="/connexion",status="3xx"} 1
`
			if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "sem_http_requests_total"); err != nil {
				t.Error(err)
			}
		})
	}
}

// A portal whose sources are all silent is ready; one without its dossier is
// not.
func TestHealth(t *testing.T) {
	t.Parallel()
	down := false
	_, p := open(t, func(h *portaltest.House) {
		h.Options.Dossier = pinged{h.Dossier, func(ctx context.Context) error {
			if down {
				return errors.New("dossier gone")
			}
			return h.Dossier.Ping(ctx)
		}}
	})
	for _, path := range []string{"/livez", "/readyz"} {
		if got := call(t, p, http.MethodGet, path, nil, nil); got.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d", path, got.StatusCode)
		}
	}
	down = true
	if got := call(t, p, http.MethodGet, "/readyz", nil, nil); got.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("without its dossier: status %d", got.StatusCode)
	}
	if got := call(t, p, http.MethodGet, "/livez", nil, nil); got.StatusCode != http.StatusOK {
		t.Errorf("alive all the same: status %d", got.StatusCode)
	}
}

// pinged is a dossier whose Ping is the test's.
type pinged struct {
	portal.Dossier
	ping func(context.Context) error
}

func (d pinged) Ping(ctx context.Context) error { return d.ping(ctx) }
