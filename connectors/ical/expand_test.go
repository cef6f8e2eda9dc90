package ical

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// calendar writes events of plain lines, as a town's own program might.
func calendar(events ...string) string {
	text := "BEGIN:VCALENDAR\nVERSION:2.0\n"
	for _, e := range events {
		text += "BEGIN:VEVENT\n" + e + "\nEND:VEVENT\n"
	}
	return text + "END:VCALENDAR\n"
}

func daysOf(records []record.Record) string {
	var days []string
	for _, r := range records {
		c, ok := r.Body.(record.Collection)
		if !ok {
			return "another body"
		}
		day := c.Date.String()
		if !c.EndDate.IsZero() {
			day += "→" + c.EndDate.String()
		}
		if c.Cancelled {
			day += "✗"
		}
		days = append(days, day)
	}
	return strings.Join(days, " ")
}

// TestTraps: what real calendars do, and the days that it means in town.
func TestTraps(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"all-day is a civil date":        {calendar("DTSTART;VALUE=DATE:20261202"), "2026-12-02"},
		"all-day end is the day after":   {calendar("DTSTART;VALUE=DATE:20261202\nDTEND;VALUE=DATE:20261203"), "2026-12-02"},
		"several days":                   {calendar("DTSTART;VALUE=DATE:20261202\nDTEND;VALUE=DATE:20261205"), "2026-12-02→2026-12-04"},
		"several days by duration":       {calendar("DTSTART;VALUE=DATE:20261202\nDURATION:P3D"), "2026-12-02→2026-12-04"},
		"end on the same day":            {calendar("DTSTART;VALUE=DATE:20261202\nDTEND;VALUE=DATE:20261202"), "2026-12-02"},
		"date without VALUE":             {calendar("DTSTART:20261202"), "2026-12-02"},
		"UTC late in the evening":        {calendar("DTSTART:20261202T013000Z"), "2026-12-01"},
		"floating is the town's":         {calendar("DTSTART:20261202T233000"), "2026-12-02"},
		"Windows zone":                   {calendar("DTSTART;TZID=Eastern Standard Time:20261202T233000"), "2026-12-02"},
		"Windows zone of elsewhere":      {calendar(`DTSTART;TZID="Pacific Standard Time":20261202T220000`), "2026-12-03"},
		"vendor's prefix":                {calendar("DTSTART;TZID=/vendor.example/2026/America/Vancouver:20261202T220000"), "2026-12-03"},
		"zone that nobody knows":         {calendar("DTSTART;TZID=Fuseau de la ville:20261202T233000"), "2026-12-02"},
		"night is its evening's":         {calendar("DTSTART;TZID=America/Toronto:20261201T190000\nDTEND;TZID=America/Toronto:20261202T070000"), "2026-12-01"},
		"weekly over the clocks":         {calendar("DTSTART;TZID=America/Toronto:20261028T003000\nRRULE:FREQ=WEEKLY;COUNT=5"), "2026-10-28 2026-11-04 2026-11-11 2026-11-18 2026-11-25"},
		"UNTIL in UTC":                   {calendar("DTSTART;TZID=America/Toronto:20261125T070000\nRRULE:FREQ=WEEKLY;UNTIL=20261209T045959Z"), "2026-11-25 2026-12-02"},
		"UNTIL a date, of timed":         {calendar("DTSTART;TZID=America/Toronto:20261125T070000\nRRULE:FREQ=WEEKLY;UNTIL=20261209"), "2026-11-25 2026-12-02 2026-12-09"},
		"UNTIL a date, of days":          {calendar("DTSTART;VALUE=DATE:20261125\nRRULE:FREQ=WEEKLY;UNTIL=20261209"), "2026-11-25 2026-12-02 2026-12-09"},
		"UNTIL an instant, of days":      {calendar("DTSTART;VALUE=DATE:20261125\nRRULE:FREQ=WEEKLY;UNTIL=20261209T045959Z"), "2026-11-25 2026-12-02"},
		"UNTIL local":                    {calendar("DTSTART;TZID=America/Toronto:20261125T070000\nRRULE:FREQ=WEEKLY;UNTIL=20261209T065959"), "2026-11-25 2026-12-02"},
		"rule ends in a semicolon":       {calendar("DTSTART:20261125\nRRULE:FREQ=WEEKLY;COUNT=2;"), "2026-11-25 2026-12-02"},
		"every two weeks over 53":        {calendar("DTSTART:20261216\nRRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4"), "2026-12-16 2026-12-30 2027-01-13 2027-01-27"},
		"EXDATE and RDATE":               {calendar("DTSTART:20261216\nRRULE:FREQ=WEEKLY;COUNT=3\nEXDATE;VALUE=DATE:20261223,20261230\nRDATE;VALUE=DATE:20261224"), "2026-12-16 2026-12-24"},
		"EXDATE a date, of timed":        {calendar("DTSTART;TZID=America/Toronto:20261216T070000\nRRULE:FREQ=WEEKLY;COUNT=2\nEXDATE;VALUE=DATE:20261223"), "2026-12-16"},
		"EXDATE in UTC":                  {calendar("DTSTART;TZID=America/Toronto:20261216T200000\nRRULE:FREQ=WEEKLY;COUNT=2\nEXDATE:20261224T010000Z"), "2026-12-16"},
		"EXDATE midnight UTC, of days":   {calendar("DTSTART:20261216\nRRULE:FREQ=WEEKLY;COUNT=2\nEXDATE:20261223T000000Z"), "2026-12-16"},
		"EXDATE midnight here, of days":  {calendar("DTSTART:20261216\nRRULE:FREQ=WEEKLY;COUNT=2\nEXDATE:20261223T050000Z"), "2026-12-16"},
		"RDATE a period":                 {calendar("DTSTART:20261216T070000\nRDATE;VALUE=PERIOD:20261217T070000/PT1H"), "2026-12-16 2026-12-17"},
		"moved":                          {calendar("UID:1\nDTSTART:20261216\nRRULE:FREQ=WEEKLY;COUNT=2", "UID:1\nRECURRENCE-ID;VALUE=DATE:20261223\nDTSTART:20261224"), "2026-12-16 2026-12-24"},
		"one called off":                 {calendar("UID:1\nDTSTART:20261216\nRRULE:FREQ=WEEKLY;COUNT=2", "UID:1\nRECURRENCE-ID;VALUE=DATE:20261223\nDTSTART:20261223\nSTATUS:CANCELLED"), "2026-12-16 2026-12-23✗"},
		"called off, and another":        {calendar("DTSTART:20261216\nSTATUS:CANCELLED", "DTSTART:20261216", "DTSTART:20261217"), "2026-12-16 2026-12-17"},
		"newer version":                  {calendar("UID:1\nSEQUENCE:0\nDTSTART:20261216", "UID:1\nSEQUENCE:2\nDTSTART:20261217"), "2026-12-17"},
		"one UID for all":                {calendar("UID:1\nDTSTART:20261216", "UID:1\nDTSTART:20261217"), "2026-12-16 2026-12-17"},
		"override without its series":    {calendar("UID:1\nRECURRENCE-ID:20261215\nDTSTART:20261216"), "2026-12-16"},
		"day twice is one":               {calendar("UID:1\nDTSTART:20261216", "UID:2\nDTSTART:20261216"), "2026-12-16"},
		"outside the window":             {calendar("DTSTART:20261023", "DTSTART:20261024", "DTSTART:20280124", "DTSTART:20280125"), "2026-10-24 2028-01-24"},
		"lower case and blank lines":     {strings.ToLower(calendar("DTSTART:20261216", "\nDTSTART:20261217\n")), "2026-12-16 2026-12-17"},
		"old line ends, byte-order mark": {"\uFEFF" + strings.ReplaceAll(calendar("DTSTART:20261216"), "\n", "\r"), "2026-12-16"},
		"two calendars in one file":      {calendar("DTSTART:20261216") + calendar("DTSTART:20261217"), "2026-12-16 2026-12-17"},
		"alarm and zone beside":          {calendar("DTSTART:20261216\nBEGIN:VALARM\nTRIGGER:-PT12H\nDESCRIPTION:x\nEND:VALARM"), "2026-12-16"},
		"breaks in a description":        {calendar("DTSTART:20261216\nDESCRIPTION:Sortir\n\nles bacs, avant 7 h\nmerci"), "2026-12-16"},
		"fold within a character":        {calendar("DTSTART:20261216\nSUMMARY:\xC3\n \xA9t\xC3\n\t\xA9"), "2026-12-16"},
		"DTSTART off its rule":           {calendar("DTSTART:20261215\nRRULE:FREQ=WEEKLY;BYDAY=WE;COUNT=2"), "2026-12-15 2026-12-16 2026-12-23"},
		"date with a Z":                  {calendar("DTSTART:20261202Z"), "2026-12-02"},
		"no seconds":                     {calendar("DTSTART:20261202T2330", "DTSTART:20261205T0130Z"), "2026-12-02 2026-12-04"},
		"leap day":                       {calendar("DTSTART:20240229\nRRULE:FREQ=YEARLY", "DTSTART:20261216"), "2026-12-16"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := fromFile(t, c.text)
			if diff := cmp.Diff(c.want, daysOf(got)); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// TestHeldBack: each is a failure with its reason, and tells nothing of the text.
func TestHeldBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text, want string
		err        error
	}{
		"no calendar":            {"hello", "no content line", connectors.ErrMalformed},
		"nothing":                {"", "no calendar", connectors.ErrMalformed},
		"no events":              {calendar(), "without any event", connectors.ErrMalformed},
		"last year's":            {calendar("DTSTART:20251216"), "not published yet", connectors.ErrUnavailable},
		"series that ended":      {calendar("DTSTART:20251216\nRRULE:FREQ=WEEKLY;UNTIL=20260101"), "not published yet", connectors.ErrUnavailable},
		"all called off":         {calendar("DTSTART:20261216\nSTATUS:CANCELLED"), "not published yet", connectors.ErrUnavailable},
		"cut":                    {strings.TrimSuffix(calendar("DTSTART:20261216"), "END:VCALENDAR\n"), "without end", connectors.ErrMalformed},
		"end of another":         {"BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n", "end of another", connectors.ErrMalformed},
		"no start":               {calendar("SUMMARY:canary"), "no DTSTART", connectors.ErrMalformed},
		"start that is none":     {calendar("DTSTART:canary"), "DTSTART that is no date", connectors.ErrMalformed},
		"30 February":            {calendar("DTSTART:20270230"), "DTSTART that is no date", connectors.ErrMalformed},
		"rule that is none":      {calendar("DTSTART:20261216\nRRULE:FREQ=CANARY"), "RRULE that is none", connectors.ErrMalformed},
		"every second":           {calendar("DTSTART:20261216\nRRULE:FREQ=SECONDLY"), "none of a collection", connectors.ErrMalformed},
		"rules without end":      {calendar("DTSTART:20261216" + strings.Repeat("\nRRULE:FREQ=DAILY", maxRules+1)), "event 1: too many RRULEs", connectors.ErrMalformed},
		"this and future":        {calendar("DTSTART:20261216\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261216"), "RANGE", connectors.ErrMalformed},
		"EXRULE":                 {calendar("DTSTART:20261216\nEXRULE:FREQ=WEEKLY"), "EXRULE", connectors.ErrMalformed},
		"garbled rule's name":    {calendar("DTSTART:20261216\nRR LE:FREQ=WEEKLY"), "no content line", connectors.ErrMalformed},
		"wrong charset":          {calendar("DTSTART:20261216\nSUMMARY:\xE9t\xE9"), "not UTF-8", connectors.ErrMalformed},
		"long line":              {calendar("DTSTART:20261216\nSUMMARY:" + strings.Repeat("a", maxLine)), "over 65536 bytes", connectors.ErrMalformed},
		"deep":                   {strings.Repeat("BEGIN:VCALENDAR\n", 1) + strings.Repeat("BEGIN:VEVENT\n", 1000), "cannot begin here", connectors.ErrMalformed},
		"too large":              {strings.Repeat("X", maxSize+1), "over 5242880 bytes", connectors.ErrMalformed},
		"too many events":        {calendar(strings.Split(strings.Repeat("DTSTART:20261216\n", maxEvents+1), "\n")[:maxEvents+1]...), "more than 20000 events", connectors.ErrMalformed},
		"two millennia ago":      {calendar("DTSTART:00261216"), "another century", connectors.ErrMalformed},
		"something after":        {calendar("DTSTART:20261216") + "DTSTART:20261217\n", "outside of a calendar", connectors.ErrMalformed},
		"property without colon": {calendar("DTSTART:20261216\nRRULE;X=1"), "not iCalendar", connectors.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := fromFile(t, c.text)
			if len(got) > 0 || !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%d records, error %v; want %q", len(got), err, c.want)
			}
			if strings.Contains(strings.ToLower(err.Error()), "canary") {
				t.Errorf("the calendar's text shows in %v", err)
			}
		})
	}
}

// TestEndlessSeries: a series without end, or without any day, takes no longer
// than the window asks for, and gives up with its context, also within an event.
func TestEndlessSeries(t *testing.T) {
	t.Parallel()
	start := moment{time.Date(1970, time.January, 5, 0, 0, 0, 0, time.UTC), true}
	window := record.Period{From: record.Date{Year: 2026, Month: time.November, Day: 1}, To: record.Date{Year: 2028, Month: time.January, Day: 31}}
	for rule, want := range map[string]int{
		"FREQ=DAILY": 457, "FREQ=DAILY;COUNT=2000000000": 457, "FREQ=DAILY;UNTIL=21991231": 457, "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30": 0, "FREQ=WEEKLY;INTERVAL=10000": 0,
	} {
		got, _, err := expand(t.Context(), []event{{start: start, rules: []string{rule}}}, window, time.UTC)
		if err != nil || len(got) != want {
			t.Errorf("%s: %d days, want %d, error %v", rule, len(got), want, err)
		}
	}
	e := event{start: start, rules: slices.Repeat([]string{"FREQ=DAILY"}, maxRules)}
	ctx := &tired{t.Context(), 5}
	if got, _, err := expand(ctx, []event{e}, window, time.UTC); !errors.Is(err, context.DeadlineExceeded) || got != nil {
		t.Errorf("%d days, error %v", len(got), err)
	}
}

// tired is a context whose deadline passes after it was looked at so often.
type tired struct {
	context.Context
	looks int
}

func (c *tired) Err() error {
	if c.looks--; c.looks < 0 {
		return context.DeadlineExceeded
	}
	return nil
}

// TestWindows1252 reads a calendar in the charset that the settings name.
func TestWindows1252(t *testing.T) {
	t.Parallel()
	got, err := fromFile(t, calendar("DTSTART:20261216\nSUMMARY:\xC9t\xE9"), func(s *Settings) { s.Charset = "windows-1252" })
	if c, ok := got[0].Body.(record.Collection); err != nil || !ok || c.Name != "Été" {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := fromFile(t, calendar("DTSTART:20261216\nSUMMARY:Été"), func(s *Settings) { s.Charset = "windows-1252" }); !errors.Is(err, connectors.ErrMalformed) {
		t.Errorf("UTF-8 as windows-1252: %v", err)
	}
}

// FuzzCalendar feeds any bytes: each end is days within the window, or one
// sentinel.
func FuzzCalendar(f *testing.F) {
	f.Add([]byte(calendar("UID:1\nDTSTART;TZID=America/Toronto:20261216T070000\nRRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20270430\nEXDATE:20261230")))
	f.Add([]byte(calendar("DTSTART;VALUE=DATE:20261202\nDURATION:P3D\nRDATE;VALUE=PERIOD:20261217T070000/PT1H\nSTATUS:CANCELLED")))
	f.Add([]byte("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTST\r\n ART:20261202\r\nEND:VEVENT\r\nEND:VCALENDAR"))
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		f.Fatal(err)
	}
	today := record.DateOf(noon().In(zone))
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := parse(body, "utf-8", zone)
		var passages []passage
		if err == nil {
			passages, _, err = expand(t.Context(), events, window(today), zone)
		}
		if err != nil {
			if reason := connectors.Reason(err); reason != connectors.ReasonMalformed || len(passages) > 0 {
				t.Fatalf("%d days, reason %q of %v", len(passages), reason, err)
			}
			return
		}
		for _, p := range passages {
			if !window(today).Contains(p.date) && !window(today).Contains(p.last) {
				t.Fatalf("day %s outside the window", p.date)
			}
		}
	})
}
