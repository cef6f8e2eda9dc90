package open311_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/open311"
	"github.com/semenligne/sem/connectors/open311/open311sim"
	"github.com/semenligne/sem/connectors/record"
)

func pothole() record.Submit {
	return record.Submit{
		ServiceCode: "NIDPOULE", Point: &record.Point{Lat: 45.5612, Long: -73.9034},
		Address: "14, rue des Essais", Description: "Trou devant le 14\nprès de l'école",
		Attributes: map[string][]string{"PROF": {"12"}, "COTE": {"1", "2"}},
		MediaURL:   "https://photos.example/3.jpg", GivenName: "Ada", FamilyName: "Essai", Phone: "555-0100", Email: "ada@example.org",
	}
}

func do(ctx context.Context, source connectors.Source, ref string, a record.Action) (record.Receipt, error) {
	return source.Do.Do(ctx, record.NewRef(ref), a)
}

// TestSubmit sends everything there is, and looks at what the town filed.
func TestSubmit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		dialect open311sim.Dialect
		change  func(*open311.Settings)
	}{
		"form":              {},
		"XML":               {change: func(s *open311.Settings) { s.Format = "xml" }},
		"JSON":              {dialect: open311sim.Dialect{PostJSON: true}, change: func(s *open311.Settings) { s.PostAs = "json" }},
		"bearer":            {dialect: open311sim.Dialect{KeyHeader: "Authorization"}, change: func(s *open311.Settings) { s.KeyIn = "bearer" }},
		"header":            {dialect: open311sim.Dialect{KeyHeader: "X-Api-Key"}, change: func(s *open311.Settings) { s.KeyIn = "header" }},
		"an id as number":   {dialect: open311sim.Dialect{NumericIDs: true, BareSingle: true}},
		"both id and token": {dialect: open311sim.Dialect{BothIDs: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seed := town()
			seed.Dialect = c.dialect
			server, source := start(t, seed, c.change)
			receipt, err := do(t.Context(), source, "account:C-100", pothole())
			if err != nil {
				t.Fatal(err)
			}
			all := server.Requests()
			made := all[len(all)-1]
			if receipt.Outcome != record.OutcomeDone || receipt.Proof != record.ProofReply || receipt.Reference != made.ID || receipt.Note == "" {
				t.Errorf("receipt %+v for %s", receipt, made.ID)
			}
			if len(receipt.Records) != 1 || receipt.Records[0].Key != made.ID {
				t.Errorf("read back %v", keysOf(receipt.Records))
			}
			want := open311sim.Request{
				ID: made.ID, Status: "open", ServiceCode: "NIDPOULE", Description: pothole().Description,
				Requested: made.Requested, Updated: made.Updated, Notes: made.Notes, Notice: made.Notice,
				Address: "14, rue des Essais", Lat: 45.5612, Long: -73.9034, Media: []string{"https://photos.example/3.jpg"},
				Account: "C-100", Email: "ada@example.org", FirstName: "Ada", LastName: "Essai", Phone: "555-0100",
				Attributes: pothole().Attributes,
			}
			if d := cmp.Diff(want, made, cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "pending" }, cmp.Ignore())); d != "" {
				t.Error(d)
			}
			if server.Submits() != 1 {
				t.Errorf("%d submits", server.Submits())
			}
		})
	}
}

// TestSubmitKinds: what follows a submit, by the type of service.
func TestSubmitKinds(t *testing.T) {
	t.Parallel()
	server, source := start(t, town(), nil)
	receipt, err := do(t.Context(), source, "email:ada@example.org", record.Submit{ServiceCode: "MERCI", AddressID: "A-1"})
	if err != nil || receipt.Outcome != record.OutcomeDone || receipt.Reference != "" || len(receipt.Records) > 0 {
		t.Errorf("blackbox: %+v, error %v", receipt, err)
	}
	receipt, err = do(t.Context(), source, "ids:7", leak())
	if err != nil || receipt.Outcome != record.OutcomeDone || strings.HasPrefix(receipt.Reference, "token:") {
		t.Errorf("batch, numbered at once: %+v, error %v", receipt, err)
	}
	all := server.Requests()
	if receipt, err := do(t.Context(), source, "", leak()); err != nil || receipt.Outcome != record.OutcomeDone {
		t.Errorf("first of all: %+v, error %v", receipt, err)
	}
	if made := all[len(all)-2]; made.Email != "ada@example.org" || made.Account != "" || made.AddressID != "A-1" {
		t.Errorf("filed %+v", made)
	}
}

// TestSubmitRefusedHere: what the definition forbids is never sent.
func TestSubmitRefusedHere(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit func(*record.Submit)
		want string
	}{
		"service":           {func(s *record.Submit) { s.ServiceCode = "NEIGE" }, open311.RefusalUnknownService},
		"place":             {func(s *record.Submit) { s.Point, s.Address = nil, " " }, open311.RefusalMissingLocation},
		"place 0,0":         {func(s *record.Submit) { s.Point, s.Address = &record.Point{}, "" }, open311.RefusalMissingLocation},
		"description":       {func(s *record.Submit) { s.Description = strings.Repeat("é", 4001) }, open311.RefusalDescriptionTooLong},
		"media":             {func(s *record.Submit) { s.MediaURL = "javascript:alert(1)" }, open311.RefusalInvalidMedia},
		"required":          {func(s *record.Submit) { s.Attributes["PROF"] = []string{""} }, open311.RefusalMissingAttribute},
		"number":            {func(s *record.Submit) { s.Attributes["PROF"] = []string{"douze"} }, open311.RefusalInvalidAttribute},
		"two for one":       {func(s *record.Submit) { s.Attributes["PROF"] = []string{"1", "2"} }, open311.RefusalInvalidAttribute},
		"control character": {func(s *record.Submit) { s.Description = "a\x00b" }, open311.RefusalInvalidText},
		"not UTF-8":         {func(s *record.Submit) { s.Attributes["PROF"] = []string{"1\xe9"} }, open311.RefusalInvalidText},
		"not finite":        {func(s *record.Submit) { s.Attributes["PROF"] = []string{"NaN"} }, open311.RefusalInvalidAttribute},
		"not a choice":      {func(s *record.Submit) { s.Attributes["COTE"] = []string{"Nord"} }, open311.RefusalInvalidAttribute},
		"not a question":    {func(s *record.Submit) { s.Attributes["AVIS"] = []string{"oui"} }, open311.RefusalUnknownAttribute},
		"unknown attribute": {func(s *record.Submit) { s.Attributes["ZZ"] = []string{"1"} }, open311.RefusalUnknownAttribute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, source := start(t, town(), nil)
			submit := pothole()
			c.edit(&submit)
			receipt, err := do(t.Context(), source, "account:C-100", submit)
			if err != nil || receipt.Outcome != record.OutcomeRefused || receipt.Refusal != c.want {
				t.Errorf("receipt %+v, error %v; want %s", receipt, err, c.want)
			}
			if server.Submits() != 0 {
				t.Error("it was sent")
			}
		})
	}
}

func TestSubmitWrongArguments(t *testing.T) {
	t.Parallel()
	_, source := start(t, town(), nil)
	_, keyless := start(t, town(), func(s *open311.Settings) { s.Key = connectors.Secret{} })
	if receipt, err := do(t.Context(), keyless, "account:C-100", pothole()); !errors.Is(err, connectors.ErrDenied) || receipt.Outcome != "" {
		t.Errorf("no key: receipt %+v, error %v", receipt, err)
	}
	for name, call := range map[string]func() (record.Receipt, error){
		"another action": func() (record.Receipt, error) { return do(t.Context(), source, "account:C-100", record.RenewAll{}) },
		"no such person": func() (record.Receipt, error) { return do(t.Context(), source, "phone:5", pothole()) },
	} {
		if _, err := call(); !errors.Is(err, connectors.ErrRefused) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// odd stands between the connector and the town and replaces the reply to a
// submit, after the town acted or instead of it.
func odd(t *testing.T, server *open311sim.Server, acted bool, reply http.HandlerFunc) string {
	t.Helper()
	target, err := url.Parse("http://" + server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	pass := httputil.NewSingleHostReverseProxy(target)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			pass.ServeHTTP(w, r)
			return
		}
		if acted {
			pass.ServeHTTP(httptest.NewRecorder(), r)
		} else if _, err := io.Copy(io.Discard, r.Body); err != nil {
			t.Error(err)
		}
		reply(w, r)
	}))
	t.Cleanup(front.Close)
	return front.URL + "/v2"
}

func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body) // the client may be gone
	}
}

func hangsUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// hangs answers nothing until the client gives up.
func hangs(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// TestSubmitReplies: every end of a submit. Whatever the end, it is sent once.
func TestSubmitReplies(t *testing.T) {
	t.Parallel()
	const refusal = `[{"code":"400","description":"Hors du territoire"}]`
	const html = "<!DOCTYPE html><html><body>Entretien</body></html>"
	for name, c := range map[string]struct {
		acted   bool
		reply   http.HandlerFunc
		outcome record.Outcome
		refusal string
		proof   record.Proof
		err     error
	}{
		"refused":                    {reply: says(400, refusal), outcome: record.OutcomeRefused, refusal: open311.RefusalRejected, proof: record.ProofReply},
		"refused, in XML":            {reply: says(400, `<errors><error><code>1</code><description>Non</description></error></errors>`), outcome: record.OutcomeRefused, refusal: open311.RefusalRejected, proof: record.ProofReply},
		"refused, 404":               {reply: says(404, refusal), outcome: record.OutcomeRefused, refusal: open311.RefusalUnknownService, proof: record.ProofReply},
		"refused, too large":         {reply: says(413, html), outcome: record.OutcomeRefused, refusal: open311.RefusalRejected, proof: record.ProofReply},
		"key":                        {reply: says(403, refusal), err: connectors.ErrDenied},
		"no such resource":           {reply: says(404, html), err: connectors.ErrNotFound},
		"too many":                   {reply: says(429, ""), err: connectors.ErrUnavailable},
		"lost, done":                 {acted: true, reply: hangsUp, outcome: record.OutcomeDone, proof: record.ProofReread},
		"lost, not done":             {reply: hangsUp, outcome: record.OutcomeUnknown, err: connectors.ErrOutcomeUnknown},
		"no reply, done":             {acted: true, reply: hangs, outcome: record.OutcomeDone, proof: record.ProofReread},
		"no reply, not done":         {reply: hangs, outcome: record.OutcomeUnknown, err: connectors.ErrOutcomeUnknown},
		"500, done":                  {acted: true, reply: says(500, html), outcome: record.OutcomeDone, proof: record.ProofReread},
		"503, not done":              {reply: says(503, ""), outcome: record.OutcomeUnknown, err: connectors.ErrOutcomeUnknown},
		"400 of a broken back end":   {acted: true, reply: says(400, html), outcome: record.OutcomeDone, proof: record.ProofReread},
		"maintenance page, not done": {reply: says(200, html), outcome: record.OutcomeUnknown, err: connectors.ErrOutcomeUnknown},
		"cut JSON, done":             {acted: true, reply: says(200, `[{"service_request_id":"26-9`), outcome: record.OutcomeDone, proof: record.ProofReread},
		"empty list, done":           {acted: true, reply: says(200, `[]`), outcome: record.OutcomeDone, proof: record.ProofReread},
		"neither id nor token, done": {acted: true, reply: says(201, `[{"service_notice":"Merci"}]`), outcome: record.OutcomeDone, proof: record.ProofReread},
		"somebody else's, done":      {acted: true, reply: says(200, `[{"service_request_id":"5","account_id":"C-9"}]`), outcome: record.OutcomeDone, proof: record.ProofReread},
		"errors with 200, not done":  {reply: says(200, refusal), outcome: record.OutcomeUnknown, err: connectors.ErrOutcomeUnknown},
		"redirect, not done":         {reply: says(302, ""), outcome: record.OutcomeUnknown, err: connectors.ErrOutcomeUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seed := town()
			server, _ := start(t, seed, nil)
			source := openAt(t, odd(t, server, c.acted, c.reply), nil)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			receipt, err := do(ctx, source, "account:C-100", pothole())
			if !errors.Is(err, c.err) || err != nil && connectors.Reason(err) != connectors.Reason(c.err) {
				t.Fatalf("error %v, want %v", err, c.err)
			}
			if receipt.Outcome != c.outcome || receipt.Refusal != c.refusal || receipt.Proof != c.proof {
				t.Errorf("receipt %+v", receipt)
			}
			if all := server.Requests(); c.outcome == record.OutcomeDone && receipt.Reference != all[len(all)-1].ID {
				t.Errorf("reference %q, filed %q", receipt.Reference, all[len(all)-1].ID)
			}
			if server.Submits() > 1 {
				t.Errorf("%d submits", server.Submits())
			}
		})
	}
}

// TestLostIsNotTheOneBefore: an identical submit a moment earlier proves
// nothing about one that was lost on the way.
func TestLostIsNotTheOneBefore(t *testing.T) {
	t.Parallel()
	server, source := start(t, town(), nil)
	if _, err := do(t.Context(), source, "account:C-100", pothole()); err != nil {
		t.Fatal(err)
	}
	server.SetFault(open311sim.FaultDropped)
	receipt, err := do(t.Context(), source, "account:C-100", pothole())
	if !errors.Is(err, connectors.ErrOutcomeUnknown) || receipt.Outcome != record.OutcomeUnknown || receipt.Reference != "" {
		t.Errorf("receipt %+v, error %v", receipt, err)
	}
	server.SetFault(open311sim.FaultLost)
	receipt, err = do(t.Context(), source, "account:C-100", pothole())
	if err != nil || receipt.Outcome != record.OutcomeDone || receipt.Proof != record.ProofReread {
		t.Errorf("receipt %+v, error %v", receipt, err)
	}
	if server.Submits() != 3 {
		t.Errorf("%d submits, want 3", server.Submits())
	}
}

// TestLostAmongOthers: somebody else reports the same at the same moment. Only
// where the list says who sent what can the two be told apart.
func TestLostAmongOthers(t *testing.T) {
	t.Parallel()
	for _, shown := range []bool{true, false} {
		seed := town()
		seed.Dialect.Accounts = shown
		server, neighbour := start(t, seed, nil)
		source := openAt(t, odd(t, server, true, func(http.ResponseWriter, *http.Request) {
			other := pothole()
			other.Email = "bob@example.org"
			if _, err := do(context.WithoutCancel(t.Context()), neighbour, "account:C-200", other); err != nil {
				t.Error(err)
			}
			panic(http.ErrAbortHandler)
		}), nil)
		receipt, err := do(t.Context(), source, "account:C-100", pothole())
		all := server.Requests()
		ours := all[len(all)-2]
		switch {
		case shown && (err != nil || receipt.Reference != ours.ID || ours.Account != "C-100"):
			t.Errorf("told apart: receipt %+v, error %v", receipt, err)
		case !shown && (!errors.Is(err, connectors.ErrOutcomeUnknown) || receipt.Reference != ""):
			t.Errorf("alike: receipt %+v, error %v", receipt, err)
		}
	}
}

// TestBlackboxSaysNothing: by the book such a service gives neither number nor
// token, and servers differ in how they write that.
func TestBlackboxSaysNothing(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"", "[]", "[{}]", "{}", `[{"service_request_id":null,"token":""}]`,
		"<service_requests/>", "<service_requests><request><service_request_id/></request></service_requests>",
	} {
		server, _ := start(t, town(), nil)
		source := openAt(t, odd(t, server, true, says(200, body)), nil)
		receipt, err := do(t.Context(), source, "account:C-100", record.Submit{ServiceCode: "MERCI", AddressID: "A-1"})
		if err != nil || receipt.Outcome != record.OutcomeDone || receipt.Reference != "" || len(receipt.Records) > 0 {
			t.Errorf("%q: receipt %+v, error %v", body, receipt, err)
		}
	}
	server, _ := start(t, town(), nil)
	source := openAt(t, odd(t, server, true, says(200, "<html><body></body></html>")), nil)
	if _, err := do(t.Context(), source, "account:C-100", record.Submit{ServiceCode: "MERCI", AddressID: "A-1"}); !errors.Is(err, connectors.ErrOutcomeUnknown) {
		t.Errorf("a page: error %v", err)
	}
}

// TestBlackboxErrors: a service that gives no number says errors with 200.
func TestBlackboxErrors(t *testing.T) {
	t.Parallel()
	server, _ := start(t, town(), nil)
	source := openAt(t, odd(t, server, false, says(200, `[{"code":"400","description":"Non"}]`)), nil)
	receipt, err := do(t.Context(), source, "account:C-100", record.Submit{ServiceCode: "MERCI", AddressID: "A-1"})
	if !errors.Is(err, connectors.ErrOutcomeUnknown) || receipt.Outcome != record.OutcomeUnknown {
		t.Errorf("receipt %+v, error %v", receipt, err)
	}
}

// noPost is a transport that cannot connect for a POST.
type noPost struct{ http.RoundTripper }

func (n noPost) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	return n.RoundTripper.RoundTrip(r)
}

// noDial is a transport whose connections for a POST never come about.
type noDial struct{ http.RoundTripper }

func (n noDial) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return n.RoundTripper.RoundTrip(r)
}

// TestSubmitNotSentInTime: as little does one whose connection hangs.
func TestSubmitNotSentInTime(t *testing.T) {
	t.Parallel()
	server, _ := start(t, town(), nil)
	source := openWith(t, "http://"+server.Addr()+"/v2", nil, func(r http.RoundTripper) http.RoundTripper { return noDial{r} })
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if receipt, err := do(ctx, source, "account:C-100", pothole()); !errors.Is(err, connectors.ErrUnavailable) || receipt.Outcome != "" || ctx.Err() != nil {
		t.Errorf("receipt %+v, error %v", receipt, err)
	}
}

// TestSubmitNotSent: a submit that never found a connection is no unknown
// outcome.
func TestSubmitNotSent(t *testing.T) {
	t.Parallel()
	server, _ := start(t, town(), nil)
	source := openWith(t, "http://"+server.Addr()+"/v2", nil, func(r http.RoundTripper) http.RoundTripper { return noPost{r} })
	receipt, err := do(t.Context(), source, "account:C-100", pothole())
	if connectors.Reason(err) != connectors.ReasonUnavailable || receipt.Outcome != "" {
		t.Errorf("receipt %+v, error %v", receipt, err)
	}
	if server.Submits() != 0 {
		t.Error("it was sent")
	}
}

// TestSubmitSourceDown: nothing is sent to a source that cannot say what it
// asks.
func TestSubmitSourceDown(t *testing.T) {
	t.Parallel()
	for fault, want := range map[open311sim.Fault]error{
		open311sim.FaultError: connectors.ErrUnavailable, open311sim.FaultHTML: connectors.ErrMalformed, open311sim.FaultDenied: connectors.ErrDenied,
	} {
		server, source := start(t, town(), nil)
		server.SetFault(fault)
		receipt, err := do(t.Context(), source, "account:C-100", pothole())
		if !errors.Is(err, want) || receipt.Outcome != "" || server.Submits() != 0 {
			t.Errorf("%s: receipt %+v, error %v", fault, receipt, err)
		}
	}
}

// TestSubmitDatetime: an answer as browsers give it is sent as the book wants.
func TestSubmitDatetime(t *testing.T) {
	t.Parallel()
	seed := town()
	seed.Services[0].Attributes = []open311sim.Attribute{{Code: "QUAND", Datatype: "datetime", Order: 1}}
	for given, want := range map[string]string{
		"2026-11-20T08:15":          "2026-11-20T08:15:00-05:00",
		"2026-11-20T08:15:00-04:00": "2026-11-20T07:15:00-05:00",
	} {
		server, source := start(t, seed, nil)
		submit := pothole()
		submit.Attributes = map[string][]string{"QUAND": {given}}
		receipt, err := do(t.Context(), source, "account:C-100", submit)
		all := server.Requests()
		if err != nil || receipt.Outcome != record.OutcomeDone || !cmp.Equal(all[len(all)-1].Attributes["QUAND"], []string{want}) {
			t.Errorf("%s: receipt %+v, error %v", given, receipt, err)
		}
	}
}

// silent is a transport on which reads of some addresses never end by themselves.
type silent struct {
	http.RoundTripper
	path string
}

func (s silent) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, s.path) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return s.RoundTripper.RoundTrip(r)
}

// TestSubmitHangsBefore: what hangs before the form is sent leaves time to say
// that it was not, or to send it all the same.
func TestSubmitHangsBefore(t *testing.T) {
	t.Parallel()
	for path, c := range map[string]struct {
		reason  string
		outcome record.Outcome
		submits int
	}{
		"/v2/services.":         {reason: connectors.ReasonUnavailable},
		"/v2/services/NIDPOULE": {reason: connectors.ReasonUnavailable},
		"/v2/requests.":         {reason: connectors.ReasonOK, outcome: record.OutcomeDone, submits: 1},
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			server, _ := start(t, town(), nil)
			source := openWith(t, "http://"+server.Addr()+"/v2", nil, func(r http.RoundTripper) http.RoundTripper { return silent{r, path} })
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			receipt, err := do(ctx, source, "account:C-100", pothole())
			if connectors.Reason(err) != c.reason || err != nil && !errors.Is(err, connectors.ErrUnavailable) || receipt.Outcome != c.outcome {
				t.Errorf("receipt %+v, error %v", receipt, err)
			}
			if ctx.Err() != nil {
				t.Error("the deadline passed")
			}
			if server.Submits() != c.submits {
				t.Errorf("%d submits, want %d", server.Submits(), c.submits)
			}
		})
	}
}
