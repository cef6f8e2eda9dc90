package sip2

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
)

// TestNames: charsets and terminators by their other names.
func TestNames(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Settings{
		`{"charset":"UTF-8","terminator":"CR"}`:     {Charset: CharsetUTF8, Terminator: TerminatorCR},
		`{"charset":"utf8"}`:                        {Charset: CharsetUTF8},
		`{"charset":"Latin-1","terminator":"CRLF"}`: {Charset: CharsetLatin1, Terminator: TerminatorCRLF},
		`{"charset":"CP1252","terminator":"\r\n"}`:  {Charset: CharsetWindows, Terminator: TerminatorCRLF},
		`{"charset":"IBM850","terminator":"\r"}`:    {Charset: CharsetCP850, Terminator: TerminatorCR},
		`{"charset":"US-ASCII","terminator":"lf"}`:  {Charset: CharsetASCII, Terminator: "lf"},
		`{"charset":"koi8-r"}`:                      {Charset: "koi8-r"},
	} {
		var got Settings
		if err := json.Unmarshal([]byte(text), &got); err != nil || got.Charset != want.Charset || got.Terminator != want.Terminator {
			t.Errorf("%s: %q, %q, %v", text, got.Charset, got.Terminator, err)
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*Settings)
		want   []string // keys
	}{
		{"only an address", func(*Settings) {}, nil},
		{"no address", func(s *Settings) { s.Address = "" }, []string{"address"}},
		{"no port", func(s *Settings) { s.Address = "sip2.example" }, []string{"address"}},
		{"no host", func(s *Settings) { s.Address = ":6001" }, []string{"address"}},
		{"port of no use", func(s *Settings) { s.Address = "sip2.example:70000" }, []string{"address"}},
		{"account without password", func(s *Settings) { s.LoginUser = "sem" }, []string{"login_password_file"}},
		{"login without account", func(s *Settings) { s.Login = LoginTelnet }, []string{"login_user", "login_password_file"}},
		{"unknown login", func(s *Settings) { s.Login = "95"; s.LoginPassword = connectors.NewSecret("x") }, []string{"login"}},
		{"bar in the institution", func(s *Settings) { s.Institution = "A|B" }, []string{"institution"}},
		{"words", func(s *Settings) {
			s.Charset, s.Checksum, s.Terminator, s.DateZone, s.Items, s.AsCd = "utf8", "no", "lf", "z", "x", "x"
		}, []string{"charset", "checksum", "terminator", "date_zone", "items", "as_cd"}},
		{"actions", func(s *Settings) { s.Actions = []string{"renew", "pay"} }, []string{"actions"}},
		{"delimiter", func(s *Settings) { s.Delimiter = "A" }, []string{"delimiter"}},
		{"language", func(s *Settings) { s.Language = "fr" }, []string{"language"}},
		{"timezone", func(s *Settings) { s.Timezone = "Québec" }, []string{"timezone"}},
		{"due formats", func(s *Settings) { s.DueFormats = []string{"dd/mm/yyyy", "dd/mm/yy", ""} }, []string{"due_formats", "due_formats"}},
		{"limits", func(s *Settings) { s.Pool, s.MaxMessage, s.MaxItems, s.Idle = 0, 1, 0, 0 }, []string{"pool", "max_message", "max_items", "idle"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := defaults()
			s.Address = "sip2.example:6001"
			c.change(&s)
			var keys []string
			for _, p := range s.Validate() {
				keys = append(keys, p.Key)
			}
			if diff := cmp.Diff(c.want, keys); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if !slices.Equal(s.Dials(), []string{s.Address}) {
				t.Errorf("dials %v", s.Dials())
			}
		})
	}
}
