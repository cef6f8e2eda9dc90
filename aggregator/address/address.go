// Package address brings what the town says for everybody to one property: in
// which sectors it lies, when the truck passes there, and whether it may water.
// All of it is pure: now and the zone are arguments, and what a property lacks
// for an answer is said, never guessed.
package address

import (
	"github.com/semenligne/sem/aggregator/collection"
	"github.com/semenligne/sem/aggregator/place"
	"github.com/semenligne/sem/aggregator/watering"
	"github.com/semenligne/sem/connectors/record"
)

// Town is what a town's sources of rules, calendars and sectors say. It never
// changes once it is made; any number of goroutines may ask it.
type Town struct {
	streams     map[string]record.Stream
	collections collection.Calendar
	watering    watering.Town
	sectors     *place.Sectors
}

// NewTown takes the rules, the calendars and the sectors among the records.
func NewTown(records []record.Record) *Town {
	t := &Town{
		streams: map[string]record.Stream{}, collections: collection.FromRecords(records),
		watering: watering.FromRecords(records), sectors: place.NewSectors(records),
	}
	for _, r := range records {
		if s, ok := r.Body.(record.Stream); ok {
			t.streams[s.Code] = s
		}
	}
	return t
}

// Streams returns the sorts of collection by code, to be read only; one that
// occurs may lack.
func (t *Town) Streams() map[string]record.Stream { return t.streams }

// Gap is why there is no answer, closed; "" is that there is one.
type Gap string

// The reasons.
const (
	GapUnpublished Gap = "unpublished" // no day of that time is published
	GapNoProperty  Gap = "no_property" // no property is known
	GapNoSector    Gap = "no_sector"   // the property is in no sector that is known
)

// addressOf names a property by its first address, "" when it has none.
func addressOf(u record.Unit) string {
	if len(u.Addresses) == 0 {
		return ""
	}
	return u.Addresses[0].Text
}
