package open311

import (
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors"
)

// The values of the settings that are words.
const (
	formatJSON = "json"
	formatXML  = "xml"

	keyParameter = "parameter"
	keyBearer    = "bearer"
	keyHeader    = "header"

	dateUTC    = "utc"
	dateOffset = "offset"
	dateNoZone = "none"

	postForm = "form"
	postJSON = "json"
)

// Settings of a GeoReport v2 source. Only base_url is needed.
type Settings struct {
	BaseURL      string            `json:"base_url" jsonschema:"endpoint that /services and /requests are appended to, as the discovery document gives it"`
	Jurisdiction string            `json:"jurisdiction_id,omitempty" jsonschema:"sent with every call; needed where one endpoint serves several towns"`
	Format       string            `json:"format,omitempty" jsonschema:"json or xml: the extension asked for; XML is the one that every server must have"`
	Key          connectors.Secret `json:"api_key_file,omitzero" jsonschema:"file with the API key; submitting needs it, reading by the book does not"`
	KeyIn        string            `json:"key_in,omitempty" jsonschema:"where the key goes: parameter (api_key, by the book), bearer (Authorization) or header (see key_header)"`
	KeyHeader    string            `json:"key_header,omitempty" jsonschema:"name of the header when key_in is header"`
	KeyOnReads   bool              `json:"key_on_reads,omitempty" jsonschema:"true where the server wants the key for reading too"`
	PostAs       string            `json:"post_as,omitempty" jsonschema:"form (by the book) or json: how a new request is sent"`

	Zone      string `json:"timezone,omitempty" jsonschema:"IANA zone of dates that the server writes without one"`
	DateStyle string `json:"date_style,omitempty" jsonschema:"how dates are sent: utc (2026-01-02T03:04:05Z), offset (in timezone, with its offset) or none (in timezone, without)"`

	Batch    int                 `json:"batch,omitempty" jsonschema:"how many numbers are asked about in one call; 1 asks for each request by its own address"`
	PageSize int                 `json:"page_size,omitempty" jsonschema:"page_size of servers that have pages; 0 asks for further pages only when an answer looks cut"`
	History  connectors.Duration `json:"history,omitempty" jsonschema:"how far back a person's requests are looked for by account or email, in windows of at most 90 days"`
	Updates  connectors.Duration `json:"updates,omitempty" jsonschema:"how far back /servicerequestupdates is read for the history of requests, at most 90d; 0 where the server lacks it"`

	Extensions   bool     `json:"extensions,omitempty" jsonschema:"true adds extensions=true, for servers that then give notes and more"`
	Services     []string `json:"services,omitempty" jsonschema:"service codes that are listed and may be submitted; empty for all"`
	RequestLink  string   `json:"request_link,omitempty" jsonschema:"public page of a request, with {id} where its number goes"`
	DiscoveryURL string   `json:"discovery_url,omitempty" jsonschema:"the discovery document; its changeset then saves reading an unchanged service list"`
}

func defaults() Settings {
	return Settings{
		Format: formatJSON, KeyIn: keyParameter, KeyHeader: "X-API-Key", PostAs: postForm,
		Zone: "America/Toronto", DateStyle: dateUTC,
		Batch: 20, History: connectors.Duration(365 * 24 * time.Hour),
	}
}

const day = 24 * time.Hour

// Validate returns every mistake.
func (s *Settings) Validate() []connectors.Problem {
	var p []connectors.Problem
	add := func(bad bool, key, text string) {
		if bad {
			p = append(p, connectors.Problemf(key, "%s", text))
		}
	}
	add(!goodURL(s.BaseURL), "base_url", "write the http or https address of the endpoint, without user, query or fragment")
	add(s.DiscoveryURL != "" && !goodURL(s.DiscoveryURL), "discovery_url", "write the http or https address of the discovery document, without user, query or fragment")
	add(s.Format != formatJSON && s.Format != formatXML, "format", "write json or xml")
	add(s.KeyIn != keyParameter && s.KeyIn != keyBearer && s.KeyIn != keyHeader, "key_in", "write parameter, bearer or header")
	add(s.KeyIn == keyHeader && !token(s.KeyHeader), "key_header", "write the name of a header, such as X-API-Key")
	add(s.KeyOnReads && s.Key.IsZero(), "key_on_reads", "there is no key to send: set api_key_file")
	add(s.PostAs != postForm && s.PostAs != postJSON, "post_as", "write form or json")
	_, err := time.LoadLocation(s.Zone)
	add(err != nil || s.Zone == "" || s.Zone == "Local", "timezone", "write an IANA zone, such as America/Toronto")
	add(s.DateStyle != dateUTC && s.DateStyle != dateOffset && s.DateStyle != dateNoZone, "date_style", "write utc, offset or none")
	add(s.Batch < 1 || s.Batch > 100, "batch", "write a number from 1 to 100")
	add(s.PageSize < 0 || s.PageSize > 1000, "page_size", "write a number from 1 to 1000, or 0 for no pages")
	add(s.History.Std() < day || s.History.Std() > 10*365*day, "history", "write a length of time from 1d to 3650d")
	add(s.Updates.Std() > 90*day, "updates", "write at most 90d, or 0 to do without")
	add(s.RequestLink != "" && (!strings.Contains(s.RequestLink, "{id}") || !webURL(s.RequestLink)), "request_link", "write an http or https address that holds {id}")
	for _, code := range s.Services {
		add(strings.TrimSpace(code) == "", "services", "a service code is empty")
	}
	return p
}

// Dials returns the endpoint, and the host of the discovery document.
func (s *Settings) Dials() []string {
	var out []string
	for _, raw := range []string{s.BaseURL, s.DiscoveryURL} {
		if u, err := url.Parse(raw); err == nil && u.Hostname() != "" {
			out = append(out, hostPort(u))
		}
	}
	return out
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func goodURL(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && webURL(raw) && u.User == nil && u.RawQuery == "" && u.Fragment == ""
}

func webURL(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}

// token tells whether a header may bear that name (RFC 9110 §5.6.2).
func token(s string) bool {
	return s != "" && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}
