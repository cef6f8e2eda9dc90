package record

// Place is something in town that a citizen may want to find: a service, a
// school, a park.
type Place struct {
	Name string `json:"name,omitempty"`
	// Category is what sort of place it is, as the town groups them: "Parc".
	Category string `json:"category,omitempty"`
	Address  string `json:"address,omitempty"`
	// Point is where it is; nil when the source does not say. A place that has an
	// Outline has a point inside it, unless the source gives one.
	Point *Point `json:"point,omitempty"`
	// Outline is the ground of a place that has one, such as a park.
	Outline Area   `json:"outline,omitempty"`
	Phone   string `json:"phone,omitempty"`
	// Link is a web address, http or https.
	Link string `json:"link,omitempty"`
	// Hours is when it is open, in the source's own words.
	Hours   string   `json:"hours,omitempty"`
	Details []Detail `json:"details,omitempty"`
}

// Kind returns KindPlace.
func (Place) Kind() Kind { return KindPlace }

// Sector is a part of town in which something is the same for everybody, such
// as the days of collection.
type Sector struct {
	// Code names it in rules and schedules: "3", "LUN-A".
	Code string `json:"code"`
	Name string `json:"name,omitempty"`
	// Streams are what it is a sector of, by code, such as collections of one
	// sort; empty when it is one for all of them.
	Streams []string `json:"streams,omitempty"`
	Area    Area     `json:"area"`
	// Details are the source's other words on it, such as a schedule in prose.
	Details []Detail `json:"details,omitempty"`
}

// Kind returns KindSector.
func (Sector) Kind() Kind { return KindSector }

// Shape is ground of the map that is no place to go to: a street, a river, a
// wood. It has lines, or an area.
type Shape struct {
	Name string `json:"name,omitempty"`
	// Category is what sort of shape it is, by which the map draws it: "rue".
	Category string    `json:"category,omitempty"`
	Lines    [][]Point `json:"lines,omitempty"`
	Area     Area      `json:"area,omitempty"`
}

// Kind returns KindShape.
func (Shape) Kind() Kind { return KindShape }
