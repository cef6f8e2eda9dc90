package portal

import (
	"cmp"
	"slices"
	"strings"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/views"
)

// candidate is somebody whom the citizen may register, and what speaks against
// it as far as we know. The source has the last word.
type candidate struct {
	handle, given, family string
	fit                   dossier.Fit
	// already is a registration of the person in the same activity.
	already *record.Registration
	// clash is the first meeting of another registration at the same hour.
	clash *event
	// unsure tells that the person's registrations could not be read.
	unsure bool
}

// barred tells whether registering makes no sense.
func (c candidate) barred() bool {
	return c.fit == dossier.TooYoung || c.fit == dossier.TooOld || c.already != nil
}

// clashDays is how many days ahead meetings are compared.
const clashDays = 120

// candidate weighs one person's registrations against an activity. known is
// false when they could not be read.
func (b builder) candidate(c candidate, born dossier.Born, a offering, records []record.Record, known bool) candidate {
	c.fit = born.Fits(b.firstDay(a.Activity), a.AgeMin, a.AgeMax)
	c.unsure = !known
	within := span{b.today(), b.today().AddDays(clashDays)}
	mine, _ := b.activities(asRegistration(a), within)
	for _, r := range bodies[record.Registration](records) {
		if r.Status == record.RegistrationCancelled || !b.isCurrent(r) || r.Person != "" && !strings.EqualFold(givenName(r.Person), c.given) {
			continue
		}
		if r.Session != "" && r.Session == a.key {
			c.already = &r
			continue
		}
		theirs, _ := b.activities(r, within)
		if at := firstClash(mine, theirs); c.clash == nil && at != nil {
			c.clash = at
		}
	}
	return c
}

// asRegistration is what the activity would be in the person's week.
func asRegistration(a offering) record.Registration {
	return record.Registration{
		Session: a.key, Name: a.Name, Status: record.RegistrationConfirmed, Place: a.Place,
		Start: a.Start, End: a.End, StartDate: a.StartDate, EndDate: a.EndDate, Schedule: a.Schedule,
	}
}

// firstClash is the first of theirs that takes place while one of mine does.
func firstClash(mine, theirs []event) *event {
	slices.SortStableFunc(theirs, func(x, y event) int { return x.start.Compare(y.start) })
	for i, their := range theirs {
		if their.allDay() || !their.firm() {
			continue
		}
		for _, own := range mine {
			if !own.allDay() && own.start.Before(their.end) && their.start.Before(own.end) {
				return &theirs[i]
			}
		}
	}
	return nil
}

// firstDay is the day on which an activity begins: the day that ages are
// counted on.
func (b builder) firstDay(a record.Activity) record.Date {
	if !a.Start.IsZero() {
		return record.DateOf(a.Start.In(b.zone))
	}
	first := a.StartDate
	for _, s := range a.Schedule {
		if first.IsZero() || !s.From.IsZero() && s.From.Before(first) {
			first = s.From
		}
	}
	return cmp.Or(first, b.today())
}

// choice words a candidate.
func (b builder) choice(c candidate, chosen string) views.Candidate {
	out := views.Candidate{Option: views.Option{Value: c.handle, Text: c.given, Chosen: c.handle == chosen && !c.barred()}, Barred: c.barred()}
	switch {
	case c.already != nil:
		out.Note = b.w.T("activity.already")
	case c.fit == dossier.TooYoung, c.fit == dossier.TooOld:
		out.Note = b.w.T("activity.age." + string(c.fit))
	case c.clash != nil:
		out.Note = b.w.T("activity.clash", "name", cmp.Or(c.clash.title, b.w.T("recreation.unnamed")), "time", b.w.Moment(c.clash.start, b.now))
	case c.unsure:
		out.Note = b.w.T("activity.unsure")
	case c.fit == dossier.FitUnknown:
		out.Note = b.w.T("activity.age.unknown")
	}
	return out
}
