package townmap

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/semenligne/sem/connectors/record"
)

// Class is what sort of ground something is.
type Class string

// The classes, closed.
const (
	Green  Class = "green"  // a park, a wood
	Water  Class = "water"  // a river, a lake
	Built  Class = "built"  // a building
	Street Class = "street" // where cars go
	Major  Class = "major"  // a boulevard, a highway
	Trail  Class = "trail"  // where feet and bicycles go
	Rail   Class = "rail"
)

// classOf reads the town's own word for a sort of shape. What has no known word
// is a street when it has lines and is not drawn when it is an area.
func classOf(s record.Shape) (class Class, ok bool) {
	word := Fold(s.Category)
	for _, c := range []struct {
		class Class
		stems []string
	}{
		{Trail, []string{"piste", "cyclable", "sentier", "trottoir", "path", "trail"}},
		{Rail, []string{"ferr", "rail", "train"}},
		{Water, []string{"rivi", "riv.", "eau", "lac", "fleuve", "ruisseau", "etang", "water", "river"}},
		{Green, []string{"parc", "vert", "bois", "foret", "jardin", "terrain de jeu", "cimetiere", "golf", "park", "green", "wood", "forest"}},
		{Built, []string{"batiment", "edifice", "building"}},
		{Major, []string{"autoroute", "boulevard", "artere", "collectrice", "principal", "highway", "major"}},
	} {
		for _, stem := range c.stems {
			if strings.Contains(word, stem) {
				return c.class, true
			}
		}
	}
	return Street, len(s.Lines) > 0
}

// Fold makes words comparable: small letters without accents.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
}
