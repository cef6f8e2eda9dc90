package open311

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// addUpdates completes the histories from FixMyStreet's list of updates. The
// list is the whole town's: what is not about one of these requests is dropped
// unread.
func (s *source) addUpdates(ctx context.Context, requests []request) error {
	if s.Updates == 0 || len(requests) == 0 {
		return nil
	}
	at := map[string]*request{}
	for i := range requests {
		at[requests[i].ID] = &requests[i]
	}
	delete(at, "")
	now := time.Now()
	body, err := s.get(ctx, "updates", url.Values{
		"start_date": {formatTime(now.Add(-s.Updates.Std()), s.DateStyle, s.zone)},
		"end_date":   {formatTime(now, s.DateStyle, s.zone)},
	}, "servicerequestupdates")
	if err != nil {
		return err
	}
	items, err := decodeList(body, updateShape())
	if err != nil {
		return fmt.Errorf("open311: updates: %w", err)
	}
	seen := map[string]bool{}
	for _, item := range items {
		id, err := item.scalar("service_request_id")
		if err != nil {
			return fmt.Errorf("open311: updates: %w: %w", connectors.ErrMalformed, err)
		}
		r, ok := at[id]
		update := item.label("update_id")
		if !ok || update != "" && seen[id+" "+update] {
			continue
		}
		seen[id+" "+update] = true
		r.History = append(r.History, record.RequestEvent{
			At:     s.instant(item, "updated_datetime"),
			Status: plain(item.label("status"), maxLine),
			Note:   plain(item.label("description"), maxText),
		})
		sortEvents(r.History)
	}
	return nil
}
