package open311_test

import (
	"encoding/json"
	"errors"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/open311"
	"github.com/semenligne/sem/connectors/open311/open311sim"
	"github.com/semenligne/sem/connectors/record"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares records with a file of testdata.
func golden(t *testing.T, name string, got []record.Record) {
	t.Helper()
	data, err := json.MarshalIndent(got, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name+".golden.json")
	if *update {
		if err := os.WriteFile(path, append(data, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(data)+"\n"); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}

const allIDs = "ids:26-004417,1002,7"

// TestBook reads a server that follows the specification, in both formats, with
// the same golden files.
func TestBook(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"json", "xml"} {
		_, source := start(t, town(), func(s *open311.Settings) { s.Format = format })
		got, err := find(t.Context(), source, allIDs)
		if err != nil {
			t.Fatal(format, err)
		}
		golden(t, "find", got)
		got, err = list(t.Context(), source)
		if err != nil {
			t.Fatal(format, err)
		}
		golden(t, "services", got)
		if err := source.Check(t.Context()); err != nil {
			t.Error(format, err)
		}
	}
}

// keysOf lists key and status of what Find returned.
func keysOf(records []record.Record) []string {
	var out []string
	for _, r := range records {
		out = append(out, r.Key+" "+string(r.Body.(record.Request).Status))
	}
	return out
}

func TestFindIDs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ref     string
		dialect open311sim.Dialect
		batch   int
		want    []string
		err     error
	}{
		"one by its address":             {ref: "ids:7", want: []string{"7 open"}},
		"order asked, twice the same":    {ref: "ids:7, 1002,7", want: []string{"7 open", "1002 closed"}},
		"one the town does not know":     {ref: "ids:7,no such:id/0", want: []string{"7 open", "no such:id/0 unknown"}},
		"none known":                     {ref: "ids:8,9", err: connectors.ErrNotFound},
		"one, not known":                 {ref: "ids:8", err: connectors.ErrNotFound},
		"not known, page of HTML":        {ref: "ids:8", dialect: open311sim.Dialect{HTMLErrors: true}, err: connectors.ErrNotFound},
		"hidden by a page cap":           {ref: "ids:7,1002,26-004417", dialect: open311sim.Dialect{PageCap: 1}, want: []string{"7 open", "1002 closed", "26-004417 open"}},
		"hidden by the list":             {ref: "ids:7,1002", dialect: open311sim.Dialect{HideFromList: []string{"7"}}, want: []string{"7 open", "1002 closed"}},
		"batches":                        {ref: "ids:7,1002,26-004417", batch: 2, want: []string{"7 open", "1002 closed", "26-004417 open"}},
		"one at a time":                  {ref: "ids:7,1002", batch: 1, want: []string{"7 open", "1002 closed"}},
		"a token with its number":        {ref: "ids:token:555", want: []string{"26-T1 open"}},
		"a token and its number":         {ref: "ids:token:555,26-T1,7", want: []string{"26-T1 open", "7 open"}},
		"a token the town does not know": {ref: "ids:token:556,7", want: []string{"token:556 unknown", "7 open"}},
		"text, not number":               {ref: "ids:07", err: connectors.ErrNotFound},
		"nobody":                         {ref: "", err: connectors.ErrRefused},
		"no such kind of person":         {ref: "phone:555-0100", err: connectors.ErrRefused},
		"no ids":                         {ref: "ids:", err: connectors.ErrRefused},
		"an empty id":                    {ref: "ids:7,,8", err: connectors.ErrRefused},
		"an empty token":                 {ref: "ids:token:", err: connectors.ErrRefused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seed := town()
			seed.Dialect = c.dialect
			_, source := start(t, seed, func(s *open311.Settings) { s.Batch = max(c.batch, 1) + 19*boolInt(c.batch == 0) })
			got, err := find(t.Context(), source, c.ref)
			if !errors.Is(err, c.err) {
				t.Fatalf("error %v, want %v", err, c.err)
			}
			if d := cmp.Diff(c.want, keysOf(got)); d != "" {
				t.Error(d)
			}
			for _, r := range got {
				if r.Owner.Reveal() != c.ref {
					t.Error("owner is not the one asked for")
				}
			}
		})
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestTokenNotYet: the ways to say that a token has no number yet.
func TestTokenNotYet(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"", "list"} {
		seed := town()
		seed.Dialect = open311sim.Dialect{TokenWait: 1, TokenNotYet: way}
		_, source := start(t, seed, nil)
		// The submit itself looks once, and finds none.
		receipt, err := source.Do.Do(t.Context(), record.NewRef("account:C-100"), leak())
		if err != nil {
			t.Fatal(err)
		}
		if got := keysOf(receipt.Records); !cmp.Equal(got, []string{receipt.Reference + " pending"}) {
			t.Errorf("%q: receipt holds %v", way, got)
		}
		got, err := find(t.Context(), source, "ids:"+receipt.Reference)
		if err != nil {
			t.Fatal(err)
		}
		r := got[0].Body.(record.Request)
		if r.ID == "" || "token:"+r.Token != receipt.Reference || r.Status != record.RequestOpen {
			t.Errorf("%q: the second look found %+v", way, r)
		}
	}
}

func leak() record.Submit {
	return record.Submit{ServiceCode: "EAU", Point: &record.Point{Lat: 45.5, Long: -73.9}, Description: "Ça coule"}
}

// recent is a town whose requests are dated from now, one every 12 days; every
// third is somebody else's.
func recent(n int, dialect open311sim.Dialect) open311sim.Seed {
	seed := town()
	seed.Dialect = dialect
	seed.Requests = nil
	for i := range n {
		account := "C-1"
		if i%3 == 2 {
			account = "C-2"
		}
		at := time.Now().AddDate(0, 0, -12*(n-i)).Add(time.Hour).Truncate(time.Second)
		seed.Requests = append(seed.Requests, open311sim.Request{
			ID: strconv.Itoa(i), ServiceCode: "012", Description: "Éteint", Account: account, Email: account + "@example.org", Requested: at, Updated: at,
		})
	}
	return seed
}

func TestFindPerson(t *testing.T) {
	t.Parallel()
	shown := open311sim.Dialect{Accounts: true}
	for name, c := range map[string]struct {
		ref     string
		n       int
		dialect open311sim.Dialect
		change  func(*open311.Settings)
		want    int
		err     error
	}{
		"a year of requests":      {ref: "account:C-1", n: 30, dialect: shown, want: 20},
		"by email, in any case":   {ref: "email:c-1@Example.org", n: 30, dialect: shown, want: 20},
		"further back":            {ref: "account:C-1", n: 60, dialect: shown, change: func(s *open311.Settings) { s.History = connectors.Duration(800 * 24 * time.Hour) }, want: 40},
		"confirmed nothing":       {ref: "account:C-9", n: 30, dialect: shown, want: 0},
		"server ignores account":  {ref: "account:C-1", n: 30, err: connectors.ErrMalformed},
		"server ignores email":    {ref: "email:C-1@example.org", n: 30, err: connectors.ErrMalformed},
		"accounts not shown":      {ref: "account:C-1", n: 30, dialect: open311sim.Dialect{Accounts: true, HideAccounts: true}, want: 20},
		"addresses not shown":     {ref: "email:C-1@example.org", n: 30, dialect: open311sim.Dialect{Accounts: true, HideAccounts: true}, want: 20},
		"pages":                   {ref: "account:C-1", n: 30, dialect: open311sim.Dialect{Accounts: true, Pages: true}, change: func(s *open311.Settings) { s.PageSize = 3 }, want: 20},
		"page_size ignored":       {ref: "account:C-1", n: 30, dialect: shown, change: func(s *open311.Settings) { s.PageSize = 3 }, want: 20},
		"zone refused":            {ref: "account:C-1", n: 30, dialect: open311sim.Dialect{Accounts: true, RefuseZone: true}, change: func(s *open311.Settings) { s.DateStyle = "none" }, want: 20},
		"zone refused, and sent":  {ref: "account:C-1", n: 30, dialect: open311sim.Dialect{Accounts: true, RefuseZone: true}, err: connectors.ErrRefused},
		"dates with their offset": {ref: "account:C-1", n: 30, dialect: shown, change: func(s *open311.Settings) { s.DateStyle = "offset" }, want: 20},
		"XML":                     {ref: "account:C-1", n: 30, dialect: shown, change: func(s *open311.Settings) { s.Format = "xml" }, want: 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, source := start(t, recent(c.n, c.dialect), c.change)
			got, err := find(t.Context(), source, c.ref)
			if !errors.Is(err, c.err) || err != nil && len(got) > 0 {
				t.Fatalf("%d records and error %v, want %v", len(got), err, c.err)
			}
			if len(got) != c.want {
				t.Errorf("%d records, want %d", len(got), c.want)
			}
		})
	}
}

// TestFindFullWindow: an answer of exactly a cap is read again in halves.
func TestFindFullWindow(t *testing.T) {
	t.Parallel()
	seed := recent(0, open311sim.Dialect{Accounts: true, PageCap: 50})
	for i := range 130 {
		at := time.Now().Add(-time.Duration(i) * 7 * time.Hour).Truncate(time.Second)
		seed.Requests = append([]open311sim.Request{{ID: strconv.Itoa(i), ServiceCode: "012", Account: "C-1", Requested: at, Updated: at}}, seed.Requests...)
	}
	_, source := start(t, seed, nil)
	got, err := find(t.Context(), source, "account:C-1")
	if err != nil || len(got) != 130 {
		t.Errorf("%d records, error %v; want 130", len(got), err)
	}
}

// TestFindAllCut: when even the shortest window is full, nothing is returned.
func TestFindAllCut(t *testing.T) {
	t.Parallel()
	seed := recent(0, open311sim.Dialect{Accounts: true, PageCap: 50})
	at := time.Now().Add(-time.Hour).Truncate(time.Second)
	for i := range 60 {
		seed.Requests = append(seed.Requests, open311sim.Request{ID: strconv.Itoa(i), ServiceCode: "012", Account: "C-1", Requested: at, Updated: at})
	}
	_, source := start(t, seed, nil)
	got, err := find(t.Context(), source, "account:C-1")
	if !errors.Is(err, connectors.ErrMalformed) || len(got) > 0 {
		t.Errorf("%d records, error %v; want malformed", len(got), err)
	}
}

// TestFindPagesUnasked: an answer of exactly a cap is whole where the server has
// pages and no second one, and goes on where it has.
func TestFindPagesUnasked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		all   int // requests that the town has
		pages bool
		err   error
	}{
		"no second page": {all: 50, pages: true},
		"three pages":    {all: 120, pages: true},
		"no pages":       {all: 50, err: connectors.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := answers(t, func(w http.ResponseWriter, r *http.Request) {
				page, err := strconv.Atoi(r.URL.Query().Get("page"))
				if err != nil || !c.pages {
					page = 1
				}
				items := []map[string]string{}
				for i := (page - 1) * 50; i < min(page*50, c.all); i++ {
					items = append(items, map[string]string{"service_request_id": strconv.Itoa(i), "status": "open", "account_id": "C-1"})
				}
				if err := json.NewEncoder(w).Encode(items); err != nil {
					t.Error(err)
				}
			})
			got, err := find(t.Context(), source, "account:C-1")
			if !errors.Is(err, c.err) || err == nil && len(got) != c.all || err != nil && len(got) > 0 {
				t.Errorf("%d records, error %v; want %d, %v", len(got), err, c.all, c.err)
			}
		})
	}
}
