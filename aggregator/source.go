package aggregator

import (
	"hash/maphash"
	"sync"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// source is a configured source and what is remembered of it.
type source struct {
	Source
	lister  connectors.Lister
	finder  connectors.Finder
	passing chan struct{} // holds a token while a pass is under way
	kicked  chan struct{} // asks Run for a pass soon
	jobs    chan record.Citizen
	history history
	drift   drift

	// writing serialises, by citizen, reading a section and putting the next.
	writing [64]sync.Mutex
	seed    maphash.Seed

	mu     sync.Mutex
	cursor connectors.Cursor
	// owners are the links under which the last good list was kept.
	owners map[record.Ref][]record.Citizen
	// personal: a list of this source holds records that belong to persons.
	personal bool
	reason   string                       // of the last pass
	asked    map[record.Citizen]bool      // touches waiting or under way
	failed   map[record.Citizen]time.Time // touches that failed lately
}

func newSource(s Source, workers int) *source {
	return &source{
		Source:  s,
		lister:  s.Source.List,
		finder:  s.Source.Find,
		passing: make(chan struct{}, 1),
		kicked:  make(chan struct{}, 1),
		jobs:    make(chan record.Citizen, 64*workers),
		drift:   newDrift(s.Name, s.Drift),
		seed:    maphash.MakeSeed(),
		asked:   map[record.Citizen]bool{},
		failed:  map[record.Citizen]time.Time{},
	}
}

// claim serialises what is written for one citizen until the returned function
// is called.
func (s *source) claim(citizen record.Citizen) (done func()) {
	lock := &s.writing[maphash.String(s.seed, string(citizen))%uint64(len(s.writing))]
	lock.Lock()
	return lock.Unlock
}

func (s *source) isPersonal() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.personal
}

// changedTo tells whether the last pass ended otherwise.
func (s *source) changedTo(reason string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	changed := s.reason != reason
	s.reason = reason
	return changed
}

// listed returns what is remembered of the last good list.
func (s *source) listed() (connectors.Cursor, map[record.Ref][]record.Citizen) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cursor, s.owners
}

func (s *source) remember(cursor connectors.Cursor, owners map[record.Ref][]record.Citizen, personal bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cursor, s.owners, s.personal = cursor, owners, personal
}

// kick asks for a pass soon; one that is already asked for suffices.
func (s *source) kick() {
	select {
	case s.kicked <- struct{}{}:
	default:
	}
}
