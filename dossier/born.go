package dossier

import (
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// Age is all that may be told of somebody's birth date.
type Age string

// The ages. AgeUnknown is a person whose birth date the registry does not give.
const (
	AgeUnknown Age = ""
	AgeChild   Age = "child" // under 14
	AgeTeen    Age = "teen"  // 14 to 17
	AgeAdult   Age = "adult" // 18 or older
)

// The birthdays that change who decides (Loi sur l'accès, art. 53.1).
const (
	teenAge  = 14
	adultAge = 18
)

// Born is a birth date, kept for the age rules alone: it hides itself from
// logs, fmt and JSON and there is no way to read the day. The zero Born is
// unknown.
type Born struct{ date record.Date }

// BornOn makes a Born of a civil date; the zero date is unknown.
func BornOn(date record.Date) Born { return Born{date} }

// Equal tells whether both are the same day, or both unknown.
func (b Born) Equal(other Born) bool { return b == other }

// Age returns the person's age at an instant, in the town's zone.
func (b Born) Age(now time.Time, zone *time.Location) Age {
	switch {
	case b.date.IsZero():
		return AgeUnknown
	case now.Before(b.turns(teenAge, zone)):
		return AgeChild
	case now.Before(b.turns(adultAge, zone)):
		return AgeTeen
	}
	return AgeAdult
}

// DecidesAlone tells whether the person, and nobody else, decides who sees
// their loans and schedule: from the 14th birthday on. Where the birth date is
// unknown nobody is known to hold parental authority, so the person decides.
func (b Born) DecidesAlone(now time.Time, zone *time.Location) bool {
	return b.Age(now, zone) != AgeChild
}

// Fit is whether a person's age is within limits.
type Fit string

// The fits. FitUnknown is a birth date that the registry does not give.
const (
	FitUnknown Fit = ""
	Fits       Fit = "fits"
	TooYoung   Fit = "too_young"
	TooOld     Fit = "too_old"
)

// Fits tells whether the person's age in completed years on a day is from least
// to most, both included; nil is no limit. It is all that an activity needs to
// know, and tells no birth date.
func (b Born) Fits(on record.Date, least, most *int) Fit {
	switch {
	case least == nil && most == nil:
		return Fits
	case b.date.IsZero():
		return FitUnknown
	case least != nil && on.Before(record.DateOf(b.turns(*least, time.UTC))):
		return TooYoung
	case most != nil && !on.Before(record.DateOf(b.turns(*most+1, time.UTC))):
		return TooOld
	}
	return Fits
}

// turns returns the instant at which the person turns an age: 00:00 of that
// birthday in a zone, or the zero time when the birth date is unknown. Whoever
// was born on 29 February has the birthday on 1 March in a common year, as
// time.Date counts; this is the one place that says so.
func (b Born) turns(age int, zone *time.Location) time.Time {
	if b.date.IsZero() {
		return time.Time{}
	}
	birthday := b.date
	birthday.Year += age
	return birthday.In(zone)
}

// String returns a placeholder, never the date.
func (b Born) String() string { return "[hidden]" }

// Format prints the placeholder for every verb, %#v included.
func (b Born) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, b.String()) }

// LogValue hides the date from log/slog.
func (b Born) LogValue() slog.Value { return slog.StringValue(b.String()) }

// MarshalText hides the date from encoding/json and its kin.
func (b Born) MarshalText() ([]byte, error) { return []byte(b.String()), nil }
