package portal

import (
	"slices"
	"strconv"
	"strings"

	"github.com/semenligne/sem/connectors/record"
)

// answered is what the town's calendars say at one property.
type answered[A any] interface {
	address() string
	same(as A) bool
}

// alike is the properties at which the town's calendars say the same.
type alike[A any] struct {
	// numbers are their places among the citizen's properties, from 1.
	numbers []int
	// answers are theirs, at least one.
	answers []A
}

// byAnswer joins the properties with one answer, in the order of the first of
// each. A citizen with one property, or with several in one sector, has one.
func byAnswer[A answered[A]](list []A) []alike[A] {
	var groups []alike[A]
	for i, a := range list {
		at := slices.IndexFunc(groups, func(g alike[A]) bool { return g.answers[0].same(a) })
		if at < 0 {
			groups, at = append(groups, alike[A]{}), len(groups)
		}
		g := &groups[at]
		g.numbers, g.answers = append(g.numbers, i+1), append(g.answers, a)
	}
	return groups
}

// answer is what is said at all of them.
func (g alike[A]) answer() A { return g.answers[0] }

// anchor is the properties' place on a page, the same one whenever its answers
// stay.
func (g alike[A]) anchor() string { return "adresse-" + strconv.Itoa(g.numbers[0]) }

// addresses names them: "" for the whole town's answer.
func addresses[A answered[A]](b builder, g alike[A]) string {
	var names []string
	for _, a := range g.answers {
		if name := a.address(); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return b.list(names)
}

// title names them among others, where even what has no address has a name.
func title[A answered[A]](b builder, g alike[A]) string {
	if name := addresses(b, g); name != "" {
		return name
	}
	return capital(b.w.T("collections.address.none", "n", strconv.Itoa(g.numbers[0])))
}

// list writes "a, b et c".
func (b builder) list(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return b.w.T("list.and", "before", strings.Join(names[:last], ", "), "last", names[last])
}

func (c Collections) address() string { return c.Address }

// same tells whether two properties have the same days, be they in two sectors.
func (c Collections) same(as Collections) bool {
	return c.Why == as.Why && c.Ends == as.Ends && slices.EqualFunc(c.Days, as.Days, func(x, y record.Collection) bool {
		x.Sector = y.Sector
		return x == y
	})
}

// sector names the sector that all of some properties are in.
func sector(g alike[Collections]) string {
	for _, c := range g.answers {
		if c.Sector != g.answers[0].Sector {
			return ""
		}
	}
	return g.answers[0].Sector
}

func (w Watering) address() string { return w.Address }

// same tells whether two properties may water alike.
func (w Watering) same(as Watering) bool {
	return w.Why == as.Why && slices.EqualFunc(w.Devices, as.Devices, func(x, y DeviceWatering) bool {
		at := x.From.Equal(y.From) && x.Until.Equal(y.Until)
		x.From, x.Until = y.From, y.Until
		return at && x == y
	})
}
