package sip2

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/connectors/sip2/sip2sim"
)

// impatient waits for one reply only as long as a test likes to.
func impatient(s *Settings) { s.MessageTimeout = seconds(1) }

// summary is what a test compares of a receipt.
type summary struct {
	Outcome record.Outcome
	Refusal string
	Proof   record.Proof
	Records []record.Body
}

func summarize(r record.Receipt) summary {
	s := summary{Outcome: r.Outcome, Refusal: r.Refusal, Proof: r.Proof}
	for _, rec := range r.Records {
		s.Records = append(s.Records, rec.Body)
	}
	return s
}

// TestRenew renews at every personality, with and without the reply.
func TestRenew(t *testing.T) {
	t.Parallel()
	renewed := record.Loan{Item: "33002", Title: "L'hiver à Deux-Montagnes", Branch: "Centre", Due: record.Date{Year: 2026, Month: 2, Day: 5}}
	asBefore := renewed
	asBefore.Due = record.Date{Year: 2026, Month: 1, Day: 15}
	for name, config := range personalities() {
		for _, c := range []struct {
			name     string
			fault    sip2sim.Fault
			want     summary
			renewals int
		}{
			{"told", sip2sim.FaultNone, summary{record.OutcomeDone, "", record.ProofReply, []record.Body{renewed}}, 1},
			{"reply swallowed", sip2sim.FaultSwallow, summary{record.OutcomeDone, "", record.ProofReread, []record.Body{renewed}}, 1},
		} {
			t.Run(name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				sim := simulate(t, library(), config)
				source := openAt(t, sim.Addr(), account(config), impatient)
				sim.SetFault(c.fault)
				receipt, err := source.Do.Do(deadline(t, 10*time.Second), record.NewRef(card), record.Renew{Item: "33002"})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(c.want, summarize(receipt), cmpopts.IgnoreFields(record.Loan{}, "Media")); diff != "" {
					t.Errorf("receipt (-want +got):\n%s", diff)
				}
				if n := sim.Renewals("33002"); n != c.renewals || sim.Heard("29") != 1 {
					t.Errorf("renewed %d times by %d requests; want %d by 1", n, sim.Heard("29"), c.renewals)
				}
			})
		}
	}
}

// TestRefusals: what the person has no right to, or the system refuses.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		change  func(*sip2sim.Library, *sip2sim.Config)
		action  record.Action
		refusal string
		asked   int // 29 and 15 that reached the system
	}{
		{"item of somebody else", nil, record.Renew{Item: "33099"}, RefusalNotOnLoan, 0},
		{"unknown item", nil, record.Renew{Item: "39999"}, RefusalNotOnLoan, 0},
		{"renewed too often", func(l *sip2sim.Library, _ *sip2sim.Config) { l.Patrons[0].Loans[1].Renewals = 3 }, record.Renew{Item: "33002"}, RefusalTooManyRenewals, 1},
		{"wanted by another", func(l *sip2sim.Library, _ *sip2sim.Config) { l.Patrons[1].Holds = []sip2sim.Hold{{Item: "33002"}} }, record.Renew{Item: "33002"}, RefusalOnHoldForOther, 1},
		{"blocked", func(l *sip2sim.Library, _ *sip2sim.Config) { l.Patrons[0].Flags = []int{1, 3} }, record.Renew{Item: "33002"}, RefusalBlocked, 1},
		{"renewal not in BX", func(_ *sip2sim.Library, c *sip2sim.Config) { c.Supported = "YNNNYYYYYNYNNYNN" }, record.Renew{Item: "33002"}, RefusalUnsupported, 0},
		{"BX too short for renewals", func(_ *sip2sim.Library, c *sip2sim.Config) { c.Supported = "YNNNYYYYYNY" }, record.RenewAll{}, RefusalUnsupported, 0},
		{"titles only", func(_ *sip2sim.Library, c *sip2sim.Config) { c.Titles = true }, record.Renew{Item: "33002"}, RefusalUnsupported, 0},
		{"holds not in BX", func(_ *sip2sim.Library, c *sip2sim.Config) { c.Supported = "YNNNYYYYYNYNNNYY" }, record.PlaceHold{Item: "33005"}, RefusalUnsupported, 0},
		{"hold while blocked", func(l *sip2sim.Library, _ *sip2sim.Config) { l.Patrons[0].Flags = []int{3} }, record.PlaceHold{Item: "33005"}, RefusalBlocked, 1},
		{"hold of nothing", nil, record.PlaceHold{Item: "39999"}, RefusalOther, 1},
		{"cancel somebody else's hold", nil, record.CancelHold{Item: "33005"}, RefusalNotOnHold, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			lib, config := library(), sip2sim.Config{Personality: sip2sim.Koha}
			if c.change != nil {
				c.change(&lib, &config)
			}
			sim := simulate(t, lib, config)
			receipt, err := openAt(t, sim.Addr()).Do.Do(deadline(t, 10*time.Second), record.NewRef(card), c.action)
			if err != nil {
				t.Fatal(err)
			}
			if receipt.Outcome != record.OutcomeRefused || receipt.Refusal != c.refusal {
				t.Errorf("%s, %s; want refused, %s", receipt.Outcome, receipt.Refusal, c.refusal)
			}
			if n := sim.Heard("29") + sim.Heard("15"); n != c.asked {
				t.Errorf("%d changes were asked for; want %d", n, c.asked)
			}
		})
	}
}

// TestRenewAll renews each loan by itself and says what was left.
func TestRenewAll(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		change  func(*sip2sim.Library)
		fault   sip2sim.Fault
		outcome record.Outcome
		refusal string
		proof   record.Proof
	}{
		{"all", func(*sip2sim.Library) {}, "", record.OutcomeDone, "", record.ProofReply},
		{"replies swallowed", func(*sip2sim.Library) {}, sip2sim.FaultSwallow, record.OutcomeDone, "", record.ProofReread},
		{"some", func(l *sip2sim.Library) { l.Patrons[0].Loans[0].Renewals = 3 }, "", record.OutcomeDone, RefusalSomeNotRenewed, record.ProofReply},
		{"none", func(l *sip2sim.Library) { l.Patrons[0].Loans[0].Renewals, l.Patrons[0].Loans[1].Renewals = 3, 3 }, "", record.OutcomeRefused, RefusalTooManyRenewals, record.ProofReply},
		{"no loan", func(l *sip2sim.Library) { l.Patrons[0].Loans = nil }, "", record.OutcomeRefused, RefusalNotOnLoan, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			lib := library()
			c.change(&lib)
			sim := simulate(t, lib, sip2sim.Config{})
			sim.SetFault(c.fault)
			receipt, err := openAt(t, sim.Addr(), impatient).Do.Do(deadline(t, 10*time.Second), record.NewRef(card), record.RenewAll{})
			if err != nil {
				t.Fatal(err)
			}
			if receipt.Outcome != c.outcome || receipt.Refusal != c.refusal || receipt.Proof != c.proof {
				t.Errorf("%s, %s, %s; want %s, %s, %s", receipt.Outcome, receipt.Refusal, receipt.Proof, c.outcome, c.refusal, c.proof)
			}
			if len(receipt.Records) != len(lib.Patrons[0].Loans) || sim.Renewals("33001") > 1 || sim.Renewals("33002") > 1 {
				t.Errorf("%d loans read back, renewed %d and %d times", len(receipt.Records), sim.Renewals("33001"), sim.Renewals("33002"))
			}
		})
	}
}

// TestHolds places and cancels, by item and by title, with lists of either.
func TestHolds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		config sip2sim.Config
		fault  sip2sim.Fault
		action record.Action
		proof  record.Proof
		left   []string // barcodes on hold afterwards
	}{
		{"place by item", sip2sim.Config{}, "", record.PlaceHold{Item: "33005"}, record.ProofReply, []string{"33003", "33004", "33005"}},
		{"place by title", sip2sim.Config{Personality: sip2sim.Koha}, "", record.PlaceHold{Title: "Été sur le lac"}, record.ProofReply, []string{"33003", "33004", "33005"}},
		{"place, titles listed", sip2sim.Config{Titles: true}, "", record.PlaceHold{Item: "33005"}, record.ProofReply, []string{"33003", "33004", "33005"}},
		{"place, reply swallowed", sip2sim.Config{}, sip2sim.FaultSwallow, record.PlaceHold{Item: "33005"}, record.ProofReread, []string{"33003", "33004", "33005"}},
		{"cancel by item", sip2sim.Config{Personality: sip2sim.Evergreen}, "", record.CancelHold{Item: "33004"}, record.ProofReply, []string{"33003"}},
		{"cancel by title", sip2sim.Config{}, "", record.CancelHold{Title: "Cartes anciennes"}, record.ProofReply, []string{"33003"}},
		{"cancel by item, titles listed", sip2sim.Config{Titles: true}, "", record.CancelHold{Item: "33004"}, record.ProofReply, []string{"33003"}},
		{"cancel, system says no", sip2sim.Config{Personality: sip2sim.Koha, CancelSaysNo: true}, "", record.CancelHold{Item: "33004"}, record.ProofReread, []string{"33003"}},
		{"cancel, reply swallowed", sip2sim.Config{}, sip2sim.FaultSwallow, record.CancelHold{Item: "33004"}, record.ProofReread, []string{"33003"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sim := simulate(t, library(), c.config)
			sim.SetFault(c.fault)
			receipt, err := openAt(t, sim.Addr(), impatient).Do.Do(deadline(t, 10*time.Second), record.NewRef(card), c.action)
			if err != nil {
				t.Fatal(err)
			}
			if receipt.Outcome != record.OutcomeDone || receipt.Proof != c.proof {
				t.Errorf("%s by %s; want done by %s", receipt.Outcome, receipt.Proof, c.proof)
			}
			if diff := cmp.Diff(c.left, sim.Holds(card)); diff != "" {
				t.Errorf("holds (-want +got):\n%s", diff)
			}
			if n := sim.Heard("15"); n != 1 {
				t.Errorf("sent %d times", n)
			}
			for _, r := range receipt.Records {
				if r.Owner != record.NewRef(card) || r.Key == "" {
					t.Errorf("record without owner or key: %v", r.Body.Kind())
				}
			}
		})
	}
}

// TestUnsendable: what the protocol cannot carry is refused before any connection.
func TestUnsendable(t *testing.T) {
	t.Parallel()
	sim := simulate(t, library(), sip2sim.Config{Charset: "iso-8859-1"})
	source := openAt(t, sim.Addr(), func(s *Settings) { s.Charset = CharsetLatin1 })
	ctx := deadline(t, 10*time.Second)
	for _, bad := range []string{"1|AD", "1\r", "1\n2", "1\x00", "1\u0085", "1\x7f", "日本", string(make([]byte, 300)), "\xff"} {
		who := record.NewRef(bad)
		_, findErr := source.Find.Find(ctx, who)
		_, pinErr := source.Authenticate.Authenticate(ctx, card, bad)
		_, cardErr := source.Authenticate.Authenticate(ctx, bad, pin)
		_, renewErr := source.Do.Do(ctx, record.NewRef(card), record.Renew{Item: bad})
		_, holdErr := source.Do.Do(ctx, record.NewRef(card), record.PlaceHold{Title: bad})
		_, cancelErr := source.Do.Do(ctx, who, record.CancelHold{Item: "33004"})
		for _, err := range []error{findErr, pinErr, cardErr, renewErr, holdErr, cancelErr} {
			if !errors.Is(err, connectors.ErrRefused) {
				t.Errorf("%q: %v; want refused", bad, err)
			}
		}
	}
	for _, a := range []record.Action{record.Register{}, record.Renew{}, record.PlaceHold{}, record.CancelHold{}} {
		if _, err := source.Do.Do(ctx, record.NewRef(card), a); !errors.Is(err, connectors.ErrRefused) {
			t.Errorf("%T: %v; want refused", a, err)
		}
	}
	if n := sim.Calls(); n != 0 {
		t.Errorf("%d requests reached the system", n)
	}
}
