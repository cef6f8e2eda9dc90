// Package configs reads the configuration of SEM en ligne: one YAML file, read
// strictly, every mistake told at once with its line. It opens no connection;
// secrets come from files and from the environment only.
package configs

import (
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/guard"
)

// Config is a whole configuration file. The field descriptions are the
// reference that `sem schema` prints.
type Config struct {
	Town    Town            `json:"town,omitzero" jsonschema:"the town whose door this is"`
	Listen  string          `json:"listen,omitempty" jsonschema:"address and port of the portal; put a TLS-ending proxy in front"`
	Metrics string          `json:"metrics_listen,omitempty" jsonschema:"address and port of the operators' listener: /metrics, /livez, /readyz, sources; keep it on loopback or a private network"`
	Data    connectors.Path `json:"data_dir,omitempty" jsonschema:"folder of the dossier, the cache and the generated pepper"`
	Portal  Portal          `json:"portal,omitzero" jsonschema:"how the portal is reached and how people sign in"`
	Mail    Mail            `json:"mail,omitzero" jsonschema:"how citizens write to the town; without it there are no letters and no receipts"`
	Outbox  Outbox          `json:"outbox,omitzero" jsonschema:"how long and how often what citizens send is attempted"`
	Rush    []Rush          `json:"rush,omitempty" jsonschema:"openings of registration at which everybody comes at once: people wait in a fair order, and the source is asked for a few places at a time"`
	Sources []Source        `json:"sources" jsonschema:"the legacy systems"`
}

// Outbox is how long and how often what citizens send is attempted.
type Outbox struct {
	Attempts    int                 `json:"attempts,omitempty" jsonschema:"how often a request or a message is sent to a source that is out of reach, before a person is asked"`
	RetryAtMost connectors.Duration `json:"retry_at_most,omitempty" jsonschema:"longest pause between two attempts; the first is 30 s"`
	MomentFor   connectors.Duration `json:"moment_for,omitempty" jsonschema:"how long a renewal, a hold, a registration or a cancellation may wait for its turn before it is refused"`
	CheckAtMost connectors.Duration `json:"check_at_most,omitempty" jsonschema:"longest pause between two readings of a source whose reply was lost; the first is 2 s"`
	CheckingFor connectors.Duration `json:"checking_for,omitempty" jsonschema:"how long such a source is read before a person is asked"`
	NotDone     connectors.Duration `json:"believe_not_done,omitempty" jsonschema:"how old an action must be before a source that shows no trace of it is believed: longer than it may take when it is slow"`
}

// Mail is how citizens write to the town and get receipts.
type Mail struct {
	Source   string    `json:"source,omitempty" jsonschema:"name of the source that delivers mail"`
	Subjects []Subject `json:"subjects,omitempty" jsonschema:"what citizens may write about, in the order of the form"`
}

// Subject is something to write about, and who answers.
type Subject struct {
	Name  string            `json:"name" jsonschema:"short name that does not change: lower-case letters, digits and dashes"`
	Title map[string]string `json:"title" jsonschema:"what the form calls it, by language: fr, en"`
	To    string            `json:"to" jsonschema:"address of the department that answers"`
}

// Town is what pages say of the town.
type Town struct {
	Name        string          `json:"name,omitempty" jsonschema:"name of the town as pages show it"`
	Zone        string          `json:"timezone,omitempty" jsonschema:"IANA time zone in which days and hours are shown"`
	Help        string          `json:"help,omitempty" jsonschema:"where a citizen finds help to sign in, in French: a desk, a telephone number"`
	HelpEnglish string          `json:"help_en,omitempty" jsonschema:"the same in English"`
	FrenchOnly  bool            `json:"french_only,omitempty" jsonschema:"true where the town does not offer pages in English"`
	Colour      string          `json:"colour,omitempty" jsonschema:"the town's own colour for links and buttons, as #rrggbb, readable on white"`
	Logo        connectors.Path `json:"logo,omitempty" jsonschema:"SVG file of the town's logo"`
	Tiles       Tiles           `json:"tiles,omitzero" jsonschema:"a map in pictures under the map of the neighbourhood; none without it"`

	// Location is Zone, loaded.
	Location *time.Location `json:"-"`
}

// Portal is how the portal is reached.
type Portal struct {
	Insecure       bool                `json:"insecure_cookies,omitempty" jsonschema:"true only for plain HTTP on a test machine: cookies without the Secure flag"`
	BaseURL        string              `json:"base_url,omitempty" jsonschema:"where citizens reach the portal, such as https://sem.ville.example: addresses of calendars begin with it, and the town fetches photos of requests from it; without it calendars take the host that each request names, and requests have no photos"`
	TrustedProxies []string            `json:"trusted_proxies,omitempty" jsonschema:"CIDR prefixes of the reverse proxies whose X-Forwarded-For is believed"`
	Pepper         connectors.Secret   `json:"pepper_file,omitzero" jsonschema:"file with the secret mixed into every PIN hash; without it one is made at first start, in data_dir"`
	Authenticate   string              `json:"authenticate,omitempty" jsonschema:"name of the source that checks the PIN of citizens who have none of their own here"`
	ActiveFor      connectors.Duration `json:"active_for,omitempty" jsonschema:"how long after a sign-in a citizen's sections are kept up to date by polls"`
}

// Source is one legacy system.
type Source struct {
	Name  string            `json:"name" jsonschema:"short name, used in metrics, logs and links: lower-case letters, digits and dashes"`
	Kind  string            `json:"kind" jsonschema:"the protocol"`
	Title map[string]string `json:"title,omitempty" jsonschema:"what pages call it, by language: fr, en"`
	// FreshFor and HideAfter are the ages of a section.
	FreshFor  connectors.Duration `json:"fresh_for,omitempty" jsonschema:"how long a read counts as up to date"`
	HideAfter connectors.Duration `json:"hide_after,omitempty" jsonschema:"how long a last good read may still be shown, with its date"`
	Poll      Poll                `json:"poll,omitzero" jsonschema:"when to read without being asked"`
	Drift     Drift               `json:"drift,omitzero" jsonschema:"when to hold back a read that lost too much"`
	Cards     bool                `json:"cards,omitempty" jsonschema:"true for the registry of cards: its records say who may sign in and how other sources know them"`
	Guard     guard.Config        `json:"guard,omitzero" jsonschema:"deadline, concurrency, rate, breaker and reach"`
	Raw       Node                `json:"settings" jsonschema:"the kind's own settings"`

	// Settings is Raw decoded into the kind's own struct.
	Settings connectors.Settings `json:"-"`
	// Of is the kind itself.
	Of connectors.Kind `json:"-"`
}

// Poll says when a source is read without being asked.
type Poll struct {
	Every  connectors.Duration `json:"every,omitempty" jsonschema:"interval between two passes"`
	Cron   string              `json:"cron,omitempty" jsonschema:"cron line of five fields, in the town's time zone, instead of every"`
	Jitter connectors.Duration `json:"jitter,omitempty" jsonschema:"random delay added to each pass, so that sources are not read all at once"`
}

// Drift says when a read is held back.
type Drift struct {
	MaxLoss    float64 `json:"max_loss,omitempty" jsonschema:"share of the records, 0 to 1, that a read may lose against the last good one"`
	MinRecords int     `json:"min_records,omitempty" jsonschema:"the guard does not apply below so many records"`
}

// Node is a piece of the file that another struct decodes later.
type Node struct{ node ast.Node }

// setDefaults fills a source with what the file may leave out.
func (s *Source) setDefaults() {
	s.Guard = guard.Defaults()
	s.Drift = Drift{MaxLoss: 0.5, MinRecords: 20}
}
