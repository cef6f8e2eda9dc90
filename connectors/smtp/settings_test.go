package smtp

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
)

func TestValidate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Settings)
		want   string
	}{
		"good": {func(*Settings) {}, ""},
		"smallest": {func(s *Settings) {
			*s = Settings{Address: s.Address, From: From{Address: s.From.Address}, TLS: TLSStart, MaxSize: minSize}
		}, ""},
		"clear, this machine":           {func(s *Settings) { s.TLS, s.Address = TLSNone, "[::1]:25" }, ""},
		"clear, this machine by name":   {func(s *Settings) { s.TLS, s.Address = TLSNone, "localhost:25" }, ""},
		"clear, another machine":        {func(s *Settings) { s.TLS = TLSNone }, "tls"},
		"clear, a name that looks like": {func(s *Settings) { s.TLS, s.Address = TLSNone, "127.0.0.1.ville.example:25" }, "tls"},
		"clear, allowed":                {func(s *Settings) { s.TLS, s.AllowClear = TLSNone, true }, ""},
		"clear allowed for nothing":     {func(s *Settings) { s.AllowClear = true }, "allow_clear"},
		"tls":                           {func(s *Settings) { s.TLS = "opportunistic" }, "tls"},
		"no port":                       {func(s *Settings) { s.Address = "courriel.ville.example" }, "address"},
		"port":                          {func(s *Settings) { s.Address = "courriel.ville.example:99999" }, "address"},
		"no password":                   {func(s *Settings) { s.Password = connectors.Secret{} }, "password_file"},
		"no user":                       {func(s *Settings) { s.User = "" }, "user"},
		"NUL":                           {func(s *Settings) { s.User, s.Password = "a\x00b", connectors.NewSecret("a\x00b") }, "user password_file"},
		"helo":                          {func(s *Settings) { s.Helo = "sem ville" }, "helo"},
		"helo, a number":                {func(s *Settings) { s.Helo = "[192.0.2.1]" }, ""},
		"helo, injected":                {func(s *Settings) { s.Helo = "a\r\nNOOP" }, "helo"},
		"from":                          {func(s *Settings) { s.From = From{Name: "a\nb", Address: "ville.example"} }, "from.address from.name"},
		"reply_to, twice":               {func(s *Settings) { s.ReplyTo = "{id}+{id}@ville.example" }, "reply_to"},
		"reply_to, domain":              {func(s *Settings) { s.ReplyTo = "a@{id}.example" }, "reply_to"},
		"reply_to, none":                {func(s *Settings) { s.ReplyTo = "sem+{id}" }, "reply_to"},
		"reply_to, no id":               {func(s *Settings) { s.ReplyTo = "sem@ville.example" }, ""},
		"message_id_domain":             {func(s *Settings) { s.MessageIDDomain = "a>b" }, "message_id_domain"},
		"max_size":                      {func(s *Settings) { s.MaxSize = 0 }, "max_size"},
		"everything":                    {func(s *Settings) { *s = Settings{} }, "address tls from.address max_size"},
	} {
		s := sender()
		c.change(s)
		var keys []string
		for _, p := range s.Validate() {
			keys = append(keys, p.Key)
		}
		if d := cmp.Diff(c.want, strings.Join(keys, " ")); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}
