package main

import (
	"cmp"
	"context"
	"hash/fnv"
	"io"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/semenligne/sem/aggregator/collection"
	"github.com/semenligne/sem/aggregator/place"
	"github.com/semenligne/sem/aggregator/watering"
	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/ical"
	"github.com/semenligne/sem/connectors/places"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/connectors/schedules"
	"github.com/semenligne/sem/portal"
)

// townSchedules answers the portal what the town's calendars come to at a
// citizen's properties, from the town-wide sections of the sources of rules,
// calendars and sectors.
type townSchedules struct {
	cache      cache.Reader
	zone       *time.Location
	now        func() time.Time
	calendars  []string // sources of rules and calendars
	sectors    []string // sources of sectors
	properties []string // sources of the citizens' properties

	mu       sync.Mutex
	versions []uint64
	made     madeSchedules
}

// madeSchedules is what one version of the sections comes to.
type madeSchedules struct {
	calendar  collection.Calendar
	watering  watering.Town
	streams   map[string]record.Stream
	sectors   *place.Sectors
	bySector  bool // some collection is not for the whole town
	published record.Date
}

// newTownSchedules returns nil when no source has rules or calendars.
func newTownSchedules(h *house, zone *time.Location) *townSchedules {
	t := &townSchedules{cache: h.cache, zone: zone, now: time.Now}
	for _, s := range h.sources.sources {
		name := s.config.Name
		switch settings := s.config.Settings.(type) {
		case *schedules.Settings, *ical.Settings:
			t.calendars = append(t.calendars, name)
		case *places.Settings:
			if settings.As == places.AsSectors {
				t.sectors = append(t.sectors, name)
			}
		}
		if s.config.Of.Domain == connectors.DomainProperty {
			t.properties = append(t.properties, name)
		}
	}
	if len(t.calendars) == 0 {
		return nil
	}
	return t
}

// Version implements [portal.Schedules].
func (t *townSchedules) Version(ctx context.Context) (uint64, error) {
	sections, err := t.read(ctx)
	if err != nil {
		return 0, err
	}
	h := fnv.New64a()
	for _, s := range sections {
		_, _ = io.WriteString(h, s.AsOf.String()+" "+s.Trouble+"\n") // never fails
	}
	return h.Sum64(), nil
}

func (t *townSchedules) read(ctx context.Context) ([]cache.Section, error) {
	var sections []cache.Section
	for _, name := range slices.Concat(t.calendars, t.sectors) {
		s, err := t.cache.Town(ctx, name)
		if err != nil {
			return nil, err
		}
		sections = append(sections, s)
	}
	return sections, nil
}

// current returns what the sections come to now, and how far that may be relied
// on: as far as the least reliable of them.
func (t *townSchedules) current(ctx context.Context) (madeSchedules, cache.View, error) {
	sections, err := t.read(ctx)
	if err != nil {
		return madeSchedules{}, cache.View{}, err
	}
	var worst cache.View
	versions := make([]uint64, len(sections))
	for i, s := range sections {
		versions[i] = s.Version
		if v := s.At(t.now()); i == 0 || rank(v.State) > rank(worst.State) || v.State == worst.State && v.AsOf.Before(worst.AsOf) {
			worst = v
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.made.sectors == nil || !slices.Equal(versions, t.versions) {
		t.made, t.versions = newMadeSchedules(sections), versions
	}
	return t.made, worst, nil
}

func rank(s cache.State) int {
	return slices.Index([]cache.State{cache.Fresh, cache.Stale, cache.Unknown}, s)
}

func newMadeSchedules(sections []cache.Section) madeSchedules {
	var all []record.Record
	for _, s := range sections {
		records, _ := s.At(s.AsOf).Records() // what became too old since is left out by who asks
		all = append(all, records...)
	}
	m := madeSchedules{
		calendar: collection.FromRecords(all), watering: watering.FromRecords(all), sectors: place.NewSectors(all), streams: map[string]record.Stream{},
	}
	for _, r := range all {
		switch body := r.Body.(type) {
		case record.Stream:
			m.streams[body.Code] = body
		case record.CollectionRule:
			m.bySector = m.bySector || len(body.Sectors) > 0
		case record.Collection:
			m.bySector = m.bySector || body.Sector != ""
			if m.published.Before(body.Date) || m.published.IsZero() {
				m.published = body.Date
			}
		}
	}
	return m
}

// Collections implements [portal.Schedules].
func (t *townSchedules) Collections(ctx context.Context, citizen record.Citizen, from, to record.Date) (portal.Collections, error) {
	m, read, err := t.current(ctx)
	if err != nil {
		return portal.Collections{}, err
	}
	c := portal.Collections{Read: read, Streams: m.streams}
	if read.State == cache.Unknown {
		c.Why = portal.IgnoranceUnread
		return c, nil
	}
	if len(m.calendar.Rules) == 0 && m.published.Before(from) {
		c.Why = portal.IgnoranceUnpublished
		return c, nil
	}
	units, err := t.units(ctx, citizen)
	if err != nil {
		return c, err
	}
	if !m.bySector {
		c.Days = m.calendar.Days(func(string) string { return "" }, from, to)
		return c, nil
	}
	if len(units) == 0 {
		c.Why = portal.IgnoranceNoProperty
		return c, nil
	}
	for i, u := range units {
		here, known := m.sectorsOf(u)
		days := m.calendar.Days(here, from, to)
		switch {
		case !known:
			c.Why, c.Days = portal.IgnoranceNoSector, nil
			return c, nil
		case i > 0 && !reflect.DeepEqual(days, c.Days):
			c.Why, c.Days = portal.IgnoranceSeveral, nil
			return c, nil
		}
		c.Days = days
	}
	c.Address, c.Sector = addressOf(units), m.nameOf(units[0])
	return c, nil
}

// sectorsOf finds the sector of a property for each stream; known is false
// when a stream goes by sectors and none holds the property.
func (m madeSchedules) sectorsOf(u record.Unit) (here collection.Sectors, known bool) {
	known = true
	found := map[string]string{}
	find := func(stream string) string {
		if code, asked := found[stream]; asked {
			return code
		}
		code := ""
		if u.Point != nil && u.Point.Valid() {
			if s, _, ok := m.sectors.Sector(*u.Point, stream); ok {
				code = s.Code
			}
		}
		found[stream] = code
		return code
	}
	for _, r := range m.calendar.Rules {
		known = known && (len(r.Sectors) == 0 || find(r.Stream) != "")
	}
	for _, l := range m.calendar.Listed {
		known = known && (l.Sector == "" || find(l.Stream) != "")
	}
	return find, known
}

// nameOf is the sector of a property in words, "" where streams differ.
func (m madeSchedules) nameOf(u record.Unit) string {
	if u.Point == nil {
		return ""
	}
	s, _, ok := m.sectors.Sector(*u.Point, "")
	if !ok {
		return ""
	}
	return cmp.Or(s.Name, s.Code)
}

// units are the properties that the citizen is linked to.
func (t *townSchedules) units(ctx context.Context, citizen record.Citizen) ([]record.Unit, error) {
	d, err := t.cache.Dashboard(ctx, citizen)
	if err != nil {
		return nil, err
	}
	var units []record.Unit
	for _, name := range t.properties {
		records, _ := d.Section(name).At(t.now()).Records()
		for _, r := range records {
			if u, ok := r.Body.(record.Unit); ok {
				units = append(units, u)
			}
		}
	}
	return units, nil
}

// addressOf names the one address that an answer is for.
func addressOf(units []record.Unit) string {
	if len(units) != 1 || len(units[0].Addresses) == 0 {
		return ""
	}
	return units[0].Addresses[0].Text
}

// Watering implements [portal.Schedules].
func (t *townSchedules) Watering(ctx context.Context, citizen record.Citizen, now time.Time) (portal.Watering, error) {
	m, read, err := t.current(ctx)
	if err != nil {
		return portal.Watering{}, err
	}
	w := portal.Watering{Read: read}
	if read.State == cache.Unknown {
		w.Why = portal.IgnoranceUnread
		return w, nil
	}
	units, err := t.units(ctx, citizen)
	if err != nil {
		return w, err
	}
	if len(units) == 0 {
		w.Why = portal.IgnoranceNoProperty
		return w, nil
	}
	for i, u := range units {
		answers := m.water(u, now, t.zone)
		if i > 0 && !reflect.DeepEqual(answers, w.Devices) {
			w.Why, w.Devices = portal.IgnoranceSeveral, nil
			return w, nil
		}
		w.Devices = answers
	}
	w.Address = addressOf(units)
	return w, nil
}

// water asks for each device that the town's rules speak of.
func (m madeSchedules) water(u record.Unit, now time.Time, zone *time.Location) []portal.DeviceWatering {
	p := watering.Property{Matricule: u.Matricule}
	if len(u.Addresses) > 0 {
		p.Address = u.Addresses[0]
	}
	if u.Point != nil && u.Point.Valid() {
		if s, _, ok := m.sectors.Sector(*u.Point, "arrosage"); ok {
			p.Sector = s.Code
		}
	}
	var list []portal.DeviceWatering
	for _, device := range record.Devices() {
		if !m.speaksOf(device) {
			continue
		}
		a := m.watering.Ask(p, device, now, zone)
		list = append(list, portal.DeviceWatering{
			Device: device, State: portal.WateringState(a.Verdict), Why: portal.WateringWhy(a.Why), From: a.From, Until: a.Until,
			Words: cmp.Or(a.Ban.Reason, a.Rule.Note, a.Rule.Name),
		})
	}
	return list
}

// speaksOf tells whether a rule or a ban names a device. A rule for all devices
// names the usual ones.
func (m madeSchedules) speaksOf(device record.Device) bool {
	usual := device == record.DeviceHand || device == record.DeviceMobile || device == record.DeviceAutomatic
	for _, r := range m.watering.Rules {
		if slices.Contains(r.Devices, device) || len(r.Devices) == 0 && usual {
			return true
		}
	}
	for _, b := range m.watering.Bans {
		if slices.Contains(b.Devices, device) || len(b.Devices) == 0 && usual {
			return true
		}
	}
	return false
}
