package sip2

import (
	"fmt"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// due reads a due date (AH), which is free text. A date without zone is the
// library's own day and stays it; one in UTC is moved to the library's zone
// first. What matches no layout is unknown.
func (s *source) due(text string) record.Date {
	text = strings.TrimSpace(text)
	for _, read := range []func(string) (record.Date, bool){s.dueSIP, s.dueISO, s.dueCustom} {
		if d, ok := read(text); ok && d.Year >= 1990 && d.Year <= 2100 {
			return d
		}
	}
	return record.Date{}
}

// dueSIP reads the protocol's own form, YYYYMMDDZZZZHHMMSS, or its day alone.
func (s *source) dueSIP(text string) (record.Date, bool) {
	if len(text) != 18 && len(text) != 8 {
		return record.Date{}, false
	}
	day, err := time.Parse("20060102", text[:8])
	if err != nil {
		return record.Date{}, false
	}
	if len(text) == 18 && text[8:12] == "   Z" {
		instant, err := time.Parse("20060102   Z150405", text)
		if err != nil {
			return record.Date{}, false
		}
		return record.DateOf(instant.In(s.zone)), true
	}
	return record.DateOf(day), true
}

func (s *source) dueISO(text string) (record.Date, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05-0700"} {
		if instant, err := time.Parse(layout, text); err == nil {
			return record.DateOf(instant.In(s.zone)), true
		}
	}
	for _, layout := range []string{"2006-01-02", "2006/01/02", "20060102"} { // the year first: beyond doubt
		if d, ok := dayThenTime(layout, text); ok {
			return d, true
		}
	}
	return record.Date{}, false
}

func (s *source) dueCustom(text string) (record.Date, bool) {
	for _, format := range s.settings.DueFormats {
		layout, err := dueLayout(format)
		if err != nil {
			continue // Validate refused it
		}
		if d, ok := dayThenTime(layout, text); ok {
			return d, true
		}
	}
	return record.Date{}, false
}

// dayThenTime reads a day that a time of day without zone may follow.
func dayThenTime(layout, text string) (record.Date, bool) {
	if len(text) < len(layout) {
		return record.Date{}, false
	}
	day, err := time.Parse(layout, text[:len(layout)])
	rest := strings.TrimLeft(text[len(layout):], " ,T")
	if err != nil || strings.Trim(rest, "0123456789:.hH AaPpMm") != "" || len(rest) == len(text)-len(layout) && rest != "" {
		return record.Date{}, false
	}
	return record.DateOf(day), true
}

// dueLayout turns dd, mm and yyyy into a layout of package time.
func dueLayout(format string) (string, error) {
	layout := strings.NewReplacer("yyyy", "2006", "mm", "01", "dd", "02").Replace(strings.ToLower(format))
	for _, part := range []string{"2006", "01", "02"} {
		if strings.Count(layout, part) != 1 {
			return "", fmt.Errorf("not a date format")
		}
	}
	return layout, nil
}
