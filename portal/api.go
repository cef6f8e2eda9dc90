package portal

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
)

// dashboardJSON is the dashboard for programs, under the same session.
func (p *Portal) dashboardJSON(w http.ResponseWriter, r *http.Request) error {
	return p.personal(w, r, r.URL.Path, func(s snapshot) (*finished, error) {
		answer := dashboardAnswer{Sections: []sectionAnswer{}}
		for _, source := range p.opt.Sources {
			answer.Sections = append(answer.Sections, newSectionAnswer(s.view(source.Name)))
		}
		body, err := json.Marshal(answer)
		if err != nil {
			return nil, fmt.Errorf("dashboard as JSON: %w", err)
		}
		return newFinished(append(body, '\n'), "application/json")
	})
}

type dashboardAnswer struct {
	Sections []sectionAnswer `json:"sections"`
}

// sectionAnswer is one section. Records is null when nothing is known, and an
// empty array only when a good read found nothing.
type sectionAnswer struct {
	Source  string           `json:"source"`
	State   cache.State      `json:"state"`
	AsOf    *time.Time       `json:"as_of"`
	Reason  string           `json:"reason"`
	Records *[]record.Record `json:"records"`
}

func newSectionAnswer(v cache.View) sectionAnswer {
	a := sectionAnswer{Source: v.Source, State: v.State, Reason: v.Trouble}
	if !v.AsOf.IsZero() {
		at := v.AsOf.UTC()
		a.AsOf = &at
	}
	if records, known := v.Records(); known {
		if records == nil {
			records = []record.Record{}
		}
		a.Records = &records
	}
	return a
}
