package main

import (
	"context"
	"slices"
	"sync"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
)

// made keeps what was worked out from town-wide sections until one of them
// changes.
type made[T any] struct {
	mu       sync.Mutex
	done     bool
	versions []uint64
	value    T
}

// from returns what work makes of the sections' records, which it is called
// for only when they are others than last time. Sections are given in the same
// order each time. Whoever asks leaves out what became too old since.
func (m *made[T]) from(sections []cache.Section, work func([]record.Record) T) T {
	versions := make([]uint64, len(sections))
	for i, s := range sections {
		versions[i] = s.Version
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.done || !slices.Equal(versions, m.versions) {
		var all []record.Record
		for _, s := range sections {
			records, _ := s.At(s.AsOf).Records()
			all = append(all, records...)
		}
		m.value, m.versions, m.done = work(all), versions, true
	}
	return m.value
}

// townSections reads the town-wide sections of some sources, in their order.
func townSections(ctx context.Context, from cache.Reader, sources []string) ([]cache.Section, error) {
	sections := make([]cache.Section, len(sources))
	for i, name := range sources {
		var err error
		if sections[i], err = from.Town(ctx, name); err != nil {
			return nil, err
		}
	}
	return sections, nil
}
