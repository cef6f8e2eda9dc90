package example

import (
	"net"
	"net/url"

	"github.com/semenligne/sem/connectors"
)

// Settings is how a permit system is reached.
type Settings struct {
	BaseURL string            `json:"base_url" jsonschema:"address of the permit system, such as https://permis.ville.example"`
	Key     connectors.Secret `json:"api_key_file" jsonschema:"file with the API key, which the town's IT made for us"`
	MaxSize int64             `json:"max_size,omitempty" jsonschema:"bytes; a longer reply is refused"`
}

// defaults holds no map and no slice that two sources could share.
func defaults() Settings { return Settings{MaxSize: 1 << 20} }

// Validate returns every mistake.
func (s *Settings) Validate() []connectors.Problem {
	var problems []connectors.Problem
	u, err := url.Parse(s.BaseURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" {
		problems = append(problems, connectors.Problemf("base_url", "write an http or https address without user or query"))
	}
	if s.Key.IsZero() {
		problems = append(problems, connectors.Problemf("api_key_file", "missing: the system lets nobody in without a key"))
	}
	if s.MaxSize < 1<<10 || s.MaxSize > 64<<20 {
		problems = append(problems, connectors.Problemf("max_size", "write a number of bytes from 1024 to 67108864"))
	}
	return problems
}

// Dials returns the one address that base_url names.
func (s *Settings) Dials() []string {
	u, err := url.Parse(s.BaseURL)
	if err != nil {
		return nil // Validate says so
	}
	port := u.Port()
	if port == "" && u.Scheme == "https" {
		port = "443"
	} else if port == "" {
		port = "80"
	}
	return []string{net.JoinHostPort(u.Hostname(), port)}
}
