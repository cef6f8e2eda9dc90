package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/semenligne/sem/configs"
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/all"
	"github.com/semenligne/sem/connectors/openactive/openactivesim"
	"github.com/semenligne/sem/dossier"
)

// rushPeople is in the environment of `make rush`: how many citizens, for a tenth
// as many seats.
const rushPeople = "SEM_RUSH_PEOPLE"

// rushParallel is what the settings allow the waiting room, and the guard everybody.
const rushParallel = 4

// TestRush opens a season: everybody comes at once, over real HTTP, to the portal
// as it is served, whose source is a simulated booking server. Most confirm the
// place they get, some give it up, some let it run out. The short version is 200
// citizens for 20 seats; `make rush` has 5,000 for 500.
//
// Citizens have sessions made beforehand: 5,000 sign-ins would be two minutes of
// hashing PINs, which is not what is measured here.
func TestRush(t *testing.T) {
	people := 200
	if text := os.Getenv(rushPeople); text != "" {
		var err error
		if people, err = strconv.Atoi(text); err != nil || people < 100 {
			t.Fatalf("%s: a number from 100 wanted", rushPeople)
		}
	} else if testing.Short() {
		t.Skip("short")
	}
	s := openSeason(t, people)
	quiet := s.probe(t.Context(), 5*time.Second)
	s.arrive()
	wait(t.Context(), time.Until(s.opens))
	rush := s.probe(t.Context(), s.busiest) // turns come, and who is late arrives
	s.citizens.Wait()
	s.judge(t)
	ratio := float64(rush.at(50)) / float64(quiet.at(50))
	t.Logf("other pages: median %s quiet, %s in the rush, ratio %.2f; 95%%: %s, %s", quiet.at(50), rush.at(50), ratio, quiet.at(95), rush.at(95))
	if people >= 1000 && ratio > 1.5 {
		t.Errorf("other pages took %.2f times as long, want 1.5 at most", ratio)
	}
	if most := s.most.Load(); most > rushParallel {
		t.Errorf("the source saw %d calls at once, %d are configured", most, rushParallel)
	}
}

// season is a town at the opening of registration.
type season struct {
	t        *testing.T
	people   int
	sessions []string // paths of activities
	seats    int      // of each
	portal   string
	house    *house
	sim      *openactivesim.Server
	opens    time.Time
	poll     time.Duration
	busiest  time.Duration // from the opening on
	client   *http.Client
	reader   *http.Client // of the one who does not register: waits for nobody else's connection
	citizens sync.WaitGroup
	now      atomic.Int64 // calls that the source is serving
	most     atomic.Int64
}

// openSeason serves the town, with its catalogue read and everybody signed in.
func openSeason(t *testing.T, people int) *season {
	t.Helper()
	sessions := 20
	if people < 1000 {
		sessions = 4
	}
	s := &season{t: t, people: people, seats: people / 10 / sessions, poll: 20 * time.Second}
	decide := time.Minute
	if people < 1000 {
		s.poll, decide = 500*time.Millisecond, 5*time.Second
	}
	s.serveSource(sessions)
	folder := t.TempDir()
	s.write(folder)
	config, _, err := configs.Load(filepath.Join(folder, "sem.yaml"), all.Kinds())
	if err != nil {
		t.Fatal(err)
	}
	s.busiest = 3 * time.Second
	if people >= 1000 {
		s.busiest = 45 * time.Second
	}
	lobby := max(time.Duration(people)*6*time.Millisecond, 2*time.Second)
	s.opens = time.Now().Add(10*time.Second + 2*lobby)
	window := &config.Rush[0]
	window.OpensAt, window.ClosesAt = s.opens, s.opens.Add(time.Hour)
	window.Lobby, window.Decide = connectors.Duration(time.Hour), connectors.Duration(decide)
	ctx, stop := context.WithCancel(context.Background())
	if s.house, err = openHouse(ctx, config, slog.New(slog.NewTextHandler(&lockedBuffer{}, nil))); err != nil {
		stop()
		t.Fatal(err)
	}
	ready, ended := make(chan struct{}), make(chan error, 1)
	s.portal = "http://" + s.house.portal.Addr().String()
	go func() { ended <- s.house.run(ctx, func() { close(ready) }) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	<-ready
	for _, source := range []string{"cartes", "loisirs"} {
		if _, err := s.house.aggregator.Refresh(t.Context(), source); err != nil {
			t.Fatal(err)
		}
	}
	client := func(connections int) *http.Client {
		return &http.Client{
			Transport:     &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	s.client, s.reader = client(64), client(1)
	s.signEverybodyIn()
	s.findSessions(sessions)
	return s
}

// serveSource starts the booking server behind a counter of calls at once.
func (s *season) serveSource(sessions int) {
	s.t.Helper()
	seed := openactivesim.Seed{APIKey: demoKey}
	start := time.Now().AddDate(0, 0, 40).Truncate(time.Hour)
	for i := range sessions {
		id := fmt.Sprintf("S%02d", i)
		seed.Series = append(seed.Series, openactivesim.Series{
			ID: id, Name: "Cours " + id, Activity: "Natation", Place: "Piscine",
			Offers: []openactivesim.Offer{{ID: "resident", Name: "Résident", Cents: 4500, Prepayment: "Unavailable"}},
		})
		seed.Sessions = append(seed.Sessions, openactivesim.Session{ID: id, Series: id, Start: start, End: start.Add(time.Hour), Capacity: s.seats})
	}
	var err error
	if s.sim, err = openactivesim.Start("127.0.0.1:0", seed); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = s.sim.Close() })
}

// write makes the files of the town.
func (s *season) write(folder string) {
	s.t.Helper()
	to, err := url.Parse("http://" + s.sim.Addr())
	if err != nil {
		s.t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	counter := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now := s.now.Add(1)
		defer s.now.Add(-1)
		for most := s.most.Load(); now > most && !s.most.CompareAndSwap(most, now); most = s.most.Load() {
		}
		proxy.ServeHTTP(w, r)
	}))
	s.t.Cleanup(counter.Close)
	cards := strings.Builder{}
	cards.WriteString("carte;nom;loisirs\n")
	for i := range s.people {
		fmt.Fprintf(&cards, "%06d;Personne %06d;C%06d\n", i, i, i)
	}
	for name, text := range map[string]string{"cards.csv": cards.String(), "key": demoKey, "sem.yaml": fmt.Sprintf(`listen: 127.0.0.1:0
metrics_listen: 127.0.0.1:0
data_dir: data
portal: {insecure_cookies: true}
rush:
  - {source: loisirs, opens: 2026-12-01 09:00, closes: 2026-12-01 21:00, parallel: %d}
sources:
  - name: cartes
    kind: tabular
    cards: true
    settings: {file: cards.csv, columns: {card: carte, name: [nom], links: {loisirs: loisirs}}}
  - name: loisirs
    kind: openactive
    poll: {every: 1m}
    guard: {parallel: %d, queue: 64, dial_allow: [127.0.0.0/8]}
    settings: {feeds: ["%s/rpde/series", "%[3]s/rpde/sessions"], booking_url: "%[3]s/booking", api_key_file: key}
`, rushParallel, rushParallel, counter.URL)} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
}

// at is a percentile.
func (l latencies) at(percent int) time.Duration {
	if len(l) == 0 {
		return 0
	}
	slices.Sort(l)
	return l[min(len(l)*percent/100, len(l)-1)].Round(10 * time.Microsecond)
}

// latencies are how long pages took.
type latencies []time.Duration

// probe reads the pages of somebody who does not register, 20 a second.
func (s *season) probe(ctx context.Context, last time.Duration) (all latencies) {
	end := time.NewTimer(last)
	defer end.Stop()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return all
		case <-end.C:
			return all
		case <-tick.C:
		}
		began := time.Now()
		status, _, _ := s.ask(ctx, http.MethodGet, []string{"/", "/famille", "/loisirs/activites"}[n%3], s.people-1, nil)
		if status == http.StatusOK {
			all = append(all, time.Since(began))
		}
	}
}

// wait pauses; false when the test is over.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// judge compares what the source sold with what the waiting room says.
func (s *season) judge(t *testing.T) {
	t.Helper()
	sold, over := 0, 0
	for i := range s.sessions {
		taken := s.sim.SeatsTaken(fmt.Sprintf("S%02d", i))
		sold += taken
		over += max(0, taken-s.seats)
	}
	tickets := s.tickets()
	counts := map[dossier.TicketState]int{}
	for _, k := range tickets {
		counts[k.State]++
	}
	all := s.seats * len(s.sessions)
	unsold := 0
	if counts[dossier.TicketRefused]+counts[dossier.TicketWaiting] > 0 {
		unsold = all - sold
	}
	twice := over + s.sim.Orders() - sold
	if len(tickets) == 0 {
		t.Fatal("nobody got in")
	}
	present, wrong := s.order(tickets)
	chi := chiSquare(present)
	t.Logf("%d citizens, %d seats: %d sold, %d sold twice, %d unsold while somebody waits; tickets %v", s.people, all, sold, twice, unsold, counts)
	t.Logf("order recomputed from the seed: %d present, %d out of order; chi-square of positions by arrival %.1f (81 degrees, 99.9%% below 126.1)", len(present), wrong, chi)
	t.Logf("the source saw %d calls, %d at once; %d are configured", s.sim.Calls(), s.most.Load(), rushParallel)
	if len(tickets) != s.people-1 || sold != all || twice != 0 || unsold != 0 || wrong != 0 || counts[dossier.TicketWaiting]+counts[dossier.TicketHeld] != 0 {
		t.Errorf("%d tickets for %d citizens", len(tickets), s.people-1)
	}
	if counts[dossier.TicketDone] != sold {
		t.Errorf("%d confirmed, %d sold", counts[dossier.TicketDone], sold)
	}
	if len(present) >= 1000 && chi > 126.1 {
		t.Errorf("the order of turns depends on the order of arrival: chi-square %.1f", chi)
	}
}

// order recomputes the draw as anybody could, and counts tickets that stand
// elsewhere, and those that were asked for before an earlier turn for the same
// activity. It returns the ranks of those present in the order of their arrival.
func (s *season) order(tickets []dossier.Ticket) (ranks []int, wrong int) {
	draw, err := s.house.dossier.FindDraw(s.t.Context(), tickets[0].Window)
	if err != nil {
		s.t.Fatal(err)
	}
	slices.SortFunc(tickets, func(a, b dossier.Ticket) int { return a.Arrived.Compare(b.Arrived) })
	var ids []string
	for _, k := range tickets {
		if k.Arrived.Before(draw.Drawn) && k.Rank <= len(tickets) {
			ids = append(ids, k.ID)
		}
	}
	// Who came in the very moment of the draw is present or not: the draw decides.
	count := len(ids)
	for count > 0 && len(ids) > 0 && s.rankOf(tickets, ids[len(ids)-1]) > count {
		ids, count = ids[:len(ids)-1], count-1
	}
	place := map[string]int{}
	for i, id := range dossier.Lots(draw.Seed, ids) {
		place[id] = i + 1
	}
	late := len(ids)
	for _, k := range tickets {
		if n, present := place[k.ID]; present {
			ranks = append(ranks, k.Rank)
			if n != k.Rank {
				wrong++
			}
		} else if late++; k.Rank <= len(ids) {
			wrong++
		}
	}
	slices.SortFunc(tickets, func(a, b dossier.Ticket) int { return cmp.Compare(a.Rank, b.Rank) })
	last := map[string]time.Time{}
	for _, k := range tickets {
		if k.Asked.IsZero() {
			continue
		}
		if k.Asked.Before(last[k.Action.Session]) {
			wrong++
		}
		last[k.Action.Session] = k.Asked
	}
	return ranks, wrong
}

func (s *season) rankOf(tickets []dossier.Ticket, id string) int {
	i := slices.IndexFunc(tickets, func(k dossier.Ticket) bool { return k.ID == id })
	return tickets[i].Rank
}

// chiSquare compares ten groups of arrival with ten groups of ranks.
func chiSquare(ranks []int) (sum float64) {
	var table [10][10]float64
	for i, rank := range ranks {
		table[i*10/len(ranks)][(rank-1)*10/len(ranks)]++
	}
	expected := float64(len(ranks)) / 100
	for _, row := range table {
		for _, n := range row {
			sum += (n - expected) * (n - expected) / expected
		}
	}
	return sum
}
