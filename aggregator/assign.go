package aggregator

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// maxTown bounds the records of a town-wide section.
const maxTown = 50_000

// reading takes in one list of a source and keeps what somebody in town is
// shown: records of linked owners, and records of nobody in particular. All
// others are counted and let go, so that a roll of any size passes through.
type reading struct {
	owners map[record.Ref][]record.Citizen
	kept   map[identity]record.Record
	town   int
	// count, personal and census say what was seen, kept or not.
	count    int
	personal bool
	census   census
}

// identity is what no two records of a source share.
type identity struct {
	kind record.Kind
	key  string
}

func newReading(owners map[record.Ref][]record.Citizen) *reading {
	return &reading{owners: owners, kept: map[identity]record.Record{}, census: census{}}
}

// add takes one record. It refuses what cannot be put anywhere with certainty:
// a fact about a person without saying whom, or one thing told twice
// differently.
func (l *reading) add(r record.Record) error {
	if r.Body == nil || r.Key == "" {
		return fmt.Errorf("record without key or body: %w", connectors.ErrDefect)
	}
	l.count++
	l.census.add(r)
	if r.Owner.IsZero() {
		if personalKind(r.Body.Kind()) {
			return fmt.Errorf("%s without owner: %w", r.Body.Kind(), connectors.ErrMalformed)
		}
	} else {
		l.personal = true
		if len(l.owners[r.Owner]) == 0 {
			return nil
		}
	}
	added, err := keep(l.kept, r)
	if added && r.Owner.IsZero() {
		if l.town++; l.town > maxTown {
			return fmt.Errorf("more than %d town-wide records: %w", maxTown, connectors.ErrMalformed)
		}
	}
	return err
}

// townWide returns the records of nobody in particular, in a stable order.
func (l *reading) townWide() []record.Record {
	var records []record.Record
	for _, r := range l.kept {
		if r.Owner.IsZero() {
			records = append(records, r)
		}
	}
	return sorted(records)
}

// sections gives each linked citizen the records of their own Refs, in a
// stable order. Missed are those of whom the list lacks a Ref: they have
// nothing there, or the registry writes the Ref in another way.
func (l *reading) sections() (sections map[record.Citizen][]record.Record, missed []record.Citizen) {
	sections = map[record.Citizen][]record.Record{}
	listed := map[record.Ref]bool{}
	for _, r := range l.kept {
		listed[r.Owner] = true
		for _, citizen := range l.owners[r.Owner] {
			sections[citizen] = append(sections[citizen], r)
		}
	}
	for citizen, refs := range refsOf(l.owners) {
		sections[citizen] = sorted(sections[citizen])
		if slices.ContainsFunc(refs, func(ref record.Ref) bool { return !listed[ref] }) {
			missed = append(missed, citizen)
		}
	}
	slices.Sort(missed)
	return sections, missed
}

// assignFound checks the answers about one citizen's Refs and joins them. A
// record that is not of the Ref asked for makes the whole answer worthless.
func assignFound(answers map[record.Ref][]record.Record) ([]record.Record, error) {
	kept := map[identity]record.Record{}
	for ref, records := range answers {
		for _, r := range records {
			if r.Body == nil || r.Key == "" {
				return nil, fmt.Errorf("record without key or body: %w", connectors.ErrDefect)
			}
			if ref.IsZero() || r.Owner != ref {
				return nil, fmt.Errorf("record of another person: %w", connectors.ErrMalformed)
			}
			if r.Body.Kind() == record.KindCard {
				return nil, fmt.Errorf("card among a person's records: %w", connectors.ErrMalformed)
			}
			if _, err := keep(kept, r); err != nil {
				return nil, err
			}
		}
	}
	records := make([]record.Record, 0, len(kept))
	for _, r := range kept {
		records = append(records, r)
	}
	return sorted(records), nil
}

// keep adds a record that is not there yet.
func keep(kept map[identity]record.Record, r record.Record) (added bool, err error) {
	id := identity{r.Body.Kind(), r.Key}
	before, ok := kept[id]
	if !ok {
		kept[id] = r
		return true, nil
	}
	before.ReadAt = r.ReadAt
	if !reflect.DeepEqual(before, r) {
		return false, fmt.Errorf("one %s told twice, differently: %w", id.kind, connectors.ErrMalformed)
	}
	return false, nil
}

// sorted orders records so that two reads of the same facts are the same
// section, in whatever order the source tells them.
func sorted(records []record.Record) []record.Record {
	slices.SortFunc(records, func(a, b record.Record) int {
		return cmp.Or(cmp.Compare(a.Body.Kind(), b.Body.Kind()), cmp.Compare(a.Key, b.Key))
	})
	return records
}

// personalKind tells whether a fact of this kind is always about somebody.
func personalKind(kind record.Kind) bool {
	switch kind {
	case record.KindActivity, record.KindService, record.KindPlace, record.KindSector, record.KindShape, record.KindOther,
		record.KindStream, record.KindCollection, record.KindCollectionRule,
		record.KindWateringRule, record.KindWateringBan, record.KindWateringPermit:
		return false
	case record.KindLoan, record.KindHold, record.KindFee, record.KindBlock, record.KindRegistration,
		record.KindUnit, record.KindRequest, record.KindCard:
		return true
	}
	return true
}
