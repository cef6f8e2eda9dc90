package open311

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// byIDs asks for exactly these requests. One that the source does not know is
// kept, with the status unknown, so that it does not vanish without a word; when
// it knows none of them, the person is not found.
func (s *source) byIDs(ctx context.Context, ids []string) ([]request, error) {
	found := map[string]request{}
	var numbers []string
	for _, id := range ids {
		token, ok := strings.CutPrefix(id, tokenPrefix)
		if !ok {
			numbers = append(numbers, id)
			continue
		}
		r, err := s.byToken(ctx, token)
		if err != nil && !errors.Is(err, connectors.ErrNotFound) {
			return nil, err
		}
		if err == nil {
			found[id] = r
		}
	}
	for batch := range slices.Chunk(numbers, s.Batch) {
		if err := s.byBatch(ctx, batch, found); err != nil {
			return nil, err
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("open311: none of the ids: %w", connectors.ErrNotFound)
	}
	return inOrder(ids, found), nil
}

// inOrder lists what was asked for in the order asked, once each: a token and
// its number may both be in the list.
func inOrder(ids []string, found map[string]request) []request {
	var out []request
	seen := map[string]bool{}
	for _, id := range ids {
		r, ok := found[id]
		if !ok {
			r = request{Request: record.Request{Status: record.RequestUnknown}}
			if token, isToken := strings.CutPrefix(id, tokenPrefix); isToken {
				r.Token = token
			} else {
				r.ID = id
			}
		}
		if !seen[r.key()] {
			seen[r.key()] = true
			out = append(out, r)
		}
	}
	return out
}

// byBatch asks for several ids in one call, and one by one for those that the
// answer leaves out: a page cap or a 90-day limit may have hidden them.
func (s *source) byBatch(ctx context.Context, ids []string, found map[string]request) error {
	if len(ids) > 1 {
		query := s.listQuery()
		query.Set("service_request_id", strings.Join(ids, ","))
		items, err := s.requests(ctx, query, "requests")
		// An answer to the whole batch may be about one id of it.
		if err != nil && !errors.Is(err, connectors.ErrNotFound) && !errors.Is(err, connectors.ErrRefused) {
			return err
		}
		for _, r := range items {
			if !slices.Contains(ids, r.ID) {
				return fmt.Errorf("open311: requests: an item that was not asked for: %w", connectors.ErrMalformed)
			}
			found[r.ID] = r
		}
	}
	for _, id := range ids {
		if _, ok := found[id]; ok {
			continue
		}
		r, err := s.byID(ctx, id)
		if errors.Is(err, connectors.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		found[id] = r
	}
	return nil
}

// byID reads one request by its own address.
func (s *source) byID(ctx context.Context, id string) (request, error) {
	items, err := s.requests(ctx, s.listQuery(), "requests", id)
	if err != nil {
		return request{}, err
	}
	if len(items) == 0 {
		return request{}, fmt.Errorf("open311: request: %w", connectors.ErrNotFound)
	}
	if len(items) > 1 || items[0].ID != id {
		return request{}, fmt.Errorf("open311: request: an item that was not asked for: %w", connectors.ErrMalformed)
	}
	return items[0], nil
}

// byToken asks which number a token became, and reads that request. A token
// without number yet is a pending request.
func (s *source) byToken(ctx context.Context, token string) (request, error) {
	body, err := s.get(ctx, "token", url.Values{}, "tokens", token)
	if err != nil {
		return request{}, err
	}
	pending := request{Request: record.Request{Token: token, Status: record.RequestPending}}
	items, err := s.readRequests(body)
	if err != nil {
		return request{}, fmt.Errorf("open311: token: %w", err)
	}
	if len(items) == 0 {
		return pending, nil
	}
	if len(items) > 1 || items[0].Token != token && (items[0].Token != "" || items[0].ID == "") {
		return request{}, fmt.Errorf("open311: token: an item that was not asked for: %w", connectors.ErrMalformed)
	}
	if items[0].ID == "" {
		return pending, nil
	}
	r, err := s.byID(ctx, items[0].ID)
	if errors.Is(err, connectors.ErrNotFound) { // numbered, and not in the list yet
		pending.ID = items[0].ID
		return pending, nil
	}
	r.Token = token
	return r, err
}
