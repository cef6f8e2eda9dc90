package main

import (
	"context"
	"hash/fnv"
	"io"
	"slices"
	"time"

	"github.com/semenligne/sem/aggregator/address"
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

	made made[*address.Town]
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
	sections, err := t.sections(ctx)
	if err != nil {
		return 0, err
	}
	h := fnv.New64a()
	for _, s := range sections {
		_, _ = io.WriteString(h, s.AsOf.String()+" "+s.Trouble+"\n") // never fails
	}
	return h.Sum64(), nil
}

func (t *townSchedules) sections(ctx context.Context) ([]cache.Section, error) {
	return townSections(ctx, t.cache, slices.Concat(t.calendars, t.sectors))
}

// current returns what the sections come to, and how far that may be relied on
// now; the town is nil when it is not known.
func (t *townSchedules) current(ctx context.Context) (*address.Town, cache.View, error) {
	sections, err := t.sections(ctx)
	if err != nil {
		return nil, cache.View{}, err
	}
	read := cache.Weakest(t.now(), sections...)
	if read.State == cache.Unknown {
		return nil, read, nil
	}
	return t.made.from(sections, address.NewTown), read, nil
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

// Collections implements [portal.Schedules].
func (t *townSchedules) Collections(ctx context.Context, citizen record.Citizen, from, to record.Date) ([]portal.Collections, error) {
	town, read, err := t.current(ctx)
	if err != nil || town == nil {
		return []portal.Collections{{Read: read, Why: portal.IgnoranceUnread}}, err
	}
	units, err := t.units(ctx, citizen)
	if err != nil {
		return nil, err
	}
	var list []portal.Collections
	for _, c := range town.Collections(units, from, to) {
		list = append(list, portal.Collections{
			Read: read, Why: portal.Ignorance(c.Gap), Address: c.Address, Sector: c.Sector, Days: c.Days, Ends: c.Ends, Streams: town.Streams(),
		})
	}
	return list, nil
}

// Watering implements [portal.Schedules].
func (t *townSchedules) Watering(ctx context.Context, citizen record.Citizen, now time.Time) ([]portal.Watering, error) {
	town, read, err := t.current(ctx)
	if err != nil || town == nil {
		return []portal.Watering{{Read: read, Why: portal.IgnoranceUnread}}, err
	}
	units, err := t.units(ctx, citizen)
	if err != nil {
		return nil, err
	}
	var list []portal.Watering
	for _, a := range town.Watering(units, now, t.zone) {
		w := portal.Watering{Read: read, Why: portal.Ignorance(a.Gap), Address: a.Address}
		for _, d := range a.Devices {
			w.Devices = append(w.Devices, portal.DeviceWatering{
				Device: d.Device, State: portal.WateringState(d.Verdict), Why: portal.WateringWhy(d.Why), From: d.From, Until: d.Until, Words: d.Words(),
			})
		}
		list = append(list, w)
	}
	return list, nil
}
