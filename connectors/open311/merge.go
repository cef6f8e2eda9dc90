package open311

import (
	"fmt"
	"reflect"

	"github.com/semenligne/sem/connectors"
)

// merged gathers requests from replies that overlap: pages, windows, batches.
type merged struct {
	requests []request
	at       map[string]int
}

// add keeps each request once. Of two that differ the one updated later stands;
// when nothing tells which is later, neither can be believed.
func (m *merged) add(r request) error {
	if m.at == nil {
		m.at = map[string]int{}
	}
	i, seen := m.at[r.key()]
	if !seen {
		m.at[r.key()] = len(m.requests)
		m.requests = append(m.requests, r)
		return nil
	}
	switch old := m.requests[i]; {
	case reflect.DeepEqual(old, r):
	case old.Updated.Before(r.Updated):
		m.requests[i] = r
	case !r.Updated.Before(old.Updated):
		return fmt.Errorf("open311: requests: one number with two states: %w", connectors.ErrMalformed)
	}
	return nil
}

func (m *merged) has(r request) bool {
	_, ok := m.at[r.key()]
	return ok
}
