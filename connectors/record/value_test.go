package record_test

import (
	"testing"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

func TestParseCents(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]record.Cents{
		"0": 0, "50": 5000, "12.75": 1275, "12,75": 1275, "12.5": 1250, "-3.00": -300, "1,234.50": 123450,
		"1 234,56 $": 123456, "$4.00": 400, "1\u00a0234\u00a0567,89\u00a0$": 123456789, "1,234": 123400, "-0.05": -5, " 7.00 ": 700,
	} {
		got, err := record.ParseCents(in)
		if err != nil || got != want {
			t.Errorf("ParseCents(%q) = %d, %v; want %d", in, got, err, want)
		}
	}
	for _, in := range []string{"", "-", "$", "abc", "12.345", "1.2.3", "1,23,456", "12 34", "0,123", "1e5", "12.", ".5", "٣", "99999999999999999999", "1 234.567"} {
		if got, err := record.ParseCents(in); err == nil {
			t.Errorf("ParseCents(%q) = %d; want an error", in, got)
		}
	}
}

func TestDate(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		t.Fatal(err)
	}
	late := time.Date(2026, 3, 8, 23, 59, 0, 0, zone)
	d := record.DateOf(late)
	if d.String() != "2026-03-08" {
		t.Errorf("DateOf = %s", d)
	}
	if next := d.AddDays(1); next.String() != "2026-03-09" || d.DaysUntil(next) != 1 || !d.Before(next) {
		t.Errorf("the day after the clock change is %s, %d days on", next, d.DaysUntil(next))
	}
	var unknown record.Date
	if err := unknown.UnmarshalText(nil); err != nil || !unknown.IsZero() || unknown.String() != "" {
		t.Errorf("unknown date = %q, %v", unknown, err)
	}
	for _, bad := range []string{"2026-02-30", "2026-1-1", "20261215", "2026-12-15T00:00:00Z"} {
		if got, err := record.ParseDate(bad); err == nil {
			t.Errorf("ParseDate(%q) = %s; want an error", bad, got)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in, want string
		limit          int
	}{
		{"decomposed accents become NFC", "Cafe\u0301", "Café", 99},
		{"spaces fold and trim", "  L'hiver \t à\u00a0 Oka ", "L'hiver à Oka", 99},
		{"bidirectional override goes", "abc\u202edef", "abcdef", 99},
		{"controls go, line breaks stay", "a\x00b\r\n\n c", "ab\nc", 99},
		{"cut at a rune", "éééééé", "ééé…", 3},
		{"not UTF-8", "C\xf4t\xe9", "C\uFFFDt\uFFFD", 99},
		{"empty", "\u200b \n", "", 99},
	} {
		if got := record.Text(c.in, c.limit); got != c.want {
			t.Errorf("%s: Text(%q) = %q; want %q", c.name, c.in, got, c.want)
		}
	}
}

func TestPointValid(t *testing.T) {
	t.Parallel()
	zero := 0.0
	for p, want := range map[record.Point]bool{
		{Lat: 45.5, Long: -73.9}: true, {}: false, {Lat: 91, Long: 1}: false, {Lat: 1, Long: -181}: false, {Lat: zero / 1, Long: 1e300}: false,
	} {
		if p.Valid() != want {
			t.Errorf("%v.Valid() = %v", p, !want)
		}
	}
}
