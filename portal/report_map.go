package portal

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/townmap"
	"github.com/semenligne/sem/portal/views"
)

const (
	planPath = "/requetes/plan"
	// onPlan is the choice of a point of the plan, clickPlan the picture that is
	// clicked, planOf whose property it is drawn around, pointField the point that
	// was chosen, and removePoint the button that lets go of it.
	onPlan      = "plan"
	clickPlan   = "carte"
	planOf      = "autour"
	pointField  = "point"
	removePoint = "sanspoint"
	// planReach is how many metres around the property the plan shows.
	planReach = 300
)

// center is the property that the plan is drawn around: the one it was drawn
// around before, else the one chosen, else the first whose point is known.
func (x report) center() (record.Unit, bool) {
	for _, name := range []string{x.form.Get(planOf), x.form.Get("lieu"), ""} {
		for _, home := range x.homes {
			if home.Point != nil && home.Point.Valid() && (name == "" || brief(home.Matricule) == name) {
				return home, true
			}
		}
	}
	return record.Unit{}, false
}

// click takes a click on the plan, in pixels of the picture as every browser
// shows it. A key pressed on it clicks its corner, which is no choice.
func (x *report) click() {
	at, ok := x.center()
	left, err1 := strconv.Atoi(x.form.Get(clickPlan + ".x"))
	top, err2 := strconv.Atoi(x.form.Get(clickPlan + ".y"))
	inside := left >= 0 && top >= 0 && left <= views.PlanSide && top <= views.PlanSide && left+top > 0
	if !ok || err1 != nil || err2 != nil || !inside {
		return
	}
	const unit = float64(townmap.Size) / views.PlanSide
	p := townmap.At(*at.Point, planReach, float64(left)*unit, float64(top)*unit)
	x.form.Set(pointField, fmt.Sprintf("%.5f,%.5f", p.Lat, p.Long)) // to a metre
	x.form.Set("lieu", onPlan)
}

// letGo forgets the point.
func (x *report) letGo() {
	x.form.Del(pointField)
	if x.form.Get("lieu") == onPlan {
		x.form.Del("lieu")
	}
}

// point is what was chosen on the plan: a place near one of the citizen's
// properties, or nothing.
func (x report) point() *record.Point { return readPoint(x.form.Get(pointField), x.homes) }

func readPoint(text string, homes []record.Unit) *record.Point {
	lat, long, _ := strings.Cut(text, ",")
	var p record.Point
	var err1, err2 error
	p.Lat, err1 = strconv.ParseFloat(lat, 64)
	p.Long, err2 = strconv.ParseFloat(long, 64)
	onIt := func(home record.Unit) bool {
		if home.Point == nil || !home.Point.Valid() {
			return false
		}
		metres, _ := townmap.Between(*home.Point, p)
		return metres <= 1.5*planReach // a corner
	}
	if err1 != nil || err2 != nil || !p.Valid() || !slices.ContainsFunc(homes, onIt) {
		return nil
	}
	return &p
}

// clickable is the picture to click, when there is ground to draw, and what is chosen
// on it.
func (b builder) clickable(x report) *views.Plan {
	home, ok := x.center()
	if !ok {
		return nil
	}
	name := brief(home.Matricule)
	plan := &views.Plan{Around: name, Source: planPath + "/" + name, Text: b.w.T("report.plan.text", "address", b.address(home))}
	if p := x.point(); p != nil {
		plan.Point = x.form.Get(pointField)
		plan.Source += "?" + url.Values{pointField: {plan.Point}}.Encode()
		metres, bearing := townmap.Between(*home.Point, *p)
		if plan.Chosen = b.w.T("report.plan.here", "address", b.address(home)); metres < 10 {
			return plan
		}
		direction := b.w.T("bearing." + strconv.Itoa(int(math.Round(bearing/45))%8))
		plan.Chosen = b.w.T("report.plan.chosen", "metres", b.w.Metres(math.Round(metres/10)*10), "direction", direction, "address", b.address(home))
	}
	return plan
}

// planPicture draws the plan around one of the citizen's properties; that of
// anybody else is not found.
func (p *Portal) planPicture(w http.ResponseWriter, r *http.Request) error {
	shot, err := p.snapshot(r)
	if err != nil {
		return err
	}
	name, homes := chi.URLParam(r, "lieu"), p.units(shot)
	i := slices.IndexFunc(homes, func(u record.Unit) bool {
		return brief(u.Matricule) == name && u.Point != nil && u.Point.Valid()
	})
	if i < 0 {
		return errNotFound
	}
	scene := townmap.Scene{Center: *homes[i].Point, Reach: planReach}
	around, err := p.opt.Places.Near(r.Context(), scene.Center, planReach)
	if err != nil {
		return err
	}
	scene.Shapes = around.Shapes
	if chosen := readPoint(r.URL.Query().Get(pointField), homes); chosen != nil {
		scene.Spots = []townmap.Spot{{At: *chosen}}
	}
	body, err := finish(r.Context(), views.PlanPicture(townmap.Draw(scene)), "image/svg+xml")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Security-Policy", picturePolicy)
	body.write(w, r)
	return nil
}
