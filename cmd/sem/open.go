package main

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/semenligne/sem/configs"
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/all"
	"github.com/semenligne/sem/connectors/client"
	"github.com/semenligne/sem/connectors/guard"
)

// openedSource is one source behind its guard.
type openedSource struct {
	config  configs.Source
	guard   *guard.Guard
	guarded connectors.Source
	free    func() error
}

type openedSources struct{ sources []openedSource }

// openSources opens every configured source. It connects to nothing: an error
// here is ours, never a source that is down.
func openSources(sources []configs.Source, zone *time.Location, log *slog.Logger, reg prometheus.Registerer) (*openedSources, error) {
	metrics := guard.NewMetrics(reg)
	opened := &openedSources{}
	for _, s := range sources {
		one, err := openSource(s, log, guard.Deps{Metrics: metrics, Zone: zone})
		if err != nil {
			opened.close()
			return nil, fmt.Errorf("source %s: %w", s.Name, err)
		}
		opened.sources = append(opened.sources, one)
	}
	return opened, nil
}

func openSource(s configs.Source, log *slog.Logger, deps guard.Deps) (openedSource, error) {
	log = log.With("source", s.Name, "kind", s.Kind)
	maxBody := s.Guard.MaxBody
	if maxBody == 0 {
		maxBody = s.Of.MaxBody
	}
	transport, err := client.New(client.Options{
		Log: log, Dials: s.Settings.Dials(), DialAllow: s.Guard.DialAllow, CAFile: string(s.Guard.CAFile),
		Stall: s.Guard.Deadline.Std(), MaxBody: maxBody, Retries: s.Guard.Retries,
	})
	if err != nil {
		return openedSource{}, err
	}
	source, err := s.Of.Open(s.Settings, connectors.Deps{Log: log, HTTP: transport.HTTP, Dial: transport.Dial, TLS: transport.TLS})
	if err != nil {
		return openedSource{}, errors.Join(err, transport.Close())
	}
	deps.Log = log
	g := guard.New(s.Name, source, s.Guard, deps)
	free := func() error {
		if source.Close == nil {
			return transport.Close()
		}
		return errors.Join(source.Close(), transport.Close())
	}
	return openedSource{config: s, guard: g, guarded: g.Source(), free: free}, nil
}

// named returns the source of a name.
func (o *openedSources) named(name string) (openedSource, bool) {
	for _, s := range o.sources {
		if s.config.Name == name {
			return s, true
		}
	}
	return openedSource{}, false
}

// close frees every source. What cannot be freed at the end is lost anyway.
func (o *openedSources) close() {
	for _, s := range o.sources {
		_ = s.free()
	}
}

// openOne loads a file and opens just the source of a name, for the commands
// that call a single source. A false ok comes with the exit code.
func openOne(t terminal, file, name string) (s openedSource, code int, ok bool) {
	if file == "" {
		fmt.Fprintln(t.err, "sem: -c FILE is missing")
		return s, exitUsage, false
	}
	config, _, err := configs.Load(file, all.Kinds())
	if err != nil {
		fmt.Fprintln(t.err, err)
		return s, exitUsage, false
	}
	names := []string{}
	for _, c := range config.Sources {
		names = append(names, c.Name)
		if c.Name != name {
			continue
		}
		opened, err := openSources([]configs.Source{c}, config.Town.Location, t.logger(slog.LevelError), prometheus.NewRegistry())
		if err != nil {
			fmt.Fprintf(t.err, "%v\n", err)
			return s, exitFailed, false
		}
		return opened.sources[0], exitOK, true
	}
	fmt.Fprintf(t.err, "sem: no source %q in %s; there is %v\n", name, file, names)
	return s, exitUsage, false
}

// failed prints an error of a source with its reason as the last word.
func failed(t terminal, name string, err error) int {
	fmt.Fprintf(t.err, "%s: %v: %s\n", name, err, connectors.Reason(err))
	return exitFailed
}
