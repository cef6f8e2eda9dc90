package rollsim

import "strconv"

// unit writes one RLUEx, in the order of the ministry's files.
func (w *writer) unit(u Unit, owners bool) {
	w.open(1, "RLUEx")
	w.addresses(u.Addresses)
	w.leaf(2, "RL0102A", u.Borough)
	if len(u.Lots) > 0 {
		w.open(2, "RL0103")
		for _, lot := range u.Lots {
			w.open(3, "RL0103x")
			w.leaf(4, "RL0103Ax", lot)
			w.end(3, "RL0103x")
		}
		w.end(2, "RL0103")
	}
	w.matricule(u.Matricule)
	w.leaf(2, "RL0105A", u.Use)
	w.leaf(2, "RL0106A", u.File)
	w.leaf(2, "RL0107A", u.Neighbourhood)
	w.owners(owners)
	w.leaf(2, "RL0301A", metres(u.Frontage))
	w.leaf(2, "RL0302A", metres(u.Area))
	w.leaf(2, "RL0303A", "0")
	if u.Building != nil {
		w.building(*u.Building)
	}
	w.leaf(2, "RL0401A", "2024-07-01")
	w.leaf(2, "RL0402A", dollars(u.LandValue))
	w.leaf(2, "RL0403A", dollars(u.BuildingValue))
	w.leaf(2, "RL0404A", dollars(u.LandValue+u.BuildingValue))
	w.leaf(2, "RL0405A", dollars(u.Previous))
	if u.Building == nil {
		w.leaf(2, "RL0501A", count(u.Serviced))
	}
	w.fiscal(u)
	if owners {
		w.open(2, "RENSEIGNEMENTS_ANNEXABLES_UNITE")
		w.open(3, "RLZU1007")
		w.leaf(4, "RLZU1007A", "annexe inventée")
		w.end(3, "RLZU1007")
		w.end(2, "RENSEIGNEMENTS_ANNEXABLES_UNITE")
	}
	w.end(1, "RLUEx")
}

func (w *writer) addresses(list []Address) {
	if len(list) == 0 {
		return
	}
	w.open(2, "RL0101")
	for _, a := range list {
		w.open(3, "RL0101x")
		w.leaf(4, "RL0101Ax", a.Number)
		w.leaf(4, "RL0101Bx", a.Fraction)
		w.leaf(4, "RL0101Cx", a.NumberTo)
		w.leaf(4, "RL0101Dx", a.FractionTo)
		w.leaf(4, "RL0101Ex", a.Type)
		w.leaf(4, "RL0101Fx", a.Link)
		w.leaf(4, "RL0101Gx", a.Street)
		w.leaf(4, "RL0101Hx", a.Cardinal)
		w.leaf(4, "RL0101Ix", a.Apartment)
		w.leaf(4, "RL0101Jx", a.Complement)
		w.end(3, "RL0101x")
	}
	w.end(2, "RL0101")
}

// matricule writes as many parts as there are digits.
func (w *writer) matricule(digits string) {
	w.open(2, "RL0104")
	for _, part := range []struct {
		name  string
		width int
	}{{"RL0104A", 4}, {"RL0104B", 2}, {"RL0104C", 4}, {"RL0104D", 1}, {"RL0104E", 3}, {"RL0104F", 4}} {
		n := min(part.width, len(digits))
		w.leaf(3, part.name, digits[:n])
		digits = digits[n:]
	}
	w.end(2, "RL0104")
}

func (w *writer) owners(named bool) {
	w.open(2, "RL0201")
	w.open(3, "RL0201x")
	if named {
		w.leaf(4, "RL0201Ax", OwnerName)
		w.leaf(4, "RL0201Bx", "Prénom-Inventé")
		w.leaf(4, "RL0201Cx", "1, rue du Propriétaire-Inventé")
		w.leaf(4, "RL0201Dx", "Ville-Inventée")
		w.leaf(4, "RL0201Ex", "X0X 0X0")
	}
	w.leaf(4, "RL0201Gx", "2023-12-14")
	w.leaf(4, "RL0201Hx", "1")
	w.end(3, "RL0201x")
	w.leaf(3, "RL0201U", "1")
	w.end(2, "RL0201")
}

// OwnerName is the name of every owner in a roll with owners: a canary that
// must turn up nowhere.
const OwnerName = "PROPRIÉTAIRE-CANARI"

func (w *writer) building(b Building) {
	w.leaf(2, "RL0306A", nonZero(b.Storeys))
	w.leaf(2, "RL0307A", nonZero(b.Year))
	if b.Year != 0 {
		w.leaf(2, "RL0307B", map[bool]string{false: "R", true: "E"}[b.Estimated])
	}
	w.leaf(2, "RL0308A", metres(b.FloorArea))
	w.leaf(2, "RL0309A", nonZero(b.Link))
	w.leaf(2, "RL0310A", nonZero(b.Genre))
	w.leaf(2, "RL0311A", nonZero(b.Dwellings))
	w.leaf(2, "RL0312A", nonZero(b.Rooms))
	w.leaf(2, "RL0313A", nonZero(b.Shops))
}

// fiscal writes the distribution that a wholly taxable unit has.
func (w *writer) fiscal(u Unit) {
	w.open(2, "RL0504")
	w.open(3, "RL0504x")
	w.leaf(4, "RL0504Dx", dollars(u.LandValue+u.BuildingValue))
	w.leaf(4, "RL0504Ex", "I")
	w.leaf(4, "RL0504Fx", "1")
	w.end(3, "RL0504x")
	w.end(2, "RL0504")
}

func metres(f float64) string {
	if f == 0 {
		return ""
	}
	return strconv.FormatFloat(f, 'f', 2, 64)
}

func dollars(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func nonZero(n int) string { return dollars(int64(n)) }

func count(b bool) string {
	if b {
		return "1"
	}
	return "0"
}
