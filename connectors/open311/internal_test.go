package open311

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
)

func TestPlain(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Trou\r\ndevant le 14":                         "Trou\ndevant le 14",
		"a < b et c > d":                               "a < b et c > d",
		"si x<y alors z>3":                             "si x<y alors z>3",
		"<p>Une</p><p>deux<br/>trois</p>":              "Une\ndeux\ntrois",
		"<script>alert(1)</script>Bonjour":             "Bonjour",
		"Bonjour<script>alert(1)":                      "Bonjour",
		`<a href="https://x.example">ici</a> &amp; là`: "ici & là",
		"R&eacute;par&eacute; &amp; nettoy&#233;":      "Réparé & nettoyé",
		"<inconnu>garde</inconnu> <b>gras</b>":         "<inconnu>garde</inconnu> gras",
		"\u202eenvers\u0000 ":                          "envers",
	} {
		if got := plain(in, 100); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := plain(strings.Repeat("é", 200), 100); len([]rune(got)) != 101 {
		t.Errorf("%d characters", len([]rune(got)))
	}
}

func TestParseTime(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("EST", -5*3600)
	want := time.Date(2026, 11, 20, 13, 15, 0, 0, time.UTC)
	for _, s := range []string{
		"2026-11-20T08:15:00-05:00", "2026-11-20T13:15:00Z", "2026-11-20T13:15:00.000Z", "2026-11-20T08:15:00-0500",
		"2026-11-20T13:15Z", "2026-11-20T08:15:00", "2026-11-20T08:15:00.000", "2026-11-20 08:15:00", "2026-11-20 08:15",
		"2026-11-20 08:15:00-05:00", "2026-11-20 08:15:00 -0500", "2026-11-20 08:15:00 -05:00", "2026-11-20T08:15:00 -05:00", "2026-11-20 13:15:00 UTC",
	} {
		if got := parseTime(s, zone); !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%q: %v", s, got)
		}
	}
	for _, s := range []string{"", "hier", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "0000-00-00", "2026-13-01", "20/11/2026", "9999-12-31T00:00:00Z", "2026-11-20 13:15:00 EDT"} {
		if got := parseTime(s, zone); !got.IsZero() {
			t.Errorf("%q: %v", s, got)
		}
	}
}

// TestAddress: ids and codes survive the path whole, and one base URL is as good
// with its final slash as without.
func TestAddress(t *testing.T) {
	t.Parallel()
	s := &source{base: "https://ville.example/open311/v2", Settings: Settings{Format: "json", Jurisdiction: "ville.example"}}
	got := s.address(map[string][]string{"a": {"b&c"}}, "requests", "26:00/4 é.1")
	want := "https://ville.example/open311/v2/requests/26:00%2F4%20%C3%A9.1.json?a=b%26c&jurisdiction_id=ville.example"
	if got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit func(*Settings)
		want []string
	}{
		"only base_url": {func(*Settings) {}, nil},
		"no base_url":   {func(s *Settings) { s.BaseURL = "" }, []string{"base_url"}},
		"secrets in it": {func(s *Settings) { s.BaseURL = "https://me:x@ville.example/" }, []string{"base_url"}},
		"query in it":   {func(s *Settings) { s.BaseURL += "?api_key=x" }, []string{"base_url"}},
		"everything wrong": {func(s *Settings) {
			s.DiscoveryURL, s.Format, s.KeyIn, s.KeyOnReads, s.PostAs = "ftp://x", "yaml", "cookie", true, "soap"
			s.Zone, s.DateStyle, s.Batch, s.PageSize, s.History = "Montréal", "swatch", 0, -1, 0
			s.Updates, s.RequestLink, s.Services = connectors.Duration(91*day), "https://ville.example/", []string{" "}
		}, []string{
			"discovery_url", "format", "key_in", "key_on_reads", "post_as", "timezone", "date_style", "batch", "page_size", "history", "updates", "request_link", "services",
		}},
		"header without name": {func(s *Settings) { s.KeyIn, s.KeyHeader = "header", "X Key:" }, []string{"key_header"}},
	} {
		s := defaults()
		s.BaseURL = "https://ville.example/v2"
		c.edit(&s)
		var got []string
		for _, p := range s.Validate() {
			got = append(got, p.Key)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestDials(t *testing.T) {
	t.Parallel()
	s := Settings{BaseURL: "https://ville.example/v2", DiscoveryURL: "http://[2001:db8::1]:8080/discovery.xml"}
	if d := cmp.Diff([]string{"ville.example:443", "[2001:db8::1]:8080"}, s.Dials()); d != "" {
		t.Error(d)
	}
	if got := (&Settings{}).Dials(); got != nil {
		t.Errorf("of nothing: %v", got)
	}
}
