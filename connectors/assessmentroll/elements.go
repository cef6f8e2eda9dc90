package assessmentroll

// element is an element of the roll that we read. Everything else, owners
// (RL0201) and annex blocks among it, is skipped and never copied.
type element uint8

const (
	elementNone         element = iota
	elementDocument             // what the root is in
	elementRoll                 // RL
	elementMunicipality         // RLM01A
	elementYear                 // RLM02A
	elementUnit                 // RLUEx
	elementAddresses            // RL0101, of RL0101x
	elementAddress
	elementLots // RL0103, of RL0103x
	elementLot
	elementMatricule // RL0104
	elementTaxes     // RL0504, of RL0504x
	elementTax

	// From here on elements hold text.

	elementAddressA // RL0101Ax to RL0101Jx, in order
	elementAddressB
	elementAddressC
	elementAddressD
	elementAddressE
	elementAddressF
	elementAddressG
	elementAddressH
	elementAddressI
	elementAddressJ
	elementLotA
	elementTaxA // RL0504Ax to RL0504Fx, in order
	elementTaxB
	elementTaxC
	elementTaxD
	elementTaxE
	elementTaxF

	// From here on they stand once in a unit.

	elementMatriculeA // RL0104A to RL0104F, in order
	elementMatriculeB
	elementMatriculeC
	elementMatriculeD
	elementMatriculeE
	elementMatriculeF
	elementBorough
	elementUse
	elementFile
	elementNeighbourhood
	elementFrontage
	elementLandArea
	elementZoning
	elementFarmArea
	elementFarmAreaZoned
	elementForestArea
	elementForestAreaZoned
	elementStoreys
	elementYearBuilt
	elementYearEstimated
	elementFloorArea
	elementPhysicalLink
	elementGenre
	elementDwellings
	elementRentedRooms
	elementNonResidential
	elementMarketDate
	elementLandValue
	elementBuildingValue
	elementTotalValue
	elementPreviousValue
	elementServicedVacant
	elementNonResidentialClass
	elementIndustrialClass
	elementCount
)

const (
	firstText = elementAddressA
	firstOnce = elementMatriculeA
	addresses = elementAddressJ - elementAddressA + 1
	taxes     = elementTaxF - elementTaxA + 1
	once      = elementCount - firstOnce
)

// place is where an element may stand.
type place struct{ self, parent element }

// names finds the places of elements by packed name. It is asked for every tag
// of a roll, which a map would make a fifth slower: a table of four times as
// many slots as names, probed in a row.
type names [256]struct {
	name uint64
	place
}

func (t *names) slot(name uint64) int {
	i := name * 0x9E3779B97F4A7C15 >> 56
	for t[i].name != name && t[i].name != 0 {
		i = (i + 1) % uint64(len(t))
	}
	return int(i)
}

// find returns the zero place for a name that is none of ours.
func (t *names) find(name uint64) place { return t[t.slot(name)].place }

// allowed tells whether the element means what we think under this parent. The
// repeated groups may stand in the unit itself, without their wrapper.
func (p place) allowed(parent element) bool {
	repeated := p.self == elementAddress || p.self == elementLot || p.self == elementTax
	return p.parent == parent || repeated && parent == elementUnit
}

// schema returns the elements of the roll by packed name, each under the one
// parent that gives it its meaning (répertoire des renseignements prescrits).
func schema() *names {
	table := &names{}
	under := func(parent element, elements map[string]element) {
		for name, e := range elements {
			key := pack([]byte(name))
			s := &table[table.slot(key)]
			s.name, s.place = key, place{e, parent}
		}
	}
	under(elementDocument, map[string]element{"RL": elementRoll})
	under(elementRoll, map[string]element{
		"RLM01A": elementMunicipality, "RLM02A": elementYear, "RLUEx": elementUnit,
	})
	under(elementUnit, map[string]element{
		"RL0101": elementAddresses, "RL0103": elementLots, "RL0104": elementMatricule, "RL0504": elementTaxes,
		"RL0102A": elementBorough, "RL0105A": elementUse, "RL0106A": elementFile, "RL0107A": elementNeighbourhood,
		"RL0301A": elementFrontage, "RL0302A": elementLandArea, "RL0303A": elementZoning,
		"RL0304A": elementFarmArea, "RL0305A": elementFarmAreaZoned, "RL0315A": elementForestArea, "RL0316A": elementForestAreaZoned,
		"RL0306A": elementStoreys, "RL0307A": elementYearBuilt, "RL0307B": elementYearEstimated, "RL0308A": elementFloorArea,
		"RL0309A": elementPhysicalLink, "RL0310A": elementGenre,
		"RL0311A": elementDwellings, "RL0312A": elementRentedRooms, "RL0313A": elementNonResidential,
		"RL0401A": elementMarketDate, "RL0402A": elementLandValue, "RL0403A": elementBuildingValue,
		"RL0404A": elementTotalValue, "RL0405A": elementPreviousValue,
		"RL0501A": elementServicedVacant, "RL0502A": elementNonResidentialClass, "RL0503A": elementIndustrialClass,
	})
	under(elementAddresses, map[string]element{"RL0101x": elementAddress})
	under(elementAddress, map[string]element{
		"RL0101Ax": elementAddressA, "RL0101Bx": elementAddressB, "RL0101Cx": elementAddressC, "RL0101Dx": elementAddressD,
		"RL0101Ex": elementAddressE, "RL0101Fx": elementAddressF, "RL0101Gx": elementAddressG, "RL0101Hx": elementAddressH,
		"RL0101Ix": elementAddressI, "RL0101Jx": elementAddressJ,
	})
	under(elementLots, map[string]element{"RL0103x": elementLot})
	under(elementLot, map[string]element{"RL0103Ax": elementLotA})
	under(elementMatricule, map[string]element{
		"RL0104A": elementMatriculeA, "RL0104B": elementMatriculeB, "RL0104C": elementMatriculeC,
		"RL0104D": elementMatriculeD, "RL0104E": elementMatriculeE, "RL0104F": elementMatriculeF,
	})
	under(elementTaxes, map[string]element{"RL0504x": elementTax})
	under(elementTax, map[string]element{
		"RL0504Ax": elementTaxA, "RL0504Bx": elementTaxB, "RL0504Cx": elementTaxC,
		"RL0504Dx": elementTaxD, "RL0504Ex": elementTaxE, "RL0504Fx": elementTaxF,
	})
	return table
}

// pack makes a number of a name of up to eight bytes, as all of the roll's are;
// a longer name is 0, which no element has.
func pack(name []byte) uint64 {
	if len(name) > 8 {
		return 0
	}
	var n uint64
	for _, c := range name {
		n = n<<8 | uint64(c)
	}
	return n
}
