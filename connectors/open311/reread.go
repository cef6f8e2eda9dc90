package open311

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// around is how far from our send the town may date a request, its clock being
// its own.
const around = 15 * time.Minute

// tolerance is how far a position may move on its way, in degrees: some 20 m.
const tolerance = 0.0002

// recent lists the requests of the service around the time of the attempt. What
// is listed before sending cannot be ours, however alike: so neither an earlier
// identical submit nor the town's clock can be mistaken for proof.
func (s *source) recent(ctx context.Context, a *attempt) (keys map[string]bool, ok bool) {
	if !a.listed() {
		return nil, false
	}
	items, err := s.listRecent(ctx, a)
	keys = map[string]bool{}
	for _, r := range items {
		keys[r.key()] = true
	}
	return keys, err == nil
}

// listed tells whether requests of the service are ever listed.
func (a *attempt) listed() bool { return a.service.FollowUp != record.FollowUpNone }

func (s *source) listRecent(ctx context.Context, a *attempt) ([]request, error) {
	query := s.listQuery()
	query.Set("service_code", a.service.Code)
	var found merged
	err := s.window(ctx, query, a.at.Add(-around), a.at.Add(around), func(request) error { return nil }, &found)
	return found.requests, err
}

// findSubmitted looks for the request that an attempt made: listed now, not
// before, and alike. Two of them prove nothing.
func (s *source) findSubmitted(ctx context.Context, a *attempt) (request, bool) {
	if !a.known {
		return request{}, false
	}
	items, err := s.listRecent(ctx, a)
	alike := a.alike(items)
	if err != nil || len(alike) != 1 || alike[0].ID == "" {
		return request{}, false
	}
	return alike[0], true
}

// alike picks those that the attempt may have made and that were not there
// before, as far as that is known.
func (a *attempt) alike(items []request) []request {
	var alike []request
	for _, r := range items {
		if !a.before[r.key()] && a.made(r) {
			alike = append(alike, r)
		}
	}
	return alike
}

// made tells whether the attempt made the request: nothing contradicts it, and
// at least two of place, description and person speak for it.
func (a *attempt) made(r request) bool {
	evidence := 0
	for _, v := range []verdict{a.samePlace(r), a.sameDescription(r), a.samePerson(r)} {
		switch v {
		case contradicts:
			return false
		case agrees:
			evidence++
		case silent:
		}
	}
	ours := r.ServiceCode == "" || r.ServiceCode == a.service.Code
	inTime := r.Sent.IsZero() || r.Sent.Sub(a.at).Abs() <= around
	return ours && inTime && evidence >= 2
}

// verdict is what one field says about who made a request.
type verdict int

const (
	silent verdict = iota
	agrees
	contradicts
)

func judge(same bool) verdict {
	if same {
		return agrees
	}
	return contradicts
}

func (a *attempt) samePlace(r request) verdict {
	if sent := a.submit.Point; sent != nil && sent.Valid() {
		if r.Point == nil {
			return silent
		}
		return judge(math.Abs(sent.Lat-r.Point.Lat) <= tolerance && math.Abs(sent.Long-r.Point.Long) <= tolerance)
	}
	if folded(a.submit.Address) != "" && folded(a.submit.Address) == folded(r.Address) {
		return agrees
	}
	return silent // towns rewrite addresses
}

func (a *attempt) sameDescription(r request) verdict {
	if r.Description == "" || a.submit.Description == "" {
		return silent
	}
	return judge(folded(plain(a.submit.Description, maxText)) == folded(r.Description))
}

func (a *attempt) samePerson(r request) verdict {
	switch {
	case a.account != "" && r.account != "":
		return judge(a.account == r.account)
	case a.submit.Email != "" && r.email != "":
		return judge(strings.EqualFold(a.submit.Email, r.email))
	}
	return silent
}

func folded(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
