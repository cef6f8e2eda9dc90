package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/semenligne/sem/portal/portaltest"
)

// The most that pages may cost in bare handlers where more is allowed than for
// a page that is kept finished.
const (
	// consulted is for pages of the whole family: whether somebody still may be seen
	// is read from the dossier each time, and never from memory.
	consulted = 9
	// drawn is for pages with forms, drawn each time: they hold what may be used
	// once only, and what they changed a moment ago. They are not compressed.
	drawn = 25
	// searched is for a search of the catalogue: there is no end of searches to
	// keep.
	searched = 60
)

// limit is the most that a page may cost.
func limit(path string, a *answer) float64 {
	switch {
	case strings.HasPrefix(path, "/loisirs/activites?"):
		return searched
	case a.Coding == "":
		return drawn
	case strings.HasPrefix(path, "/semaine"), path == "/requetes", strings.HasPrefix(path, "/requetes/"):
		return consulted
	}
	return promised
}

// pageCost is what a page was measured to cost.
type pageCost struct {
	path          string
	bytes         int
	bare, portal  float64 // µs of server CPU a request
	ratio, atMost float64
}

// benchPages measures every page that the family can see, compressed as
// browsers ask for them, and prints a line for each. Those above their limit
// are measured once more before they count.
func benchPages(ctx context.Context, portal *server, rounds, requests int) error {
	costs, err := comparePages(ctx, portal, portaltest.Pages(), rounds, requests)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "page\tbytes\tbare µs\tportal µs\tratio\tat most\t")
	var failed []error
	for _, c := range costs {
		if c.ratio > c.atMost {
			again, err := comparePages(ctx, portal, []string{c.path}, 4*rounds, requests)
			if err != nil {
				return err
			}
			if c = again[0]; c.ratio > c.atMost {
				failed = append(failed, fmt.Errorf("%s costs %.2f bare handlers, at most %.2f promised", c.path, c.ratio, c.atMost))
			}
		}
		fmt.Fprintf(table, "%s\t%d\t%.1f\t%.1f\t%.2f\t%.2f\t\n", c.path, c.bytes, c.bare, c.portal, c.ratio, c.atMost)
	}
	return errors.Join(append(failed, table.Flush())...)
}

// comparePages measures pages in turn, each beside a bare handler that writes
// its bytes.
func comparePages(ctx context.Context, portal *server, paths []string, rounds, requests int) ([]pageCost, error) {
	page, err := signIn(ctx, portal.addr, portaltest.Family, "gzip")
	if err != nil {
		return nil, err
	}
	costs, answers := make([]pageCost, len(paths)), map[string]*answer{}
	for i, path := range paths {
		page.path = path
		if answers[path], err = page.fetch(ctx); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		costs[i] = pageCost{path: path, bytes: len(answers[path].Body), atMost: limit(path, answers[path])}
	}
	bare, err := start(ctx, "bare", answers)
	if err != nil {
		return nil, err
	}
	defer bare.stop()
	ratios := make([][]float64, len(paths))
	for round := range rounds + 1 {
		for i := range costs {
			c := &costs[i]
			page.path = c.path
			same := page
			same.addr = bare.addr
			var took [2]float64
			for j := range took {
				j = (j + round) % 2
				if took[j], err = measure(ctx, []*server{bare, portal}[j], []target{same, page}[j], requests); err != nil {
					return nil, fmt.Errorf("%s: %w", c.path, err)
				}
			}
			if round > 0 { // the first warms up
				c.bare, c.portal = c.bare+took[0]/float64(rounds), c.portal+took[1]/float64(rounds)
				ratios[i] = append(ratios[i], took[1]/took[0])
			}
		}
	}
	for i := range costs {
		costs[i].ratio = median(ratios[i])
	}
	return costs, nil
}
