// Command bench measures what pages cost. It prints, from one run, the CPU that
// the server spends on a request for the finished dashboard, and then for every
// page, as a multiple of what a bare net/http handler spends on writing the same
// bytes, and exits with 1 above the promised ratio.
//
// Each server is a process of its own, on one core, over real stores; the CPU
// is what the system counted for that process. Many short rounds are
// interleaved, in changing order, and the median of their ratios counts:
// absolute figures drift with whatever else the machine does. A ratio that is
// too high is measured once more before it counts.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/semenligne/sem/portal/portaltest"
)

const (
	// promised is the most that a cached page may cost, in bare handlers.
	promised = 1.8
	// silent is the most that it may cost more when no source answers.
	silent = 1.05
)

func main() {
	serve := flag.String("serve", "", "be a server: portal, or bare with the answers on standard input")
	rounds := flag.Int("rounds", 41, "interleaved rounds")
	requests := flag.Int("requests", 4_000, "requests a round and server")
	flag.Parse()
	var err error
	switch *serve {
	case "portal":
		err = servePortal()
	case "bare":
		err = serveBare()
	default:
		err = bench(*rounds, *requests)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(rounds, requests int) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	portal, err := start(ctx, "portal", nil)
	if err != nil {
		return err
	}
	defer portal.stop()
	var failed error
	for _, coding := range []string{"gzip", "identity"} {
		ratios, err := compare(ctx, portal, coding, rounds, requests)
		if err == nil && ratios.tooHigh(coding) {
			ratios, err = compare(ctx, portal, coding, rounds, requests)
		}
		if err != nil {
			return err
		}
		fmt.Printf("cached dashboard, %s: %.2f× the CPU of a bare handler, at most %.2f promised; with every source silent %.2f×\n",
			coding, ratios.fresh, promised, ratios.silent)
		if ratios.tooHigh(coding) {
			failed = fmt.Errorf("a ratio is above what is promised")
		}
	}
	return errors.Join(failed, benchPages(ctx, portal, rounds/5, requests/10))
}

// ratios are the costs of a page in bare handlers that write its bytes.
type ratios struct{ fresh, silent float64 }

// tooHigh tells whether a promise is broken. What silent sources add is judged
// on the uncompressed pages only: compressed, the longer text of the silent one
// may need a second write to the socket where the other needs one, because
// net/http gathers 4 KiB, and that has nothing to do with sources.
func (r ratios) tooHigh(coding string) bool {
	return max(r.fresh, r.silent) > promised || coding == "identity" && r.silent > silent*r.fresh
}

// run is one page of the portal, or the bare handler that writes its bytes.
type run struct {
	server *server
	target target
}

// compare measures, in turn, the fresh dashboard and the same person's with
// every source gone silent, each beside a bare handler writing its bytes: the
// silent page has more to say, and is longer.
func compare(ctx context.Context, portal *server, coding string, rounds, requests int) (ratios, error) {
	var none ratios
	var runs []run
	for _, who := range []portaltest.Person{portaltest.Family, portaltest.Silent} {
		page, err := signIn(ctx, portal.addr, who, coding)
		if err != nil {
			return none, err
		}
		got, err := page.fetch(ctx)
		if err != nil {
			return none, err
		}
		bare, err := start(ctx, "bare", map[string]*answer{"/": got})
		if err != nil {
			return none, err
		}
		defer bare.stop()
		same := page
		same.addr = bare.addr
		runs = append(runs, run{bare, same}, run{portal, page})
	}

	var fresh, dark []float64
	var sum [4]float64
	for round := range rounds + 1 {
		var cost [4]float64
		for i := range runs {
			i = (i + round) % len(runs)
			var err error
			if cost[i], err = measure(ctx, runs[i].server, runs[i].target, requests); err != nil {
				return none, err
			}
			sum[i] += cost[i] / float64(rounds+1)
		}
		if round > 0 { // the first warms up
			fresh, dark = append(fresh, cost[1]/cost[0]), append(dark, cost[3]/cost[2])
		}
	}
	fmt.Printf("  %s: bare %.1f, fresh %.1f; bare %.1f, silent %.1f µs of server CPU a request, on average\n", coding, sum[0], sum[1], sum[2], sum[3])
	return ratios{median(fresh), median(dark)}, nil
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}
