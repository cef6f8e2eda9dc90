package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/semenligne/sem/aggregator"
	"github.com/semenligne/sem/aggregator/outbox"
	"github.com/semenligne/sem/aggregator/rush"
	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/configs"
	"github.com/semenligne/sem/connectors/all"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal"
)

// serve runs the portal and its connectors until it is told to stop.
func serve(ctx context.Context, t terminal, args []string) int {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	file := flags.String("c", "", "configuration `file`")
	if _, code, ok := parse(t, flags, args, 0, 0); !ok {
		return code
	}
	if *file == "" {
		fmt.Fprintln(t.err, "sem: -c FILE is missing")
		return exitUsage
	}
	config, problems, err := configs.Load(*file, all.Kinds())
	for _, p := range problems {
		fmt.Fprintln(t.err, p)
	}
	if err != nil {
		if len(problems) == 0 {
			fmt.Fprintln(t.err, err)
		}
		return exitFailed
	}
	log := slog.New(slog.NewJSONHandler(t.err, nil))
	h, err := openHouse(ctx, config, log)
	if err != nil {
		fmt.Fprintln(t.err, err)
		return exitFailed
	}
	if err := h.run(ctx, func() { log.Info("portal open", "listen", h.portal.Addr().String()) }); err != nil {
		log.Error("portal ended", "err", err)
		return exitFailed
	}
	return exitOK
}

// house is everything that one running portal is made of.
type house struct {
	log        *slog.Logger
	sources    *openedSources
	dossier    *dossier.SQLite
	cache      *cache.File
	aggregator *aggregator.Aggregator
	relay      *outbox.Relay
	rush       *rush.Engine
	site       *portal.Portal
	portal     net.Listener
	operators  net.Listener
	registry   *prometheus.Registry
}

// openHouse opens stores and listeners, and connects to no source.
func openHouse(ctx context.Context, config *configs.Config, log *slog.Logger) (h *house, err error) {
	h = &house{log: log, registry: prometheus.NewRegistry()}
	opened := h // a return with an error sets h to nil
	defer func() {
		if err != nil {
			opened.close()
		}
	}()
	h.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	folder := string(config.Data)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("data_dir: %w", err)
	}
	if h.sources, err = openSources(config.Sources, config.Town.Location, log, h.registry); err != nil {
		return nil, err
	}
	if h.dossier, err = dossier.OpenSQLite(filepath.Join(folder, "dossier.db"), log, config.Town.Location); err != nil {
		return nil, err
	}
	if h.cache, err = cache.OpenFile(filepath.Join(folder, "cache.db"), cache.Options{Log: log, Registerer: h.registry}); err != nil {
		return nil, err
	}
	if h.rush, err = newRush(h, config.Rush); err != nil {
		return nil, err
	}
	if h.aggregator, err = aggregator.New(aggregatorOptions(h, config)); err != nil {
		return nil, err
	}
	if h.relay, err = outbox.New(relayOptions(h, config.Outbox)); err != nil {
		return nil, err
	}
	pepper, err := pepper(config, folder)
	if err != nil {
		return nil, err
	}
	if lacksPhotos(config) {
		log.Warn(noPhotos)
	}
	options, err := portalOptions(h, config, pepper)
	if err != nil {
		return nil, err
	}
	if h.site, err = portal.New(options); err != nil {
		return nil, err
	}
	if h.portal, err = new(net.ListenConfig).Listen(ctx, "tcp", config.Listen); err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	if h.operators, err = new(net.ListenConfig).Listen(ctx, "tcp", config.Metrics); err != nil {
		return nil, fmt.Errorf("metrics_listen: %w", err)
	}
	return h, nil
}

// run serves until the context ends, then drains: no new connection, streams
// told to come back, requests under way finished.
func (h *house) run(ctx context.Context, ready func()) error {
	defer h.close()
	site := server(h.site.Handler())
	operators := server(operatorsHandler(h))
	failed := make(chan error, 6)
	go func() { failed <- site.Serve(h.portal) }()
	go func() { failed <- operators.Serve(h.operators) }()
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	var worked sync.WaitGroup
	for _, run := range []func(context.Context) error{h.aggregator.Run, h.relay.Run, h.rush.Run, h.sweep} {
		worked.Go(func() {
			if err := run(work); err != nil && !errors.Is(err, context.Canceled) {
				failed <- err
			}
		})
	}
	ready()
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	h.log.Info("draining")
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	h.site.EndStreams()
	err = errors.Join(err, site.Shutdown(drain))
	stopWork()
	worked.Wait()
	return errors.Join(err, operators.Shutdown(drain))
}

// server sets the limits that keep a slow or greedy client from holding a
// connection for ever. The portal lifts the write limit for its streams.
func server(handler http.Handler) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: 3 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 15 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
	}
}

// operatorsHandler is the page of the people who watch: never public.
func operatorsHandler(h *house) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(h.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := h.dossier.Ping(r.Context()); err != nil {
			h.log.Error("not ready", "err", err)
			http.Error(w, "dossier", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	return mux
}

func (h *house) close() {
	var errs []error
	if h.portal != nil {
		_ = h.portal.Close() // already closed by a server that ran
	}
	if h.operators != nil {
		_ = h.operators.Close()
	}
	if h.sources != nil {
		h.sources.close()
	}
	if h.cache != nil {
		errs = append(errs, h.cache.Close())
	}
	if h.dossier != nil {
		errs = append(errs, h.dossier.Close())
	}
	if err := errors.Join(errs...); err != nil {
		h.log.Error("stores closed", "err", err)
	}
}

// pepper is the secret mixed into PIN hashes: the configured one, or one made
// at first start beside the dossier and never inside it.
func pepper(config *configs.Config, folder string) ([]byte, error) {
	if !config.Portal.Pepper.IsZero() {
		return []byte(config.Portal.Pepper.Reveal()), nil
	}
	path := filepath.Join(folder, "pepper")
	secret, err := os.ReadFile(path) //nolint:gosec // our own folder
	if err == nil && len(secret) >= 32 {
		return secret, nil
	}
	if err == nil {
		return nil, fmt.Errorf("pepper: %s is shorter than 32 bytes; restore it from a backup", path)
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("pepper: %w", err)
	}
	secret = []byte(rand.Text() + rand.Text())
	if err := os.WriteFile(path, secret, 0o600); err != nil {
		return nil, fmt.Errorf("pepper: %w", err)
	}
	return secret, nil
}
