// Package all lists the kinds of source that this program knows. A new
// connector is one line here.
package all

import (
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/assessmentroll"
	"github.com/semenligne/sem/connectors/ical"
	"github.com/semenligne/sem/connectors/open311"
	"github.com/semenligne/sem/connectors/openactive"
	"github.com/semenligne/sem/connectors/places"
	"github.com/semenligne/sem/connectors/schedules"
	"github.com/semenligne/sem/connectors/sip2"
	"github.com/semenligne/sem/connectors/smtp"
	"github.com/semenligne/sem/connectors/tabular"
)

// Kinds returns every kind, by name.
func Kinds() []connectors.Kind {
	return []connectors.Kind{
		assessmentroll.Kind(),
		ical.Kind(),
		open311.Kind(),
		openactive.Kind(),
		places.Kind(),
		schedules.Kind(),
		sip2.Kind(),
		smtp.Kind(),
		tabular.Kind(),
	}
}
