package portal

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
)

// turn finds the next instant at which time alone changes what pages show.
type turn struct {
	now   time.Time
	first time.Time // zero while none is known
}

// at takes an instant in; past ones and the zero time change nothing any more.
func (t *turn) at(instant time.Time) {
	if instant.After(t.now) && (t.first.IsZero() || instant.Before(t.first)) {
		t.first = instant
	}
}

// sections takes in the ages of a citizen's sections, the hours of what the
// citizen is registered for, and midnight, at which every "today" moves.
func (b builder) sections(t *turn, d cache.Dashboard, sources []Source) {
	t.at(b.today().AddDays(1).In(b.zone))
	for _, source := range sources {
		v := d.Section(source.Name).At(b.now)
		t.at(v.Until)
		records, _ := v.Records()
		for _, r := range bodies[record.Registration](records) {
			t.at(b.next(r).at)
			t.at(r.End)
		}
	}
}

// calendars takes in when a collection is over and when watering is allowed and
// forbidden, at each property.
func (b builder) calendars(t *turn, collections []Collections, watering []Watering) {
	for _, c := range collections {
		t.at(c.Read.Until)
		for _, bin := range c.Days {
			t.at(b.overAt(cmp.Or(bin.EndDate, bin.Date), cmp.Or(bin.Hours.Until, lastHour)))
		}
	}
	for _, w := range watering {
		t.at(w.Read.Until)
		for _, d := range w.Devices {
			t.at(d.From)
			t.at(d.Until)
		}
	}
}

// nextTurn is when time alone changes something that a family sees: the pages
// that are open then are told.
func (p *Portal) nextTurn(ctx context.Context, f family, now time.Time) (time.Time, error) {
	b := builder{now: now, zone: p.opt.Town.Zone}
	t := &turn{now: now}
	t.at(f.until)
	for _, x := range f.people {
		b.sections(t, x.dashboard, p.opt.Sources)
	}
	sources, err := p.offered(ctx)
	if err != nil {
		return time.Time{}, err
	}
	for _, o := range sources {
		t.at(o.view.Until)
		for _, c := range o.closing {
			t.at(c.at)
		}
	}
	if p.opt.Schedules == nil {
		return t.first, nil
	}
	me := f.people[0].citizen
	c, err := p.opt.Schedules.Collections(ctx, me, b.today(), b.today().AddDays(1))
	if err != nil {
		return time.Time{}, fmt.Errorf("collections: %w", err)
	}
	w, err := p.opt.Schedules.Watering(ctx, me, now)
	if err != nil {
		return time.Time{}, fmt.Errorf("watering: %w", err)
	}
	b.calendars(t, c, w)
	return t.first, nil
}
