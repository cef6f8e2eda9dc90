package dossier

import (
	"slices"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// Why is the reason of a [Decision], closed.
type Why string

// The reasons. Only OwnData and Consented come with a yes.
const (
	Stranger  Why = "stranger"   // not the subject's household, or no such thing
	NoConsent Why = "no_consent" // a member, but nobody agreed
	Lapsed    Why = "lapsed"     // parental consent that ended on a birthday
	FileGone  Why = "file_gone"  // parental consent that rests: the family file lacks one of both
	OwnData   Why = "own"
	Consented Why = "consented"
)

// Decision is the answer of [Authorize]. Its zero value is a no.
type Decision struct {
	Allowed bool
	Why     Why
	// Until is when a yes ends by itself, by age or as agreed; zero is never.
	Until time.Time
}

// Authorize decides whether a subject, signed in, may see a dataset of a
// person. It says no unless the data are the subject's own, or the person is a
// member of the subject's household and a grant to the subject holds now.
//
// Parental consent holds for a child under 14 when it was given. For loans and
// schedule it ends on the 14th birthday, for the rest on the 18th, both at
// 00:00 in the town's zone; from then on only the person's own consent counts.
// Own consent counts when it was given at 14 or older. Parental consent for a
// member by the family file holds only while the file has both; own consent does
// not depend on it.
func Authorize(subject, person record.Citizen, dataset Dataset, h Household, now time.Time, zone *time.Location) Decision {
	if subject == "" || person == "" || !slices.Contains(Datasets(), dataset) {
		return Decision{Why: Stranger}
	}
	if subject == person {
		return Decision{Allowed: true, Why: OwnData}
	}
	i := slices.IndexFunc(h.Members, func(m Member) bool { return m.Citizen == person })
	if i < 0 || h.Holder != subject {
		return Decision{Why: Stranger}
	}
	answer := Decision{Why: NoConsent}
	for _, g := range h.Members[i].Grants {
		if g.Person != person || g.Viewer != subject || g.Dataset != dataset {
			continue
		}
		d := g.decide(h.Members[i].Born, now, zone)
		if d.Allowed && g.Basis == Parental && h.Members[i].FileGone {
			d = Decision{Why: FileGone}
		}
		if d.Allowed {
			return d
		}
		if d.Why == Lapsed || d.Why == FileGone {
			answer = d
		}
	}
	return answer
}

// decide tells whether the grant holds now.
func (g Grant) decide(born Born, now time.Time, zone *time.Location) Decision {
	over := !g.Until.IsZero() && !now.Before(g.Until)
	if over || !g.WithdrawnAt.IsZero() || now.Before(g.At) || !g.Basis.fits(born, g.At, zone) {
		return Decision{Why: NoConsent}
	}
	yes := Decision{Allowed: true, Why: Consented, Until: g.Until}
	if g.Basis == Own {
		return yes
	}
	ends := born.turns(g.Dataset.parentalEnd(), zone)
	if !now.Before(ends) {
		return Decision{Why: Lapsed}
	}
	if yes.Until.IsZero() || ends.Before(yes.Until) {
		yes.Until = ends
	}
	return yes
}

// fits tells whether consent could be given on this basis at an instant.
func (b GrantBasis) fits(born Born, at time.Time, zone *time.Location) bool {
	switch b {
	case Own:
		return born.DecidesAlone(at, zone)
	case Parental:
		return born.Age(at, zone) == AgeChild
	}
	return false
}

// parentalEnd returns at which age parental consent for the dataset ends.
func (d Dataset) parentalEnd() int {
	if d == Requests {
		return adultAge
	}
	return teenAge
}

// NextChange returns the next instant at which something of the household that
// is visible now lapses by itself; zero is never. An open page or stream asks
// Authorize again then.
func (h Household) NextChange(now time.Time, zone *time.Location) time.Time {
	var next time.Time
	for _, m := range h.Members {
		for _, dataset := range Datasets() {
			d := Authorize(h.Holder, m.Citizen, dataset, h, now, zone)
			if !d.Until.IsZero() && (next.IsZero() || d.Until.Before(next)) {
				next = d.Until
			}
		}
	}
	return next
}
