package portal

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/semenligne/sem/cache"
)

// snapshot is what a personal page is drawn from: one citizen's sections as
// they stand at one instant.
type snapshot struct {
	session   *session
	prefs     preferences
	dashboard cache.Dashboard
	now       time.Time
}

// view is what may be said about a source's section now.
func (s snapshot) view(source string) cache.View { return s.dashboard.Section(source).At(s.now) }

// snapshot looks at the citizen who is signed in.
func (p *Portal) snapshot(r *http.Request) (snapshot, error) {
	s, err := p.sessions.look(r)
	if err != nil {
		return snapshot{}, err
	}
	d, err := p.opt.Cache.Dashboard(r.Context(), s.citizen)
	if err != nil {
		return snapshot{}, err
	}
	return snapshot{session: s, prefs: p.preferencesFor(r, s), dashboard: d, now: p.opt.Now()}, nil
}

// builder draws for a snapshot.
func (p *Portal) builder(s snapshot) builder {
	return builder{w: p.words[s.prefs.lang], now: s.now, zone: p.opt.Town.Zone, visit: s.session.profile.LastVisit}
}

// personal serves a page about the citizen who is signed in: the finished bytes
// when nothing changed since they were made, else new ones from draw.
func (p *Portal) personal(w http.ResponseWriter, r *http.Request, page string, draw func(snapshot) (*finished, error)) error {
	shot, err := p.snapshot(r)
	if err != nil {
		return err
	}
	return p.personalBeside(w, r, shot, page, beside{}, draw)
}

// beside is what a page is drawn from besides the citizen's own sections.
type beside struct {
	version string    // another one whenever the page may be another
	until   time.Time // when it ends by itself; zero is never
}

// and joins what a page is drawn from.
func (b beside) and(other beside) beside {
	b.version += other.version
	if !other.until.IsZero() && (b.until.IsZero() || other.until.Before(b.until)) {
		b.until = other.until
	}
	return b
}

// besideTown is sections of the whole town.
func besideTown(town []cache.Section, now time.Time) beside {
	var b beside
	var version []byte
	for _, s := range town {
		version = append(append(version, ' '), s.Source...)
		version = strconv.AppendUint(append(version, ' '), s.Version, 10)
		version = strconv.AppendInt(append(version, ' '), s.AsOf.UnixNano(), 10)
		version = append(append(version, ' '), s.Trouble...)
		if next := s.NextChange(now); !next.IsZero() && (b.until.IsZero() || next.Before(b.until)) {
			b.until = next
		}
	}
	b.version = string(version)
	return b
}

// besideCalendars is the town's calendars, and whatever else has a version.
// What they say, such as whether one may water, may change with the minute.
func (p *Portal) besideCalendars(ctx context.Context, s snapshot, version string) (beside, error) {
	other := beside{version: version, until: s.now.Truncate(time.Minute).Add(time.Minute)}
	if p.opt.Schedules == nil {
		return other, nil
	}
	calendars, err := p.opt.Schedules.Version(ctx)
	if err != nil {
		return beside{}, fmt.Errorf("schedules: %w", err)
	}
	other.version += " " + strconv.FormatUint(calendars, 10)
	return other, nil
}

// personalBeside serves a page that is drawn from something else too.
func (p *Portal) personalBeside(w http.ResponseWriter, r *http.Request, shot snapshot, page string, other beside, draw func(snapshot) (*finished, error)) error {
	key := pageKey{citizen: shot.session.citizen, page: page + other.version, prefs: shot.prefs, name: shot.session.profile.Name, visit: shot.session.profile.LastVisit}
	done := p.pages.get(key, shot.dashboard.Version, shot.now)
	if done == nil {
		body, err := draw(shot)
		if err != nil {
			return err
		}
		until, old := p.lasting(shot.dashboard, shot.now)
		if !other.until.IsZero() && other.until.Before(until) {
			until = other.until
		}
		done = &finishedPage{key: key, version: shot.dashboard.Version, until: until, old: old, body: body}
		p.pages.put(done)
	}
	if done.old && p.opt.Toucher != nil {
		p.opt.Toucher.Touch(shot.session.citizen)
	}
	done.body.write(w, r)
	return nil
}

// lasting tells until when a page drawn now stays right, and whether some
// section could be fresher.
func (p *Portal) lasting(d cache.Dashboard, now time.Time) (until time.Time, old bool) {
	t := &turn{now: now}
	builder{now: now, zone: p.opt.Town.Zone}.sections(t, d, p.opt.Sources)
	for _, source := range p.opt.Sources {
		old = old || d.Section(source.Name).At(now).State != cache.Fresh
	}
	return t.first, old
}
