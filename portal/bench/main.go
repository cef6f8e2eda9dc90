// Command bench measures what a cached page costs. It prints, from one run, the
// CPU that the server spends on a request for the finished dashboard as a
// multiple of what a bare net/http handler spends on writing the same bytes,
// and exits with 1 above the promised ratio.
//
// Each server is a process of its own, on one core, over real stores; the CPU
// is what the system counted for that process. Rounds are interleaved, and the
// median of the rounds' ratios counts: absolute figures drift with whatever
// else the machine does. Two pages of the same portal are too close for that:
// they are compared by the least that each cost in any round.
package main

import (
	"context"
	"flag"
	"fmt"
	"math"
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
	serve := flag.String("serve", "", "be a server: portal, or bare with the answer on standard input")
	rounds := flag.Int("rounds", 7, "interleaved rounds")
	requests := flag.Int("requests", 24_000, "requests a round and server")
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
		if err != nil {
			return err
		}
		fmt.Printf("cached dashboard, %s: %.2f× the CPU of a bare handler, at most %.2f promised; silent sources %.3f× the same page fresh, at most %.2f\n",
			coding, ratios.bare, promised, ratios.silent, silent)
		if ratios.bare > promised || ratios.silent > silent {
			failed = fmt.Errorf("a ratio is above what is promised")
		}
	}
	return failed
}

type ratios struct{ bare, silent float64 }

// compare measures, in turn, the bare handler, the fresh dashboard, and the
// same dashboard with every source gone silent.
func compare(ctx context.Context, portal *server, coding string, rounds, requests int) (ratios, error) {
	var none ratios
	fresh, err := signIn(ctx, portal.addr, portaltest.Family, coding)
	if err != nil {
		return none, err
	}
	dark, err := signIn(ctx, portal.addr, portaltest.Silent, coding)
	if err != nil {
		return none, err
	}
	answer, err := fresh.fetch(ctx)
	if err != nil {
		return none, err
	}
	bare, err := start(ctx, "bare", answer)
	if err != nil {
		return none, err
	}
	defer bare.stop()
	plain := fresh
	plain.addr = bare.addr

	var toBare []float64
	leastFresh, leastSilent := math.Inf(1), math.Inf(1)
	for round := range rounds + 1 {
		var cost [3]float64
		for i, run := range []struct {
			server *server
			target target
		}{{bare, plain}, {portal, fresh}, {portal, dark}} {
			if cost[i], err = measure(ctx, run.server, run.target, requests); err != nil {
				return none, err
			}
		}
		if round == 0 {
			continue // warming up
		}
		fmt.Printf("  %s round %d: bare %.1f, fresh %.1f, silent %.1f µs of server CPU a request\n", coding, round, cost[0], cost[1], cost[2])
		toBare = append(toBare, cost[1]/cost[0])
		leastFresh, leastSilent = min(leastFresh, cost[1]), min(leastSilent, cost[2])
	}
	return ratios{median(toBare), leastSilent / leastFresh}, nil
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}
