package connectors

// Kind is one sort of source: a protocol and how it is set up.
type Kind struct {
	// Name is what `kind:` in the configuration says: "sip2".
	Name string
	// Summary is one line for the catalogue.
	Summary string
	// Domain is where a person's records of this kind are shown.
	Domain Domain
	// MaxBody is the largest HTTP reply in bytes that this kind may need, unless
	// guard.max_body says otherwise; 0 is the client's 32 MiB. Only a connector
	// that reads replies as they come may ask for more.
	MaxBody int64
	// Settings returns a pointer to a new settings struct filled with defaults.
	// Its fields carry `json` names and `jsonschema` descriptions; the pointer
	// shares no map or slice with another.
	Settings func() Settings
	// Open makes a source of settings that Settings returned and Validate
	// accepted. It does no I/O.
	Open func(Settings, Deps) (Source, error)
}

// Settings is a kind's typed settings.
type Settings interface {
	// Validate returns every mistake, without any I/O.
	Validate() []Problem
	// Dials returns the host:port pairs that these settings name: the only ones
	// that the source may ever connect to.
	Dials() []string
}

// Domain groups what sources say into the cards of the dashboard.
type Domain string

// The domains, closed.
const (
	DomainLibrary    Domain = "library"
	DomainRecreation Domain = "recreation"
	DomainProperty   Domain = "property"
	DomainRequests   Domain = "requests"
	DomainOther      Domain = "other"
	// DomainNone is for sources that hold nothing to show, such as a registry.
	DomainNone Domain = "none"
)

// Define makes a Kind from a typed constructor, so that no connector asserts
// types. P is the pointer to the settings struct S.
func Define[S any, P interface {
	*S
	Settings
}](name, summary string, domain Domain, defaults func() S, open func(S, Deps) (Source, error)) Kind {
	return Kind{
		Name:    name,
		Summary: summary,
		Domain:  domain,
		Settings: func() Settings {
			s := defaults()
			return P(&s)
		},
		Open: func(settings Settings, deps Deps) (Source, error) {
			p, ok := settings.(P)
			if !ok {
				return Source{}, ErrDefect
			}
			return open(*p, deps)
		},
	}
}
