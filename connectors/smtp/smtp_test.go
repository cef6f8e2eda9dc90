package smtp

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/connectors/smtp/smtpsim"
)

// A message of the town's, and the account that sends it; all invented.
const (
	user, password = "portail-sem", "mot-de-passe-invente"
	department     = "travaux@ville.example"
	citizen        = "zoe.legare@courriel.example"
)

func complaint() record.Message {
	return record.Message{
		ID:       "01J9ZK3V7R",
		To:       []mail.Address{{Name: "Travaux publics, « voirie »", Address: department}},
		CC:       []mail.Address{{Name: "Zoé Légaré", Address: citizen}},
		Subject:  "Nid-de-poule, rue de l’Érable : 2e demande",
		Text:     "Bonjour,\n\nUn nid-de-poule.\n.\nMerci — Zoé\n",
		Language: "fr",
	}
}

// start runs a mail server and settings that reach it in clear.
func start(t *testing.T, c smtpsim.Config) (*smtpsim.Server, Settings) {
	t.Helper()
	sim, err := smtpsim.Start("127.0.0.1:0", c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	s := defaults()
	s.Address, s.TLS = sim.Addr(), TLSNone
	s.From = From{Name: "Ville de Pointe-aux-Bouleaux", Address: "ne-pas-repondre@ville.example"}
	if c.User != "" {
		s.User, s.Password = user, connectors.NewSecret(password)
	}
	return sim, s
}

// opened is a source of settings, which must be without mistake, that trusts
// an authority.
func opened(t *testing.T, s Settings, authority []byte) connectors.Source {
	t.Helper()
	if problems := s.Validate(); len(problems) > 0 {
		t.Fatal(problems)
	}
	deps := connectors.Deps{Log: slog.New(slog.DiscardHandler), Dial: new(net.Dialer).DialContext, TLS: clientTLS(authority)}
	source, err := open(s, deps)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestSend(t *testing.T) {
	t.Parallel()
	sim, s := start(t, smtpsim.Config{User: user, Password: password, MaxSize: 1 << 20})
	receipt, err := opened(t, s, nil).Send.Send(within(t, time.Minute), complaint())
	if err != nil {
		t.Fatal(err)
	}
	want := record.Receipt{Outcome: record.OutcomeDone, Reference: "SIM000001", Proof: record.ProofReply}
	if d := cmp.Diff(want, receipt); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(strings.Fields("EHLO AUTH MAIL RCPT RCPT DATA . QUIT"), sim.Heard()); d != "" {
		t.Error(d)
	}
	m := sim.Messages()[0]
	if m.From != s.From.Address || !slices.Equal(m.To, []string{department, citizen}) || m.User != user {
		t.Errorf("envelope from %s to %v by %s", m.From, m.To, m.User)
	}
	if d := cmp.Diff(map[string]string{"SIZE": strconv.Itoa(len(m.Data)), "BODY": "8BITMIME"}, m.Params); d != "" {
		t.Error(d)
	}
}

// TestOutcome holds each way in which a conversation can end to its one
// meaning, and to what the server really has then.
func TestOutcome(t *testing.T) {
	t.Parallel()
	say := func(at smtpsim.Stage, reply string) smtpsim.Fault {
		return smtpsim.Fault{At: at, Deed: smtpsim.Say, Reply: reply}
	}
	for name, c := range map[string]struct {
		fault   smtpsim.Fault
		reason  string // of the error, "ok" without
		refusal string
		taken   int
	}{
		"taken":                     {reason: "ok", taken: 1},
		"taken, goodbye cut":        {fault: smtpsim.Fault{At: smtpsim.QUIT, Deed: smtpsim.Cut}, reason: "ok", taken: 1},
		"taken, goodbye silent":     {fault: smtpsim.Fault{At: smtpsim.QUIT, Deed: smtpsim.Hang}, reason: "ok", taken: 1},
		"greeting 421":              {fault: say(smtpsim.Connect, "421 4.3.2 Shutting down"), reason: "unavailable"},
		"greeting 554":              {fault: say(smtpsim.Connect, "554 No service for you"), reason: "denied"},
		"greeting cut":              {fault: smtpsim.Fault{At: smtpsim.Connect, Deed: smtpsim.Cut}, reason: "unavailable"},
		"greeting garbled":          {fault: smtpsim.Fault{At: smtpsim.Connect, Deed: smtpsim.Garble}, reason: "malformed"},
		"greeting hangs":            {fault: smtpsim.Fault{At: smtpsim.Connect, Deed: smtpsim.Hang}, reason: "unavailable"},
		"EHLO 451":                  {fault: say(smtpsim.EHLO, "451 4.3.0 Later"), reason: "unavailable"},
		"AUTH 454":                  {fault: say(smtpsim.AUTH, "454 4.7.0 Temporary authentication failure"), reason: "unavailable"},
		"AUTH 535":                  {fault: say(smtpsim.AUTH, "535 5.7.8 Invalid"), reason: "denied"},
		"AUTH garbled":              {fault: smtpsim.Fault{At: smtpsim.AUTH, Deed: smtpsim.Garble}, reason: "malformed"},
		"AUTH challenge that never": {fault: say(smtpsim.AUTH, "334 !!!"), reason: "malformed"},
		"MAIL 451":                  {fault: say(smtpsim.MAIL, "451 4.3.0 Later"), reason: "unavailable"},
		"MAIL 553":                  {fault: say(smtpsim.MAIL, "553 5.7.1 Sender not owned by user"), reason: "denied"},
		"MAIL 552":                  {fault: say(smtpsim.MAIL, "552 5.3.4 Too big"), reason: "ok", refusal: "too_large"},
		"RCPT 450":                  {fault: say(smtpsim.RCPT, "450 4.2.0 Greylisted"), reason: "unavailable"},
		"RCPT 550":                  {fault: say(smtpsim.RCPT, "550 No such user"), reason: "ok", refusal: "mailbox_unknown"},
		"RCPT relay":                {fault: say(smtpsim.RCPT, "554 5.7.1 Relay access denied"), reason: "ok", refusal: "not_allowed"},
		"RCPT full":                 {fault: say(smtpsim.RCPT, "552 Mailbox full"), reason: "ok", refusal: "mailbox_full"},
		"RCPT 530":                  {fault: say(smtpsim.RCPT, "530 5.7.0 Authentication required"), reason: "denied"},
		"RCPT cut":                  {fault: smtpsim.Fault{At: smtpsim.RCPT, Deed: smtpsim.Cut}, reason: "unavailable"},
		"DATA 451":                  {fault: say(smtpsim.DATA, "451 4.3.0 Later"), reason: "unavailable"},
		"DATA 554":                  {fault: say(smtpsim.DATA, "554 5.5.1 No valid recipients"), reason: "ok", refusal: "message_refused"},
		"DATA 250":                  {fault: say(smtpsim.DATA, "250 What?"), reason: "malformed"},
		"DATA hangs":                {fault: smtpsim.Fault{At: smtpsim.DATA, Deed: smtpsim.Hang}, reason: "unavailable"},
		"dot 451":                   {fault: say(smtpsim.Dot, "451 4.3.0 Later"), reason: "unavailable"},
		"dot 421":                   {fault: say(smtpsim.Dot, "421 4.3.2 Shutting down"), reason: "unavailable"},
		"dot 552":                   {fault: say(smtpsim.Dot, "552 Too big"), reason: "ok", refusal: "too_large"},
		"dot 554":                   {fault: say(smtpsim.Dot, "554 5.7.1 Spam"), reason: "ok", refusal: "message_refused"},
		"dot 550":                   {fault: say(smtpsim.Dot, "550 Content"), reason: "ok", refusal: "message_refused"},
		"dot 251":                   {fault: say(smtpsim.Dot, "251 Taken all the same"), reason: "ok", taken: 1},
		"dot cut":                   {fault: smtpsim.Fault{At: smtpsim.Dot, Deed: smtpsim.Cut}, reason: "outcome_unknown"},
		"dot taken, then dropped":   {fault: smtpsim.Fault{At: smtpsim.Dot, Deed: smtpsim.Drop}, reason: "outcome_unknown", taken: 1},
		"dot garbled":               {fault: smtpsim.Fault{At: smtpsim.Dot, Deed: smtpsim.Garble}, reason: "outcome_unknown", taken: 1},
		"dot hangs":                 {fault: smtpsim.Fault{At: smtpsim.Dot, Deed: smtpsim.Hang}, reason: "outcome_unknown"},
		"dot 354":                   {fault: say(smtpsim.Dot, "354 More?"), reason: "outcome_unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, s := start(t, smtpsim.Config{User: user, Password: password})
			sim.SetFault(c.fault)
			limit := time.Minute
			if c.fault.Deed == smtpsim.Hang {
				limit = 2 * time.Second
			}
			ctx := within(t, limit)
			receipt, err := opened(t, s, nil).Send.Send(ctx, complaint())
			if got := connectors.Reason(err); got != c.reason || receipt.Refusal != c.refusal {
				t.Errorf("%s (%v) with refusal %q, want %s with %q", got, err, receipt.Refusal, c.reason, c.refusal)
			}
			if got := len(sim.Messages()); got != c.taken {
				t.Errorf("the server has %d messages, want %d", got, c.taken)
			}
			if receipt.Outcome != outcome(c.reason, c.refusal) {
				t.Errorf("outcome %q", receipt.Outcome)
			}
			if c.reason == "unavailable" && ctx.Err() != nil {
				t.Error("a server that hangs before the dot was noticed when the time was over")
			}
			if err != nil && (strings.Contains(err.Error(), "courriel") || strings.Contains(err.Error(), "Later") || strings.Contains(err.Error(), "ville.example")) {
				t.Errorf("the error holds an address or words of the reply: %v", err)
			}
		})
	}
}

func outcome(reason, refusal string) record.Outcome {
	switch {
	case reason == "ok" && refusal == "":
		return record.OutcomeDone
	case reason == "ok":
		return record.OutcomeRefused
	case reason == "outcome_unknown":
		return record.OutcomeUnknown
	}
	return ""
}

// TestCutInTheText cuts a message that is larger than what the network holds
// back for us: its dot was never sent, so that nothing can have been taken.
func TestCutInTheText(t *testing.T) {
	t.Parallel()
	sim, s := start(t, smtpsim.Config{})
	s.MaxSize = maxSize
	sim.SetFault(smtpsim.Fault{At: smtpsim.Text, Deed: smtpsim.Cut})
	m := complaint()
	m.Files = []record.File{{Name: "photo.jpg", Type: "image/jpeg", Data: make([]byte, 40<<20)}}
	_, err := opened(t, s, nil).Send.Send(within(t, time.Minute), m)
	if connectors.Reason(err) != connectors.ReasonUnavailable {
		t.Error(err)
	}
	if slices.Contains(sim.Heard(), ".") {
		t.Error("the server saw the end of the message")
	}
}

// TestAllOrNobody refuses a message of which one recipient is refused.
func TestAllOrNobody(t *testing.T) {
	t.Parallel()
	sim, s := start(t, smtpsim.Config{Unknown: []string{citizen}})
	receipt, err := opened(t, s, nil).Send.Send(within(t, time.Minute), complaint())
	if err != nil || receipt.Outcome != record.OutcomeRefused || receipt.Refusal != "mailbox_unknown" || receipt.Proof != record.ProofReply {
		t.Errorf("%+v, %v", receipt, err)
	}
	if d := cmp.Diff(strings.Fields("EHLO MAIL RCPT RCPT QUIT"), sim.Heard()); d != "" || len(sim.Messages()) > 0 {
		t.Error(d)
	}
}

// TestServerLimits keeps a message back that the server said it cannot take.
func TestServerLimits(t *testing.T) {
	t.Parallel()
	_, s := start(t, smtpsim.Config{MaxSize: 500, ASCII: true})
	receipt, err := opened(t, s, nil).Send.Send(within(t, time.Minute), complaint())
	if err != nil || receipt.Refusal != "too_large" {
		t.Errorf("%+v, %v", receipt, err)
	}
	sim, s := start(t, smtpsim.Config{ASCII: true})
	m := complaint()
	m.To[0].Address = "éloïse@ville.example"
	if _, err = opened(t, s, nil).Send.Send(within(t, time.Minute), m); !errors.Is(err, connectors.ErrRefused) {
		t.Errorf("an address that needs SMTPUTF8: %v", err)
	}
	if slices.Contains(sim.Heard(), "MAIL") {
		t.Error("MAIL was sent")
	}
	sim, s = start(t, smtpsim.Config{})
	if _, err = opened(t, s, nil).Send.Send(within(t, time.Minute), m); err != nil || !slices.Contains(sim.Messages()[0].To, "éloïse@ville.example") {
		t.Errorf("a server with SMTPUTF8: %v", err)
	}
}

// TestCanceled keeps the caller's own going away apart, until the dot.
func TestCanceled(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		at   smtpsim.Stage
		want error
	}{{smtpsim.RCPT, context.Canceled}, {smtpsim.Dot, connectors.ErrOutcomeUnknown}} {
		sim, s := start(t, smtpsim.Config{})
		sim.SetFault(smtpsim.Fault{At: c.at, Deed: smtpsim.Hang})
		ctx, cancel := context.WithCancel(t.Context())
		source := opened(t, s, nil)
		ended := make(chan error, 1)
		go func() {
			_, err := source.Send.Send(ctx, complaint())
			ended <- err
		}()
		if err := sim.Await(within(t, time.Minute), func() bool { return slices.Contains(sim.Heard(), string(c.at)) }); err != nil {
			t.Fatal(err)
		}
		cancel()
		if err := <-ended; !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.at, err, c.want)
		}
	}
}

// TestNothingLeft holds a refusal of ours to no connection at all.
func TestNothingLeft(t *testing.T) {
	t.Parallel()
	_, s := start(t, smtpsim.Config{})
	source, err := open(s, connectors.Deps{Dial: func(context.Context, string, string) (net.Conn, error) {
		t.Error("dialled")
		return nil, connectors.ErrUnavailable
	}})
	if err != nil {
		t.Fatal(err)
	}
	m := complaint()
	m.Subject = "Bonjour\r\nBcc: tous@ville.example"
	if _, err := source.Send.Send(t.Context(), m); !errors.Is(err, connectors.ErrRefused) {
		t.Error(err)
	}
}

func pool(authority []byte) *x509.CertPool {
	p := x509.NewCertPool()
	p.AppendCertsFromPEM(authority)
	return p
}
