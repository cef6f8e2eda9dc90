package open311sim

// What replies are made of, before they are written as JSON or as XML.
type (
	object []member
	member struct {
		name  string
		value any // nil, text, identifier, number, truth, list or object
	}
	list struct {
		element string
		items   []any
	}
	text       string // shown
	identifier string // an id or a code: text by the book
	number     string // digits
	truth      bool
)

// document is a whole reply: a list or an object with the name of its root.
type document struct {
	root  string
	value any
}
