package smtp

import (
	"crypto/tls"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/smtp/smtpsim"
)

func clientTLS(authority []byte) *tls.Config {
	return &tls.Config{RootCAs: pool(authority), MinVersion: tls.VersionTLS12}
}

func certificate(t *testing.T, host string) (*tls.Config, []byte) {
	t.Helper()
	config, authority, err := smtpsim.Certificate(host)
	if err != nil {
		t.Fatal(err)
	}
	return config, authority
}

// TestTLS sends by each sort of TLS, and nothing, not even the account, where
// TLS is not to be had as the settings say.
func TestTLS(t *testing.T) {
	t.Parallel()
	good, authority := certificate(t, "127.0.0.1")
	other, _ := certificate(t, "127.0.0.1")
	elsewhere, elsewheres := certificate(t, "autre.example")
	for name, c := range map[string]struct {
		tls      TLS
		server   *tls.Config
		implicit bool
		trusted  []byte
		fault    smtpsim.Fault
		mechs    []string
		reason   string
		calls    string
	}{
		"starttls":            {tls: TLSStart, server: good, trusted: authority, reason: "ok", calls: "EHLO STARTTLS EHLO AUTH MAIL RCPT RCPT DATA . QUIT"},
		"implicit":            {tls: TLSImplicit, server: good, implicit: true, trusted: authority, reason: "ok", calls: "EHLO AUTH MAIL RCPT RCPT DATA . QUIT"},
		"LOGIN only":          {tls: TLSStart, server: good, trusted: authority, mechs: []string{"LOGIN"}, reason: "ok", calls: "EHLO STARTTLS EHLO AUTH MAIL RCPT RCPT DATA . QUIT"},
		"no known mechanism":  {tls: TLSStart, server: good, trusted: authority, mechs: []string{"GSSAPI"}, reason: "denied", calls: "EHLO STARTTLS EHLO"},
		"not offered":         {tls: TLSStart, trusted: authority, reason: "unavailable", calls: "EHLO"},
		"refused":             {tls: TLSStart, server: good, trusted: authority, fault: smtpsim.Fault{At: smtpsim.STARTTLS, Deed: smtpsim.Say, Reply: "454 4.7.0 TLS not available"}, reason: "unavailable", calls: "EHLO STARTTLS QUIT"},
		"silent":              {tls: TLSStart, server: good, trusted: authority, fault: smtpsim.Fault{At: smtpsim.STARTTLS, Deed: smtpsim.Hang}, reason: "unavailable", calls: "EHLO STARTTLS"},
		"untrusted":           {tls: TLSStart, server: other, trusted: authority, reason: "unavailable", calls: "EHLO STARTTLS"},
		"another host's":      {tls: TLSStart, server: elsewhere, trusted: elsewheres, reason: "unavailable", calls: "EHLO STARTTLS"},
		"untrusted, implicit": {tls: TLSImplicit, server: other, implicit: true, trusted: authority, reason: "unavailable"},
		"clear server":        {tls: TLSImplicit, trusted: authority, reason: "unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, s := start(t, smtpsim.Config{TLS: c.server, Implicit: c.implicit, User: user, Password: password, Mechanisms: c.mechs})
			s.TLS = c.tls
			sim.SetFault(c.fault)
			limit := time.Minute
			if c.fault.Deed == smtpsim.Hang {
				limit = time.Second
			}
			_, err := opened(t, s, c.trusted).Send.Send(within(t, limit), complaint())
			if got := connectors.Reason(err); got != c.reason {
				t.Errorf("%s (%v), want %s", got, err, c.reason)
			}
			heard := slices.DeleteFunc(sim.Heard(), func(verb string) bool {
				return strings.ContainsFunc(verb, func(r rune) bool { return r > '~' || r < ' ' })
			})
			if d := cmp.Diff(strings.Fields(c.calls), heard, cmp.Transformer("empty", func(s []string) string { return strings.Join(s, " ") })); d != "" {
				t.Error(d)
			}
			for _, m := range sim.Messages() {
				if !m.Secure || m.User != user {
					t.Errorf("a message came over TLS: %t, by %q", m.Secure, m.User)
				}
			}
		})
	}
}

// TestCheck signs in and takes leave, and sends nothing.
func TestCheck(t *testing.T) {
	t.Parallel()
	config, authority := certificate(t, "127.0.0.1")
	sim, s := start(t, smtpsim.Config{TLS: config, User: user, Password: password})
	s.TLS = TLSStart
	if err := opened(t, s, authority).Check(within(t, time.Minute)); err != nil {
		t.Error(err)
	}
	if d := cmp.Diff(strings.Fields("EHLO STARTTLS EHLO AUTH NOOP QUIT"), sim.Heard()); d != "" {
		t.Error(d)
	}
	sim.SetFault(smtpsim.Fault{At: smtpsim.NOOP, Deed: smtpsim.Say, Reply: "421 4.3.2 Going down"})
	if err := opened(t, s, authority).Check(within(t, time.Minute)); connectors.Reason(err) != connectors.ReasonUnavailable {
		t.Error(err)
	}
}
