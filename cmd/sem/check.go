package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/semenligne/sem/configs"
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/all"
)

// check prints every mistake of a configuration file. Without --live it opens
// no connection.
func check(ctx context.Context, t terminal, args []string) int {
	flags := flag.NewFlagSet("check", flag.ContinueOnError)
	live := flags.Bool("live", false, "ask each source whether it lets us in")
	words, code, ok := parse(t, flags, args, 1, 1)
	if !ok {
		return code
	}
	config, problems, err := configs.Load(words[0], all.Kinds())
	for _, p := range problems {
		fmt.Fprintln(t.out, p)
	}
	if err != nil {
		if len(problems) == 0 {
			fmt.Fprintln(t.err, err)
		}
		return exitFailed
	}
	if *live && !checkLive(ctx, t, config) {
		return exitFailed
	}
	if lacksPhotos(config) {
		fmt.Fprintln(t.out, noPhotos)
	}
	if len(problems) > 0 {
		return exitWarnings
	}
	fmt.Fprintf(t.out, "%s: %d sources, no mistake found\n", words[0], len(config.Sources))
	return exitOK
}

// checkLive asks every source at once and prints one line each.
func checkLive(ctx context.Context, t terminal, config *configs.Config) bool {
	opened, err := openSources(config.Sources, config.Town.Location, t.logger(slog.LevelError), prometheus.NewRegistry())
	if err != nil {
		fmt.Fprintln(t.err, err)
		return false
	}
	defer opened.close()
	type answer struct {
		err  error
		took time.Duration
	}
	answers := make([]answer, len(opened.sources))
	var wg sync.WaitGroup
	for i, s := range opened.sources {
		wg.Go(func() {
			start := time.Now()
			answers[i].err = s.guarded.Check(ctx)
			answers[i].took = time.Since(start)
		})
	}
	wg.Wait()
	good := true
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SOURCE\tKIND\tANSWER\tTOOK\tDETAIL")
	for i, s := range opened.sources {
		a := answers[i]
		detail := ""
		if a.err != nil {
			detail, good = a.err.Error(), false
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", s.config.Name, s.config.Kind, connectors.Reason(a.err), a.took.Round(time.Millisecond), detail)
	}
	if err := w.Flush(); err != nil {
		fmt.Fprintln(t.err, err)
		return false
	}
	return good
}
