package schedules

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// problems returns every mistake of a rule file, at most twenty of them.
func (t *town) problems() []string {
	check := *t
	check.noted = slices.Clone(t.noted)
	if len(t.rules)+len(t.watering) > maxRules || len(t.bans)+len(t.permits) > maxRules {
		return []string{fmt.Sprintf("more than %d rules", maxRules)}
	}
	if len(t.rules)+len(t.watering)+len(t.bans)+len(t.permits)+len(t.noted) == 0 {
		return []string{"no rule at all"}
	}
	check.checkStreams()
	for i, r := range t.rules {
		check.checkRule(i, r)
	}
	if len(check.noted) == 0 {
		check.checkSeasons()
	}
	check.checkWatering()
	if len(check.noted) > 20 {
		return append(check.noted[:20], "and more")
	}
	return check.noted
}

func (t *town) checkStreams() {
	codes := map[string]bool{}
	for i, s := range t.streams {
		t.when(s.Code == "" || s.Name == "", "streams", i, "code or French name is missing")
		t.when(codes[s.Code], "streams", i, "the same code stands above")
		t.when(s.Color != "" && !color.MatchString(s.Color), "streams", i, "color: write #rrggbb")
		t.when(s.Icon == "" && s.Letter == "" && s.Color != "", "streams", i, "a colour alone says nothing to some: write icon or letter")
		codes[s.Code] = true
	}
	for i, r := range t.rules {
		t.when(len(codes) > 0 && !codes[r.Stream], "collections", i, "no stream of this code")
	}
}

var color = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// when notes a mistake.
func (t *town) when(wrong bool, list string, i int, what string) {
	if wrong {
		t.problem(list, i, what)
	}
}

func (t *town) checkRule(i int, r record.CollectionRule) {
	const list = "collections"
	t.when(r.Stream == "", list, i, "stream is missing")
	t.when((len(r.Days) == 0) == (len(r.Dates) == 0), list, i, "write either days or dates")
	t.when(r.Every < 1 || r.Every > 52, list, i, "every: write weeks, from 1 to 52")
	t.when(r.Every > 1 && r.Anchor.IsZero(), list, i, "every two weeks or more without an anchor means nothing: write anchor, one day of collection")
	t.when(r.Every > 1 && !r.Anchor.IsZero() && !slices.Contains(r.Days, r.Anchor.In(time.UTC).Weekday()), list, i, "anchor is none of the days")
	t.when(!r.Anchor.IsZero() && (r.Anchor.Year < 2000 || r.Anchor.Year > 2100), list, i, "anchor is in another century")
	t.when(r.Every > 1 && r.ISOWeeks != "", list, i, "write either every or iso_weeks")
	t.when(r.ISOWeeks != "" && r.ISOWeeks != record.Even && r.ISOWeeks != record.Odd, list, i, "iso_weeks: write even or odd")
	t.checkWhen(list, i, r.Season, r.Valid)
	switch r.Holidays {
	case "", record.HolidaysUnchanged:
	case record.HolidaysNextDay, record.HolidaysRestOfWeek:
		t.when(len(r.Observed) == 0, list, i, "a holiday policy without holidays")
	default:
		t.problem(list, i, "no such holiday policy: write unchanged, next_day or rest_of_week")
	}
	for _, h := range r.Observed {
		t.when(!slices.Contains(record.Holidays(), h), list, i, "no such holiday")
	}
	t.when(slices.Contains(r.Sectors, ""), list, i, "a sector without code")
}

func (t *town) checkWhen(list string, i int, s record.Season, p record.Period) {
	t.when(!s.IsZero() && (!s.From.Valid() || !s.To.Valid()), list, i, `season: write from and to as "05-01"`)
	t.when(!p.From.IsZero() && !p.To.IsZero() && p.To.Before(p.From), list, i, "ends before it begins")
}

// checkSeasons looks, for every stream and sector, for days that two rules both
// plan, and for seasons that leave a part of the year out.
func (t *town) checkSeasons() {
	for i, r := range t.rules {
		for j := i + 1; j < len(t.rules); j++ {
			if other := t.rules[j]; other.Stream == r.Stream && share(r.Sectors, other.Sectors) {
				if d, both := clash(r, other); both {
					t.problem("collections", j, fmt.Sprintf("plans %s, as collections %d does: seasons overlap", d, i+1))
				}
			}
		}
		if d, gap := t.gap(i); gap {
			t.problem("collections", i, fmt.Sprintf("the seasons of its stream leave out %s: mend them, or call the stream seasonal", d.String()[5:]))
		}
	}
}

// clash returns the first day that two rules both plan, within four years.
func clash(a, b record.CollectionRule) (record.Date, bool) {
	for _, d := range slices.Concat(a.Dates, b.Dates) {
		if a.Planned(d) && b.Planned(d) {
			return d, true
		}
	}
	d := record.Date{Year: 2024, Month: time.January, Day: 1}
	for _, from := range []record.Date{a.Valid.From, b.Valid.From} {
		if d.Before(from) {
			d = from
		}
	}
	for range 4 * 366 {
		if a.Planned(d) && b.Planned(d) {
			return d, true
		}
		d = d.AddDays(1)
	}
	return record.Date{}, false
}

// gap returns the first day that the seasons of a rule's stream leave out in one
// of its sectors, told at the first of those rules. A stream of one season rests
// in the other.
func (t *town) gap(i int) (record.Date, bool) {
	r := t.rules[i]
	if r.Season.IsZero() || t.seasonal[r.Stream] {
		return record.Date{}, false
	}
	where := r.Sectors
	if len(where) == 0 {
		where = []string{""}
	}
	for _, sector := range where {
		var seasons []record.Season
		for j, other := range t.rules {
			if other.Stream == r.Stream && len(other.Days) > 0 && share([]string{sector}, other.Sectors) {
				if j < i {
					return record.Date{}, false
				}
				seasons = append(seasons, other.Season)
			}
		}
		if len(seasons) < 2 {
			continue
		}
		for d := (record.Date{Year: 2024, Month: time.January, Day: 1}); d.Year == 2024; d = d.AddDays(1) {
			if !slices.ContainsFunc(seasons, func(s record.Season) bool { return s.Contains(d) }) {
				return d, true
			}
		}
	}
	return record.Date{}, false
}
