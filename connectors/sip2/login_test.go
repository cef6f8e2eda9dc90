package sip2

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/connectors/sip2/sip2sim"
)

// TestLoginWays: every login, at the systems that know it.
func TestLoginWays(t *testing.T) {
	t.Parallel()
	with := func(p sip2sim.Personality, telnet bool) sip2sim.Config {
		return sip2sim.Config{Personality: p, User: "sem", Password: "très secret", Telnet: telnet}
	}
	for _, c := range []struct {
		name     string
		login    Login
		password string
		config   sip2sim.Config
		want     string
	}{
		{"93", "", "très secret", with(sip2sim.Koha, false), connectors.ReasonOK},
		{"93, wrong password", "", "autre", with(sip2sim.Koha, false), connectors.ReasonDenied},
		{"telnet", LoginTelnet, "très secret", with(sip2sim.Koha, true), connectors.ReasonOK},
		{"telnet, wrong password", LoginTelnet, "autre", with(sip2sim.Koha, true), connectors.ReasonDenied},
		{"telnet, then 93", LoginTelnet93, "très secret", with(sip2sim.Evergreen, true), connectors.ReasonOK},
		{"telnet at a system without", LoginTelnet, "très secret", with(sip2sim.Koha, false), connectors.ReasonUnavailable},
		{"none", LoginNone, "", sip2sim.Config{}, connectors.ReasonOK},
		{"none where one is wanted", LoginNone, "", with(sip2sim.Koha, false), connectors.ReasonUnavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sim := simulate(t, library(), c.config)
			source := openAt(t, sim.Addr(), func(s *Settings) {
				s.Login, s.LoginTimeout = c.login, seconds(2)
				if s.Login != LoginNone {
					s.LoginUser, s.LoginPassword = "sem", connectors.NewSecret(c.password)
				}
			})
			_, err := source.Find.Find(deadline(t, 10*time.Second), record.NewRef(card))
			if got := connectors.Reason(err); got != c.want {
				t.Errorf("%s (%v); want %s", got, err, c.want)
			}
		})
	}
}

// TestAwait finds prompts however they are written, and knows a refusal.
func TestAwait(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, stream, prompt string
		want                 string
	}{
		{"after a banner", "Bienvenue\r\nLOGIN: ", "login:", connectors.ReasonOK},
		{"let in", "\r\nLogin OK\n", "login ok", connectors.ReasonOK},
		{"asked again", "\nlogin: ", "login ok", connectors.ReasonDenied},
		{"refused", "Login incorrect\n", "login ok", connectors.ReasonDenied},
		{"refused in another word", "\r\nLogin failed.\r\n", "login ok", connectors.ReasonDenied},
		{"a banner without end", strings.Repeat("x", 10_000), "login:", connectors.ReasonMalformed},
		{"hung up", "log", "login:", connectors.ReasonUnavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := telnetError(t.Context(), await(bufio.NewReader(strings.NewReader(c.stream)), c.prompt))
			if got := connectors.Reason(err); got != c.want {
				t.Errorf("%s (%v); want %s", got, err, c.want)
			}
		})
	}
}

// TestTLS: the system's certificate is verified for the address's host.
func TestTLS(t *testing.T) {
	t.Parallel()
	web := httptest.NewTLSServer(nil)
	defer web.Close()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: web.TLS.Certificates, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	f := &fake{answer: normal}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go f.serve(conn, 1)
		}
	}()
	trusting := testDeps(nil)
	trusting.TLS.RootCAs = x509.NewCertPool()
	trusting.TLS.RootCAs.AddCert(web.Certificate())
	overTLS := func(s *Settings) { s.TLS = true }
	if err := openWith(t, trusting, l.Addr().String(), overTLS).Check(deadline(t, 10*time.Second)); err != nil {
		t.Error(err)
	}
	if err := openAt(t, l.Addr().String(), overTLS).Check(deadline(t, 10*time.Second)); connectors.Reason(err) != connectors.ReasonUnavailable {
		t.Errorf("unknown authority: %v", err)
	}
}

// TestCharsets: accents go and come in every charset, in cards too.
func TestCharsets(t *testing.T) {
	t.Parallel()
	for charset, other := range map[Charset]Charset{CharsetUTF8: CharsetLatin1, CharsetLatin1: CharsetUTF8, CharsetCP850: CharsetUTF8} {
		t.Run(string(charset), func(t *testing.T) {
			t.Parallel()
			lib := library()
			lib.Institution, lib.Patrons[0].Card = "Québec", "zoé"
			sim := simulate(t, lib, sip2sim.Config{Charset: string(charset)})
			source := openAt(t, sim.Addr(), func(s *Settings) { s.Charset = charset })
			records, err := source.Find.Find(deadline(t, 10*time.Second), record.NewRef("zoé"))
			if err != nil {
				t.Fatal(err)
			}
			if loan, ok := records[1].Body.(record.Loan); !ok || loan.Title != "L'hiver à Deux-Montagnes" {
				t.Errorf("%+v", records[1].Body)
			}
			wrong := openAt(t, sim.Addr(), func(s *Settings) { s.Charset = other })
			if _, err := wrong.Find.Find(deadline(t, 10*time.Second), record.NewRef("zoé")); connectors.Reason(err) != connectors.ReasonMalformed {
				t.Errorf("wrong charset: %v", err)
			}
		})
	}
}
