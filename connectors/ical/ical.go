// Package ical reads a town's calendars of collections: iCalendar files (RFC
// 5545), one a sector or one for all, at an address or on this machine. It
// hands over the days on which something is collected, from a month ago to
// fourteen months ahead.
//
// A calendar is taken whole or not at all, and one without events is a failure:
// a page must not say that nothing is collected because last year's file still
// stands there.
package ical

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// Kind returns the kind "ical".
func Kind() connectors.Kind { return kindAt(time.Now) }

// kindAt is Kind with a clock, by which the window is chosen.
func kindAt(now func() time.Time) connectors.Kind {
	k := connectors.Define("ical", "calendars of collections in iCalendar (RFC 5545)", connectors.DomainNone, defaults,
		func(s Settings, deps connectors.Deps) (connectors.Source, error) { return open(s, deps, now) })
	k.MaxBody = maxSize
	return k
}

// Limits of one calendar, and of what all come to.
const (
	maxSize   = 5 << 20
	maxEvents = 20_000
	maxDays   = 100_000
	maxRules  = 16 // of one event, which has one (RFC 5545, 3.8.5.3)
)

type source struct {
	Settings
	zone *time.Location
	http *http.Client
	log  *slog.Logger
	now  func() time.Time
}

func open(s Settings, deps connectors.Deps, now func() time.Time) (connectors.Source, error) {
	zone, err := time.LoadLocation(s.Timezone)
	if err != nil {
		return connectors.Source{}, fmt.Errorf("ical: time zone: %w", connectors.ErrRefused)
	}
	src := &source{s, zone, deps.HTTP, deps.Log, now}
	return connectors.Source{Check: src.check, List: src}, nil
}

// check reads every calendar as List does.
func (s *source) check(ctx context.Context) error {
	_, err := s.List(ctx, "", func(record.Record) error { return nil })
	return err
}

// List emits one [record.Collection] a stream, sector and day. The cursor stands
// for what the calendars said, for today and for the settings.
func (s *source) List(ctx context.Context, since connectors.Cursor, emit func(record.Record) error) (connectors.Cursor, error) {
	today := record.DateOf(s.now().In(s.zone))
	settings, err := json.Marshal(s.Settings)
	if err != nil {
		return "", fmt.Errorf("ical: settings: %w", connectors.ErrDefect)
	}
	sum := sha256.New()
	sum.Write(settings)
	bodies := make([][]byte, len(s.Calendars))
	for i, c := range s.Calendars {
		if bodies[i], err = s.read(ctx, c); err != nil {
			return "", fmt.Errorf("ical: calendar %d: %w", i+1, err)
		}
		one := sha256.Sum256(bodies[i])
		sum.Write(one[:])
	}
	cursor := connectors.Cursor(fmt.Sprintf("1:%s:%x", today, sum.Sum(nil)))
	if since == cursor {
		return since, nil
	}
	days, err := s.days(ctx, bodies, today)
	if err != nil {
		return "", err
	}
	for _, d := range days {
		if err := emit(d); err != nil {
			return "", fmt.Errorf("ical: record: %w", err)
		}
	}
	return cursor, nil
}

// days works out the records of all calendars.
func (s *source) days(ctx context.Context, bodies [][]byte, today record.Date) ([]record.Record, error) {
	all, unmatched := &daybook{}, 0
	for i, c := range s.Calendars {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("ical: %w", err)
		}
		n, err := s.calendar(ctx, c, bodies[i], today, all)
		if err != nil {
			return nil, fmt.Errorf("ical: calendar %d: %w", i+1, err)
		}
		unmatched += n
	}
	if unmatched > 0 {
		s.log.WarnContext(ctx, "titles that no pattern knows are kept as stream other", "titles", unmatched)
	}
	return all.records(), nil
}

// calendar adds the days of one calendar and returns how many titles no pattern
// knows.
func (s *source) calendar(ctx context.Context, c Calendar, body []byte, today record.Date, all *daybook) (unmatched int, err error) {
	events, err := parse(body, s.Charset, s.zone)
	if err != nil {
		return 0, err
	}
	m, err := newMapping(s.Settings, c)
	if err != nil {
		return 0, err
	}
	passages, last, err := expand(ctx, events, window(today), s.zone)
	if err != nil {
		return 0, err
	}
	if last.Before(today) {
		return 0, fmt.Errorf("calendar not published yet, its last event is past: %w", connectors.ErrUnavailable)
	}
	for _, p := range passages {
		if all.add(m.collections(p)) > maxDays {
			return 0, malformed("more than %d days", maxDays)
		}
	}
	return len(m.unmatched), nil
}

// window is what is handed over: from a month ago to fourteen months ahead.
func window(today record.Date) record.Period {
	from := today.In(time.UTC).AddDate(0, -1, 0)
	to := today.In(time.UTC).AddDate(0, 14, 0)
	return record.Period{From: record.DateOf(from), To: record.DateOf(to)}
}

// malformed makes an error about a calendar's content; args never hold any of
// its text.
func malformed(format string, args ...any) error {
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), connectors.ErrMalformed)
}
