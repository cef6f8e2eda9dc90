// Command bench compares the index of places with brute force: every answer of
// 100,000 random properties among 5,000 places, and the time of each. It exits
// 1 when an answer differs, or when the index is less than 300 times faster.
//
// Brute force is the haversine formula over every place, as in any textbook,
// and sorting what is near. It shares no code with the index.
package main

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"github.com/semenligne/sem/aggregator/place"
	"github.com/semenligne/sem/connectors/record"
)

const (
	wanted = 300 // the ratio that we promise
	batch  = 500 // properties between two looks at the clock
)

// A town of 70 km², as Saint-Eustache.
const (
	south, north = 45.53, 45.605
	west, east   = -73.98, -73.8725
	metres       = 300
)

func main() {
	properties := flag.Int("properties", 100_000, "how many properties ask, in batches of 500")
	places := flag.Int("places", 5_000, "how many places there are")
	seed := flag.Uint64("seed", 1, "of the random town")
	flag.Parse()
	if *properties < batch || *places < 1 {
		fmt.Fprintln(os.Stderr, "at least 500 properties and 1 place")
		os.Exit(2)
	}
	if err := run(*properties, *places, *seed); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(properties, places int, seed uint64) error {
	random := rand.New(rand.NewPCG(seed, 0))
	at := func() record.Point {
		return record.Point{Lat: south + random.Float64()*(north-south), Long: west + random.Float64()*(east-west)}
	}
	records, town := make([]record.Record, places), make(brute, places)
	for i := range records {
		p := at()
		town[i] = located{fmt.Sprintf("p%06d", i), p}
		records[i] = record.Record{Key: town[i].key, Body: record.Place{Point: &p}}
	}
	index := place.NewIndex(records)

	// Of each batch. The quickest counts: the others are those that something
	// else on the machine held up.
	var byIndex, byBrute []time.Duration
	answers, farthest := 0, 0.0
	var asked [batch]record.Point
	var near [batch][]place.Near
	var expected [batch][]hit
	for range properties / batch {
		for i := range asked {
			asked[i] = at()
		}
		start := time.Now()
		for i, p := range asked {
			near[i] = index.AppendWithin(near[i][:0], p, metres)
		}
		byIndex = append(byIndex, time.Since(start))
		start = time.Now()
		for i, p := range asked {
			expected[i] = town.appendWithin(expected[i][:0], p, metres)
		}
		byBrute = append(byBrute, time.Since(start))
		for i := range asked {
			off, err := compare(near[i], expected[i])
			if err != nil {
				return err
			}
			answers, farthest = answers+len(near[i]), max(farthest, off)
		}
	}
	quick, slow := slices.Min(byIndex), slices.Min(byBrute)
	ratio := float64(slow) / float64(quick)
	fmt.Printf("places within %d m, %d properties × %d places: index %.0f times faster than brute force (%v and %v a property), promised %d; all %d answers equal, distances to %.0e m\n",
		metres, properties, places, ratio, quick/batch, slow/batch, wanted, answers, farthest)
	if ratio < wanted {
		return fmt.Errorf("%.0f times is less than the %d that we promise", ratio, wanted)
	}
	return nil
}

// compare returns by how many metres distances differ; an error when the places
// or their order do.
func compare(near []place.Near, expected []hit) (off float64, err error) {
	if len(near) != len(expected) {
		return 0, fmt.Errorf("the index finds %d places, brute force %d", len(near), len(expected))
	}
	for i, n := range near {
		if n.Place.Key != expected[i].key {
			return 0, fmt.Errorf("place %d of %d: the index says %s, brute force %s", i, len(near), n.Place.Key, expected[i].key)
		}
		off = max(off, math.Abs(n.Metres-expected[i].metres))
	}
	if off > 1e-6 {
		return off, fmt.Errorf("distances differ by %g m", off)
	}
	return off, nil
}

// brute asks every place.
type brute []located

type located struct {
	key string
	at  record.Point
}

type hit struct {
	key    string
	metres float64
}

func (b brute) appendWithin(hits []hit, at record.Point, metres float64) []hit {
	for i := range b {
		if d := haversine(at, b[i].at); d <= metres {
			hits = append(hits, hit{b[i].key, d})
		}
	}
	slices.SortFunc(hits, func(a, b hit) int {
		switch {
		case a.metres < b.metres, a.metres == b.metres && a.key < b.key:
			return -1
		}
		return 1
	})
	return hits
}

func haversine(a, b record.Point) float64 {
	const radians = math.Pi / 180
	sinLat := math.Sin((b.Lat - a.Lat) * radians / 2)
	sinLong := math.Sin((b.Long - a.Long) * radians / 2)
	h := sinLat*sinLat + math.Cos(a.Lat*radians)*math.Cos(b.Lat*radians)*sinLong*sinLong
	return 2 * 6_371_008.8 * math.Asin(math.Sqrt(h))
}
