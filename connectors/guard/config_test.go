package guard

import (
	"math"
	"net/netip"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
)

func TestDefaultsAreValid(t *testing.T) {
	t.Parallel()
	if p := Defaults().Validate(); len(p) != 0 {
		t.Errorf("%v", p)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for key, spoil := range map[string]func(*Config){
		"deadline":            func(c *Config) { c.Deadline = 0 },
		"list_deadline":       func(c *Config) { c.ListDeadline = connectors.Duration(25 * time.Hour) },
		"parallel":            func(c *Config) { c.Parallel = 0 },
		"queue":               func(c *Config) { c.Queue = -1 },
		"retries":             func(c *Config) { c.Retries = 6 },
		"breaker.failures":    func(c *Config) { c.Breaker.Failures = 0 },
		"breaker.rest":        func(c *Config) { c.Breaker.Rest = 0 },
		"max_body":            func(c *Config) { c.MaxBody = -1 },
		"dial_allow[1]":       func(c *Config) { c.DialAllow = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), {}} },
		"maintenance[0].from": func(c *Config) { c.Maintenance = []Window{{From: "2h", To: "03:00"}} },
		"maintenance[0].to":   func(c *Config) { c.Maintenance = []Window{{From: "02:00", To: "24:00"}} },
		"maintenance[0].days[1]": func(c *Config) {
			c.Maintenance = []Window{{Days: []string{"mon", "lundi"}, From: "02:00", To: "03:00"}}
		},
	} {
		c := Defaults()
		spoil(&c)
		if p := c.Validate(); len(p) != 1 || p[0].Key != key || p[0].Text == "" {
			t.Errorf("%s: %v", key, p)
		}
	}
}

func TestYAML(t *testing.T) {
	t.Parallel()
	const file = `
deadline: 5s
rate: 60/m
breaker: {failures: 3, rest: 45s}
dial_allow: [127.0.0.0/8, "::1/128"]
maintenance: [{days: [sun], from: "02:00", to: "04:30"}]
ca_file: ville.pem
`
	got := Defaults()
	if err := yaml.UnmarshalWithOptions([]byte(file), &got, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	want := Defaults()
	want.Deadline = connectors.Duration(5 * time.Second)
	want.Rate = Rate{60, time.Minute}
	want.Breaker = Breaker{3, connectors.Duration(45 * time.Second)}
	want.DialAllow = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	want.Maintenance = []Window{{Days: []string{"sun"}, From: "02:00", To: "04:30"}}
	want.CAFile = "ville.pem"
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}

func TestRateText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]struct {
		limit float64
		burst int
	}{
		"10/s": {10, 10}, "60/m": {1, 1}, "90/m": {1.5, 2}, "36/h": {0.01, 1}, "": {math.MaxFloat64, 0},
	} {
		var r Rate
		if err := r.UnmarshalText([]byte(in)); err != nil {
			t.Errorf("%q: %v", in, err)
		}
		if back, err := r.MarshalText(); err != nil || string(back) != in {
			t.Errorf("%q comes back as %q, %v", in, back, err)
		}
		if l := r.limiter(); float64(l.Limit()) != want.limit || l.Burst() != want.burst {
			t.Errorf("%q: %v a second, %d at once; want %v, %d", in, l.Limit(), l.Burst(), want.limit, want.burst)
		}
	}
	for _, bad := range []string{"10", "0/s", "-1/s", "10/d", "ten/s", "1.5/s", "10/s/s", "/s"} {
		var r Rate
		if err := r.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q reads as %s", bad, r)
		}
	}
}

func FuzzRate(f *testing.F) {
	f.Add("10/s")
	f.Add("99999999999/h")
	f.Fuzz(func(t *testing.T, s string) {
		var r Rate
		if r.UnmarshalText([]byte(s)) != nil {
			return
		}
		text, _ := r.MarshalText()
		var again Rate
		if err := again.UnmarshalText(text); err != nil || again != r || r.limiter().Limit() < 0 {
			t.Errorf("%q reads as %v, then %v, %v", s, r, again, err)
		}
	})
}
