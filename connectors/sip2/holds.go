package sip2

import (
	"context"
	"slices"

	"github.com/semenligne/sem/connectors/record"
)

// holds describes the holds of both lists. CD holds what is not ready on every
// system. What AS holds besides is ready where CD is kept at all, for then either
// the two share nothing or CD is the part of AS that is not; where CD is empty,
// AS is ready on some systems and anything on others.
func (ss *session) holds(ctx context.Context, lists holdLists) ([]record.Record, error) {
	waiting := slices.Clone(lists.cd)
	var records []record.Record
	k := keys{}
	titlesOnly := ss.titlesOnly(slices.Concat(lists.as, lists.cd))
	add := func(entry string, status record.HoldStatus) error {
		h := record.Hold{Status: status}
		if titlesOnly {
			h.Title = entry
		} else {
			h.Item = entry
			circulation, err := ss.describe(ctx, &h)
			if err != nil {
				return err
			}
			if h.Status == record.HoldUnknown && circulation == onHoldShelf {
				h.Status = record.HoldReady
			}
			if h.Status == record.HoldReady && ss.source.settings.AsCd == AsCdAuto && elsewhere(circulation) {
				h.Status = record.HoldUnknown
			}
		}
		records = append(records, record.Record{Key: k.of(h.Item, h.Title), Body: h})
		return nil
	}
	for _, entry := range lists.as {
		status := ss.asStatus(lists.kept)
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

// asStatus is the state of a hold that is in AS and not in CD; kept tells whether
// CD is.
func (ss *session) asStatus(kept bool) record.HoldStatus {
	if ss.source.settings.AsCd == AsCdAuto && !kept {
		return record.HoldUnknown
	}
	return record.HoldReady
}

// elsewhere tells whether a circulation status says that the item waits for
// nobody: it is with somebody, on its way or lost.
func elsewhere(circulation string) bool {
	return circulation != "" && circulation != "01" && circulation != "03" && circulation != onHoldShelf
}

// describe fills in the title of a hold, and until when it is kept where its
// item waits on the shelf. It returns the circulation status of the item, and
// asks only for what is not known yet.
func (ss *session) describe(ctx context.Context, h *record.Hold) (circulation string, err error) {
	if h.Title = ss.source.titles.get(h.Item); h.Title != "" && h.Status == record.HoldWaiting {
		return "", nil
	}
	i, err := ss.item(ctx, h.Item)
	if i.title != "" {
		h.Title = i.title
	}
	if h.Status != record.HoldWaiting && i.circulation == onHoldShelf {
		h.Expires = ss.source.due(i.keptUntil)
	}
	return i.circulation, err
}
