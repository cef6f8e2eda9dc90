package main

import (
	"context"
	"slices"

	"github.com/semenligne/sem/aggregator/place"
	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/places"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal"
)

// townPlaces answers the portal what is around a point, from the town-wide
// sections of the places sources.
type townPlaces struct {
	cache  cache.Reader
	lists  []string            // sources of places
	titles []map[string]string // theirs, one for each
	shapes []string            // sources of what the map draws

	made made[townMap]
}

// townMap is what the sections come to.
type townMap struct {
	index  *place.Index
	ground *place.Ground
}

// newTownPlaces returns nil when no source lists places.
func newTownPlaces(h *house) *townPlaces {
	t := &townPlaces{cache: h.cache}
	for _, s := range h.sources.sources {
		settings, ok := s.config.Settings.(*places.Settings)
		switch {
		case !ok:
		case settings.As == places.AsPlaces:
			t.lists, t.titles = append(t.lists, s.config.Name), append(t.titles, s.config.Title)
		case settings.As == places.AsShapes:
			t.shapes = append(t.shapes, s.config.Name)
		}
	}
	if len(t.lists) == 0 {
		return nil
	}
	return t
}

// Read implements [portal.Places]: the lists, then the shapes.
func (t *townPlaces) Read(ctx context.Context) ([]cache.Section, error) {
	return townSections(ctx, t.cache, slices.Concat(t.lists, t.shapes))
}

// Near implements [portal.Places].
func (t *townPlaces) Near(ctx context.Context, at record.Point, metres float64) (portal.Surroundings, error) {
	read, err := t.Read(ctx)
	if err != nil {
		return portal.Surroundings{}, err
	}
	m := t.made.from(read, func(all []record.Record) townMap {
		return townMap{place.NewIndex(all), place.NewGround(all)}
	})
	out := portal.Surroundings{Shapes: m.ground.Around(at, metres*1.5)}
	for i, s := range read[:len(t.lists)] {
		out.Lists = append(out.Lists, portal.PlaceList{Title: t.titles[i], Section: s})
	}
	for _, n := range m.index.Within(at, metres) {
		out.Places = append(out.Places, portal.NearPlace{Place: n.Place.Place, Source: n.Place.Source, Metres: n.Metres, Bearing: n.Bearing()})
	}
	return out, nil
}
