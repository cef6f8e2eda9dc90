// Package views draws the pages. Each page is one typed struct and one
// template; everything it shows was decided before, so a template has no rule
// in it.
package views

import "github.com/semenligne/sem/portal/locale"

// Page is what every page has around its content.
type Page struct {
	W     *locale.Words
	Title string
	Town  Town
	// Assets are the addresses of the static files, hash included.
	Style, Script, Icon, Brand string
	// Font is the style sheet of the font for dyslexia.
	Font string
	// Sheet is one more style sheet, of this page; "" is none.
	Sheet string
	// Here is the page's own path, where a change of choices comes back to.
	Here string
	Nav  []Link
	// Mine are the pages about the dossier itself.
	Mine []Link
	// SignedIn shows the way out, Live listens for changes.
	SignedIn, Live bool
	// IdleSeconds is how long a session lasts without a page.
	IdleSeconds int
	Choices     Choices
	// Version of the dashboard that a live page was drawn from, and Others that of
	// the other people whom it shows; "" is nobody.
	Version uint64
	Others  string
}

// Town is whose portal it is.
type Town struct {
	Name string
	Logo string // address of the logo; "" draws ours
	// English tells whether the town offers it.
	English bool
	Help    string
}

// Choices are how the page is shown.
type Choices struct {
	TextSize int // per cent
	Contrast bool
	Font     bool // for dyslexia
	Reduced  bool // no fonts and no live updates
	Shared   bool // a computer that others use
}

// Link is somewhere to go.
type Link struct {
	Text, Href, Icon string
	Current          bool
}

// Tone says how urgent something is; it is always also a word and a shape.
type Tone string

// The tones, closed.
const (
	Late  Tone = "late"  // overdue, blocked
	Soon  Tone = "soon"  // due soon, waiting for the person
	Ready Tone = "ready" // done, ready
	Quiet Tone = "quiet" // for information
)

// Badge is a status: a word, a shape and a colour.
type Badge struct {
	Tone Tone
	Word string
}

// Since tells what happened to something since the last visit: a word, a shape
// and a colour. Visit completes the word for those who do not see the page.
type Since struct {
	Change      Change
	Word, Visit string
}

// Change is what happened, closed.
type Change string

// The changes.
const (
	New     Change = "new"
	Changed Change = "changed"
)

// News is how much happened since the last visit, and where.
type News struct {
	Text  string
	Links []Link
}

// Todo is one thing that needs the person: a sentence and where to act.
type Todo struct {
	Tone         Tone
	Text         string
	Href, Action string
}

// Row is one thing in a list: a loan, a registration, a request.
type Row struct {
	Title  string
	Detail []string
	Badge  *Badge
	Note   string
	Since  *Since
	// Href is the row's own page; "" when it has none.
	Href string
	// Forms are what may be done about it.
	Forms []Form
}

// Form is one button that sends something.
type Form struct {
	Action string
	Fields []Field
	Button string
	// About says what the button is about, for those who cannot see beside what it
	// stands.
	About string
}

// Field is a hidden value of a form.
type Field struct{ Name, Value string }

// Fact is a label and its value.
type Fact struct {
	Label, Value, Note string
	Since              *Since
}

// Group is a titled part of a section on its own page.
type Group struct {
	Title string
	Rows  []Row
	Facts []Fact
	// Empty is the sentence for a confirmed nothing.
	Empty string
	// Forms are what may be done about all of it.
	Forms []Form
}

// Age is how much a section can be relied on, in words.
type Age struct {
	State string // fresh, stale or unknown
	// Text is "À jour à 14 h 05" or "En date du …"; Trouble says why it is not
	// newer.
	Text, Trouble string
}

// Card is one section at a glance: the one sentence that matters, up to three
// rows, and its age.
type Card struct {
	Source, Domain, Title, Icon string
	Headline, Sub               string
	News                        string // how much is new, in words; "" says nothing
	Rows                        []Row
	Facts                       []Fact
	Unknown                     []string // sentences, when nothing is known
	More                        *Link
	Age                         Age
	Credit                      string
}

// Section is one source on its domain's page, whole.
type Section struct {
	Source, Title string
	Groups        []Group
	Unknown       []string
	Age           Age
	Credit        string
}
