package address

import (
	"cmp"

	"github.com/semenligne/sem/aggregator/collection"
	"github.com/semenligne/sem/connectors/record"
)

// Collections is which collections pass at one property.
type Collections struct {
	// Gap is why Days are not known; "" when they are: then no day is none.
	Gap Gap
	// Address and Sector are what the answer is for, in words; "" when unknown, or
	// when it is one answer for the whole town.
	Address, Sector string
	// Days are in order; the called-off ones are among them.
	Days []record.Collection
	// Ends is the last day of which anything is published, where that is before
	// the last day asked for: what follows it is not known. Zero elsewhere.
	Ends record.Date
}

// Collections returns the collections that pass at each of some properties from
// one day to another, both included: an answer a property, in their order, or a
// single one that goes for all, and for nobody's property in particular.
func (t *Town) Collections(units []record.Unit, from, to record.Date) []Collections {
	list := t.collectionsOf(units, from, to)
	for i := range list {
		if ends := t.collections.Ends(); list[i].Gap == "" && ends.Before(to) {
			list[i].Ends = ends
		}
	}
	return list
}

func (t *Town) collectionsOf(units []record.Unit, from, to record.Date) []Collections {
	switch {
	case !t.collections.Published(from):
		return []Collections{{Gap: GapUnpublished}}
	case !t.collections.BySector():
		return []Collections{{Days: t.collections.Days(nowhere, from, to)}}
	case len(units) == 0:
		return []Collections{{Gap: GapNoProperty}}
	}
	var list []Collections
	for _, u := range units {
		list = append(list, t.collectionsAt(u, from, to))
	}
	return list
}

// nowhere is in no sector.
func nowhere(string) string { return "" }

// collectionsAt answers for one property, in a town that goes by sectors.
func (t *Town) collectionsAt(u record.Unit, from, to record.Date) Collections {
	here := t.sectorsOf(u)
	if !t.collections.Placed(here) {
		return Collections{Gap: GapNoSector, Address: addressOf(u)}
	}
	c := Collections{Address: addressOf(u), Days: t.collections.Days(here, from, to)}
	if s, ok := t.sectors.Of(u, ""); ok { // the one of all streams, where there is one
		c.Sector = cmp.Or(s.Name, s.Code)
	}
	return c
}

// sectorsOf finds the sector of a property for each stream, once a stream.
func (t *Town) sectorsOf(u record.Unit) collection.Sectors {
	found := map[string]string{}
	return func(stream string) string {
		code, asked := found[stream]
		if !asked {
			s, _ := t.sectors.Of(u, stream)
			code = s.Code
			found[stream] = code
		}
		return code
	}
}
