package openactive_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/openactive"
	"github.com/semenligne/sem/connectors/record"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*openactive.Settings)
		want   []string // keys that have a problem
	}{
		"feeds only":        {func(*openactive.Settings) {}, nil},
		"nothing":           {func(s *openactive.Settings) { s.Feeds = nil }, []string{"feeds"}},
		"booking only":      {func(s *openactive.Settings) { s.Feeds, s.BookingURL = nil, "https://loisirs.exemple.test/api" }, nil},
		"no address":        {func(s *openactive.Settings) { s.Feeds = []string{"loisirs", "ftp://x.test/f"} }, []string{"feeds", "feeds"}},
		"password in it":    {func(s *openactive.Settings) { s.BookingURL = "https://a:b@x.test" }, []string{"booking_url"}},
		"query":             {func(s *openactive.Settings) { s.BookingURL = "https://x.test/?k=1" }, []string{"booking_url"}},
		"broker forbidden":  {func(s *openactive.Settings) { s.BrokerName = "Ville" }, []string{"broker_name"}},
		"broker missing":    {func(s *openactive.Settings) { s.BrokerRole = "AgentBroker" }, []string{"broker_name"}},
		"broker role":       {func(s *openactive.Settings) { s.BrokerRole = "agent" }, []string{"broker_role"}},
		"header":            {func(s *openactive.Settings) { s.AuthHeader, s.AuthScheme = "X Key", "Bearer token" }, []string{"auth_header", "auth_scheme"}},
		"token":             {func(s *openactive.Settings) { s.TokenURL = "https://jetons.exemple.test/token" }, []string{"token_url"}},
		"words":             {func(s *openactive.Settings) { s.References, s.Quote = "x", "y" }, []string{"anonymous_quote", "references"}},
		"pattern and zone":  {func(s *openactive.Settings) { s.Residents, s.Zone = "(", "Toronto" }, []string{"residents_pattern", "timezone"}},
		"limits and seller": {func(s *openactive.Settings) { s.MaxItems, s.MaxPages, s.Seller = 0, 0, "1" }, []string{"max_items", "max_pages", "seller"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openactive.Kind().Settings().(*openactive.Settings)
			s.Feeds = []string{"https://loisirs.exemple.test/rpde/sessions"}
			test.change(s)
			var got []string
			for _, p := range s.Validate() {
				got = append(got, p.Key)
			}
			slices.Sort(got)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDials(t *testing.T) {
	t.Parallel()
	s := &openactive.Settings{Feeds: []string{"https://a.test/f", "http://b.test:8080/f"}, BookingURL: "http://c.test/api"}
	if diff := cmp.Diff([]string{"c.test:80", "a.test:443", "b.test:8080"}, s.Dials()); diff != "" {
		t.Error(diff)
	}
}

func TestHowTheKeyIsSent(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ header, scheme, want string }{
		"as usual":                      {"Authorization", "", "Bearer k1"},
		"a header of the server's own":  {"X-Api-Key", "", "k1"},
		"bare":                          {"Authorization", "none", "k1"},
		"own header with its own word":  {"X-Api-Key", "Token", "Token k1"},
		"another word in Authorization": {"authorization", "ApiKey", "ApiKey k1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			p := &tap{next: &script{}, hook: func(_ string, _ int, req *http.Request) (*http.Response, error) {
				got = req.Header.Get(test.header)
				return nil, nil
			}}
			src := p.open(t, func(s *openactive.Settings) {
				s.BookingURL, s.APIKey = "https://loisirs.exemple.test/api", connectors.NewSecret("k1")
				s.AuthHeader, s.AuthScheme = test.header, test.scheme
			})
			_, _ = src.Find.Find(soon(t), record.NewRef("orders:"+uuid1)) // there is none
			if got != test.want {
				t.Errorf("%s: %q, want %q", test.header, got, test.want)
			}
		})
	}
}
