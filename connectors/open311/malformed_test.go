package open311_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/open311"
	"github.com/semenligne/sem/connectors/open311/open311sim"
	"github.com/semenligne/sem/connectors/record"
)

// answers opens a source on a server that says the same to everything.
func answers(t *testing.T, handler http.HandlerFunc) connectors.Source {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return openAt(t, server.URL, func(s *open311.Settings) { s.KeyOnReads = true })
}

// TestMalformed: replies with status 200 that must not pass for an answer.
func TestMalformed(t *testing.T) {
	t.Parallel()
	const item = `<request><service_request_id>7</service_request_id><status>open</status></request>`
	for name, body := range map[string]string{
		"empty":                  "",
		"blank":                  " \n",
		"null":                   "null",
		"nothing":                "{}",
		"word":                   `"ok"`,
		"number":                 "7",
		"list of words":          `["7"]`,
		"list of nothing":        `[null]`,
		"cut":                    `[{"service_request_id":"7","status":"op`,
		"two texts":              `[{"service_request_id":"7"}][]`,
		"not UTF-8":              "[{\"service_request_id\":\"7\",\"description\":\"caf\xe9\"}]",
		"somebody else's":        `[{"service_request_id":"8","status":"open"}]`,
		"somebody else's too":    `[{"service_request_id":"7"},{"service_request_id":"8"}]`,
		"no id":                  `[{"status":"open","description":"Trou"}]`,
		"two ids":                `[{"service_request_id":"7","service_request_id":"8"}]`,
		"id that is none":        "[{\"service_request_id\":\"7\",\"token\":\"a\\u0000b\"}]",
		"id turned around":       `[{"service_request_id":"7","service_code":"a\u202eb"}]`,
		"id without end":         `[{"service_request_id":"7","service_code":"` + strings.Repeat("7", 501) + `"}]`,
		"id is an object":        `[{"service_request_id":{"n":"7"}}]`,
		"errors":                 `[{"code":"400","description":"Hors service"}]`,
		"errors, wrapped":        `{"errors":[{"code":"400","description":"Hors service"}]}`,
		"errors, none":           `{"errors":[]}`,
		"errors beside requests": `{"errors":[{"code":"400"}],"service_requests":[]}`,
		"two states":             `[{"service_request_id":"7","status":"open"},{"service_request_id":"7","status":"closed"}]`,
		"page":                   "<!DOCTYPE html><html><body><p>Entretien</p></body></html>",
		"page with br":           "<html><br></html>",
		"XML cut":                "<service_requests>" + item,
		"XML of another kind":    "<services></services>",
		"XML errors":             "<errors><error><code>400</code><description>Non</description></error></errors>",
		"XML with text":          "<service_requests>Entretien</service_requests>",
		"XML with other items":   "<service_requests>" + item + "<notice>x</notice></service_requests>",
		"XML two roots":          "<service_requests></service_requests><service_requests></service_requests>",
		"XML entity":             `<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><service_requests><request><service_request_id>&b;</service_request_id></request></service_requests>`,
		"XML external entity":    `<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><service_requests><request><service_request_id>&a;</service_request_id></request></service_requests>`,
		"XML not UTF-8":          "<service_requests><request><service_request_id>7</service_request_id><description>caf\xe9</description></request></service_requests>",
		"UTF-16 cut":             utf16Of(`<service_requests></service_requests>`)[:71],
		"XML unknown encoding":   `<?xml version="1.0" encoding="x-nothing"?><service_requests></service_requests>`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := answers(t, says(200, body))
			got, err := find(t.Context(), source, "ids:7")
			if !errors.Is(err, connectors.ErrMalformed) || len(got) > 0 {
				t.Errorf("Find: %d records, error %v", len(got), err)
			}
			if err == nil || strings.Contains(err.Error(), "Entretien") || strings.Contains(err.Error(), key) {
				t.Errorf("the error quotes: %v", err)
			}
			if name == "somebody else's" {
				return
			}
			if got, err := find(t.Context(), source, "account:C-1"); !errors.Is(err, connectors.ErrMalformed) || len(got) > 0 {
				t.Errorf("Find by account: %d records, error %v", len(got), err)
			}
		})
	}
}

// utf16Of writes text in UTF-16, least byte first, behind its byte order mark.
func utf16Of(text string) string {
	out := []byte("\xFF\xFE")
	for _, unit := range utf16.Encode([]rune(text)) {
		out = append(out, byte(unit), byte(unit>>8))
	}
	return string(out)
}

// TestOddButSound: replies that bend the book and are still beyond doubt.
func TestOddButSound(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"more beside the wrapper": `{"count":1,"service_requests":[{"service_request_id":7,"status":"open"}]}`,
		"any wrapper":             `{"data":[{"service_request_id":7,"status":"open"}]}`,
		"other XML names":         `<requests><service_request><service_request_id>7</service_request_id><status>open</status></service_request></requests>`,
		"bare":                    `{"service_request_id":7,"status":"open"}`,
		"bare, in XML":            `<request><service_request_id>7</service_request_id><status>open</status></request>`,
		"twice the same":          `[{"service_request_id":7,"status":"open"},{"service_request_id":"7 ","status":" open"}]`,
		"BOM":                     "\ufeff" + `[{"service_request_id":7,"status":"open"}]`,
		"Latin-1, declared":       "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><service_requests><request><service_request_id>7</service_request_id><status>open</status><account_id>\xe9</account_id></request></service_requests>",
		"UTF-16, declared":        utf16Of(`<?xml version="1.0" encoding="UTF-16"?><service_requests><request><service_request_id>7</service_request_id><status>open</status></request></service_requests>`),
		"UTF-16, JSON":            utf16Of(`[{"service_request_id":7,"status":"open"}]`),
		"UTF-16, only declared":   `<?xml version="1.0" encoding="utf-16"?><service_requests><request><service_request_id>7</service_request_id><status>open</status></request></service_requests>`,
		"namespace":               `<service_requests xmlns="http://wiki.open311.org/GeoReport_v2"><request><service_request_id>7</service_request_id><status>open</status></request></service_requests>`,
		"comments, CDATA":         `<!-- x --><service_requests><!-- y --><request><service_request_id><![CDATA[7]]></service_request_id><status>open</status></request></service_requests>`,
		"year one":                `[{"service_request_id":7,"status":"open","updated_datetime":"0001-01-01T00:00:00Z","requested_datetime":"1970-01-01T00:00:00Z"}]`,
		"no script in photos":     `[{"service_request_id":7,"status":"open","media_url":["javascript:alert(1)",""]}]`,
		"no place on Earth":       `[{"service_request_id":7,"status":"open","lat":"91","long":"NaN"}]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := find(t.Context(), answers(t, says(200, body)), "ids:7")
			if err != nil || len(got) != 1 {
				t.Fatalf("%d records, error %v", len(got), err)
			}
			if d := cmp.Diff(record.Request{ID: "7", Status: record.RequestOpen}, got[0].Body); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestNoNumber: in the person's own list, an item without number is kept under a
// key that stays the same.
func TestNoNumber(t *testing.T) {
	t.Parallel()
	body := `[{"account_id":"C-1","description":"Trou","requested_datetime":"hier"},{"account_id":"C-1","service_request_id":"7","status":"open"}]`
	source := answers(t, says(200, body))
	one, err := find(t.Context(), source, "account:C-1")
	if err != nil || len(one) != 2 {
		t.Fatalf("%d records, error %v", len(one), err)
	}
	two, err := find(t.Context(), source, "account:C-1")
	if err != nil || one[0].Key == "" || one[0].Key == one[1].Key || one[0].Key != two[0].Key {
		t.Errorf("keys %v and %v, error %v", keysOf(one), keysOf(two), err)
	}
	if got := one[0].Body.(record.Request); got.Status != record.RequestUnknown || got.Description != "Trou" || !got.Sent.IsZero() {
		t.Errorf("%+v", got)
	}
}

func TestStatusWords(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]record.Request{
		"Open":                        {Status: record.RequestOpen},
		"CLOSED":                      {Status: record.RequestClosed},
		"Fixed":                       {Status: record.RequestClosed, StatusWord: "Fixed"},
		"not_councils_responsibility": {Status: record.RequestClosed, StatusWord: "not_councils_responsibility"},
		"IN_PROGRESS":                 {Status: record.RequestOpen, StatusWord: "IN_PROGRESS"},
		"chez le maire":               {Status: record.RequestOpen, StatusWord: "chez le maire"},
		"":                            {Status: record.RequestUnknown},
	} {
		source := answers(t, says(200, fmt.Sprintf(`[{"service_request_id":"7","status":%q}]`, word)))
		got, err := find(t.Context(), source, "ids:7")
		if err != nil {
			t.Fatal(word, err)
		}
		want.ID = "7"
		if d := cmp.Diff(want, got[0].Body); d != "" {
			t.Errorf("%q: %s", word, d)
		}
	}
}

// TestStatuses: HTTP statuses of reads.
func TestStatuses(t *testing.T) {
	t.Parallel()
	const list = `[{"code":"400","description":"Non"}]`
	for name, c := range map[string]struct {
		status int
		body   string
		find   error
		check  error
	}{
		"key":                {403, list, connectors.ErrDenied, connectors.ErrDenied},
		"key, 401":           {401, "", connectors.ErrDenied, connectors.ErrDenied},
		"not found":          {404, "<html>", connectors.ErrNotFound, connectors.ErrMalformed},
		"bad question":       {400, list, connectors.ErrRefused, connectors.ErrMalformed},
		"broken back office": {400, "CRM down", connectors.ErrUnavailable, connectors.ErrUnavailable},
		"too many":           {429, "", connectors.ErrUnavailable, connectors.ErrUnavailable},
		"broken":             {500, list, connectors.ErrUnavailable, connectors.ErrUnavailable},
		"elsewhere":          {302, "", connectors.ErrMalformed, connectors.ErrMalformed},
		"nothing":            {204, "", connectors.ErrMalformed, connectors.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := answers(t, says(c.status, c.body))
			if got, err := find(t.Context(), source, "ids:7,8"); !errors.Is(err, c.find) || len(got) > 0 {
				t.Errorf("Find: %d records, error %v", len(got), err)
			}
			if err := source.Check(t.Context()); !errors.Is(err, c.check) {
				t.Errorf("Check: error %v", err)
			}
		})
	}
}

// TestFaults: the simulator's own faults.
func TestFaults(t *testing.T) {
	t.Parallel()
	for fault, c := range map[open311sim.Fault]struct{ ids, person, list error }{
		open311sim.FaultError:   {connectors.ErrUnavailable, connectors.ErrUnavailable, connectors.ErrUnavailable},
		open311sim.FaultEmpty:   {connectors.ErrNotFound, nil, nil},
		open311sim.FaultForeign: {connectors.ErrMalformed, connectors.ErrMalformed, nil},
		open311sim.FaultHTML:    {connectors.ErrMalformed, connectors.ErrMalformed, connectors.ErrMalformed},
		open311sim.FaultCharset: {connectors.ErrMalformed, connectors.ErrMalformed, connectors.ErrMalformed},
		open311sim.FaultDrift:   {connectors.ErrMalformed, connectors.ErrMalformed, connectors.ErrMalformed},
		open311sim.FaultDenied:  {connectors.ErrDenied, connectors.ErrDenied, connectors.ErrDenied},
	} {
		for _, format := range []string{"json", "xml"} {
			server, source := start(t, recent(6, open311sim.Dialect{Accounts: true}), func(s *open311.Settings) { s.Format = format })
			server.SetFault(fault)
			for _, ref := range []string{"ids:3", "ids:3,4"} {
				if got, err := find(t.Context(), source, ref); !errors.Is(err, c.ids) || len(got) > 0 {
					t.Errorf("%s %s: %d records, error %v", fault, format, len(got), err)
				}
			}
			if got, err := find(t.Context(), source, "account:C-1"); !errors.Is(err, c.person) || err != nil && len(got) > 0 {
				t.Errorf("%s %s by account: %d records, error %v", fault, format, len(got), err)
			}
			if got, err := list(t.Context(), source); !errors.Is(err, c.list) || err == nil && len(got) > 0 && fault == open311sim.FaultEmpty {
				t.Errorf("%s %s list: %d records, error %v", fault, format, len(got), err)
			}
		}
	}
}

// TestList: what the whole list does with its odd items, an emit that fails,
// the allowed services and an unchanged discovery document.
func TestList(t *testing.T) {
	t.Parallel()
	t.Run("left out", func(t *testing.T) {
		t.Parallel()
		got, err := list(t.Context(), answers(t, says(200, `[{"service_name":"x"},{"service_code":0,"metadata":false},{"service_code":"0","metadata":"false"},{"service_code":"0","metadata":false,"group":"autre"}]`)))
		if err != nil || len(got) != 1 || got[0].Key != "0" {
			t.Errorf("%v, error %v", got, err)
		}
	})
	t.Run("another definition", func(t *testing.T) {
		t.Parallel()
		got, err := list(t.Context(), answers(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/services/") {
				says(200, `{"service_code":"B","attributes":[]}`)(w, r)
				return
			}
			says(200, `[{"service_code":"A","metadata":true}]`)(w, r)
		}))
		if !errors.Is(err, connectors.ErrMalformed) || len(got) > 0 {
			t.Errorf("%v, error %v", got, err)
		}
	})
	t.Run("none with a code", func(t *testing.T) {
		t.Parallel()
		if _, err := list(t.Context(), answers(t, says(200, `[{"name":"x"}]`))); !errors.Is(err, connectors.ErrMalformed) {
			t.Error(err)
		}
	})
	t.Run("emit", func(t *testing.T) {
		t.Parallel()
		_, source := start(t, town(), nil)
		stop := errors.New("enough")
		n := 0
		_, err := source.List.List(t.Context(), "", func(record.Record) error { n++; return stop })
		if !errors.Is(err, stop) || n != 1 {
			t.Errorf("%d emitted, error %v", n, err)
		}
	})
	t.Run("allowed", func(t *testing.T) {
		t.Parallel()
		server, source := start(t, town(), func(s *open311.Settings) { s.Services = []string{"012"} })
		got, err := list(t.Context(), source)
		if err != nil || len(got) != 1 || got[0].Key != "012" {
			t.Errorf("%v, error %v", got, err)
		}
		receipt, err := do(t.Context(), source, "account:C-100", pothole())
		if err != nil || receipt.Refusal != open311.RefusalUnknownService || server.Submits() != 0 {
			t.Errorf("receipt %+v, error %v", receipt, err)
		}
	})
	t.Run("no discovery", func(t *testing.T) {
		t.Parallel()
		seed := town()
		seed.Dialect.HTMLErrors = true
		server, _ := start(t, seed, nil)
		source := openAt(t, "http://"+server.Addr()+"/v2", func(s *open311.Settings) { s.DiscoveryURL = "http://" + server.Addr() + "/v2/discovery.xml" })
		if got, err := list(t.Context(), source); err != nil || len(got) != 5 {
			t.Errorf("%d services, error %v", len(got), err)
		}
	})
	t.Run("unchanged", func(t *testing.T) {
		t.Parallel()
		for _, format := range []string{"json", "xml"} {
			server, _ := start(t, town(), nil)
			source := openAt(t, "http://"+server.Addr()+"/v2/", func(s *open311.Settings) {
				s.DiscoveryURL = "http://" + server.Addr() + "/v2/discovery." + format
			})
			n := 0
			count := func(record.Record) error { n++; return nil }
			cursor, err := source.List.List(t.Context(), "", count)
			if err != nil || n != 5 || cursor == "" {
				t.Fatalf("%s: %d emitted, error %v", format, n, err)
			}
			again, err := source.List.List(t.Context(), cursor, count)
			if err != nil || n != 5 || again != cursor {
				t.Errorf("%s: unchanged, and %d emitted, error %v", format, n, err)
			}
		}
	})
}

// TestKeyOnReads: where reading needs the key, a wrong one is denied.
func TestKeyOnReads(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"parameter", "bearer", "header"} {
		seed := town()
		seed.Dialect.KeyForReads = true
		seed.Dialect.KeyHeader = map[string]string{"bearer": "Authorization", "header": "X-Api-Key"}[in]
		for secret, want := range map[string]error{key: nil, "une-autre": connectors.ErrDenied} {
			_, source := start(t, seed, func(s *open311.Settings) {
				s.KeyIn, s.KeyOnReads, s.Key = in, true, connectors.NewSecret(secret)
			})
			if err := source.Check(t.Context()); !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", in, err, want)
			}
			if _, err := find(t.Context(), source, allIDs); !errors.Is(err, want) {
				t.Errorf("%s: Find: %v, want %v", in, err, want)
			}
		}
	}
}

func TestJurisdictionAndCancel(t *testing.T) {
	t.Parallel()
	seed := town()
	seed.Jurisdiction = "ville.example"
	_, source := start(t, seed, nil)
	if err := source.Check(t.Context()); !errors.Is(err, connectors.ErrMalformed) {
		t.Errorf("without jurisdiction: %v", err)
	}
	_, source = start(t, seed, func(s *open311.Settings) { s.Jurisdiction = "ville.example" })
	if err := source.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if receipt, err := do(t.Context(), source, "account:C-100", pothole()); err != nil || receipt.Outcome != record.OutcomeDone {
		t.Errorf("receipt %+v, error %v", receipt, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := find(ctx, source, allIDs); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}
