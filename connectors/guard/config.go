package guard

import (
	"net/netip"
	"time"

	"github.com/semenligne/sem/connectors"
)

// Config is the `guard:` block of a source.
type Config struct {
	Deadline     connectors.Duration `json:"deadline,omitempty" jsonschema:"longest a call may take, and longest it may wait for its turn before"`
	ListDeadline connectors.Duration `json:"list_deadline,omitempty" jsonschema:"longest the reading of a whole source may take"`
	Parallel     int                 `json:"parallel,omitempty" jsonschema:"calls at the same time"`
	Queue        int                 `json:"queue,omitempty" jsonschema:"calls that may wait for their turn; more are refused at once"`
	Rate         Rate                `json:"rate,omitzero" jsonschema:"calls in a time: 10/s or 60/m or 500/h; without it no limit"`
	Retries      int                 `json:"retries,omitempty" jsonschema:"how often a read that found the source unavailable is repeated; actions and PIN checks never are"`
	Breaker      Breaker             `json:"breaker,omitzero" jsonschema:"when to leave a failing source alone"`
	Maintenance  []Window            `json:"maintenance,omitempty" jsonschema:"hours in which the source is not called"`
	DialAllow    []netip.Prefix      `json:"dial_allow,omitempty" jsonschema:"loopback, link-local, metadata and multicast addresses that this source may connect to, as CIDR prefixes; others need no permission"`
	CAFile       connectors.Path     `json:"ca_file,omitempty" jsonschema:"PEM file of certificate authorities trusted besides the system's"`
	MaxBody      int64               `json:"max_body,omitempty" jsonschema:"largest HTTP reply in bytes, compressed and decompressed alike; without it 32 MiB, or what the kind itself needs"`
}

// Breaker says when a source is left alone.
type Breaker struct {
	Failures int                 `json:"failures,omitempty" jsonschema:"failed calls in a row that open the breaker; so does half of the last calls when they are at least twice as many"`
	Rest     connectors.Duration `json:"rest,omitempty" jsonschema:"how long an open breaker lets no call through, up to a quarter longer by chance"`
}

// Defaults returns the values of everything that a file leaves out.
func Defaults() Config {
	return Config{
		Deadline:     connectors.Duration(10 * time.Second),
		ListDeadline: connectors.Duration(10 * time.Minute),
		Parallel:     4,
		Queue:        16,
		Retries:      1,
		Breaker:      Breaker{Failures: 5, Rest: connectors.Duration(30 * time.Second)},
	}
}

// Validate returns every mistake; keys are relative to the block.
func (c Config) Validate() []connectors.Problem {
	var problems []connectors.Problem
	wrong := func(bad bool, key, text string) {
		if bad {
			problems = append(problems, connectors.Problem{Key: key, Text: text})
		}
	}
	wrong(c.Deadline <= 0 || c.Deadline.Std() > time.Hour, "deadline", "more than 0 and at most 1h, such as 10s")
	wrong(c.ListDeadline <= 0 || c.ListDeadline.Std() > 24*time.Hour, "list_deadline", "more than 0 and at most 24h, such as 10m")
	wrong(c.Parallel < 1 || c.Parallel > 1000, "parallel", "1 to 1000 calls at the same time")
	wrong(c.Queue < 0 || c.Queue > 10000, "queue", "0 to 10000 waiting calls")
	wrong(c.Retries < 0 || c.Retries > 5, "retries", "0 to 5; more only burden a sick system")
	wrong(c.Breaker.Failures < 1 || c.Breaker.Failures > 100, "breaker.failures", "1 to 100 failed calls")
	wrong(c.Breaker.Rest <= 0 || c.Breaker.Rest.Std() > time.Hour, "breaker.rest", "more than 0 and at most 1h, such as 30s")
	wrong(c.MaxBody < 0, "max_body", "a number of bytes above 0, such as 33554432, or nothing")
	for i, p := range c.DialAllow {
		wrong(!p.IsValid(), indexed("dial_allow", i), "not a CIDR prefix, such as 127.0.0.0/8")
	}
	for i, w := range c.Maintenance {
		for _, p := range w.validate() {
			problems = append(problems, connectors.Problem{Key: indexed("maintenance", i) + "." + p.Key, Text: p.Text})
		}
	}
	return problems
}
