package open311

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// TestMade: what counts as proof that an attempt made a request.
func TestMade(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	near, far := &record.Point{Lat: 45.56119918823242, Long: -73.90340423583984}, &record.Point{Lat: 45.5620, Long: -73.9034}
	for name, c := range map[string]struct {
		submit func(*record.Submit)
		listed request
		want   bool
	}{
		"place and text":          {nil, request{Request: record.Request{Point: near, Description: "Trou  devant\nle 14"}}, true},
		"place, text and person":  {nil, request{Request: record.Request{Point: near, Description: "trou devant le 14"}, account: "C-1"}, true},
		"place and person":        {nil, request{Request: record.Request{Point: near}, account: "C-1"}, true},
		"person by email":         {nil, request{Request: record.Request{Point: near}, email: "ADA@example.org"}, true},
		"place only":              {nil, request{Request: record.Request{Point: near}}, false},
		"text only":               {nil, request{Request: record.Request{Description: "Trou devant le 14"}}, false},
		"person only":             {nil, request{account: "C-1"}, false},
		"another place":           {nil, request{Request: record.Request{Point: far, Description: "Trou devant le 14"}, account: "C-1"}, false},
		"another text":            {nil, request{Request: record.Request{Point: near, Description: "Trou devant le 15"}, account: "C-1"}, false},
		"another account":         {nil, request{Request: record.Request{Point: near, Description: "Trou devant le 14"}, account: "C-2"}, false},
		"another email":           {nil, request{Request: record.Request{Point: near, Description: "Trou devant le 14"}, email: "bob@example.org"}, false},
		"another service":         {nil, request{Request: record.Request{Point: near, Description: "Trou devant le 14", ServiceCode: "X"}}, false},
		"dated an hour before":    {nil, request{Request: record.Request{Point: near, Description: "Trou devant le 14", Sent: at.Add(-time.Hour)}}, false},
		"dated a minute before":   {nil, request{Request: record.Request{Point: near, Description: "Trou devant le 14", Sent: at.Add(-time.Minute)}}, true},
		"address and text":        {func(s *record.Submit) { s.Point, s.Address = nil, "14 rue des  Essais" }, request{Request: record.Request{Address: "14 Rue des Essais", Description: "Trou devant le 14"}}, true},
		"address rewritten":       {func(s *record.Submit) { s.Point, s.Address = nil, "14 rue des Essais" }, request{Request: record.Request{Address: "14, des Essais", Description: "Trou devant le 14"}}, false},
		"no position in the list": {nil, request{Request: record.Request{Description: "Trou devant le 14"}, account: "C-1"}, true},
	} {
		a := attempt{
			submit:  record.Submit{Point: &record.Point{Lat: 45.5612, Long: -73.9034}, Description: "Trou devant le 14", Email: "ada@example.org"},
			account: "C-1", service: service{Service: record.Service{Code: "NIDPOULE"}}, at: at,
		}
		if c.submit != nil {
			c.submit(&a.submit)
		}
		if got := a.made(c.listed); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestLimits: what would fill the stack or memory is stopped for that reason.
func TestLimits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body string
		want error
	}{
		"deep JSON":    {strings.Repeat("[", 100), errTooDeep},
		"wide JSON":    {"[" + strings.Repeat("{},", maxNodes), errTooMany},
		"deep XML":     {strings.Repeat("<a>", 100), errTooDeep},
		"wide XML":     {"<a>" + strings.Repeat("<b/>", maxNodes), errTooMany},
		"deep objects": {strings.Repeat(`{"a":`, 100), errTooDeep},
	} {
		if _, err := decode([]byte(c.body)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
