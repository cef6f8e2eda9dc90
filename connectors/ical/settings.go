package ical

import (
	"regexp"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// Settings is which calendars a town publishes and what stands in them.
type Settings struct {
	Calendars []Calendar   `json:"calendars" jsonschema:"the calendars, most often one a sector"`
	Titles    []Title      `json:"titles,omitempty" jsonschema:"which titles are which stream, tried in order, for calendars without stream and titles of their own"`
	Split     bool         `json:"split,omitempty" jsonschema:"one title names several streams, separated by commas, and, et or &"`
	Timezone  string       `json:"timezone,omitempty" jsonschema:"the town's time zone, for times without one or with one that nobody knows"`
	Charset   string       `json:"charset,omitempty" jsonschema:"utf-8, as the standard wants, or windows-1252"`
	OutAfter  record.Clock `json:"out_after,omitempty" jsonschema:"bins may be put out from this hour, on the evening before"`
	OutBefore record.Clock `json:"out_before,omitempty" jsonschema:"bins must be out at this hour, on the day"`
	Until     record.Clock `json:"until,omitempty" jsonschema:"the day's collection is over at this hour"`
}

// Calendar is one iCalendar file of the town.
type Calendar struct {
	URL    string          `json:"url,omitempty" jsonschema:"its address: https, http or webcal (which is https)"`
	File   connectors.Path `json:"file,omitempty" jsonschema:"or a file of this machine"`
	Sector string          `json:"sector,omitempty" jsonschema:"code of the sector that it is for; none is the whole town"`
	Stream string          `json:"stream,omitempty" jsonschema:"code of the stream of all its events"`
	Titles []Title         `json:"titles,omitempty" jsonschema:"which titles are which stream, tried in order; without stream"`
}

// Title says which events belong to a stream.
type Title struct {
	Pattern string `json:"pattern" jsonschema:"regular expression looked for in the title, whatever its case"`
	Stream  string `json:"stream" jsonschema:"code of the stream"`
}

func defaults() Settings {
	return Settings{Timezone: "America/Toronto", Charset: "utf-8", OutAfter: "19:00", OutBefore: "07:00", Until: "18:00"}
}

// Validate returns every mistake.
func (s *Settings) Validate() []connectors.Problem {
	var problems []connectors.Problem
	add := func(wrong bool, key, format string, args ...any) {
		if wrong {
			problems = append(problems, connectors.Problemf(key, format, args...))
		}
	}
	add(len(s.Calendars) == 0, "calendars", "missing: at least one calendar")
	for i, c := range s.Calendars {
		add((c.URL == "") == (c.File == ""), "calendars", "calendar %d: write either url or file", i+1)
		_, ok := connectors.HostPort(address(c.URL))
		add(c.URL != "" && !ok, "calendars", "calendar %d: url: write an https, http or webcal address without user", i+1)
		add(c.Stream != "" && len(c.Titles) > 0, "calendars", "calendar %d: write either stream or titles", i+1)
		add(c.Stream == "" && len(c.Titles) == 0 && len(s.Titles) == 0, "calendars", "calendar %d: without stream, titles say which stream an event is", i+1)
		problems = append(problems, titleProblems("calendars", c.Titles)...)
	}
	problems = append(problems, titleProblems("titles", s.Titles)...)
	zone, err := time.LoadLocation(s.Timezone)
	add(err != nil || s.Timezone == "" || zone == time.Local, "timezone", "not a time zone: write such as America/Toronto")
	add(s.Charset != "utf-8" && s.Charset != "windows-1252", "charset", "write utf-8 or windows-1252")
	return problems
}

func titleProblems(key string, titles []Title) []connectors.Problem {
	var problems []connectors.Problem
	for i, t := range titles {
		if _, err := pattern(t.Pattern); err != nil || t.Pattern == "" {
			problems = append(problems, connectors.Problemf(key, "title %d: pattern is no regular expression", i+1))
		}
		if t.Stream == "" {
			problems = append(problems, connectors.Problemf(key, "title %d: stream is missing", i+1))
		}
	}
	return problems
}

func pattern(s string) (*regexp.Regexp, error) { return regexp.Compile("(?i:" + s + ")") }

// Dials returns the addresses of the calendars that have one.
func (s *Settings) Dials() []string {
	var dials []string
	for _, c := range s.Calendars {
		if hostPort, ok := connectors.HostPort(address(c.URL)); ok {
			dials = append(dials, hostPort)
		}
	}
	return dials
}

// address is a calendar's address for HTTP; webcal is https by another name.
func address(s string) string {
	for _, scheme := range []string{"webcal", "webcals"} {
		if len(s) > len(scheme) && strings.EqualFold(s[:len(scheme)+1], scheme+":") {
			return "https" + s[len(scheme):]
		}
	}
	return s
}
