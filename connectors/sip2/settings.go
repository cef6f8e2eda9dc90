package sip2

import (
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors"
)

// Settings is how a library system is reached over SIP2 and which of the
// protocol's dialects it speaks. Only Address is needed; the defaults suit
// Koha and Evergreen with a UTF-8 account.
type Settings struct {
	Address string `json:"address" jsonschema:"host:port of the library system's SIP2 service"`
	TLS     bool   `json:"tls,omitempty" jsonschema:"speak TLS, as in front of a stunnel; without it cards and PINs travel in clear"`

	Login            Login             `json:"login,omitempty" jsonschema:"93, telnet, telnet+93 or none; default: 93 when login_user is set"`
	LoginUser        string            `json:"login_user,omitempty" jsonschema:"account of the portal at the library system (CN)"`
	LoginPassword    connectors.Secret `json:"login_password_file,omitzero" jsonschema:"file with that account's password (CO)"`
	Location         string            `json:"location,omitempty" jsonschema:"location code of the terminal (CP)"`
	Institution      string            `json:"institution,omitempty" jsonschema:"institution id (AO); default: what the system says in its status"`
	TerminalPassword connectors.Secret `json:"terminal_password_file,omitzero" jsonschema:"file with the terminal password (AC)"`

	Charset        Charset    `json:"charset,omitempty" jsonschema:"utf-8, iso-8859-1, windows-1252, cp850 or ascii, as agreed with the library; never guessed"`
	Checksum       Checksum   `json:"checksum,omitempty" jsonschema:"auto: a reply with a wrong checksum is asked for again, then refused, and so is one without, unless the system never sends any; strict: the same without that exception; lenient: accepted and noted; off: not looked at"`
	ErrorDetection bool       `json:"error_detection,omitempty" jsonschema:"send sequence numbers and checksums"`
	Terminator     Terminator `json:"terminator,omitempty" jsonschema:"cr or crlf, what ends our messages"`
	Delimiter      string     `json:"delimiter,omitempty" jsonschema:"the character that ends a field"`
	DateZone       DateZone   `json:"date_zone,omitempty" jsonschema:"blank or 0000, the zone written in our dates"`
	Timezone       string     `json:"timezone,omitempty" jsonschema:"the library's time zone"`
	Language       string     `json:"language,omitempty" jsonschema:"three digits: 011 Canadian French, 002 French, 001 English, 000 unknown"`
	Status         bool       `json:"status,omitempty" jsonschema:"ask for the system's status (99), which says what it supports; without it everything is tried"`

	Items      ItemForm `json:"items,omitempty" jsonschema:"barcode, title or auto: what the system lists as loans and holds"`
	AsCd       AsCd     `json:"as_cd,omitempty" jsonschema:"auto, koha or evergreen: what the hold lists AS and CD mean"`
	Alias      bool     `json:"alias,omitempty" jsonschema:"a person may sign in by user name and the system answers with the card number"`
	DueFormats []string `json:"due_formats,omitempty" jsonschema:"further ways in which the system writes due dates, such as dd/mm/yyyy"`
	Actions    []string `json:"actions,omitempty" jsonschema:"allowed actions: renew, renew-all, hold, cancel-hold"`

	Pool           int                 `json:"pool,omitempty" jsonschema:"connections at a time; a system has few workers"`
	DialTimeout    connectors.Duration `json:"dial_timeout,omitempty" jsonschema:"longest wait for a connection"`
	LoginTimeout   connectors.Duration `json:"login_timeout,omitempty" jsonschema:"longest wait for login and status"`
	MessageTimeout connectors.Duration `json:"message_timeout,omitempty" jsonschema:"longest wait for one reply"`
	Idle           connectors.Duration `json:"idle,omitempty" jsonschema:"an unused connection is closed after this"`
	MaxMessage     int                 `json:"max_message,omitempty" jsonschema:"bytes; a longer reply is refused"`
	MaxItems       int                 `json:"max_items,omitempty" jsonschema:"items described in one read; loans beyond it are listed without title or date"`
}

// Login is how the portal's own account signs in.
type Login string

// The values of Login. The empty one stands for Login93 when an account is
// configured and LoginNone otherwise.
const (
	Login93       Login = "93"
	LoginTelnet   Login = "telnet"
	LoginTelnet93 Login = "telnet+93"
	LoginNone     Login = "none"
)

// Checksum is what becomes of a reply whose checksum is wrong or missing.
type Checksum string

// The values of Checksum.
const (
	ChecksumAuto    Checksum = "auto"
	ChecksumStrict  Checksum = "strict"
	ChecksumLenient Checksum = "lenient"
	ChecksumOff     Checksum = "off"
)

// Terminator is what ends the messages that we send.
type Terminator string

// The values of Terminator. LF alone is not one: no server answers it.
const (
	TerminatorCR   Terminator = "cr"
	TerminatorCRLF Terminator = "crlf"
)

// UnmarshalText reads CR and CRLF by name, or as the characters themselves.
func (t *Terminator) UnmarshalText(text []byte) error {
	switch string(text) {
	case "\r":
		*t = TerminatorCR
	case "\r\n":
		*t = TerminatorCRLF
	default:
		*t = Terminator(strings.ToLower(string(text)))
	}
	return nil
}

// DateZone is the zone field of the dates that we send.
type DateZone string

// The values of DateZone; both mean local time.
const (
	DateZoneBlank DateZone = "blank"
	DateZoneZeros DateZone = "0000"
)

// ItemForm is what a system writes in its lists of loans and holds.
type ItemForm string

// The values of ItemForm. Under ItemsAuto a list in which any entry holds a
// space, or no digit, is a list of titles.
const (
	ItemsAuto    ItemForm = "auto"
	ItemsBarcode ItemForm = "barcode"
	ItemsTitle   ItemForm = "title"
)

// AsCd is what the lists AS and CD of holds mean.
type AsCd string

// The values of AsCd. Under AsCdAuto a hold of AS counts as ready when its item
// is described as being on the hold shelf, or when CD lists other holds and its
// item is not described as being elsewhere.
const (
	AsCdAuto      AsCd = "auto"
	AsCdKoha      AsCd = "koha"      // AS is ready, CD is not yet
	AsCdEvergreen AsCd = "evergreen" // AS is everything, CD the part that is not ready
)

func defaults() Settings {
	return Settings{
		Charset: CharsetUTF8, Checksum: ChecksumAuto, ErrorDetection: true, Terminator: TerminatorCR, Delimiter: "|",
		DateZone: DateZoneBlank, Timezone: "America/Toronto", Language: "011", Status: true,
		Items: ItemsAuto, AsCd: AsCdAuto, Actions: []string{"renew", "renew-all", "hold", "cancel-hold"},
		Pool: 2, DialTimeout: seconds(3), LoginTimeout: seconds(5), MessageTimeout: seconds(10), Idle: seconds(30),
		MaxMessage: 256 << 10, MaxItems: 200,
	}
}

func seconds(n int) connectors.Duration { return connectors.Duration(time.Duration(n) * time.Second) }

// Dials returns the library system's address.
func (s *Settings) Dials() []string { return []string{s.Address} }

// login returns the login in force.
func (s *Settings) login() Login {
	switch {
	case s.Login != "":
		return s.Login
	case s.LoginUser != "":
		return Login93
	}
	return LoginNone
}

// Validate returns every mistake.
func (s *Settings) Validate() []connectors.Problem {
	problems := append(s.accessProblems(), s.dialectProblems()...)
	return append(problems, s.limitProblems()...)
}

func (s *Settings) accessProblems() []connectors.Problem {
	var problems []connectors.Problem
	add := func(key, text string) { problems = append(problems, connectors.Problem{Key: key, Text: text}) }
	host, port, err := net.SplitHostPort(s.Address)
	if n, portErr := strconv.Atoi(port); err != nil || host == "" || portErr != nil || n < 1 || n > 65535 {
		add("address", "write host:port, such as sip2.example.org:6001")
	}
	if !slices.Contains([]Login{"", Login93, LoginTelnet, LoginTelnet93, LoginNone}, s.Login) {
		add("login", "write 93, telnet, telnet+93 or none")
	} else if s.login() != LoginNone && s.LoginUser == "" {
		add("login_user", "missing: the login needs an account")
	}
	if s.login() != LoginNone && s.LoginPassword.IsZero() {
		add("login_password_file", "missing: the account needs its password")
	}
	for _, f := range []struct{ key, value string }{
		{"login_user", s.LoginUser},
		{"location", s.Location},
		{"institution", s.Institution},
		{"login_password_file", s.LoginPassword.Reveal()},
		{"terminal_password_file", s.TerminalPassword.Reveal()},
	} {
		if _, err := s.sendable(f.value); err != nil {
			add(f.key, "holds a character that the protocol cannot carry")
		}
	}
	return problems
}

func (s *Settings) dialectProblems() []connectors.Problem {
	var problems []connectors.Problem
	word := func(key, value string, choices ...string) {
		if !slices.Contains(choices, value) {
			problems = append(problems, connectors.Problemf(key, "write one of %s", strings.Join(choices, ", ")))
		}
	}
	word("charset", string(s.Charset), charsetNames()...)
	word("checksum", string(s.Checksum), "auto", "strict", "lenient", "off")
	word("terminator", string(s.Terminator), "cr", "crlf")
	word("date_zone", string(s.DateZone), "blank", "0000")
	word("items", string(s.Items), "auto", "barcode", "title")
	word("as_cd", string(s.AsCd), "auto", "koha", "evergreen")
	for _, a := range s.Actions {
		word("actions", a, "renew", "renew-all", "hold", "cancel-hold")
	}
	if len(s.Delimiter) != 1 || s.Delimiter[0] <= ' ' || s.Delimiter[0] > '~' || alphanumeric(s.Delimiter[0]) {
		problems = append(problems, connectors.Problemf("delimiter", "write one punctuation character, usually |"))
	}
	if len(s.Language) != 3 || strings.Trim(s.Language, "0123456789") != "" {
		problems = append(problems, connectors.Problemf("language", "write three digits, such as 011"))
	}
	if _, err := time.LoadLocation(s.Timezone); err != nil || s.Timezone == "" {
		problems = append(problems, connectors.Problemf("timezone", "not a time zone: write one such as America/Toronto"))
	}
	for _, f := range s.DueFormats {
		if _, err := dueLayout(f); err != nil {
			problems = append(problems, connectors.Problemf("due_formats", "%q is not a date: write dd, mm and yyyy once each, such as dd/mm/yyyy", f))
		}
	}
	return problems
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

func (s *Settings) limitProblems() []connectors.Problem {
	var problems []connectors.Problem
	within := func(key string, value, low, high int) {
		if value < low || value > high {
			problems = append(problems, connectors.Problemf(key, "write a number from %d to %d", low, high))
		}
	}
	within("pool", s.Pool, 1, 16)
	within("max_message", s.MaxMessage, 1<<10, 1<<20)
	within("max_items", s.MaxItems, 1, 10_000)
	for _, d := range []struct {
		key   string
		value connectors.Duration
	}{{"dial_timeout", s.DialTimeout}, {"login_timeout", s.LoginTimeout}, {"message_timeout", s.MessageTimeout}, {"idle", s.Idle}} {
		if d.value.Std() < 100*time.Millisecond || d.value.Std() > 5*time.Minute {
			problems = append(problems, connectors.Problemf(d.key, "write a duration from 100ms to 5m"))
		}
	}
	return problems
}
