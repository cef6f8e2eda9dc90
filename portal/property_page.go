package portal

import (
	"net/http"
	"strings"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/views"
)

// propertyPage is every unit of the roll that the citizen is linked to, with
// all that the roll says of it.
func (p *Portal) propertyPage(w http.ResponseWriter, r *http.Request) error {
	return p.personal(w, r, Property.path(), func(s snapshot) (*finished, error) {
		words := p.words[s.prefs.lang]
		page := views.PropertyPage{Page: p.signedIn(p.page(s.prefs, Property.path()))}
		page.Title, page.Version = words.T("nav.property"), s.dashboard.Version
		if p.opt.Places != nil {
			page.Around = neighbourhoodPath
		}
		b := builder{w: words, now: s.now, zone: p.opt.Town.Zone}
		for _, source := range p.opt.Sources {
			if source.Domain == Property {
				page.Rolls = append(page.Rolls, b.roll(source, s.view(source.Name)))
			}
		}
		return finish(r.Context(), views.Property(page), htmlType)
	})
}

// roll is all that one source says of the citizen's property.
func (b builder) roll(s Source, v cache.View) views.Roll {
	out := views.Roll{Source: s.Name, Title: b.title(s), Age: b.age(s, v)}
	records, known := v.Records()
	if !known {
		out.Unknown = b.unknown(s, v)
		return out
	}
	out.Credit = b.w.T("property.credit")
	b.view = v
	units, marks := marked[record.Unit](b, records, nil)
	for i, u := range units {
		unit := b.unit(u)
		unit.Since = marks[i]
		out.Units = append(out.Units, unit)
	}
	out.Others = b.others(shown{}, records).groups
	if len(out.Units)+len(out.Others) == 0 {
		out.None = b.w.T("property.none")
	}
	return out
}

// unit is all that the roll says of one property.
func (b builder) unit(u record.Unit) views.Unit {
	out := views.Unit{Address: b.address(u), Chart: b.valueChart(u)}
	for _, a := range u.Addresses[min(1, len(u.Addresses)):] {
		out.OtherAddresses = append(out.OtherAddresses, a.Text)
	}
	if u.Building == nil {
		out.Vacant = b.w.T(pick(vacant(u), "property.vacant", "property.nobuilding"))
	}
	out.Groups = []views.Group{
		{Title: b.w.T("property.group.values"), Facts: b.values(u)},
		{Title: b.w.T("property.group.identity"), Facts: b.identity(u)},
		{Title: b.w.T("property.group.land"), Facts: b.land(u)},
	}
	if u.Building != nil {
		out.Groups = append(out.Groups, views.Group{Title: b.w.T("property.group.building"), Facts: b.building(*u.Building)})
	}
	if tax := b.taxation(u); len(tax) > 0 {
		out.Groups = append(out.Groups, views.Group{Title: b.w.T("property.group.taxation"), Rows: tax})
	}
	return out
}

// vacant tells whether the roll's use says that nothing is built: unused land
// (CUBF 91).
func vacant(u record.Unit) bool { return strings.HasPrefix(u.Use, "91") }

// valueChart shows the value beside that of the previous roll. Without both
// there is nothing to compare.
func (b builder) valueChart(u record.Unit) *views.Chart {
	v := u.Values
	if v.Total == nil || v.Previous == nil || *v.Total <= 0 || *v.Previous <= 0 {
		return nil
	}
	scale := 100 / float64(max(*v.Total, *v.Previous))
	width := func(c record.Cents) float64 { return float64(c) * scale }
	now := views.Bar{Label: b.rollYear(u), Value: b.value(v.Total)}
	chart := &views.Chart{Summary: b.w.T("property.chart.same")}
	if v.Land != nil && v.Building != nil && *v.Land+*v.Building == *v.Total && *v.Land >= 0 && *v.Building >= 0 {
		now.Parts = []views.BarPart{{Class: "land", Width: width(*v.Land)}, {Class: "building", From: width(*v.Land), Width: width(*v.Building)}}
		chart.Keys = []views.Key{{Class: "land", Text: b.w.T("property.value.land")}, {Class: "building", Text: b.w.T("property.value.building")}}
	} else {
		now.Parts = []views.BarPart{{Class: "whole", Width: width(*v.Total)}}
	}
	before := views.Bar{Label: b.w.T("property.previous"), Value: b.value(v.Previous), Parts: []views.BarPart{{Class: "before", Width: width(*v.Previous)}}}
	chart.Bars = []views.Bar{before, now}
	if change := *v.Total - *v.Previous; change != 0 {
		chart.Summary = b.w.T(pick(change > 0, "property.chart.up", "property.chart.down"),
			"amount", b.w.Dollars(max(change, -change)), "percent", b.w.Percent(float64(change)/float64(*v.Previous)))
	}
	return chart
}

// taxation is the fiscal distribution, in the roll's own codes.
func (b builder) taxation(u record.Unit) []views.Row {
	var rows []views.Row
	for _, t := range u.Taxation {
		row := views.Row{Title: b.w.T("property.tax.part", "law", t.Law, "article", t.Article)}
		if t.Paragraph != "" {
			row.Detail = append(row.Detail, b.w.T("property.tax.paragraph", "n", t.Paragraph))
		}
		if t.Amount != nil {
			row.Detail = append(row.Detail, b.w.T("property.tax.amount", "amount", b.w.Dollars(*t.Amount)))
		}
		if t.Taxability != "" {
			row.Detail = append(row.Detail, b.w.T("property.tax.code", "code", t.Taxability))
		}
		rows = append(rows, row)
	}
	return rows
}
