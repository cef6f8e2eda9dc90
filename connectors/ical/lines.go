package ical

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// maxLine is the longest unfolded line in bytes; no honest description is.
const maxLine = 64 << 10

// maxDepth is how deep components may stand in each other; three is usual.
const maxDepth = 8

// contentLine is a property's name and what separates it from the rest.
var contentLine = regexp.MustCompile(`^([A-Za-z0-9-]+)[;:]`)

// objects unfolds a stream of iCalendar objects into the text of each, with
// names in upper case. It holds back what is no calendar, is cut, or is in
// another charset. Folding may have cut a character in two, so lines are joined
// before their text is looked at (RFC 5545, 3.1).
func objects(body []byte, charset string) ([]string, error) {
	if charset == "windows-1252" {
		if utf8.Valid(body) && bytes.ContainsFunc(body, func(r rune) bool { return r >= utf8.RuneSelf }) {
			return nil, malformed("the calendar is UTF-8: set charset: utf-8")
		}
		decoded, err := charmap.Windows1252.NewDecoder().Bytes(body)
		if err != nil {
			return nil, malformed("not windows-1252")
		}
		body = decoded
	}
	body = bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF"))
	var all []string
	var object strings.Builder
	var open []string // the components that are begun
	last := ""        // the property before
	for i, line := range unfold(body) {
		if len(line) > maxLine {
			return nil, malformed("line %d: over %d bytes", i+1, maxLine)
		}
		if !utf8.ValidString(line) || strings.IndexByte(line, 0) >= 0 {
			return nil, malformed("line %d: not UTF-8: set charset: windows-1252 if it is that", i+1)
		}
		m := contentLine.FindStringSubmatch(line)
		if m == nil {
			if !strings.HasPrefix(last, "DESCRIPTION") && !strings.HasPrefix(last, "X-") {
				return nil, malformed("line %d: no content line of a calendar", i+1)
			}
			continue // a description whose line breaks were not escaped goes on here
		}
		name := strings.ToUpper(m[1])
		last = name
		value := strings.ToUpper(strings.TrimSpace(line[len(m[0]):]))
		switch {
		case name == "BEGIN":
			if len(open) == maxDepth || (len(open) == 0) != (value == "VCALENDAR") {
				return nil, malformed("line %d: a component that cannot begin here", i+1)
			}
			open = append(open, value)
			line = m[0] + value
		case len(open) == 0:
			return nil, malformed("line %d: outside of a calendar", i+1)
		case name == "END":
			if open[len(open)-1] != value {
				return nil, malformed("line %d: the end of another component", i+1)
			}
			open = open[:len(open)-1]
			line = m[0] + value
		}
		object.WriteString(name + line[len(name):] + "\r\n")
		if len(open) == 0 {
			all = append(all, object.String())
			object.Reset()
		}
	}
	switch {
	case len(open) > 0:
		return nil, malformed("calendar without end: it may be cut")
	case len(all) == 0:
		return nil, malformed("no calendar")
	}
	return all, nil
}

// unfold returns the lines that say something, folded ones joined.
func unfold(body []byte) []string {
	text := strings.ReplaceAll(string(body), "\r\n", "\n")
	text = strings.ReplaceAll(text, "\r", "\n")
	text = strings.NewReplacer("\n ", "", "\n\t", "").Replace(text)
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
