package configs

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/robfig/cron/v3"

	"github.com/semenligne/sem/connectors"
)

// maxFile is far above any real configuration.
const maxFile = 4 << 20

// Load reads the file at a path and returns its configuration with defaults
// filled in. The error is a [Problems] when the file could be read: every
// mistake, in the order of the lines. Warnings come with a usable Config and
// no error. Load never connects to anything.
func Load(path string, kinds []connectors.Kind) (*Config, Problems, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, fmt.Errorf("configuration: %w", err)
	}
	if info.Size() > maxFile {
		return nil, nil, fmt.Errorf("configuration: %s is larger than 4 MiB", path)
	}
	data, err := os.ReadFile(path) //nolint:gosec // the administrator's own file
	if err != nil {
		return nil, nil, fmt.Errorf("configuration: %w", err)
	}
	folder, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, nil, fmt.Errorf("configuration: %w", err)
	}
	config, problems := Parse(path, folder, data, kinds, os.LookupEnv)
	if problems.Broken() {
		return nil, problems, problems
	}
	return config, problems, nil
}

// Parse is Load for a file already read. Relative paths start at folder.
func Parse(name, folder string, data []byte, kinds []connectors.Kind, getenv func(string) (string, bool)) (*Config, Problems) {
	d := &decoder{file: name, folder: folder, getenv: getenv, seen: map[string]ast.Node{}}
	config := defaults()
	d.document(data, config)
	if !d.problems.Broken() || len(config.Sources) > 0 {
		d.check(config, kinds)
	}
	d.problems.sort()
	return config, d.problems
}

func defaults() *Config {
	return &Config{
		Town:    Town{Name: "Votre ville", Zone: "America/Toronto"},
		Listen:  "127.0.0.1:8080",
		Metrics: "127.0.0.1:9090",
		Portal:  Portal{ActiveFor: connectors.Duration(14 * 24 * time.Hour)},
		Outbox: Outbox{
			Attempts: 100, RetryAtMost: connectors.Duration(15 * time.Minute), MomentFor: connectors.Duration(15 * time.Minute),
			CheckAtMost: connectors.Duration(15 * time.Minute), CheckingFor: connectors.Duration(24 * time.Hour),
			NotDone: connectors.Duration(time.Minute),
		},
	}
}

func (d *decoder) document(data []byte, config *Config) {
	data = bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))
	if !d.readable(data) {
		return
	}
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		d.syntax(err)
		return
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		d.report(nil, "", "the file is empty; it wants at least sources:")
		return
	}
	if len(file.Docs) > 1 {
		d.report(file.Docs[1].Body, "", "a second document (---) in the file; write one")
	}
	d.seen[""] = start(file.Docs[0].Body)
	d.value(resolve(file.Docs[0].Body), reflect.ValueOf(config).Elem(), "")
}

// maxNesting is how many [ and { may be open at once. The YAML parser's time
// grows with the square of it.
const maxNesting = 500

// readable refuses what the YAML parser would read wrongly or for ever: bytes
// that are not UTF-8 and brackets without end.
func (d *decoder) readable(data []byte) bool {
	p := Problem{File: d.file, Line: 1, Severity: Broken}
	open := 0
	for line := range bytes.Lines(data) {
		for i := 0; i < len(line); {
			r, size := utf8.DecodeRune(line[i:])
			switch r {
			case '[', '{':
				open++
			case ']', '}':
				open = max(open-1, 0)
			}
			switch {
			case r == utf8.RuneError && size == 1:
				p.Text = "not UTF-8: save the file as UTF-8"
			case open > maxNesting:
				p.Text = "lists and tables nested too deep"
			}
			if p.Text != "" {
				p.Column = utf8.RuneCount(line[:i]) + 1
				d.problems = append(d.problems, p)
				return false
			}
			i += size
		}
		p.Line++
	}
	return true
}

// syntax reports what the YAML parser refused, without the lines around it,
// which may hold anything.
func (d *decoder) syntax(err error) {
	p := Problem{File: d.file, Line: 1, Column: 1, Text: "not valid YAML", Severity: Broken}
	if syntax, ok := errors.AsType[yaml.Error](err); ok {
		p.Text = "not valid YAML: " + syntax.GetMessage()
		if t := syntax.GetToken(); t != nil && t.Position != nil {
			p.Line, p.Column = t.Position.Line, t.Position.Column
		}
	}
	d.problems = append(d.problems, p)
}

func (d *decoder) check(config *Config, kinds []connectors.Kind) {
	var err error
	if config.Town.Location, err = time.LoadLocation(config.Town.Zone); err != nil || config.Town.Zone == "" || config.Town.Zone == "Local" {
		d.at("town.timezone", "not an IANA time zone; write for instance America/Toronto")
	}
	d.checkTiles(config.Town.Tiles)
	for key, address := range map[string]string{"listen": config.Listen, "metrics_listen": config.Metrics} {
		if _, _, err := net.SplitHostPort(address); err != nil {
			d.at(key, "not an address and a port, such as 127.0.0.1:8080")
		}
	}
	if text := config.Portal.BaseURL; text != "" {
		u, err := url.Parse(text)
		if err != nil || u.Scheme != "https" && (u.Scheme != "http" || !config.Portal.Insecure) || u.Host == "" || text != u.Scheme+"://"+u.Host {
			d.at("portal.base_url", "not https:// and a host, without a path or a slash at its end")
		}
	}
	for i, p := range config.Portal.TrustedProxies {
		if _, err := netip.ParsePrefix(p); err != nil {
			d.at(fmt.Sprintf("portal.trusted_proxies[%d]", i), "not a CIDR prefix; write for instance 192.0.2.0/24")
		}
	}
	if len(config.Sources) == 0 {
		d.at("sources", "no source; a portal without any has nothing to show")
	}
	names := map[string]bool{}
	for i := range config.Sources {
		s := &config.Sources[i]
		path := fmt.Sprintf("sources[%d]", i)
		d.checkSource(s, path, kinds)
		if names[s.Name] {
			d.at(path+".name", "another source has this name")
		}
		names[s.Name] = true
	}
	if a := config.Portal.Authenticate; a != "" && !names[a] {
		d.at("portal.authenticate", "no source has this name")
	}
	d.checkMail(config.Mail, names)
	d.checkOutbox(config.Outbox)
	d.checkRushes(config)
}

func (d *decoder) checkOutbox(o Outbox) {
	if o.Attempts < 1 || o.Attempts > 10_000 {
		d.at("outbox.attempts", "write a number from 1 to 10000")
	}
	for key, pause := range map[string]connectors.Duration{"retry_at_most": o.RetryAtMost, "check_at_most": o.CheckAtMost} {
		if pause.Std() < 30*time.Second || pause.Std() > 24*time.Hour {
			d.at("outbox."+key, "write a duration from 30s to 24h")
		}
	}
	if o.NotDone.Std() < 10*time.Second || o.NotDone.Std() > time.Hour {
		d.at("outbox.believe_not_done", "write a duration from 10s to 1h")
	}
	for key, long := range map[string]connectors.Duration{"moment_for": o.MomentFor, "checking_for": o.CheckingFor} {
		if long < o.NotDone {
			d.at("outbox."+key, "shorter than believe_not_done (%s): nothing could be known by then", o.NotDone.Std())
		}
	}
}

func (d *decoder) checkMail(m Mail, sources map[string]bool) {
	switch {
	case m.Source == "" && len(m.Subjects) > 0:
		d.at("mail.source", "the name of the source that delivers mail is missing")
	case m.Source != "" && !sources[m.Source]:
		d.at("mail.source", "no source has this name")
	}
	seen := map[string]bool{}
	for i, s := range m.Subjects {
		path := fmt.Sprintf("mail.subjects[%d]", i)
		if !sourceName.MatchString(s.Name) {
			d.at(path+".name", "a name is wanted: a lower-case letter, then lower-case letters, digits and dashes, 40 at most")
		}
		if seen[s.Name] {
			d.at(path+".name", "another subject has this name")
		}
		seen[s.Name] = true
		if s.Title["fr"] == "" {
			d.at(path+".title", "the French title is missing: {fr: …}")
		}
		for lang := range s.Title {
			if lang != "fr" && lang != "en" {
				d.at(path+".title."+lang, "unknown language; known here: en, fr")
			}
		}
		if a, err := mail.ParseAddress(s.To); err != nil || a.Address != s.To {
			d.at(path+".to", "not a mail address, such as voirie@ville.example")
		}
	}
}

var sourceName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

func (d *decoder) checkSource(s *Source, path string, kinds []connectors.Kind) {
	if !sourceName.MatchString(s.Name) {
		d.at(path+".name", "a name is wanted: a lower-case letter, then lower-case letters, digits and dashes, 40 at most")
	}
	for lang := range s.Title {
		if lang != "fr" && lang != "en" {
			d.at(path+".title."+lang, "unknown language; known here: en, fr")
		}
	}
	d.checkAges(s, path)
	for _, p := range s.Guard.Validate() {
		d.at(path+".guard."+p.Key, "%s", p.Text)
	}
	known := make([]string, len(kinds))
	for i, k := range kinds {
		known[i] = k.Name
		if k.Name == s.Kind {
			s.Of = k
		}
	}
	if s.Of.Name == "" {
		d.at(path+".kind", "unknown kind; %s", suggest(s.Kind, known))
		return
	}
	s.Settings = s.Of.Settings()
	before := len(d.problems)
	if s.Raw.node != nil {
		d.value(s.Raw.node, reflect.ValueOf(s.Settings).Elem(), path+".settings")
	}
	misspelt := slices.ContainsFunc(d.problems[before:], func(p Problem) bool { return strings.Contains(p.Text, unknownKey) })
	for _, p := range s.Settings.Validate() {
		here := join(path+".settings", p.Key)
		if misspelt && d.seen[here] == nil {
			continue // it is missing because it is misspelt
		}
		d.at(here, "%s", p.Text)
	}
}

func (d *decoder) checkAges(s *Source, path string) {
	if s.FreshFor == 0 {
		s.FreshFor = connectors.Duration(15 * time.Minute)
	}
	if s.HideAfter == 0 {
		s.HideAfter = connectors.Duration(max(7*24*time.Hour, 4*s.FreshFor.Std()))
	}
	if s.HideAfter < s.FreshFor {
		d.at(path+".hide_after", "shorter than fresh_for (%s): a section would be hidden while still up to date", s.FreshFor)
	}
	if s.Drift.MaxLoss < 0 || s.Drift.MaxLoss > 1 {
		d.at(path+".drift.max_loss", "not a share between 0 and 1")
	}
	switch {
	case s.Poll.Cron != "" && s.Poll.Every != 0:
		d.at(path+".poll", "both every and cron; write one of them")
	case s.Poll.Cron != "":
		if _, err := cron.ParseStandard(s.Poll.Cron); err != nil {
			d.at(path+".poll.cron", "not a cron line of five fields, such as 15 3 * * *")
		}
	case s.Poll.Every != 0 && s.Poll.Every.Std() < time.Second:
		d.at(path+".poll.every", "shorter than a second")
	case s.Poll.Every > s.FreshFor:
		d.at(path+".poll.every", "longer than fresh_for (%s): the section is stale between two polls", s.FreshFor)
		d.problems[len(d.problems)-1].Severity = Warning
	}
}
