package openactive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// mapping is raised whenever the same feed becomes different records, so that
// an older cursor is not taken for the same state.
const mapping = 1

// lister hands over the joined catalogue.
type lister struct{ *source }

// state is what a cursor says: how far each feed was read, with which settings,
// and when.
type state struct {
	Shape string    `json:"shape"`
	At    time.Time `json:"at"`
	Next  []string  `json:"next"`
}

// shape fingerprints the settings that decide what the feeds become.
func shape(s Settings) string {
	b, err := json.Marshal([]any{mapping, s.Feeds, s.Zone, s.Residents, s.Others, s.ResidentsProp, s.WaitingCount})
	if err != nil {
		return "" // strings and numbers always encode
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// List brings the catalogue up to date and emits all of it, or nothing when
// since already stands for it.
func (l lister) List(ctx context.Context, since connectors.Cursor, emit func(record.Record) error) (connectors.Cursor, error) {
	had := l.parse(since)
	now, current, unchanged, err := l.update(ctx, had)
	if err != nil {
		return "", err
	}
	if unchanged {
		return since, nil
	}
	for _, key := range now.keys() {
		r, _, _ := now.record(key, l.mapper.zone)
		if err := emit(r); err != nil {
			return "", fmt.Errorf("openactive: catalogue: %w", err)
		}
	}
	b, err := json.Marshal(current)
	if err != nil {
		return "", fmt.Errorf("openactive: cursor: %w", connectors.ErrDefect)
	}
	return connectors.Cursor(b), nil
}

// update refreshes the catalogue under its lock and tells whether the state had
// before is still the state now.
func (l lister) update(ctx context.Context, had *state) (snapshot, state, bool, error) {
	if err := l.catalogue.acquire(ctx); err != nil {
		return snapshot{}, state{}, false, err
	}
	defer l.catalogue.release()
	if had != nil && !l.catalogue.whole(time.Now()) && !l.catalogue.begun() {
		// After a restart: ask whether there is anything new before reading all.
		if still, err := l.still(ctx, *had); still || err != nil {
			return snapshot{}, state{}, still, err
		}
	}
	if err := l.refresh(ctx); err != nil {
		return snapshot{}, state{}, false, err
	}
	current := state{Shape: l.shape, At: time.Now().UTC()}
	for _, f := range l.catalogue.feeds {
		current.Next = append(current.Next, f.cursor.String())
	}
	if had != nil && slices.Equal(had.Next, current.Next) {
		return snapshot{}, current, true, nil
	}
	return l.catalogue.snapshot(), current, false, nil
}

// begun tells whether any page was stored.
func (c *catalogue) begun() bool {
	return slices.ContainsFunc(c.feeds, func(f *feed) bool { return len(f.things) > 0 })
}

// still tells whether every feed has nothing after an earlier state.
func (l lister) still(ctx context.Context, had state) (bool, error) {
	for i, f := range l.catalogue.feeds {
		at, err := follow(f.start, had.Next[i])
		if err != nil {
			return false, nil //nolint:nilerr // a cursor of elsewhere proves nothing: read everything
		}
		body, err := l.getPage(ctx, at)
		if errors.Is(err, connectors.ErrNotFound) {
			return false, nil // the publisher forgot this cursor
		}
		if err != nil {
			return false, fmt.Errorf("openactive: feed %d: %w", i+1, err)
		}
		p, err := parsePage(body)
		if err != nil {
			return false, fmt.Errorf("openactive: feed %d: %w", i+1, err)
		}
		next, err := follow(at, p.next)
		if err != nil {
			return false, fmt.Errorf("openactive: feed %d: %w", i+1, err)
		}
		if len(p.items) > 0 || canonical(next) != canonical(at) {
			return false, nil
		}
	}
	return true, nil
}

// parse reads a cursor; nil when it is none of ours, of other settings, or
// older than publishers keep tombstones.
func (l lister) parse(c connectors.Cursor) *state {
	var s state
	if json.Unmarshal([]byte(c), &s) != nil || s.Shape != l.shape || len(s.Next) != len(l.catalogue.feeds) {
		return nil
	}
	if age := time.Since(s.At); age < 0 || age > keep {
		return nil
	}
	for _, next := range s.Next {
		if _, err := url.Parse(next); err != nil {
			return nil
		}
	}
	return &s
}
