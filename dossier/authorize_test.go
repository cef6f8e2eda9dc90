package dossier_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

const (
	anne, bruno, mia record.Citizen = "anne", "bruno", "mia"
)

// noon is when the cases ask, unless they say otherwise; Mia is 12 then.
func noon() time.Time { return time.Date(2026, time.June, 1, 16, 0, 0, 0, time.UTC) }

// parental is what Anne agreed to for Mia a month before noon.
func parental(dataset dossier.Dataset) dossier.Grant {
	return dossier.Grant{Person: mia, Viewer: anne, Dataset: dataset, Basis: dossier.Parental, At: noon().AddDate(0, -1, 0)}
}

// family is Anne's household with Mia, born on a day ("" unknown), in it.
func family(t *testing.T, day string, grants ...dossier.Grant) dossier.Household {
	t.Helper()
	m := dossier.Member{Citizen: mia, Name: "Mia", Basis: dossier.ByCard, Grants: grants}
	if day != "" {
		m.Born = born(t, day)
	}
	return dossier.Household{Holder: anne, Members: []dossier.Member{{Citizen: bruno, Name: "Bruno"}, m}}
}

func changed(g dossier.Grant, change func(*dossier.Grant)) dossier.Grant {
	change(&g)
	return g
}

func own(g dossier.Grant) dossier.Grant {
	return changed(g, func(g *dossier.Grant) { g.Basis = dossier.Own })
}

const (
	childDay = "2014-02-01"
	teenDay  = "2011-09-30"
)

func TestAuthorize(t *testing.T) {
	t.Parallel()
	zone := toronto(t)
	loans := parental(dossier.Loans)
	yes := func(until time.Time) dossier.Decision {
		return dossier.Decision{Allowed: true, Why: dossier.Consented, Until: until}
	}
	no := func(why dossier.Why) dossier.Decision { return dossier.Decision{Why: why} }
	turns14 := time.Date(2028, time.February, 1, 5, 0, 0, 0, time.UTC)
	turns18 := time.Date(2032, time.February, 1, 5, 0, 0, 0, time.UTC)
	later := noon().Add(time.Hour)
	ask := func(h dossier.Household) dossier.Decision {
		return dossier.Authorize(anne, mia, dossier.Loans, h, noon(), zone)
	}
	for name, tc := range map[string]struct{ got, want dossier.Decision }{
		"own data":                        {dossier.Authorize(mia, mia, dossier.Loans, dossier.Household{}, noon(), zone), dossier.Decision{Allowed: true, Why: dossier.OwnData}},
		"own data, nobody signed in":      {dossier.Authorize("", "", dossier.Loans, dossier.Household{}, noon(), zone), no(dossier.Stranger)},
		"own data, unknown dataset":       {dossier.Authorize(mia, mia, "assessment", dossier.Household{}, noon(), zone), no(dossier.Stranger)},
		"nobody asks":                     {dossier.Authorize("", mia, dossier.Loans, family(t, childDay, loans), noon(), zone), no(dossier.Stranger)},
		"about nobody":                    {dossier.Authorize(anne, "", dossier.Loans, family(t, childDay, loans), noon(), zone), no(dossier.Stranger)},
		"a stranger":                      {dossier.Authorize(anne, "else", dossier.Loans, family(t, childDay, loans), noon(), zone), no(dossier.Stranger)},
		"another's household":             {dossier.Authorize(bruno, mia, dossier.Loans, family(t, childDay, loans), noon(), zone), no(dossier.Stranger)},
		"the member asks back":            {dossier.Authorize(mia, anne, dossier.Loans, family(t, childDay, loans), noon(), zone), no(dossier.Stranger)},
		"removed member":                  {ask(dossier.Household{Holder: anne}), no(dossier.Stranger)},
		"no consent":                      {ask(family(t, childDay)), no(dossier.NoConsent)},
		"child":                           {ask(family(t, childDay, loans)), yes(turns14)},
		"another dataset":                 {dossier.Authorize(anne, mia, dossier.Schedule, family(t, childDay, loans), noon(), zone), no(dossier.NoConsent)},
		"another member":                  {dossier.Authorize(anne, bruno, dossier.Loans, family(t, childDay, loans), noon(), zone), no(dossier.NoConsent)},
		"requests last until 18":          {dossier.Authorize(anne, mia, dossier.Requests, family(t, childDay, parental(dossier.Requests)), noon(), zone), yes(turns18)},
		"agreed end first":                {ask(family(t, childDay, changed(loans, func(g *dossier.Grant) { g.Until = later }))), yes(later)},
		"agreed end after the birthday":   {ask(family(t, childDay, changed(loans, func(g *dossier.Grant) { g.Until = turns18 }))), yes(turns14)},
		"agreed end reached":              {ask(family(t, childDay, changed(loans, func(g *dossier.Grant) { g.Until = noon() }))), no(dossier.NoConsent)},
		"withdrawn":                       {ask(family(t, childDay, changed(loans, func(g *dossier.Grant) { g.WithdrawnAt = noon().Add(-time.Second) }))), no(dossier.NoConsent)},
		"not yet given":                   {ask(family(t, childDay, changed(loans, func(g *dossier.Grant) { g.At = later }))), no(dossier.NoConsent)},
		"to the other parent":             {ask(family(t, childDay, changed(loans, func(g *dossier.Grant) { g.Viewer = bruno }))), no(dossier.NoConsent)},
		"about another child":             {ask(family(t, childDay, changed(loans, func(g *dossier.Grant) { g.Person = bruno }))), no(dossier.NoConsent)},
		"unknown basis":                   {ask(family(t, childDay, changed(loans, func(g *dossier.Grant) { g.Basis = "" }))), no(dossier.NoConsent)},
		"a child's own consent":           {ask(family(t, childDay, own(loans))), no(dossier.NoConsent)},
		"parental, unknown age":           {ask(family(t, "", loans)), no(dossier.NoConsent)},
		"own, unknown age":                {ask(family(t, "", own(loans))), yes(time.Time{})},
		"teenager's own":                  {ask(family(t, teenDay, own(loans))), yes(time.Time{})},
		"parental, given for a teenager":  {ask(family(t, teenDay, loans)), no(dossier.NoConsent)},
		"parental, then confirmed":        {ask(family(t, "2012-05-20", loans, own(changed(loans, func(g *dossier.Grant) { g.At = noon() })))), yes(time.Time{})},
		"parental, lapsed last month":     {ask(family(t, "2012-05-20", loans)), no(dossier.Lapsed)},
		"parental, corrected birth date":  {ask(family(t, "1980-05-20", loans)), no(dossier.NoConsent)},
		"own, given before the birthday":  {ask(family(t, "2012-05-20", own(loans))), no(dossier.NoConsent)},
		"no consent counts among several": {ask(family(t, teenDay, loans, changed(own(loans), func(g *dossier.Grant) { g.WithdrawnAt = noon() }))), no(dossier.NoConsent)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, tc.got); diff != "" {
				t.Errorf("decision (-want +got):\n%s", diff)
			}
		})
	}
}

// TestBirthdays walks from consent to adulthood: each row is the last minute of
// one answer and the first instant of the next.
func TestBirthdays(t *testing.T) {
	t.Parallel()
	zone := toronto(t)
	for name, tc := range map[string]struct {
		born, given, ends string
		dataset           dossier.Dataset
	}{
		"14":                       {"2012-11-24", "2026-11-01T12:00:00Z", "2026-11-24T05:00:00Z", dossier.Loans},
		"14, schedule":             {"2012-07-01", "2026-01-01T12:00:00Z", "2026-07-01T04:00:00Z", dossier.Schedule},
		"14, clocks go on":         {"2012-03-08", "2026-01-01T12:00:00Z", "2026-03-08T05:00:00Z", dossier.Loans},
		"14, clocks go back":       {"2012-11-01", "2026-01-01T12:00:00Z", "2026-11-01T04:00:00Z", dossier.Loans},
		"14, born on 29 February":  {"2012-02-29", "2026-01-01T12:00:00Z", "2026-03-01T05:00:00Z", dossier.Loans},
		"14, given a minute early": {"2012-11-24", "2026-11-24T04:59:00Z", "2026-11-24T05:00:00Z", dossier.Loans},
		"18, requests":             {"2012-11-24", "2026-11-01T12:00:00Z", "2030-11-24T05:00:00Z", dossier.Requests},
		"18, born on 29 February":  {"2012-02-29", "2026-01-01T12:00:00Z", "2030-03-01T05:00:00Z", dossier.Requests},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			given, err1 := time.Parse(time.RFC3339, tc.given)
			ends, err2 := time.Parse(time.RFC3339, tc.ends)
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			h := family(t, tc.born, changed(parental(tc.dataset), func(g *dossier.Grant) { g.At = given }))
			for _, d := range []time.Duration{-time.Minute, -time.Nanosecond, 0, time.Minute} {
				now := ends.Add(d).In(time.FixedZone("elsewhere", 9*3600)) // the caller's zone does not matter
				want, next := dossier.Decision{Why: dossier.Lapsed}, time.Time{}
				if d < 0 {
					want, next = dossier.Decision{Allowed: true, Why: dossier.Consented, Until: ends}, ends
				}
				got := dossier.Authorize(anne, mia, tc.dataset, h, now, zone)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s from then (-want +got):\n%s", d, diff)
				}
				if change := h.NextChange(now, zone); !change.Equal(next) {
					t.Errorf("%s from then: next change %s, want %s", d, change, next)
				}
			}
		})
	}
}

// TestNextChange: the first of all that lapses, and never one that is past.
func TestNextChange(t *testing.T) {
	t.Parallel()
	zone := toronto(t)
	soon := noon().Add(time.Hour)
	bruno2 := dossier.Grant{Person: bruno, Viewer: anne, Dataset: dossier.Schedule, Basis: dossier.Own, At: noon(), Until: soon}
	h := family(t, childDay, parental(dossier.Loans), parental(dossier.Requests))
	h.Members[0].Grants = []dossier.Grant{bruno2}
	turns14 := time.Date(2028, time.February, 1, 5, 0, 0, 0, time.UTC)
	turns18 := time.Date(2032, time.February, 1, 5, 0, 0, 0, time.UTC)
	for _, tc := range []struct{ now, want time.Time }{
		{noon(), soon}, {soon, turns14}, {turns14.Add(-1), turns14}, {turns14, turns18}, {turns18, time.Time{}},
	} {
		if got := h.NextChange(tc.now, zone); !got.Equal(tc.want) {
			t.Errorf("from %s: %s, want %s", tc.now, got, tc.want)
		}
	}
	if got := (dossier.Household{Holder: anne}).NextChange(noon(), zone); !got.IsZero() {
		t.Errorf("an empty household changes at %s", got)
	}
}
