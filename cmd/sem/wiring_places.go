package main

import (
	"context"
	"math"
	"slices"
	"sync"

	"github.com/semenligne/sem/aggregator/place"
	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/places"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal"
)

// townPlaces answers the portal what is around a point: an index over the
// town-wide sections of the places sources, made again when one changes.
type townPlaces struct {
	cache  cache.Reader
	places []portal.PlaceList // by name and title; sections are read anew
	shapes []string

	mu       sync.Mutex
	versions []uint64
	index    *place.Index
	ground   []boundedShape
}

// boundedShape is a shape and the box around it.
type boundedShape struct {
	record.Shape
	southWest, northEast record.Point
}

// newTownPlaces returns nil when no source lists places.
func newTownPlaces(h *house) *townPlaces {
	t := &townPlaces{cache: h.cache}
	for _, s := range h.sources.sources {
		settings, ok := s.config.Settings.(*places.Settings)
		switch {
		case !ok:
		case settings.As == places.AsPlaces:
			t.places = append(t.places, portal.PlaceList{Title: s.config.Title, Section: cache.Section{Source: s.config.Name}})
		case settings.As == places.AsShapes:
			t.shapes = append(t.shapes, s.config.Name)
		}
	}
	if len(t.places) == 0 {
		return nil
	}
	return t
}

// Near implements [portal.Places].
func (t *townPlaces) Near(ctx context.Context, at record.Point, metres float64) (portal.Surroundings, error) {
	out := portal.Surroundings{Lists: slices.Clone(t.places)}
	for i := range out.Lists {
		section, err := t.cache.Town(ctx, out.Lists[i].Section.Source)
		if err != nil {
			return portal.Surroundings{}, err
		}
		out.Lists[i].Section = section
	}
	for _, name := range t.shapes {
		section, err := t.cache.Town(ctx, name)
		if err != nil {
			return portal.Surroundings{}, err
		}
		out.Grounds = append(out.Grounds, section)
	}
	index, ground := t.current(out)
	for _, n := range index.Within(at, metres) {
		out.Places = append(out.Places, portal.NearPlace{Place: n.Place.Place, Source: n.Place.Source, Metres: n.Metres, Bearing: n.Bearing()})
	}
	southWest, northEast := square(at, metres*1.5)
	for _, g := range ground {
		if g.southWest.Lat <= northEast.Lat && g.northEast.Lat >= southWest.Lat && g.southWest.Long <= northEast.Long && g.northEast.Long >= southWest.Long {
			out.Shapes = append(out.Shapes, g.Shape)
		}
	}
	return out, nil
}

// current returns what was made of the sections, and makes it anew when one has
// changed.
func (t *townPlaces) current(s portal.Surroundings) (*place.Index, []boundedShape) {
	sections := slices.Clone(s.Grounds)
	for _, l := range s.Lists {
		sections = append(sections, l.Section)
	}
	versions := make([]uint64, len(sections))
	for i, section := range sections {
		versions[i] = section.Version
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.index == nil || !slices.Equal(versions, t.versions) {
		var all []record.Record
		for _, section := range sections {
			// The portal leaves out what became too old since.
			records, _ := section.At(section.AsOf).Records()
			all = append(all, records...)
		}
		t.index, t.ground, t.versions = place.NewIndex(all), groundOf(all), versions
	}
	return t.index, t.ground
}

// groundOf is what the map draws: shapes, and the grounds of places.
func groundOf(records []record.Record) []boundedShape {
	var ground []boundedShape
	for _, r := range records {
		switch body := r.Body.(type) {
		case record.Shape:
			ground = append(ground, bounded(body))
		case record.Place:
			if len(body.Outline) > 0 {
				ground = append(ground, bounded(record.Shape{Category: body.Category, Area: body.Outline}))
			}
		}
	}
	return ground
}

func bounded(s record.Shape) boundedShape {
	southWest, northEast := s.Area.Bounds()
	for _, line := range s.Lines {
		for _, p := range line {
			southWest = record.Point{Lat: min(southWest.Lat, p.Lat), Long: min(southWest.Long, p.Long)}
			northEast = record.Point{Lat: max(northEast.Lat, p.Lat), Long: max(northEast.Long, p.Long)}
		}
	}
	return boundedShape{s, southWest, northEast}
}

// square returns the corners of a square whose sides are so many metres from a
// point.
func square(at record.Point, metres float64) (southWest, northEast record.Point) {
	high := metres / place.EarthRadius * 180 / math.Pi
	wide := high / max(math.Cos(at.Lat*math.Pi/180), 0.01)
	return record.Point{Lat: at.Lat - high, Long: at.Long - wide}, record.Point{Lat: at.Lat + high, Long: at.Long + wide}
}
