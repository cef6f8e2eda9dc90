package ical

import (
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
)

// parameter returns a property's parameter, whatever its case.
func parameter(p *ics.IANAProperty, name string) string {
	for key, values := range p.ICalParameters {
		if strings.EqualFold(key, name) && len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

// appendMoments reads RDATE and EXDATE: one or several values, of which a
// period counts by its start.
func appendMoments(all []moment, p *ics.IANAProperty, zone *time.Location) ([]moment, error) {
	for value := range strings.SplitSeq(p.Value, ",") {
		if strings.TrimSpace(value) == "" {
			continue
		}
		start, _, _ := strings.Cut(value, "/")
		m, err := readMoment(p, start, zone)
		if err != nil {
			return nil, err
		}
		if len(all) == maxEvents {
			return nil, oddError("too many dates")
		}
		all = append(all, m)
	}
	return all, nil
}

// readMoment reads a DATE or a DATE-TIME. A DATE is a civil date in every zone;
// a value of eight digits is one, whether VALUE=DATE says so or not, and also
// with a Z that means nothing. Missing seconds are none.
func readMoment(p *ics.IANAProperty, value string, town *time.Location) (moment, error) {
	value = strings.ToUpper(strings.TrimSpace(value))
	if len(value) == len("20060102Z") {
		value = strings.TrimSuffix(value, "Z")
	}
	if bare, utc := strings.CutSuffix(value, "Z"); len(bare) == len("20060102T1504") {
		value = bare + "00"
		if utc {
			value += "Z"
		}
	}
	var m moment
	var err error
	switch {
	case len(value) == len("20060102"):
		m.day = true
		m.at, err = time.Parse("20060102", value)
	case strings.HasSuffix(value, "Z"):
		m.at, err = time.Parse("20060102T150405Z", value)
	default:
		m.at, err = time.ParseInLocation("20060102T150405", value, zoneOf(parameter(p, "TZID"), town))
	}
	if err != nil {
		return moment{}, oddError(p.IANAToken + " that is no date")
	}
	if m.at.Year() < 1970 || m.at.Year() > 2200 {
		return moment{}, oddError(p.IANAToken + " in another century")
	}
	if !m.day && strings.EqualFold(parameter(p, "VALUE"), "DATE") {
		m = moment{time.Date(m.at.Year(), m.at.Month(), m.at.Day(), 0, 0, 0, 0, time.UTC), true}
	}
	return m, nil
}

// zoneOf returns the zone that a TZID names, in the tz database or as Windows
// does, maybe behind a vendor's prefix. Any other is the town's: a collection
// takes place in town.
func zoneOf(tzid string, town *time.Location) *time.Location {
	tzid = strings.Trim(strings.TrimSpace(tzid), `"`)
	if tzid == "" || tzid == "Local" {
		return town
	}
	if name, ok := windowsZones()[tzid]; ok {
		tzid = name
	}
	parts := strings.Split(tzid, "/")
	for i := range parts { // /vendor.example/20260101/America/Toronto
		name := strings.Join(parts[i:], "/")
		if zone, err := time.LoadLocation(name); err == nil && name != "" && zone != time.Local {
			return zone
		}
	}
	return town
}

// windowsZones maps the names that Windows and Outlook write, for zones in which
// a Canadian calendar may be made (Unicode CLDR, windowsZones).
func windowsZones() map[string]string {
	return map[string]string{
		"Eastern Standard Time":                           "America/Toronto",
		"Eastern Daylight Time":                           "America/Toronto",
		"Eastern Time":                                    "America/Toronto",
		"US Eastern Standard Time":                        "America/Indiana/Indianapolis",
		"(UTC-05:00) Eastern Time (US & Canada)":          "America/Toronto",
		"(UTC-05:00) Eastern Time (US and Canada)":        "America/Toronto",
		"(GMT-05:00) Eastern Time (US & Canada)":          "America/Toronto",
		"Est (Amérique du Nord)":                          "America/Toronto",
		"Atlantic Standard Time":                          "America/Halifax",
		"(UTC-04:00) Atlantic Time (Canada)":              "America/Halifax",
		"Newfoundland Standard Time":                      "America/St_Johns",
		"Central Standard Time":                           "America/Chicago",
		"Canada Central Standard Time":                    "America/Regina",
		"(UTC-06:00) Central Time (US & Canada)":          "America/Chicago",
		"Mountain Standard Time":                          "America/Denver",
		"(UTC-07:00) Mountain Time (US & Canada)":         "America/Denver",
		"Pacific Standard Time":                           "America/Los_Angeles",
		"(UTC-08:00) Pacific Time (US & Canada)":          "America/Los_Angeles",
		"UTC":                                             "UTC",
		"Coordinated Universal Time":                      "UTC",
		"GMT Standard Time":                               "Europe/London",
		"Greenwich Standard Time":                         "Atlantic/Reykjavik",
		"Romance Standard Time":                           "Europe/Paris",
		"W. Europe Standard Time":                         "Europe/Berlin",
		"(UTC+01:00) Brussels, Copenhagen, Madrid, Paris": "Europe/Paris",
	}
}
