package open311sim_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/semenligne/sem/connectors/open311/open311sim"
)

const key = "cle-inventee"

func now() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

func town() open311sim.Seed {
	seed := open311sim.Seed{
		Keys: []string{key}, Changeset: "2026-11-01 09:30", Now: now,
		Services: []open311sim.Service{
			{Code: "012", Name: "Lampadaire"},
			{Code: "EAU", Name: "Fuite d'eau", Type: "batch"},
			{Code: "MERCI", Name: "Un mot", Type: "blackbox"},
			{Code: "NID: rue", Name: "Nid-de-poule", Keywords: []string{"rue", "trou"}, Attributes: []open311sim.Attribute{
				{Code: "PROF", Datatype: "number", Required: true, Order: 1, Description: "Profondeur"},
				{Code: "COTE", Datatype: "multivaluelist", Order: 2, Description: "Côtés", Values: []open311sim.Value{{Key: "1", Name: "Nord"}, {Key: "2", Name: "Sud"}}},
				{Code: "QUAND", Datatype: "datetime", Order: 3, Description: "Quand"},
			}},
		},
	}
	for i := range 5 {
		seed.Requests = append(seed.Requests, open311sim.Request{
			ID: "26-" + strconv.Itoa(i), ServiceCode: "012", Status: []string{"open", "closed"}[i%2],
			Description: "Éteint <depuis> hier & plus", Requested: now().AddDate(0, 0, 30*(i-4)), Updated: now(),
			Lat: 45.5, Long: -73.9, Account: "C-1", Email: "ada@example.org", Media: []string{"https://photos.example/1.jpg"},
		})
	}
	return seed
}

func start(t *testing.T, seed open311sim.Seed) *open311sim.Server {
	t.Helper()
	s, err := open311sim.Start("127.0.0.1:0", seed)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func call(t *testing.T, s *open311sim.Server, method, target, form string) (status int, body []byte, mediaType string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.Addr()+"/v2/"+target, strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	if form != "" {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err = io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, body, response.Header.Get("Content-Type")
}

// validate checks a reply against a definition of the schema.
func validate(t *testing.T, definition string, body []byte) error {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	schema, err := c.Compile("testdata/georeport.schema.json#/$defs/" + definition)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

const place = "&lat=45.5&long=-73.9"

// TestBook: every call of the specification, its status, and its shape in JSON.
func TestBook(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method, target, form string
		status               int
		schema               string
	}{
		"discovery":            {target: "discovery.json", status: 200, schema: "discovery"},
		"services":             {target: "services.json", status: 200, schema: "services"},
		"definition":           {target: "services/NID:%20rue.json", status: 200, schema: "definition"},
		"no definition":        {target: "services/012.json", status: 404, schema: "errors"},
		"unknown service":      {target: "services/9.json", status: 404, schema: "errors"},
		"requests":             {target: "requests.json", status: 200, schema: "requests"},
		"request":              {target: "requests/26-4.json", status: 200, schema: "requests"},
		"unknown request":      {target: "requests/26-9.json", status: 404, schema: "errors"},
		"unknown token":        {target: "tokens/5.json", status: 404, schema: "errors"},
		"no format":            {target: "requests", status: 404, schema: "errors"},
		"date without zone":    {target: "requests.json?start_date=2026-11-01T00:00:00", status: 400, schema: "errors"},
		"over 90 days":         {target: "requests.json?start_date=2026-01-01T00:00:00Z&end_date=2026-11-01T00:00:00Z", status: 400, schema: "errors"},
		"status":               {target: "requests.json?status=fixed", status: 400, schema: "errors"},
		"service_code":         {target: "requests.json?service_code=9", status: 400, schema: "errors"},
		"realtime":             {method: "POST", target: "requests.json", form: "api_key=" + key + "&service_code=012" + place, status: 200, schema: "receipt"},
		"batch":                {method: "POST", target: "requests.json", form: "api_key=" + key + "&service_code=EAU" + place, status: 200, schema: "receipt"},
		"blackbox":             {method: "POST", target: "requests.json", form: "api_key=" + key + "&service_code=MERCI&address_id=1", status: 200, schema: "receipt"},
		"attributes":           {method: "POST", target: "requests.json", form: "api_key=" + key + "&service_code=NID%3A+rue&attribute[PROF]=12&attribute%5BCOTE%5D%5B%5D=1&attribute[COTE][]=2&address_string=ici", status: 200, schema: "receipt"},
		"no key":               {method: "POST", target: "requests.json", form: "service_code=012" + place, status: 403, schema: "errors"},
		"wrong key":            {method: "POST", target: "requests.json", form: "api_key=x&service_code=012" + place, status: 403, schema: "errors"},
		"no service":           {method: "POST", target: "requests.json", form: "api_key=" + key + place, status: 400, schema: "errors"},
		"unknown service sent": {method: "POST", target: "requests.json", form: "api_key=" + key + "&service_code=9" + place, status: 404, schema: "errors"},
		"no place":             {method: "POST", target: "requests.json", form: "api_key=" + key + "&service_code=012&lat=45", status: 400, schema: "errors"},
		"long":                 {method: "POST", target: "requests.json", form: "api_key=" + key + "&service_code=012&address_id=1&description=" + strings.Repeat("e", 4001), status: 400, schema: "errors"},
		"attribute missing":    {method: "POST", target: "requests.json", form: "api_key=" + key + "&service_code=NID%3A+rue&address_id=1", status: 400, schema: "errors"},
		"attribute not number": {method: "POST", target: "requests.json", form: "api_key=" + key + "&service_code=NID%3A+rue&address_id=1&attribute[PROF]=x", status: 400, schema: "errors"},
		"attribute unknown":    {method: "POST", target: "requests.json", form: "api_key=" + key + "&service_code=012&address_id=1&attribute[X]=1", status: 400, schema: "errors"},
		"not UTF-8":            {method: "POST", target: "requests.json", form: "api_key=" + key + "&service_code=012&address_id=1&description=%E9", status: 400, schema: "errors"},
		"put":                  {method: "PUT", target: "requests.json", form: "a=b", status: 400, schema: "errors"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, town())
			status, body, mediaType := call(t, s, c.method, c.target, c.form)
			if status != c.status || mediaType != "application/json; charset=utf-8" {
				t.Errorf("status %d, %s: %s", status, mediaType, body)
			}
			if err := validate(t, c.schema, body); err != nil {
				t.Errorf("%v\n%s", err, body)
			}
		})
	}
}

// TestSchemaCanFail: the schema sees the dialects that depart from the book.
func TestSchemaCanFail(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]open311sim.Dialect{
		"numbers": {NumericIDs: true}, "wrapper": {KeepWrapper: true}, "empty": {Absent: "empty"},
		"photos": {MediaList: true}, "dates": {Dates: "nozone"}, "accounts": {Accounts: true}, "strings": {TextPositions: true},
	} {
		seed := town()
		seed.Dialect = d
		seed.Requests[4].ID = "264"
		_, body, _ := call(t, start(t, seed), "", "requests.json", "")
		if validate(t, "requests", body) == nil {
			t.Errorf("%s: passes as strict: %s", name, body)
		}
	}
}

// TestXML: the same in XML, to the letter.
func TestXML(t *testing.T) {
	t.Parallel()
	_, body, mediaType := call(t, start(t, town()), "", "requests/26-4.xml", "")
	want := `<?xml version="1.0" encoding="UTF-8"?>
<service_requests><request><service_request_id>26-4</service_request_id><status>open</status><status_notes/><service_name>Lampadaire</service_name><service_code>012</service_code><description>Éteint &lt;depuis&gt; hier &amp; plus</description><agency_responsible/><service_notice/><requested_datetime>2026-11-24T12:00:00Z</requested_datetime><updated_datetime>2026-11-24T12:00:00Z</updated_datetime><expected_datetime/><address/><address_id/><zipcode/><lat>45.5</lat><long>-73.9</long><media_url>https://photos.example/1.jpg</media_url></request></service_requests>`
	if d := cmp.Diff(want, string(body)); d != "" || mediaType != "text/xml; charset=utf-8" {
		t.Errorf("%s: %s", mediaType, d)
	}
}

// TestFilters: which requests each filter lets through.
func TestFilters(t *testing.T) {
	t.Parallel()
	s := start(t, town())
	for query, want := range map[string]int{
		"":                                     4, // 0, 30, 60 and 90 days old, not 120
		"status=open":                          2,
		"status=open,closed":                   4,
		"service_code=EAU":                     0,
		"service_code=EAU%2C012":               4,
		"start_date=2026-11-01T00:00:00-05:00": 1,
		"start_date=2026-08-01T00:00:00Z&end_date=2026-09-30T00:00:00Z":      2,
		"service_request_id=26-0%2C26-4&start_date=nonsense&status=whatever": 2,
		"account_id=somebody": 4, // no such filter by the book
	} {
		status, body, _ := call(t, s, "", "requests.json?"+query, "")
		if got := strings.Count(string(body), "service_request_id"); status != 200 || got != want {
			t.Errorf("%s: status %d, %d requests, want %d", query, status, got, want)
		}
	}
}

// TestCap: 1,000 requests at most, newest first.
func TestCap(t *testing.T) {
	t.Parallel()
	seed := town()
	for i := range 1100 {
		seed.Requests = append(seed.Requests, open311sim.Request{ID: "n" + strconv.Itoa(i), ServiceCode: "012", Requested: now()})
	}
	_, body, _ := call(t, start(t, seed), "", "requests.json", "")
	if got := strings.Count(string(body), "service_request_id"); got != 1000 || strings.Contains(string(body), `"n0"`) {
		t.Errorf("%d requests", got)
	}
}

// TestState: what is submitted can be read, followed and moved on.
func TestState(t *testing.T) {
	t.Parallel()
	seed := town()
	seed.Dialect.TokenWait = 1
	s := start(t, seed)
	form := url.Values{"api_key": {key}, "service_code": {"EAU"}, "address_string": {"14, rue des Essais"}, "description": {"Ça coule"}}
	_, body, _ := call(t, s, http.MethodPost, "requests.json", form.Encode())
	_, token, _ := strings.Cut(string(body), `"token":"`)
	token, _, _ = strings.Cut(token, `"`)
	_, body, _ = call(t, s, "", "tokens/"+token+".json", "")
	if err := validate(t, "token", body); err != nil || !strings.Contains(string(body), `"service_request_id":null`) {
		t.Errorf("first look: %s", body)
	}
	_, body, _ = call(t, s, "", "tokens/"+token+".json", "")
	id := s.Requests()[5].ID
	if !strings.Contains(string(body), id) {
		t.Errorf("second look: %s", body)
	}
	if !s.SetStatus(id, "closed", "Réparé") || s.SetStatus("nothing", "closed", "") {
		t.Error("SetStatus")
	}
	_, body, _ = call(t, s, "", "requests/"+id+".json", "")
	if !strings.Contains(string(body), `"closed"`) || !strings.Contains(string(body), "Réparé") {
		t.Errorf("after: %s", body)
	}
	if s.Submits() != 1 || s.Calls() != 4 {
		t.Errorf("%d submits of %d calls", s.Submits(), s.Calls())
	}
}

func TestJurisdiction(t *testing.T) {
	t.Parallel()
	seed := town()
	seed.Jurisdiction = "ville.example"
	s := start(t, seed)
	for target, want := range map[string]int{
		"services.json": 400, "services.json?jurisdiction_id=": 400, "services.json?jurisdiction_id=x": 404,
		"services.json?jurisdiction_id=ville.example": 200, "discovery.json": 200,
	} {
		if status, _, _ := call(t, s, "", target, ""); status != want {
			t.Errorf("%s: status %d, want %d", target, status, want)
		}
	}
}

// TestLost: the request is filed and its reply is not sent.
func TestLost(t *testing.T) {
	t.Parallel()
	s := start(t, town())
	for fault, filed := range map[open311sim.Fault]int{open311sim.FaultLost: 1, open311sim.FaultDropped: 0} {
		before := len(s.Requests())
		s.SetFault(fault)
		request, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost, "http://"+s.Addr()+"/v2/requests.json",
			strings.NewReader("api_key="+key+"&service_code=012"+place))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if response, err := http.DefaultClient.Do(request); err == nil {
			_ = response.Body.Close()
			t.Errorf("%s: answered with %d", fault, response.StatusCode)
		}
		if got := len(s.Requests()) - before; got != filed {
			t.Errorf("%s: %d filed, want %d", fault, got, filed)
		}
	}
}
