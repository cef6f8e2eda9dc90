package record

// Card is one Carte citoyen as the town's registry knows it: who may sign in,
// and under which identifiers the other systems know the same person.
type Card struct {
	// Number is what the person types to sign in.
	Number string `json:"number"`
	// Name is how the portal greets the person.
	Name string `json:"name,omitempty"`
	// Links hold, by configured source name, the person's identifiers there. A
	// person may own several properties and have one library card.
	Links map[string][]string `json:"links,omitempty"`
	// Expires is the last day of validity.
	Expires Date `json:"expires,omitzero"`
	// Born is the birth date. No page shows it: it serves the age rules alone.
	Born Date `json:"born,omitzero"`
}

// Kind returns KindCard.
func (Card) Kind() Kind { return KindCard }

// Other is a record of a kind of system that has no body of its own yet, such
// as permits or parking: enough for a page to show it truthfully.
type Other struct {
	Title   string   `json:"title"`
	Status  string   `json:"status,omitempty"`
	Date    Date     `json:"date,omitzero"`
	Until   Date     `json:"until,omitzero"`
	Amount  *Cents   `json:"amount_cents,omitempty"`
	Details []Detail `json:"details,omitempty"`
	Link    string   `json:"link,omitempty"`
}

// Kind returns KindOther.
func (Other) Kind() Kind { return KindOther }

// Detail is one labelled line of an [Other], a [Place] or a [Sector].
type Detail struct {
	Label string `json:"label"`
	Value string `json:"value"`
}
