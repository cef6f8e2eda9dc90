package example

import (
	"errors"
	"strings"
	"testing"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

const whole = `{"holder":"H-1","permits":[{"number":"1","type":"T","state":"D","issued":"2026-01-02","fee":"1.50"}]}`

// TestOddReplies holds back the whole answer for one odd permit, and says where
// without a word of the reply.
func TestOddReplies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, new, want string }{
		"another holder":    {"H-1", "H-2", "another holder"},
		"no list":           {"permits", "licences", "without a list"},
		"null list":         {`[{"number":"1","type":"T","state":"D","issued":"2026-01-02","fee":"1.50"}]`, "null", "without a list"},
		"day that is none":  {"2026-01-02", "2026-02-30", "permit 0: issued"},
		"amount":            {"1.50", "1.5O", "permit 0: fee"},
		"no number":         {`"number":"1",`, "", "permit 0: number"},
		"number twice":      {"[", `[{"number":"1"},`, "permit 1: number"},
		"something after":   {"]}", "]} {}", "not the JSON"},
		"page of HTML":      {"{", "<html>{", "not the JSON"},
		"not UTF-8":         {"T", "\xe9", "not UTF-8"},
		"number not a text": {`"number":"1"`, `"number":1`, "not the JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := mapPermits([]byte(strings.Replace(whole, c.old, c.new, 1)), record.NewRef("H-1"))
			if len(got) > 0 || !errors.Is(err, connectors.ErrMalformed) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%d records, error %v; want malformed with %q", len(got), err, c.want)
			}
		})
	}
}

// FuzzPermits feeds any bytes: each end is records with keys, or ErrMalformed.
func FuzzPermits(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte(`{"holder":"H-1","permits":[]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := mapPermits(body, record.NewRef("H-1"))
		if err != nil {
			if len(got) > 0 || connectors.Reason(err) != connectors.ReasonMalformed {
				t.Fatalf("%d records beside error %v", len(got), err)
			}
			return
		}
		for _, r := range got {
			if r.Key == "" || r.Body == nil {
				t.Fatal("a record without key or body")
			}
		}
	})
}

func TestValidate(t *testing.T) {
	t.Parallel()
	var keys []string
	for _, p := range (&Settings{BaseURL: "ftp://x"}).Validate() {
		keys = append(keys, p.Key)
	}
	if got := strings.Join(keys, " "); got != "base_url api_key_file max_size" {
		t.Errorf("problems with %s", got)
	}
	for base, want := range map[string]string{"https://a.example": "a.example:443", "http://a.example/x": "a.example:80", "http://[::1]:8080": "[::1]:8080"} {
		if got := (&Settings{BaseURL: base}).Dials(); len(got) != 1 || got[0] != want {
			t.Errorf("Dials of %s = %v, want %s", base, got, want)
		}
	}
}
