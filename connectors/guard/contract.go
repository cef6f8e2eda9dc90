package guard

import (
	"fmt"
	"hash/maphash"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// reading checks the records of one read and stamps them. It remembers keys as
// hashes, so that a roll of a million units costs some megabytes; two keys
// taken for one by chance are about one in ten million such reads.
type reading struct {
	source string
	seed   maphash.Seed
	seen   map[uint64]struct{}
}

func (g *Guard) newReading() *reading {
	return &reading{source: g.name, seed: maphash.MakeSeed(), seen: map[uint64]struct{}{}}
}

// accept checks a record and stamps it with its source and the time.
func (r *reading) accept(rec record.Record) (record.Record, error) {
	switch {
	case rec.Body == nil:
		return rec, fmt.Errorf("record without body: %w", connectors.ErrDefect)
	case rec.Key == "":
		return rec, fmt.Errorf("%s record without key: %w", rec.Body.Kind(), connectors.ErrDefect)
	}
	var h maphash.Hash
	h.SetSeed(r.seed)
	_, _ = h.WriteString(string(rec.Body.Kind()))
	_ = h.WriteByte(0)
	_, _ = h.WriteString(rec.Key)
	sum := h.Sum64()
	if _, twice := r.seen[sum]; twice {
		return rec, fmt.Errorf("%s record given twice: %w", rec.Body.Kind(), connectors.ErrMalformed)
	}
	r.seen[sum] = struct{}{}
	rec.Source, rec.ReadAt = r.source, time.Now().UTC()
	return rec, nil
}

// found checks everything that Find returned about a person. One wrong record
// spoils the read.
func (g *Guard) found(who record.Ref, records []record.Record) ([]record.Record, error) {
	r := g.newReading()
	checked := make([]record.Record, 0, len(records))
	for _, rec := range records {
		if rec.Owner != who {
			if rec.Owner.IsZero() {
				return nil, fmt.Errorf("record without owner: %w", connectors.ErrDefect)
			}
			return nil, fmt.Errorf("somebody else's record: %w", connectors.ErrMalformed)
		}
		rec, err := r.accept(rec)
		if err != nil {
			return nil, err
		}
		checked = append(checked, rec)
	}
	return checked, nil
}

// receipt checks the records that came with a receipt: what was read back after
// an action, or to learn what became of one. They are the person's own, or the
// town's.
func (g *Guard) receipt(who record.Ref, receipt record.Receipt) (record.Receipt, error) {
	r := g.newReading()
	var checked []record.Record
	for _, rec := range receipt.Records {
		rec, err := r.accept(rec)
		if err == nil && !rec.Owner.IsZero() && rec.Owner != who {
			err = fmt.Errorf("somebody else's record: %w", connectors.ErrMalformed)
		}
		if err != nil {
			return receipt, fmt.Errorf("read back: %w", err)
		}
		checked = append(checked, rec)
	}
	receipt.Records = checked
	return receipt, nil
}
