package portal

import (
	"slices"
	"strconv"
	"strings"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/views"
)

// property shows the units of the assessment roll. What the roll does not give
// is said to be missing; it is never zero.
func (b builder) property(records []record.Record) shown {
	units, marks := marked[record.Unit](b, records, nil)
	s := shown{headline: b.w.T("property.none"), credit: b.w.T("property.credit")}
	switch len(units) {
	case 0:
	case 1:
		s.headline = b.value(units[0].Values.Total)
		s.sub = b.rollYear(units[0])
		s.facts = b.unitFacts(units[0])
	default:
		s.headline = b.w.N("property.count", len(units))
		for i, u := range units {
			s.rows = append(s.rows, views.Row{
				Since: marks[i], Title: b.address(u), Detail: []string{b.w.T("property.matricule.of", "matricule", matricule(u.Matricule)), b.value(u.Values.Total)},
			})
		}
	}
	return s
}

// unitFacts is what a card says of a single property.
func (b builder) unitFacts(u record.Unit) []views.Fact {
	return []views.Fact{
		{Label: b.w.T("property.address"), Value: b.address(u)},
		{Label: b.w.T("property.matricule"), Value: matricule(u.Matricule)},
		b.previous(u.Values),
	}
}

// previous compares the value with the roll before.
func (b builder) previous(v record.Values) views.Fact {
	f := views.Fact{Label: b.w.T("property.previous"), Value: b.value(v.Previous)}
	if v.Previous != nil && v.Total != nil && *v.Previous > 0 {
		f.Note = b.w.T("property.change", "percent", b.w.Percent(float64(*v.Total-*v.Previous)/float64(*v.Previous)))
	}
	return f
}

func (b builder) identity(u record.Unit) []views.Fact {
	facts := []views.Fact{{Label: b.w.T("property.matricule"), Value: matricule(u.Matricule)}}
	facts = append(facts, b.given("property.lots", strings.Join(u.Lots, ", ")))
	use := u.UseName
	if u.Use != "" {
		use = strings.TrimSpace(use + " (" + u.Use + ")")
	}
	facts = append(facts, b.given("property.use", use))
	return append(facts, b.ifGiven(
		"property.borough", u.Borough, "property.neighbourhood", u.Neighbourhood, "property.file", u.File,
		"property.class.nonresidential", u.NonResidentialClass, "property.class.industrial", u.IndustrialClass)...)
}

// ifGiven are facts that few units have; those without a value are left out.
func (b builder) ifGiven(keysAndValues ...string) []views.Fact {
	var facts []views.Fact
	for pair := range slices.Chunk(keysAndValues, 2) {
		if pair[1] != "" {
			facts = append(facts, views.Fact{Label: b.w.T(pair[0]), Value: pair[1]})
		}
	}
	return facts
}

func (b builder) values(u record.Unit) []views.Fact {
	v := u.Values
	built := b.value(v.Building)
	if v.Building == nil && vacant(u) {
		built = b.w.T("property.value.vacant")
	}
	facts := []views.Fact{
		{Label: b.w.T("property.value.land"), Value: b.value(v.Land)},
		{Label: b.w.T("property.value.building"), Value: built},
		{Label: b.w.T("property.value.total"), Value: b.value(v.Total), Note: b.rollYear(u)},
		b.previous(v),
	}
	if !v.MarketDate.IsZero() {
		facts = append(facts, views.Fact{Label: b.w.T("property.market"), Value: b.w.Date(v.MarketDate)})
	}
	return facts
}

func (b builder) land(u record.Unit) []views.Fact {
	l, frontage := u.Land, ""
	if l.Frontage != nil {
		frontage = b.w.Metres(*l.Frontage)
	}
	serviced := ""
	if l.ServicedVacant != nil {
		serviced = b.w.T(pick(*l.ServicedVacant, "property.yes", "property.no"))
	}
	facts := []views.Fact{b.given("property.area", b.area(l.Area)), b.given("property.frontage", frontage)}
	return append(facts, b.ifGiven(
		"property.serviced", serviced,
		"property.zoning", b.coded("property.zoning."+l.AgriculturalZoning, l.AgriculturalZoning),
		"property.farm", b.area(l.AgriculturalArea), "property.farm.zoned", b.area(l.AgriculturalAreaZoned),
		"property.forest", b.area(l.ForestArea), "property.forest.zoned", b.area(l.ForestAreaZoned))...)
}

func (b builder) area(m2 *float64) string {
	if m2 == nil {
		return ""
	}
	return b.w.Area(*m2)
}

// coded is what a code of the roll means, and an unknown code as it is.
func (b builder) coded(key, code string) string {
	if b.w.Has(key) {
		return b.w.T(key)
	}
	return code
}

func (b builder) building(x record.Building) []views.Fact {
	year := ""
	if x.Year != 0 {
		year = strconv.Itoa(x.Year)
		if x.YearEstimated {
			year = b.w.T("property.year.estimated", "year", year)
		}
	}
	facts := []views.Fact{
		b.given("property.year", year), b.given("property.floor", b.area(x.FloorArea)),
		b.given("property.storeys", whole(x.Storeys)), b.given("property.dwellings", whole(x.Dwellings)),
	}
	return append(facts, b.ifGiven(
		"property.link", b.coded("property.link."+x.PhysicalLink, x.PhysicalLink), "property.genre", b.coded("property.genre."+x.Genre, x.Genre),
		"property.rooms", whole(x.RentedRooms), "property.premises", whole(x.NonResidential))...)
}

// given is a fact that says so when the roll does not have it.
func (b builder) given(key, value string) views.Fact {
	if value == "" {
		value = b.w.T("property.notgiven")
	}
	return views.Fact{Label: b.w.T(key), Value: value}
}

func whole(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

func (b builder) value(c *record.Cents) string {
	if c == nil {
		return b.w.T("property.notgiven")
	}
	return b.w.Dollars(*c)
}

func (b builder) rollYear(u record.Unit) string {
	if u.RollYear == 0 {
		return b.w.T("property.roll")
	}
	return b.w.T("property.roll.year", "year", strconv.Itoa(u.RollYear))
}

func (b builder) address(u record.Unit) string {
	if len(u.Addresses) == 0 || u.Addresses[0].Text == "" {
		return b.w.T("property.address.none")
	}
	return u.Addresses[0].Text
}

// matricule writes the eighteen digits as people know them: 0719-81-0976, and
// in full, 0719-81-0976-4-000-0001, when the unit is one of several there.
func matricule(m string) string {
	if len(m) < 10 || strings.Trim(m, "0123456789") != "" {
		return m
	}
	short := m[:4] + "-" + m[4:6] + "-" + m[6:10]
	if len(m) != 18 || strings.Trim(m[11:], "0") == "" {
		return short
	}
	return short + "-" + m[10:11] + "-" + m[11:14] + "-" + m[14:]
}
