package open311

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors"
)

// The server's own limits (GeoReport v2, GET Service Requests): 90 days between
// start_date and end_date. Windows stay below it and overlap, since servers
// round dates and disagree about the ends.
const (
	windowSpan    = 89 * day
	windowOverlap = day
	// narrowest is where splitting a full window stops.
	narrowest = time.Hour
	maxPages  = 200
)

// byPerson walks back through the windows. v2 has no such filter: a server that
// does not know it ignores it and answers with everybody's requests. So every
// item must name the person asked for; one that names somebody else spoils the
// whole, and items that name nobody count only where the server proves that it
// heeds the filter.
func (s *source) byPerson(ctx context.Context, p person) ([]request, error) {
	var found merged
	anonymous, proven := false, false
	mine := func(r request) error {
		named := r.account != "" && p.account != "" || r.email != "" && p.email != ""
		switch {
		case p.account != "" && r.account == p.account, p.email != "" && strings.EqualFold(r.email, p.email):
			return nil
		case named, r.ID == "" && r.Token == "":
			return errUnproven
		}
		anonymous = true
		return nil
	}
	now := time.Now()
	oldest := now.Add(-s.History.Std())
	for end := now.Add(day); end.After(oldest); end = end.Add(windowOverlap - windowSpan) {
		start := end.Add(-windowSpan)
		if err := s.window(ctx, s.personQuery(p), start, end, mine, &found); err != nil {
			return nil, err
		}
		if anonymous && !proven {
			if err := s.heedsPerson(ctx, p, start, end); err != nil {
				return nil, err
			}
			proven = true
		}
	}
	return found.requests, nil
}

var errUnproven = fmt.Errorf("open311: requests of a person: the server does not prove whose each request is, use ids: %w", connectors.ErrMalformed)

// personQuery asks for one person's requests.
func (s *source) personQuery(p person) url.Values {
	query := s.listQuery()
	if p.account != "" {
		query.Set("account_id", p.account)
	} else {
		query.Set("email", p.email)
	}
	return query
}

// heedsPerson proves that the server heeds the filter by person: asked about
// somebody who cannot exist, in a window where it had requests to show, it shows
// none. A server that ignores the filter shows the same ones again.
func (s *source) heedsPerson(ctx context.Context, p person, start, end time.Time) error {
	nobody := person{email: rand.Text() + "@nobody.invalid"}
	if p.account != "" {
		nobody = person{account: rand.Text()}
	}
	items, _, err := s.pages(ctx, s.personQuery(nobody), start, end)
	switch {
	case errors.Is(err, connectors.ErrNotFound):
		return nil
	case err == nil && len(items) > 0:
		return errUnproven
	}
	return err
}

// window reads the requests sent between two instants. A window that comes back
// full and has no further pages was probably cut, and is read again in halves.
func (s *source) window(ctx context.Context, query url.Values, start, end time.Time, accept func(request) error, into *merged) error {
	items, whole, err := s.pages(ctx, query, start, end)
	if err != nil {
		return err
	}
	for _, r := range items {
		if err := accept(r); err != nil {
			return err
		}
	}
	if !whole {
		if end.Sub(start) <= narrowest {
			return fmt.Errorf("open311: requests: the list looks cut however short the window, set page_size: %w", connectors.ErrMalformed)
		}
		middle := start.Add(end.Sub(start) / 2)
		if err := s.window(ctx, query, start, middle, accept, into); err != nil {
			return err
		}
		return s.window(ctx, query, middle, end, accept, into)
	}
	for _, r := range items {
		if err := into.add(r); err != nil {
			return err
		}
	}
	return nil
}

// looksCut knows the caps that servers put on one answer.
func looksCut(n int) bool {
	return slices.Contains([]int{50, 100, 200, 250, 500, 1000}, n)
}

// pages reads a window, page by page where the server has pages. Without a
// page_size in the settings none is asked for until an answer looks cut; whole is
// false when it may be cut all the same.
func (s *source) pages(ctx context.Context, query url.Values, start, end time.Time) (found []request, whole bool, err error) {
	q := maps.Clone(query)
	q.Set("start_date", formatTime(start, s.DateStyle, s.zone))
	q.Set("end_date", formatTime(end, s.DateStyle, s.zone))
	if s.PageSize > 0 {
		q.Set("page_size", strconv.Itoa(s.PageSize))
	}
	var all merged
	for page := 1; page <= maxPages; page++ {
		if page > 1 || s.PageSize > 0 {
			q.Set("page", strconv.Itoa(page))
		}
		items, err := s.requests(ctx, q, "requests")
		switch {
		case page > 1 && errors.Is(err, connectors.ErrNotFound):
			return all.requests, true, nil // past the last page
		case page > 1 && s.PageSize == 0 && errors.Is(err, connectors.ErrRefused):
			return all.requests, false, nil // no pages here
		case err != nil:
			return nil, false, err
		}
		fresh := slices.ContainsFunc(items, func(r request) bool { return !all.has(r) })
		for _, r := range items {
			if err := all.add(r); err != nil {
				return nil, false, err
			}
		}
		// A server that ignores page repeats itself; one with a lower cap than
		// page_size gives less than asked on every page.
		switch {
		case len(items) == 0, !looksCut(len(items)) && (s.PageSize == 0 || len(items) < s.PageSize):
			return all.requests, true, nil
		case !fresh:
			return all.requests, s.PageSize > 0, nil
		}
	}
	return nil, false, fmt.Errorf("open311: requests: more than %d pages: %w", maxPages, connectors.ErrMalformed)
}
