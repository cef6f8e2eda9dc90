package portal

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/townmap"
	"github.com/semenligne/sem/portal/views"
)

const neighbourhoodPath = "/quartier"

// The radius around a property, in metres.
const (
	radiusUsual = 300
	radiusLeast = 100
	radiusMost  = 1000
)

// mostNumbers is how many places have a number on the map; those farther away
// have a dot, so that the map can be read.
const mostNumbers = 50

// home is a property of the citizen and what is around it.
type home struct {
	unit   record.Unit
	around Surroundings
}

// neighbourhood is the page of what is around each property.
func (p *Portal) neighbourhood(w http.ResponseWriter, r *http.Request) error {
	shot, err := p.snapshot(r)
	if err != nil {
		return err
	}
	radius := radiusOf(r.URL.Query().Get("rayon"))
	read, err := p.opt.Places.Read(r.Context())
	if err != nil {
		return err
	}
	allowTiles(w, p.tiles(shot.prefs))
	page := neighbourhoodPath + "?rayon=" + strconv.Itoa(radius)
	return p.personalBeside(w, r, shot, page, besideTown(read, shot.now), func(s snapshot) (*finished, error) {
		homes, err := p.homes(r.Context(), s, float64(radius))
		if err != nil {
			return nil, err
		}
		return finish(r.Context(), views.Neighbourhood(p.neighbourhoodPage(s, radius, homes)), htmlType)
	})
}

// radiusOf reads the radius that was asked for, and takes the usual one for
// what is no number.
func radiusOf(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return radiusUsual
	}
	return min(max(n, radiusLeast), radiusMost)
}

// homes looks around every property that the citizen is linked to.
func (p *Portal) homes(ctx context.Context, s snapshot, radius float64) (homes []home, err error) {
	for _, source := range p.opt.Sources {
		if source.Domain != Property {
			continue
		}
		records, _ := s.view(source.Name).Records()
		for _, u := range bodies[record.Unit](records) {
			h := home{unit: u}
			if u.Point != nil && u.Point.Valid() {
				if h.around, err = p.opt.Places.Near(ctx, *u.Point, radius); err != nil {
					return nil, err
				}
			}
			homes = append(homes, h)
		}
	}
	return homes, nil
}

func (p *Portal) neighbourhoodPage(s snapshot, radius int, homes []home) views.NeighbourhoodPage {
	words := p.words[s.prefs.lang]
	page := views.NeighbourhoodPage{Page: p.signedIn(p.page(s.prefs, neighbourhoodPath)), Radius: radius, Radii: radii(radius)}
	page.Title, page.Version = words.T("nav.places"), s.dashboard.Version
	page.Here = fmt.Sprintf("%s?rayon=%d", neighbourhoodPath, radius) // a change of display comes back to it
	b := builder{w: words, now: s.now, zone: p.opt.Town.Zone}
	known := true
	for _, source := range p.opt.Sources {
		if source.Domain != Property {
			continue
		}
		if v := s.view(source.Name); v.State == cache.Unknown {
			known = false
			page.Unknown = append(page.Unknown, b.unknown(source, v))
		}
	}
	for i, h := range homes {
		page.Homes = append(page.Homes, b.home(i+1, radius, h, p.tiles(s.prefs)))
	}
	if known && len(homes) == 0 {
		page.None = words.T("property.none")
	}
	return page
}

// radii are the choices of a radius, with the one that is shown among them.
func radii(radius int) []int {
	list := []int{100, 200, 300, 400, 500, 600, 800, 1000}
	if i, found := slices.BinarySearch(list, radius); !found {
		list = slices.Insert(list, i, radius)
	}
	return list
}

// home shows what is around one property.
func (b builder) home(id, radius int, h home, tiles *Tiles) views.Home {
	out := views.Home{ID: strconv.Itoa(id), Address: b.address(h.unit)}
	if h.unit.Point == nil || !h.unit.Point.Valid() {
		out.Unplaced = []string{b.w.T("place.nopoint"), b.w.T("place.nopoint.meaning"), b.w.T("unknown.desk")}
		return out
	}
	unknown := map[string]bool{}
	for _, l := range h.around.Lists {
		v := l.Section.At(b.now)
		if v.State == cache.Unknown {
			unknown[l.Section.Source] = true
			out.Unknown = append(out.Unknown, b.unknown(l.source(), v))
		}
		out.Ages = append(out.Ages, views.ListAge{Title: b.listTitle(l), Age: b.age(l.source(), v)})
	}
	found := slices.DeleteFunc(slices.Clone(h.around.Places), func(p NearPlace) bool { return unknown[p.Source] })
	metres := b.w.Metres(float64(radius))
	var numbered []NearPlace
	out.Groups, numbered = b.placeGroups(found)
	out.Summary = b.w.N("place.count", len(found), "metres", metres)
	if len(found) == 0 {
		out.Summary = ""
		switch {
		case len(unknown) == 0:
			out.Summary = b.w.T("place.none", "metres", metres)
		case len(unknown) < len(h.around.Lists):
			out.Summary = b.w.T("place.none.known", "metres", metres)
		}
	}
	out.Map = b.plan(h, float64(radius), numbered, tiles)
	if len(found) > mostNumbers {
		out.Map.Note = b.w.T("place.dots", "n", strconv.Itoa(mostNumbers))
	}
	return out
}

// listTitle is the name of a list of places.
func (b builder) listTitle(l PlaceList) string {
	if t := l.Title[b.w.Lang]; t != "" {
		return t
	}
	return b.w.T("the.places")
}

// plan is the map around a property. The places stand in the order of their
// numbers.
func (b builder) plan(h home, radius float64, numbered []NearPlace, tiles *Tiles) *views.Map {
	nearest := slices.Clone(numbered)
	slices.SortStableFunc(nearest, func(x, y NearPlace) int { return cmp.Compare(x.Metres, y.Metres) })
	limit := math.Inf(1)
	if len(nearest) > mostNumbers {
		limit = nearest[mostNumbers].Metres
	}
	scene := townmap.Scene{Center: *h.unit.Point, Radius: radius, Reach: radius * 1.12, Shapes: h.around.Shapes}
	credit := ""
	if tiles != nil {
		scene.Tiles, credit = &tiles.TileSource, tiles.Attribution
	}
	for i, p := range numbered {
		spot := townmap.Spot{Number: i + 1, At: *p.Point}
		if p.Metres >= limit {
			spot.Number = 0
		}
		scene.Spots = append(scene.Spots, spot)
	}
	m := &views.Map{
		Drawing: townmap.Draw(scene), House: true, Credit: credit,
		Title: b.w.T("map.title", "address", b.address(h.unit)),
		Text:  b.w.T("map.text", "metres", b.w.Metres(radius), "n", b.w.Number(int64(len(numbered)))),
	}
	m.Bar, m.North = b.w.Metres(float64(m.Scale.Metres)), b.w.T("map.north")
	tints := map[string]int{}
	m.Tints = append(m.Tints, 0) // numbers begin at 1
	for _, p := range numbered {
		c := townmap.Fold(p.Category)
		if _, ok := tints[c]; !ok {
			tints[c] = len(tints) % views.Tints
		}
		m.Tints = append(m.Tints, tints[c])
	}
	return m
}

// placeGroups groups places by category, in the alphabet's order with the
// unnamed category last, and numbers them in that order.
func (b builder) placeGroups(found []NearPlace) (groups []views.PlaceGroup, numbered []NearPlace) {
	byCategory := map[string][]NearPlace{}
	var categories []string
	for _, p := range found {
		c := townmap.Fold(p.Category)
		if byCategory[c] == nil {
			categories = append(categories, c)
		}
		byCategory[c] = append(byCategory[c], p)
	}
	slices.SortFunc(categories, func(x, y string) int {
		if (x == "") != (y == "") {
			return cmp.Compare(len(y), len(x))
		}
		return cmp.Compare(x, y)
	})
	for i, c := range categories {
		g := views.PlaceGroup{Title: byCategory[c][0].Category, Tint: i % views.Tints}
		if c == "" {
			g.Title = b.w.T("place.other")
		}
		for _, p := range byCategory[c] {
			numbered = append(numbered, p)
			g.Places = append(g.Places, b.placeRow(len(numbered), p))
		}
		groups = append(groups, g)
	}
	return groups, numbered
}

func (b builder) placeRow(number int, p NearPlace) views.PlaceRow {
	row := views.PlaceRow{Number: strconv.Itoa(number), Name: p.Name, Phone: p.Phone, Link: webAddress(p.Link), Where: b.wherePlace(p)}
	if row.Name == "" {
		row.Name = b.w.T("place.unnamed")
	}
	for _, text := range []string{p.Address, p.Hours} {
		if text != "" {
			row.Detail = append(row.Detail, text)
		}
	}
	for _, d := range p.Details {
		row.Detail = append(row.Detail, b.w.T("other.detail", "label", d.Label, "value", d.Value))
	}
	return row
}

// webAddress is an address that a source gave, "" when it is not plainly one of
// the web.
func webAddress(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return ""
	}
	return u.String()
}

// wherePlace says how far a place is and in which direction, and about how long it
// takes on foot: streets make the way longer than the crow's, by a third or so,
// and people walk some 75 metres a minute.
func (b builder) wherePlace(p NearPlace) string {
	if p.Metres < 10 {
		return b.w.T("place.here")
	}
	rounded := math.Round(p.Metres/10) * 10
	minutes := int(math.Ceil(p.Metres * 1.3 / 75))
	direction := int(math.Round(p.Bearing/45)) % 8
	return b.w.N("place.where", minutes, "metres", b.w.Metres(rounded), "direction", b.w.T("bearing."+strconv.Itoa(direction)))
}
