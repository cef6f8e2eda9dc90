package connectortest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/connectortest/faultproxy"
)

// The times of the kit.
const (
	cleanTime = 15 * time.Second // for a call that nothing disturbs
	faultTime = time.Second      // deadline of a call that must fail
	grace     = 3 * time.Second
)

// bench is one opened source with its own fake and proxy.
type bench struct {
	run    *run
	fake   Fake
	proxy  *faultproxy.Proxy // nil without network
	source connectors.Source
	undo   []func() error // what end calls, the last first
	logs   *heard
}

// bench starts a fake, a proxy, and a source with the settings for an address.
func (r *run) bench(settings func(addr string) connectors.Settings) (*bench, error) {
	r.slots <- struct{}{}
	b := &bench{run: r, logs: &heard{above: r.heard}}
	b.undo = append(b.undo, func() error { <-r.slots; return nil })
	if err := b.start(); err != nil {
		return b, errors.Join(err, b.end())
	}
	addr := ""
	if b.proxy != nil {
		addr = b.proxy.Addr()
	}
	if err := b.open(settings(addr)); err != nil {
		return b, errors.Join(err, b.end())
	}
	return b, nil
}

func (b *bench) start() error {
	if b.run.suite.Start == nil {
		return nil
	}
	fake, err := b.run.suite.Start()
	if err != nil {
		return fmt.Errorf("fake: %w", err)
	}
	b.fake = fake
	if fake.Close != nil {
		b.undo = append(b.undo, fake.Close)
	}
	if b.proxy, err = faultproxy.Start(fake.Addr); err != nil {
		return err
	}
	b.undo = append(b.undo, b.proxy.Close)
	return nil
}

// open opens a source and leaves its closing to end.
func (b *bench) open(settings connectors.Settings) error {
	if p := settings.Validate(); len(p) > 0 {
		return fmt.Errorf("settings: %s: %s", p[0].Key, p[0].Text)
	}
	deps, closeDeps, err := newDeps(settings.Dials(), logTo(b.logs))
	if err != nil {
		return fmt.Errorf("deps: %w", err)
	}
	b.undo = append(b.undo, closeDeps)
	source, err := b.run.suite.Kind.Open(settings, deps)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	b.source = source
	if source.Close != nil {
		b.undo = append(b.undo, func() error { return closeSource(source) })
	}
	return nil
}

// closeSource closes a source; a panic is an error.
func closeSource(source connectors.Source) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panicked: %v", p)
		}
	}()
	return source.Close()
}

// end closes everything, the last opened first.
func (b *bench) end() error {
	var errs []error
	for len(b.undo) > 0 {
		last := len(b.undo) - 1
		errs = append(errs, b.undo[last]())
		b.undo = b.undo[:last]
	}
	return errors.Join(errs...)
}

// capabilities opens the source once to see what it can do.
func (r *run) capabilities() (connectors.Source, error) {
	b, err := r.bench(r.suite.Settings)
	if err != nil {
		return connectors.Source{}, err
	}
	source := b.source
	if missing := lacking(r.suite, source); len(missing) > 0 {
		err = errors.New(strings.Join(missing, "; "))
	}
	return source, errors.Join(err, b.end())
}

// with runs a rule's body on a fresh bench.
func (r *run) with(f func(*bench) []string) []string { return r.withSettings(r.suite.Settings, f) }

func (r *run) withSettings(settings func(string) connectors.Settings, f func(*bench) []string) []string {
	b, err := r.bench(settings)
	if err != nil {
		return []string{err.Error()}
	}
	out := f(b)
	if err := b.end(); err != nil {
		out = append(out, "close: "+err.Error())
	}
	return out
}

// together runs cases side by side and gathers what they saw, in order.
func together(cases []func() []string) []string {
	seen := make([][]string, len(cases))
	var all sync.WaitGroup
	for i, c := range cases {
		all.Go(func() { seen[i] = c() })
	}
	all.Wait()
	var out []string
	for _, s := range seen {
		out = append(out, s...)
	}
	return out
}
