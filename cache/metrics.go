package cache

import (
	"maps"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/semenligne/sem/connectors/record"
)

// ages counts citizens' sections by the minute of their last good read, so
// that a scrape costs the number of distinct minutes and not of citizens.
type ages struct {
	mu       sync.Mutex
	sections map[record.Citizen]int // sections a citizen has
	sources  map[string]map[int64]int
}

// never is the minute of a section that was never read.
const never int64 = -1

func newAges() *ages {
	return &ages{sections: map[record.Citizen]int{}, sources: map[string]map[int64]int{}}
}

func minute(t time.Time) int64 {
	if t.IsZero() {
		return never
	}
	return t.Unix() / 60
}

// moved notes that a citizen's section went from one date to another; nil is
// no section. Town-wide sections are not counted.
func (a *ages) moved(citizen record.Citizen, source string, from, to *time.Time) {
	if citizen == town {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.sources[source] == nil {
		a.sources[source] = map[int64]int{}
	}
	if from != nil {
		m := minute(*from)
		if a.sources[source][m]--; a.sources[source][m] == 0 {
			delete(a.sources[source], m)
		}
		if a.sections[citizen]--; a.sections[citizen] == 0 {
			delete(a.sections, citizen)
		}
	}
	if to != nil {
		a.sources[source][minute(*to)]++
		a.sections[citizen]++
	}
}

func (a *ages) clear() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.sections)
	clear(a.sources)
}

// snapshot returns the number of dashboards and the counts by source and minute.
func (a *ages) snapshot() (dashboards int, sources map[string]map[int64]int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	sources = make(map[string]map[int64]int, len(a.sources))
	for source, minutes := range a.sources {
		sources[source] = maps.Clone(minutes)
	}
	return len(a.sections), sources
}

// metrics describes the cache at each scrape.
type metrics struct {
	ages       *ages
	dashboards *prometheus.Desc
	age        *prometheus.Desc
}

func newMetrics(a *ages) *metrics {
	return &metrics{
		ages: a,
		dashboards: prometheus.NewDesc("sem_dashboards",
			"Citizens who have at least one section in the cache.", nil, nil),
		age: prometheus.NewDesc("sem_section_age_seconds",
			"Age of citizens' sections now, by source; a section never read counts in the last bucket only. A state, not a sum over time: do not rate it.",
			[]string{"source"}, nil),
	}
}

// Describe implements prometheus.Collector.
func (m *metrics) Describe(c chan<- *prometheus.Desc) {
	c <- m.dashboards
	c <- m.age
}

// Collect implements prometheus.Collector.
func (m *metrics) Collect(c chan<- prometheus.Metric) {
	dashboards, sources := m.ages.snapshot()
	c <- prometheus.MustNewConstMetric(m.dashboards, prometheus.GaugeValue, float64(dashboards))
	now := time.Now().Unix()
	for source, minutes := range sources {
		count, sum, buckets := histogram(minutes, now)
		c <- prometheus.MustNewConstHistogram(m.age, count, sum, buckets, source)
	}
}

// histogram sorts sections into buckets of age, in seconds, rounded to the
// minute.
func histogram(minutes map[int64]int, now int64) (count uint64, sum float64, buckets map[float64]uint64) {
	buckets = map[float64]uint64{}
	for _, bound := range []float64{60, 300, 900, 1800, 3600, 2 * 3600, 6 * 3600, 12 * 3600, 86400, 3 * 86400, 7 * 86400} {
		buckets[bound] = 0
	}
	for m, n := range minutes {
		count += uint64(max(n, 0))
		if m == never {
			continue
		}
		age := float64(max(now-m*60, 0))
		sum += age * float64(n)
		for bound := range buckets {
			if age <= bound {
				buckets[bound] += uint64(max(n, 0))
			}
		}
	}
	return count, sum, buckets
}
