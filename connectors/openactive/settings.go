package openactive

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors"
)

// Settings is how a publisher's feeds and its booking server are reached.
type Settings struct {
	Feeds      []string          `json:"feeds,omitempty" jsonschema:"addresses of the open feeds of the catalogue (RPDE): one for each kind, series and sessions alike"`
	BookingURL string            `json:"booking_url,omitempty" jsonschema:"base address of the Open Booking API, without a final slash; without it the source is a catalogue only"`
	APIKey     connectors.Secret `json:"api_key_file,omitzero" jsonschema:"file holding the key or token of the booking server"`
	AuthHeader string            `json:"auth_header,omitempty" jsonschema:"header that carries the key"`
	AuthScheme string            `json:"auth_scheme,omitempty" jsonschema:"word before the key in that header: Bearer in Authorization and none elsewhere, unless set; none for the bare key"`

	TokenURL     string            `json:"token_url,omitempty" jsonschema:"address that hands out tokens (OAuth 2.0, client credentials), in place of api_key_file"`
	ClientID     string            `json:"client_id,omitempty" jsonschema:"our name at token_url"`
	ClientSecret connectors.Secret `json:"client_secret_file,omitzero" jsonschema:"file holding our secret at token_url"`

	BrokerRole string    `json:"broker_role,omitempty" jsonschema:"NoBroker, AgentBroker or ResellerBroker"`
	BrokerName string    `json:"broker_name,omitempty" jsonschema:"name of the broker; for AgentBroker and ResellerBroker"`
	Seller     string    `json:"seller,omitempty" jsonschema:"@id of the seller, for a catalogue that names no organizer"`
	References Reference `json:"references,omitempty" jsonschema:"uri: sessions and offers are sent as bare addresses; object: as objects with @type and @id"`
	Quote      Quote     `json:"anonymous_quote,omitempty" jsonschema:"send: ask for a quote without the person first (C1); skip: straight to the quote with the person (C2)"`

	Residents     string   `json:"residents_pattern,omitempty" jsonschema:"regular expression: an offer whose name matches is for residents"`
	Others        string   `json:"others_pattern,omitempty" jsonschema:"regular expression: an offer whose name matches is for non-residents; looked for first"`
	ResidentsProp string   `json:"residents_property,omitempty" jsonschema:"property of an offer, without prefix, that tells the tier: true, false or a word that the patterns match"`
	WaitingCount  []string `json:"waiting_count_properties,omitempty" jsonschema:"properties of a session, without prefix, that count its waiting list"`
	WaitingRank   []string `json:"waiting_rank_properties,omitempty" jsonschema:"properties of an order item, without prefix, that tell its rank in the waiting list"`

	Zone     string `json:"timezone,omitempty" jsonschema:"the town's time zone, for dates and for times without offset"`
	MaxPages int    `json:"max_pages,omitempty" jsonschema:"a feed with more pages than this counts as endless"`
	MaxItems int    `json:"max_items,omitempty" jsonschema:"a feed with more items than this is refused"`
}

// Reference is how sessions and offers are written in requests.
type Reference string

// The values of Reference.
const (
	ReferenceURI    Reference = "uri"
	ReferenceObject Reference = "object"
)

// Quote says whether C1 is called.
type Quote string

// The values of Quote.
const (
	QuoteSend Quote = "send"
	QuoteSkip Quote = "skip"
)

func defaults() Settings {
	return Settings{
		AuthHeader: "Authorization",
		BrokerRole: "NoBroker", References: ReferenceURI, Quote: QuoteSend,
		Residents:    `(?i)\b(r[eé]sidente?s?|residents?)\b`,
		Others:       `(?i)\b(non[- ]?r[eé]sidente?s?|non[- ]?residents?|ext[eé]rieure?s?)\b`,
		WaitingCount: []string{"waitingListLength", "waitingListCount", "waitingCount", "waitlistLength", "waitlistCount", "waitlistSize"},
		WaitingRank:  []string{"waitingListPosition", "waitingListRank", "waitlistPosition", "waitlistRank", "waitingPosition"},
		Zone:         "America/Toronto", MaxPages: 10_000, MaxItems: 200_000,
	}
}

// scheme is the word before the key: Bearer in Authorization, none in a header
// of the server's own, unless the settings say otherwise.
func (s *Settings) scheme() string {
	switch {
	case s.AuthScheme != "":
		return s.AuthScheme
	case strings.EqualFold(s.AuthHeader, "Authorization"):
		return "Bearer"
	}
	return "none"
}

// Dials returns the hosts of the feeds and of the booking server.
func (s *Settings) Dials() []string {
	var dials []string
	for _, raw := range append([]string{s.BookingURL, s.TokenURL}, s.Feeds...) {
		if u, err := url.Parse(raw); err == nil && u.Host != "" {
			dials = append(dials, hostPort(u))
		}
	}
	return dials
}

// Validate returns every mistake.
func (s *Settings) Validate() []connectors.Problem {
	var problems []connectors.Problem
	add := func(key, format string, args ...any) {
		problems = append(problems, connectors.Problemf(key, format, args...))
	}
	if len(s.Feeds) == 0 && s.BookingURL == "" {
		add("feeds", "missing: the address of a feed, or a booking_url")
	}
	for i, feed := range s.Feeds {
		if err := checkURL(feed); err != nil {
			add("feeds", "feed %d: %v", i+1, err)
		}
	}
	if s.BookingURL != "" {
		if err := checkURL(s.BookingURL); err != nil {
			add("booking_url", "%v", err)
		} else if strings.ContainsAny(s.BookingURL, "?#") {
			add("booking_url", "write the base address only, without ? or #")
		}
	}
	s.checkBroker(add)
	s.checkMapping(add)
	return problems
}

func (s *Settings) checkBroker(add func(key, format string, args ...any)) {
	if !headerForm.MatchString(s.AuthHeader) || http.CanonicalHeaderKey(s.AuthHeader) == "Host" {
		add("auth_header", "write the name of a header, such as Authorization or X-Api-Key")
	}
	if s.AuthScheme != "" && !headerForm.MatchString(s.AuthScheme) {
		add("auth_scheme", "write one word, such as Bearer, or none")
	}
	if s.TokenURL != "" {
		if err := checkURL(s.TokenURL); err != nil {
			add("token_url", "%v", err)
		}
		if s.ClientID == "" || s.ClientSecret.IsZero() || !s.APIKey.IsZero() || s.BookingURL == "" {
			add("token_url", "needs client_id, client_secret_file and booking_url, and no api_key_file")
		}
	}
	switch s.BrokerRole {
	case "NoBroker":
		if s.BrokerName != "" {
			add("broker_name", "NoBroker forbids a broker: leave it out, or set broker_role")
		}
	case "AgentBroker", "ResellerBroker":
		if s.BrokerName == "" {
			add("broker_name", "missing: %s needs it", s.BrokerRole)
		}
	default:
		add("broker_role", "write NoBroker, AgentBroker or ResellerBroker")
	}
	if s.Seller != "" && !isURL(s.Seller) {
		add("seller", "write the seller's whole @id, an address")
	}
	if s.References != ReferenceURI && s.References != ReferenceObject {
		add("references", "write uri or object")
	}
	if s.Quote != QuoteSend && s.Quote != QuoteSkip {
		add("anonymous_quote", "write send or skip")
	}
}

func (s *Settings) checkMapping(add func(key, format string, args ...any)) {
	for key, pattern := range map[string]string{"residents_pattern": s.Residents, "others_pattern": s.Others} {
		if _, err := regexp.Compile(pattern); err != nil {
			add(key, "not a regular expression")
		}
	}
	if _, err := time.LoadLocation(s.Zone); err != nil || s.Zone == "" {
		add("timezone", "not a time zone: write such as America/Toronto")
	}
	if s.MaxPages < 1 {
		add("max_pages", "write a number above 0")
	}
	if s.MaxItems < 1 {
		add("max_items", "write a number above 0")
	}
}

var headerForm = regexp.MustCompile(`^[A-Za-z0-9-]+$`)

// checkURL refuses what could not be called, or would carry a secret in the
// open.
func checkURL(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("write a whole address, such as https://loisirs.exemple.ca/rpde/sessions")
	case u.User != nil:
		return fmt.Errorf("no name or password in an address: use api_key_file")
	}
	return nil
}
