package cache

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/semenligne/sem/connectors/record"
)

// ErrNobody means that a citizen id is missing, or is not one.
var ErrNobody = errors.New("cache: no such citizen id")

// Options says how a [File] works. The zero value is usable.
type Options struct {
	// Log hears once of a file that had to be set aside. Nil discards.
	Log *slog.Logger
	// Registerer receives sem_dashboards and sem_section_age_seconds. Nil is none.
	Registerer prometheus.Registerer
	// HotBytes bounds the memory of decoded dashboards; 0 is 256 MiB.
	HotBytes int64
	// FileBytes bounds the file: a Put beyond it fails, as on a full disk. 0 is
	// no bound.
	FileBytes int
}

const defaultHotBytes = 256 << 20

// town is whose dashboard holds the town-wide sections. No citizen has this id.
const town record.Citizen = ""

// File is the embedded cache: one bbolt file, with the dashboards that people
// look at kept decoded in memory. It is a [Reader] and a [Writer], safe for
// any number of goroutines.
//
// Nothing in the file is precious. It is written without fsync, and a file
// that is missing, damaged, foreign or of another format is set aside as
// PATH.broken and begun anew: citizens see "unknown" until the next read of
// each source. A write that fails, on a full disk for instance, changes
// nothing, and reads go on.
//
// Every Put gives the dashboard a greater version, tells its watchers and
// moves its date, even when the records are the same: the age is on the page.
// Versions start from the clock, so that they also grow across restarts.
type File struct {
	disk     *disk
	hot      *hot
	watchers Watchers
	ages     *ages
	version  atomic.Uint64
	metrics  *metrics
}

var (
	_ Reader = (*File)(nil)
	_ Writer = (*File)(nil)
)

// OpenFile opens the cache at a path, and creates it where there is none. It
// fails only where no file can be made or another process holds it.
func OpenFile(path string, o Options) (*File, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.HotBytes == 0 {
		o.HotBytes = defaultHotBytes
	}
	f := &File{hot: newHot(o.HotBytes), ages: newAges()}
	f.disk = &disk{path: path, log: o.Log, limit: o.FileBytes, emptied: f.emptied}
	if err := f.disk.open(f.adopt); err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	if o.Registerer != nil {
		f.metrics = newMetrics(f.ages)
		if err := o.Registerer.Register(f.metrics); err != nil {
			return nil, errors.Join(fmt.Errorf("cache: metrics: %w", err), f.disk.close())
		}
	}
	return f, nil
}

// Close frees the file. No call may be under way.
func (f *File) Close() error { return f.disk.close() }

// adopt takes note of a section found in the file at opening.
func (f *File) adopt(citizen record.Citizen, source string, e entry) {
	f.ages.moved(citizen, source, nil, &e.asOf)
	f.raise(e.version)
}

// emptied forgets what was derived from a file that had to be set aside.
func (f *File) emptied() {
	f.hot.clear()
	f.ages.clear()
}

// raise makes sure that the next version is greater than v.
func (f *File) raise(v uint64) {
	for {
		last := f.version.Load()
		if last >= v || f.version.CompareAndSwap(last, v) {
			return
		}
	}
}

// nextVersion is greater than every version given before, here or by an
// earlier process whose clock was not ahead of ours.
func (f *File) nextVersion() uint64 {
	f.raise(uint64(max(time.Now().UnixNano(), 0)))
	return f.version.Add(1)
}

// Dashboard implements [Reader]. The answer is shared by all who ask and
// never changes.
func (f *File) Dashboard(ctx context.Context, citizen record.Citizen) (Dashboard, error) {
	if err := valid(citizen); err != nil {
		return Dashboard{}, err
	}
	return f.dashboard(ctx, citizen)
}

func (f *File) dashboard(ctx context.Context, citizen record.Citizen) (Dashboard, error) {
	if d, ok := f.hot.get(citizen); ok {
		return d, nil
	}
	if err := ctx.Err(); err != nil {
		return Dashboard{}, fmt.Errorf("cache: dashboard: %w", err)
	}
	defer f.hot.load(citizen)()
	if d, ok := f.hot.get(citizen); ok {
		return d, nil
	}
	entries, err := f.disk.read(citizen)
	if err != nil {
		return Dashboard{}, fmt.Errorf("cache: dashboard: %w", err)
	}
	d := Dashboard{sections: make(map[string]Section, len(entries))}
	sizes := make(map[string]int64, len(entries))
	for _, e := range entries {
		d.Version = max(d.Version, e.version)
		d.sections[e.section.Source] = e.section
		sizes[e.section.Source] = e.size
	}
	f.hot.put(citizen, d, sizes)
	return d, nil
}

// Town implements [Reader].
func (f *File) Town(ctx context.Context, source string) (Section, error) {
	d, err := f.dashboard(ctx, town)
	if err != nil {
		return Section{}, err
	}
	return d.Section(source), nil
}

// Watch implements [Reader]. The channel is never closed. Changes of town-wide
// sections are not told.
func (f *File) Watch(citizen record.Citizen) (changes <-chan struct{}, stop func()) {
	return f.watchers.Add(citizen)
}

// Put implements [Writer].
func (f *File) Put(ctx context.Context, citizen record.Citizen, section Section) error {
	if err := valid(citizen); err != nil {
		return err
	}
	return f.put(ctx, citizen, section)
}

// PutTown implements [Writer].
func (f *File) PutTown(ctx context.Context, section Section) error {
	return f.put(ctx, town, section)
}

func (f *File) put(ctx context.Context, citizen record.Citizen, section Section) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("cache: put: %w", err)
	}
	if section.Source == "" || strings.Contains(section.Source, separator) {
		return errors.New("cache: put: section without a source")
	}
	defer f.hot.load(citizen)()
	e := entry{version: f.nextVersion(), asOf: section.AsOf, section: section}
	size, before, err := f.disk.write(citizen, e)
	if err != nil {
		return fmt.Errorf("cache: put: %w", err)
	}
	f.ages.moved(citizen, section.Source, before, &section.AsOf)
	f.hot.replace(citizen, section.Source, size, func(d Dashboard) Dashboard {
		sections := maps.Clone(d.sections)
		sections[section.Source] = section
		return Dashboard{Version: e.version, sections: sections}
	})
	f.watchers.Tell(citizen)
	return nil
}

// Forget implements [Writer].
func (f *File) Forget(ctx context.Context, citizen record.Citizen) error {
	if err := valid(citizen); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("cache: forget: %w", err)
	}
	defer f.hot.load(citizen)()
	gone, err := f.disk.remove(citizen)
	if err != nil {
		return fmt.Errorf("cache: forget: %w", err)
	}
	for source, asOf := range gone {
		f.ages.moved(citizen, source, &asOf, nil)
	}
	f.hot.drop(citizen)
	f.watchers.Tell(citizen)
	return nil
}

func valid(citizen record.Citizen) error {
	if citizen == town || strings.Contains(string(citizen), separator) {
		return ErrNobody
	}
	return nil
}
