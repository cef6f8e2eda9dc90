package assessmentroll

import "github.com/semenligne/sem/connectors/record"

// mapping turns units of one roll into records.
type mapping struct {
	header      header
	types       map[string]string
	links       map[string]string
	cardinals   map[string]string
	uses        map[string]string
	physical    map[string]string
	genres      map[string]string
	streets     streets
	points      *points
	marketDates map[string]record.Date // the few of a roll

	scratch    []byte
	unreadable int // values that could not be read, and stayed unknown
}

func newMapping(s Settings, h header, t tables) *mapping {
	return &mapping{
		header: h, types: streetTypes(s.StreetTypes), links: streetLinks(s.StreetLinks), cardinals: cardinals(),
		uses: uses(s.Uses), physical: physicalLinks(), genres: genres(), streets: t.streets, points: t.points,
		marketDates: map[string]record.Date{},
	}
}

// The longest texts kept, in characters; the roll's own widths are below.
const maxText = 120

// text returns an element's text as a record keeps it. Most are plain ASCII
// and share the unit's one string.
func text(s string) string {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' || s[i] == ' ' && i > 0 && s[i-1] == ' ' {
			return record.Text(s, maxText)
		}
	}
	if len(s) > maxText {
		return record.Text(s, maxText)
	}
	return s
}

// reader reads the elements of one unit.
type reader struct {
	m     *mapping
	u     *rawUnit
	all   string // u.text, so that all texts of a unit are one allocation
	parts *parts
}

func (r *reader) raw(e element) string {
	s := r.u.once[e-firstOnce]
	return r.all[s.start:s.end]
}

func (r *reader) text(e element) string { return text(r.raw(e)) }

// odd counts a value that cannot be read: it stays unknown.
func (r *reader) odd() { r.m.unreadable++ }

// unit returns the record of a unit, owned by its matricule.
func (m *mapping) unit(u *rawUnit, matricule []byte) record.Record {
	r := reader{m: m, u: u, all: string(u.text), parts: new(parts)}
	key := string(append(append(m.scratch[:0], m.header.municipality...), matricule...))
	unit := record.Unit{
		Matricule: key[len(m.header.municipality):], Municipality: m.header.municipality, RollYear: m.header.rollYear,
		Addresses: r.addresses(), Borough: r.text(elementBorough), Lots: r.lots(),
		Use: r.text(elementUse), UseName: m.uses[r.raw(elementUse)],
		File: r.text(elementFile), Neighbourhood: r.text(elementNeighbourhood),
		Land: r.land(), Building: r.building(), Values: r.values(),
		NonResidentialClass: r.text(elementNonResidentialClass), IndustrialClass: r.text(elementIndustrialClass),
		Taxation: r.taxation(), Point: m.points.of(number(matricule)),
	}
	return record.Record{Key: key, Owner: record.NewRef(unit.Matricule), Body: unit}
}

func (r *reader) lots() []string {
	if len(r.u.lots) == 0 {
		return nil
	}
	lots := room(r.parts.lots[:], len(r.u.lots))
	for _, s := range r.u.lots {
		lots = append(lots, text(r.all[s.start:s.end]))
	}
	return lots
}

func (r *reader) land() record.Land {
	return record.Land{
		Frontage: r.decimal(elementFrontage), Area: r.decimal(elementLandArea), AgriculturalZoning: r.text(elementZoning),
		AgriculturalArea: r.decimal(elementFarmArea), AgriculturalAreaZoned: r.decimal(elementFarmAreaZoned),
		ForestArea: r.decimal(elementForestArea), ForestAreaZoned: r.decimal(elementForestAreaZoned),
		ServicedVacant: r.yes(elementServicedVacant),
	}
}

// building returns nil when the roll says nothing of one: vacant land.
func (r *reader) building() *record.Building {
	b := &r.parts.building
	*b = record.Building{
		Storeys: r.count(elementStoreys), Year: r.year(elementYearBuilt), YearEstimated: r.raw(elementYearEstimated) == "E",
		FloorArea:    r.decimal(elementFloorArea),
		PhysicalLink: word(r.m.physical, r.text(elementPhysicalLink)), Genre: word(r.m.genres, r.text(elementGenre)),
		Dwellings: r.count(elementDwellings), RentedRooms: r.count(elementRentedRooms), NonResidential: r.count(elementNonResidential),
	}
	if *b == (record.Building{}) {
		return nil
	}
	return b
}

func (r *reader) values() record.Values {
	return record.Values{
		MarketDate: r.marketDate(), Land: r.dollars(r.raw(elementLandValue)), Building: r.dollars(r.raw(elementBuildingValue)),
		Total: r.dollars(r.raw(elementTotalValue)), Previous: r.dollars(r.raw(elementPreviousValue)),
	}
}

func (r *reader) taxation() []record.TaxPart {
	if len(r.u.taxes) == 0 {
		return nil
	}
	list := room(r.parts.taxation[:], len(r.u.taxes))
	for i := range r.u.taxes {
		raw := &r.u.taxes[i]
		get := func(e element) string {
			s := raw[e-elementTaxA]
			return text(r.all[s.start:s.end])
		}
		part := record.TaxPart{
			Law: get(elementTaxA), Article: get(elementTaxB), Paragraph: get(elementTaxC),
			Amount: r.dollars(get(elementTaxD)), Part: get(elementTaxE), Taxability: get(elementTaxF),
		}
		if part != (record.TaxPart{}) {
			list = append(list, part)
		}
	}
	return list
}
