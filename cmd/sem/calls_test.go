package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/go-chi/chi/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/cmd/sem/town"
	"github.com/semenligne/sem/configs"
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/all"
)

// calmHouse is the demo's town and portal with sections that stay fresh for a
// day and sources that are read once: whoever asks one after that asks because
// somebody looked at a page.
type calmHouse struct {
	runningDemo
	*house
	sims     *simulators
	invented *town.Town
	config   *configs.Config
	// stop ends the portal; the simulators go on.
	stop func()
}

// smallTown is a demo's town of sixty people, with its simulators.
func smallTown(t *testing.T) (*town.Town, *simulators) {
	t.Helper()
	invented, err := town.New(2009, 60, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	sims, err := startSimulators(invented)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sims.close(); err != nil {
			t.Error(err)
		}
	})
	return invented, sims
}

// openCalmHouse opens it, with whatever a test wants otherwise in its
// configuration.
func openCalmHouse(t *testing.T, otherwise ...func(*configs.Config)) calmHouse {
	t.Helper()
	invented, sims := smallTown(t)
	folder := t.TempDir()
	file, err := writeDemoFiles(invented, sims, folder, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	config, problems, err := configs.Load(file, all.Kinds())
	if err != nil {
		t.Fatal(err, problems)
	}
	day := connectors.Duration(24 * time.Hour)
	for i := range config.Sources {
		s := &config.Sources[i]
		s.FreshFor, s.HideAfter, s.Poll = day, 2*day, configs.Poll{Every: day}
	}
	for _, change := range otherwise {
		change(config)
	}
	c := calmHouse{runningDemo: runningDemo{stderr: &lockedBuffer{}}, sims: sims, invented: invented, config: config}
	for _, s := range invented.Showcase() {
		c.People = append(c.People, shown{s.Card, s.PIN, s.Name(), s.Role})
	}
	return c.start(t, func(h *house) error { return h.admit(t.Context(), invented, folder) })
}

// start opens the portal, prepares it, and lets it run until it is stopped or
// the test ends.
func (c calmHouse) start(t *testing.T, prepare func(*house) error) calmHouse {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	h, err := openHouse(ctx, c.config, slog.New(slog.NewTextHandler(c.stderr, nil)))
	if err != nil {
		stop()
		t.Fatal(err)
	}
	if err := prepare(h); err != nil {
		stop()
		h.close()
		t.Fatal(err)
	}
	c.house, c.Portal = h, "http://"+h.portal.Addr().String()
	ended := make(chan error, 1)
	go func() { ended <- h.run(ctx, func() {}) }()
	c.stop = sync.OnceFunc(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the house ended: %v\n%s", err, c.stderr)
		}
	})
	t.Cleanup(c.stop)
	return c
}

// calls counts, by source, what the simulators were asked, and what the guards
// let through to any source, the files of the town included.
func (c calmHouse) calls(t *testing.T) map[string]int {
	t.Helper()
	count := map[string]int{}
	for _, sim := range c.sims.all {
		count[sim.name+" simulator"] = sim.calls()
	}
	families, err := c.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != "sem_source_calls_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == "source" {
					count[l.GetValue()+" guard"] += int(m.GetCounter().GetValue())
				}
			}
		}
	}
	return count
}

// pagesPerRoute bounds how many pages of one route are followed: the weeks
// alone are more than a year of them.
const pagesPerRoute = 8

// walk reads every page that links and search forms lead to from the first one,
// and returns their paths by route.
func (c calmHouse) walk(t *testing.T, client *http.Client) map[string][]string {
	t.Helper()
	routes, seen := map[string][]string{}, map[string]bool{}
	for todo := []string{"/", "/api/v1/dashboard"}; len(todo) > 0; todo = todo[1:] {
		path, _, _ := strings.Cut(todo[0], "#")
		route := c.route(t, path)
		if seen[path] || len(routes[route]) >= pagesPerRoute {
			continue
		}
		seen[path] = true
		routes[route] = append(routes[route], path)
		resp, err := client.Get(c.Portal + path)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := goquery.NewDocumentFromReader(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s, %v", path, resp.Status, err)
		}
		for _, e := range doc.Find("a[href], form:not([method=post]), img[src], input[type=image][src], link[href], script[src]").EachIter() {
			if to := e.AttrOr("href", "") + e.AttrOr("action", "") + e.AttrOr("src", ""); strings.HasPrefix(to, "/") {
				todo = append(todo, to)
			}
		}
	}
	return routes
}

// route is the pattern that a path belongs to.
func (c calmHouse) route(t *testing.T, path string) string {
	t.Helper()
	path, _, _ = strings.Cut(path, "?")
	found := chi.NewRouteContext()
	if !c.site.Handler().(chi.Routes).Match(found, http.MethodGet, path) {
		t.Fatalf("a page leads to %s, which does not exist", path)
	}
	return found.RoutePattern()
}

// TestPagesCallNoSource reads every page as everybody of the demo while what
// the cache has is fresh: no source hears of it. Then one section is made old,
// and its source does hear.
func TestPagesCallNoSource(t *testing.T) {
	t.Parallel()
	c := openCalmHouse(t)
	clients := map[string]*http.Client{}
	for _, role := range []string{"family", "senior", "newcomer"} {
		clients[role] = c.signIn(t, role)
		c.until(t, clients[role], "what was linked is fresh", func(s map[string]section) bool {
			return s["library"].State == "fresh" && s["recreation"].State == "fresh" && s["requests"].State == "fresh" && (role == "newcomer" || s["property"].State == "fresh")
		})
	}
	visitor{t, c.Portal, clients["family"]}.write() // so that there is something sent to look at
	// The first reads of the town's lists end sometime: a walk that no call
	// falls into begins the measure.
	eventually(t, "a quiet town", func() bool {
		before := c.calls(t)
		c.walk(t, clients["newcomer"])
		return cmp.Equal(before, c.calls(t))
	})
	before := c.calls(t)
	read := maps.Clone(before)
	maps.DeleteFunc(read, func(name string, _ int) bool { return strings.HasPrefix(name, "mail ") }) // takes messages, holds nothing to read
	if len(before) < 2*len(c.sims.all) || slices.Contains(slices.Collect(maps.Values(read)), 0) {
		t.Fatalf("a source was never read: %v", before)
	}
	walked, visits := map[string]bool{}, 0
	for range 2 {
		for _, client := range clients {
			for route, paths := range c.walk(t, client) {
				walked[route], visits = true, visits+len(paths)
			}
		}
	}
	if diff := cmp.Diff(before, c.calls(t)); diff != "" {
		t.Errorf("calls of sources (-before +after %d pages)\n%s", visits, diff)
	}
	fmt.Printf("%d routes × %d people, %d pages read in the fresh state, each twice: %d calls of a source\n", len(walked), len(clients), visits/2, sum(c.calls(t))-sum(before))
	c.everyRouteIsWalked(t, walked)

	// The measure can fail.
	citizen, err := c.dossier.ByCard(t.Context(), c.who(t, "family").Card)
	if err != nil {
		t.Fatal(err)
	}
	d, err := c.cache.Dashboard(t.Context(), citizen)
	if err != nil {
		t.Fatal(err)
	}
	old := d.Section("library")
	old.AsOf = old.AsOf.Add(-30 * time.Hour)
	if err := c.cache.Put(t.Context(), citizen, old); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a call for an old section", func() bool {
		c.walk(t, clients["family"])
		after := c.calls(t)
		return after["library simulator"] > before["library simulator"] && after["library guard"] > before["library guard"]
	})
}

// everyRouteIsWalked fails for a page that no link led to.
func (c calmHouse) everyRouteIsWalked(t *testing.T, walked map[string]bool) {
	t.Helper()
	// What is no page: probes, what stays open or needs a secret address, and what
	// only a registration or a photo that was sent has.
	notPages := []string{"/livez", "/readyz", "/api/v1/events", "/agenda/{token}.ics", "/photos/{token}", "/requetes/photo/{id}", "/demarches/{id}/rappel.ics"}
	err := chi.Walk(c.site.Handler().(chi.Routes), func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if method == http.MethodGet && !walked[route] && !slices.Contains(notPages, route) && route != "/connexion" {
			t.Errorf("no page leads to %s", route)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func sum(count map[string]int) int {
	n := 0
	for _, c := range count {
		n += c
	}
	return n
}
