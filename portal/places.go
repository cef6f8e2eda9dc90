package portal

import (
	"context"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
)

// Places answers what is around a point of the town, from what was read before:
// it never waits for a source.
type Places interface {
	// Read returns the sections of the whole town that Near answers from: with
	// the same versions, Near answers the same.
	Read(ctx context.Context) ([]cache.Section, error)
	// Near returns what is within so many metres of a point, along a great circle.
	// The shapes reach at least half as far again.
	Near(ctx context.Context, at record.Point, metres float64) (Surroundings, error)
}

// Surroundings is what is around a point, as far as the lists are known.
type Surroundings struct {
	// Lists are every list of places, found something or not, with its age.
	Lists []PlaceList
	// Places are nearest first.
	Places []NearPlace
	// Shapes are the ground to draw: streets, water, and the grounds of places
	// that have one.
	Shapes []record.Shape
}

// PlaceList is one source of places.
type PlaceList struct {
	// Title is its name, by language; a language that is missing takes ours.
	Title map[string]string
	// Section is the source's section for the whole town. Its records are not
	// looked at.
	Section cache.Section
}

func (l PlaceList) source() Source {
	return Source{Name: l.Section.Source, Domain: places, Title: l.Title}
}

// places is the domain of lists of places, for the words about them. It has no
// card.
const places Domain = "places"

// NearPlace is a place and where it is from the point asked about.
type NearPlace struct {
	record.Place
	Source string
	// Metres is the great-circle distance.
	Metres float64
	// Bearing is the direction to it, in degrees from north by east.
	Bearing float64
}
