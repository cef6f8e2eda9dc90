package open311sim

import "time"

// Seed is the town that a server starts with.
type Seed struct {
	// Jurisdiction, when set, must be given with every call.
	Jurisdiction string
	// Keys are the API keys that may submit. Without any, nobody may.
	Keys      []string
	Services  []Service
	Requests  []Request
	Dialect   Dialect
	Changeset string
	// Now is the server's clock; time.Now when nil.
	Now func() time.Time
}

// Service is something that may be reported.
type Service struct {
	Code, Name, Description, Group string
	Keywords                       []string
	// Type is realtime, batch or blackbox; realtime when empty.
	Type string
	// Attributes make up the definition; metadata is true when there are any.
	Attributes []Attribute
}

// Attribute is a question of a service, or a text that goes with it.
type Attribute struct {
	Code, Datatype, Description, Hint string
	Info                              bool // a text to show: variable=false
	Required                          bool
	Order                             int
	Values                            []Value
}

// Value is one choice.
type Value struct{ Key, Name string }

// Request is one service request as the town holds it.
type Request struct {
	ID, Token                                string
	Status                                   string // open or closed; open when empty
	StatusNotes                              string
	ServiceCode                              string
	Description, Agency, Notice              string
	Requested, Updated, Expected             time.Time
	Address, AddressID, Zip                  string
	Lat, Long                                float64
	Media                                    []string
	Account, Email                           string // who sent it
	FirstName, LastName, Phone, Jurisdiction string
	Notes                                    []Note
	Attributes                               map[string][]string
	// pending counts the token look-ups that still find no number.
	pending int
}

// Note is one step in the life of a request.
type Note struct {
	At                time.Time
	Type, Description string
}
