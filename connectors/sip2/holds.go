package sip2

import (
	"context"
	"slices"

	"github.com/semenligne/sem/connectors/record"
)

// holds describes the holds of both lists. CD holds what is not ready on every
// system; what AS holds besides is ready on some and anything on others.
func (ss *session) holds(ctx context.Context, as, cd []string) ([]record.Record, error) {
	waiting := slices.Clone(cd)
	var records []record.Record
	k := keys{}
	titlesOnly := ss.titlesOnly(slices.Concat(as, cd))
	add := func(entry string, status record.HoldStatus) error {
		h := record.Hold{Status: status}
		if titlesOnly {
			h.Title = entry
		} else {
			h.Item = entry
			shelved, err := ss.describe(ctx, &h)
			if err != nil {
				return err
			}
			if h.Status == record.HoldUnknown && shelved {
				h.Status = record.HoldReady
			}
		}
		records = append(records, record.Record{Key: k.of(h.Item, h.Title), Body: h})
		return nil
	}
	for _, entry := range as {
		status := ss.asStatus()
		if at := slices.Index(waiting, entry); at >= 0 {
			if status = record.HoldWaiting; ss.source.settings.AsCd == AsCdKoha {
				status = record.HoldUnknown // in both lists, which should share nothing
			}
			waiting = slices.Delete(waiting, at, at+1)
		}
		if err := add(entry, status); err != nil {
			return nil, err
		}
	}
	for _, entry := range waiting {
		if err := add(entry, record.HoldWaiting); err != nil {
			return nil, err
		}
	}
	return records, nil
}

// asStatus is the state of a hold that is in AS and not in CD.
func (ss *session) asStatus() record.HoldStatus {
	if ss.source.settings.AsCd == AsCdAuto {
		return record.HoldUnknown
	}
	return record.HoldReady
}

// describe fills in the title of a hold and tells whether its item is on the
// hold shelf; it asks only for what is not known yet.
func (ss *session) describe(ctx context.Context, h *record.Hold) (shelved bool, err error) {
	if h.Title = ss.source.titles.get(h.Item); h.Title != "" && h.Status != record.HoldUnknown {
		return false, nil
	}
	i, err := ss.item(ctx, h.Item)
	if i.title != "" {
		h.Title = i.title
	}
	return i.circulation == onHoldShelf, err
}
