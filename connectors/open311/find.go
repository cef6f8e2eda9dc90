package open311

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/semenligne/sem/connectors/record"
)

// Find returns the requests of one person: by the ids that the person owns, or
// by account or email where the server extends GeoReport that far and proves
// it by naming the person in every item.
func (s *source) Find(ctx context.Context, who record.Ref) ([]record.Record, error) {
	p, err := parseRef(who)
	if err != nil {
		return nil, err
	}
	var found []request
	if len(p.ids) > 0 {
		found, err = s.byIDs(ctx, p.ids)
	} else {
		found, err = s.byPerson(ctx, p)
	}
	if err != nil {
		return nil, err
	}
	if err := s.addUpdates(ctx, found); err != nil {
		return nil, err
	}
	records := make([]record.Record, 0, len(found))
	for _, r := range found {
		records = append(records, r.record(who))
	}
	return records, nil
}

func (r request) record(who record.Ref) record.Record {
	return record.Record{Key: r.key(), Owner: who, Body: r.Request}
}

// listQuery is what every read of requests carries.
func (s *source) listQuery() url.Values {
	query := url.Values{}
	if s.Extensions {
		query.Set("extensions", "true")
	}
	return query
}

// requests reads one list of requests, each id once.
func (s *source) requests(ctx context.Context, query url.Values, segments ...string) ([]request, error) {
	body, err := s.get(ctx, "requests", query, segments...)
	if err != nil {
		return nil, err
	}
	items, err := s.readRequests(body)
	if err != nil {
		return nil, fmt.Errorf("open311: requests: %w", err)
	}
	var out merged
	for _, r := range items {
		if err := out.add(r); err != nil {
			return nil, err
		}
	}
	return out.requests, nil
}

func (s *source) readRequests(body []byte) ([]request, error) {
	items, err := decodeList(body, requestShape())
	if err != nil {
		return nil, err
	}
	out := make([]request, 0, len(items))
	for _, item := range items {
		if isError(item) {
			return nil, malformed(errors.New("an error list instead of requests"))
		}
		r, err := s.readRequest(item)
		if err != nil {
			return nil, malformed(err)
		}
		out = append(out, r)
	}
	return out, nil
}
