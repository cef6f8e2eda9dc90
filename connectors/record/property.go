package record

// Unit is a unité d'évaluation: one entry of the assessment roll. Owners are
// never part of it.
type Unit struct {
	// Matricule is the 18 digits of the unit. Text: leading zeros matter.
	Matricule string `json:"matricule"`
	// Municipality is the geographic code, five digits, text.
	Municipality string `json:"municipality,omitempty"`
	// RollYear is the first year of validity of the roll read.
	RollYear  int       `json:"roll_year,omitempty"`
	Addresses []Address `json:"addresses,omitempty"`
	Borough   string    `json:"borough,omitempty"`
	// Lots are cadastral lot numbers.
	Lots []string `json:"lots,omitempty"`
	// Use is the predominant use code (CUBF), as text, and UseName its wording.
	Use           string `json:"use,omitempty"`
	UseName       string `json:"use_name,omitempty"`
	File          string `json:"file,omitempty"`
	Neighbourhood string `json:"neighbourhood,omitempty"`
	Land          Land   `json:"land,omitzero"`
	// Building is nil for vacant land.
	Building *Building `json:"building,omitempty"`
	Values   Values    `json:"values,omitzero"`
	// Classes of non-residential and industrial property, the roll's codes.
	NonResidentialClass string    `json:"non_residential_class,omitempty"`
	IndustrialClass     string    `json:"industrial_class,omitempty"`
	Taxation            []TaxPart `json:"taxation,omitempty"`
	Point               *Point    `json:"point,omitempty"`
}

// Kind returns KindUnit.
func (Unit) Kind() Kind { return KindUnit }

// Address is one civic address of a unit, in the roll's own parts and as a
// sentence.
type Address struct {
	// Text is the address as people write it: "14, rue des Érables, app. 3".
	Text       string `json:"text"`
	Number     string `json:"number,omitempty"`    // with its fraction or letter
	NumberTo   string `json:"number_to,omitempty"` // upper number of a range
	StreetType string `json:"street_type,omitempty"`
	Link       string `json:"link,omitempty"`
	Street     string `json:"street,omitempty"`
	Cardinal   string `json:"cardinal,omitempty"`
	Apartment  string `json:"apartment,omitempty"`
	Complement string `json:"complement,omitempty"`
}

// Land is the ground of a unit. Lengths are metres, areas square metres; nil
// is unknown.
type Land struct {
	Frontage *float64 `json:"frontage_m,omitempty"`
	Area     *float64 `json:"area_m2,omitempty"`
	// AgriculturalZoning is the roll's code: "0" is none.
	AgriculturalZoning string `json:"agricultural_zoning,omitempty"`
	// Areas of a registered farm and of registered forest, whole and within the
	// agricultural zone.
	AgriculturalArea      *float64 `json:"agricultural_area_m2,omitempty"`
	AgriculturalAreaZoned *float64 `json:"agricultural_area_zoned_m2,omitempty"`
	ForestArea            *float64 `json:"forest_area_m2,omitempty"`
	ForestAreaZoned       *float64 `json:"forest_area_zoned_m2,omitempty"`
	ServicedVacant        *bool    `json:"serviced_vacant,omitempty"`
}

// Building is the main building of a unit; nil and zero values are unknown.
type Building struct {
	Storeys       *int     `json:"storeys,omitempty"`
	Year          int      `json:"year,omitempty"`
	YearEstimated bool     `json:"year_estimated,omitempty"`
	FloorArea     *float64 `json:"floor_area_m2,omitempty"`
	// PhysicalLink is detached, semi_detached, row_end, row or integrated; a
	// code that is none of these is as the roll has it.
	PhysicalLink string `json:"physical_link,omitempty"`
	// Genre is single_storey, split_level, mobile, mansard or full_storeys; a
	// code that is none of these is as the roll has it.
	Genre          string `json:"genre,omitempty"`
	Dwellings      *int   `json:"dwellings,omitempty"`
	RentedRooms    *int   `json:"rented_rooms,omitempty"`
	NonResidential *int   `json:"non_residential,omitempty"`
}

// Values are the assessed values of a unit; nil is "not given", which for a
// building on vacant land is not zero.
type Values struct {
	// MarketDate is the reference date of the market (date de référence).
	MarketDate Date   `json:"market_date,omitzero"`
	Land       *Cents `json:"land_cents,omitempty"`
	Building   *Cents `json:"building_cents,omitempty"`
	Total      *Cents `json:"total_cents,omitempty"`
	// Previous is the total on the previous roll.
	Previous *Cents `json:"previous_cents,omitempty"`
}

// TaxPart is one part of the fiscal distribution of a unit.
type TaxPart struct {
	Law        string `json:"law,omitempty"`
	Article    string `json:"article,omitempty"`
	Paragraph  string `json:"paragraph,omitempty"`
	Amount     *Cents `json:"amount_cents,omitempty"`
	Part       string `json:"part,omitempty"`
	Taxability string `json:"taxability,omitempty"`
}
