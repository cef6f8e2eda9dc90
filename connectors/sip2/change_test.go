package sip2

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// TestChangeOnce: whatever happens to the reply, one request, and an honest
// end. moves tells whether the system then lists a later due date.
func TestChangeOnce(t *testing.T) {
	t.Parallel()
	body := func(old, replacement string) func(asked) string {
		return func(a asked) string { return a.sealed(strings.Replace(normalBody(a), old, replacement, 1)) }
	}
	for _, c := range []struct {
		name    string
		reply   func(asked) string
		moves   bool
		outcome record.Outcome
		proof   record.Proof
	}{
		{"yes", normal, true, record.OutcomeDone, record.ProofReply},
		{"no", body("301Y", "300N"), false, record.OutcomeRefused, record.ProofReply},
		{"silence, done", literally(""), true, record.OutcomeDone, record.ProofReread},
		{"silence, not done", literally(""), false, record.OutcomeUnknown, ""},
		{"hangs up, done", literally(hangUp), true, record.OutcomeDone, record.ProofReread},
		{"hangs up, not done", literally(hangUp), false, record.OutcomeUnknown, ""},
		{"cut", func(a asked) string { return normal(a)[:20] + hangUp }, true, record.OutcomeDone, record.ProofReread},
		{"about another card", body("AA210001", "AA210002"), true, record.OutcomeDone, record.ProofReread},
		{"about another item", body("AB33002", "AB33009"), false, record.OutcomeUnknown, ""},
		{"neither yes nor no", body("301Y", "302Y"), true, record.OutcomeDone, record.ProofReread},
		{"yes to a loan, not to a renewal", body("301Y", "301N"), false, record.OutcomeUnknown, ""},
		{"96", literally("96AZFEF6\r"), false, record.OutcomeRefused, record.ProofReread},
		{"96, and yet done", literally("96AZFEF6\r"), true, record.OutcomeDone, record.ProofReread},
		{"98 instead", func(a asked) string { return a.sealed(status98) }, false, record.OutcomeUnknown, ""},
		{"98, then yes", func(a asked) string { return a.sealed(status98) + normal(a) }, true, record.OutcomeDone, record.ProofReply},
		{"98 off-line", func(a asked) string { return a.sealed(strings.Replace(status98, "98Y", "98N", 1)) }, false, record.OutcomeUnknown, ""},
		{"stale, then yes", func(a asked) string { return sealReply("30", "9") + normal(a) }, true, record.OutcomeDone, record.ProofReply},
		{"garbled, yes when asked again", spoiled, true, record.OutcomeDone, record.ProofReply},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				renewal := ""
				f := &fake{}
				f.answer = func(a asked) string {
					switch {
					case a.code == "29":
						renewal = normal(a)
						return c.reply(a)
					case a.code == "97":
						return renewal
					case a.code == "17" && f.count("29") > 0 && c.moves:
						return a.sealed(strings.Replace(normalBody(a), "AH20260115", "AH20260205", 1))
					}
					return normal(a)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
				defer cancel()
				receipt, err := f.open(t).Do.Do(ctx, record.NewRef("210001"), record.Renew{Item: "33002"})
				if receipt.Outcome != c.outcome || receipt.Proof != c.proof {
					t.Errorf("%s by %q; want %s by %q", receipt.Outcome, receipt.Proof, c.outcome, c.proof)
				}
				if unknown := c.outcome == record.OutcomeUnknown; errors.Is(err, connectors.ErrOutcomeUnknown) != unknown || (err != nil) != unknown {
					t.Errorf("error %v", err)
				}
				if n := f.count("29"); n != 1 {
					t.Errorf("sent %d times", n)
				}
				if ctx.Err() != nil {
					t.Error("the deadline passed")
				}
				if len(receipt.Records) != 1 || receipt.Records[0].Owner != record.NewRef("210001") {
					t.Errorf("%d records read back", len(receipt.Records))
				}
			})
		})
	}
}

// TestNoRoomToReread: when the account cannot be read after a lost reply, the
// outcome is unknown.
func TestNoRoomToReread(t *testing.T) {
	t.Parallel()
	for _, action := range []record.Action{record.Renew{Item: "33002"}, record.RenewAll{}, record.PlaceHold{Item: "33005"}, record.CancelHold{Item: "33003"}} {
		t.Run(action.ActionName(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := &fake{answer: func(a asked) string {
					if a.code == "29" || a.code == "15" || a.dial > 1 {
						return ""
					}
					return normal(a)
				}}
				ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
				defer cancel()
				receipt, err := f.open(t).Do.Do(ctx, record.NewRef("210001"), action)
				if receipt.Outcome != record.OutcomeUnknown || connectors.Reason(err) != connectors.ReasonOutcomeUnknown {
					t.Errorf("%s, %v", receipt.Outcome, err)
				}
				if n := f.count("29") + f.count("15"); n != 1 || f.dials != 2 {
					t.Errorf("sent %d times over %d connections", n, f.dials)
				}
			})
		})
	}
}

// TestHoldOdd: a yes that the list contradicts, and a no.
func TestHoldOdd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		action  record.Action
		reply   string
		list    string // AS after the change
		outcome record.Outcome
		proof   record.Proof
	}{
		{"placed, not listed yet", record.PlaceHold{Item: "33005"}, "161", "AS33003|", record.OutcomeDone, record.ProofReply},
		{"refused, and yet placed", record.PlaceHold{Item: "33005"}, "160", "AS33003|AS33005|", record.OutcomeDone, record.ProofReread},
		{"refused", record.PlaceHold{Item: "33005"}, "160", "AS33003|", record.OutcomeRefused, record.ProofReply},
		{"cancelled, still listed", record.CancelHold{Item: "33003"}, "161", "AS33003|", record.OutcomeUnknown, ""},
		{"not cancelled", record.CancelHold{Item: "33003"}, "160", "AS33003|", record.OutcomeRefused, record.ProofReply},
		{"said not cancelled, gone", record.CancelHold{Item: "33003"}, "160", "", record.OutcomeDone, record.ProofReread},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := &fake{}
			f.answer = func(a asked) string {
				body := normalBody(a)
				switch {
				case a.code == "15":
					body = strings.Replace(body, "161", c.reply, 1)
				case a.code == "63" && f.count("15") > 0:
					body = strings.Replace(body, "AS33003|", c.list, 1)
					if c.list == "" {
						body = strings.Replace(body, "0930000001", "0930000000", 1)
					}
				case a.code == "17" && strings.Contains(a.text, "AB33005"):
					body = "1803000120260115    093000AB33005|AJÉté|"
				}
				return a.sealed(body)
			}
			receipt, err := f.open(t).Do.Do(deadline(t, 10*time.Second), record.NewRef("210001"), c.action)
			if receipt.Outcome != c.outcome || receipt.Proof != c.proof || (err != nil) != (c.outcome == record.OutcomeUnknown) {
				t.Errorf("%s by %q, %v; want %s by %q", receipt.Outcome, receipt.Proof, err, c.outcome, c.proof)
			}
		})
	}
}

// TestHangsBeforeAChange: a system that is silent before anything was sent is
// found out while there is time to say so, and the outcome is not unknown.
func TestHangsBeforeAChange(t *testing.T) {
	t.Parallel()
	for _, action := range []record.Action{record.Renew{Item: "33002"}, record.RenewAll{}, record.PlaceHold{Item: "33005"}, record.CancelHold{Item: "33003"}} {
		for _, silent := range []string{"93", "99", "63", "17"} {
			t.Run(action.ActionName()+" at "+silent, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f := &fake{answer: func(a asked) string {
						if a.code == silent {
							return ""
						}
						return normal(a)
					}}
					ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
					defer cancel()
					account := func(s *Settings) { s.LoginUser, s.LoginPassword = "sem", connectors.NewSecret("secret") }
					receipt, err := f.open(t, account).Do.Do(ctx, record.NewRef("210001"), action)
					if receipt.Outcome != "" || connectors.Reason(err) != connectors.ReasonUnavailable {
						t.Errorf("outcome %q, %v", receipt.Outcome, err)
					}
					if ctx.Err() != nil {
						t.Error("the deadline passed: whoever asked cannot know that nothing was sent")
					}
					if n := f.count("29") + f.count("15"); n != 0 {
						t.Errorf("sent %d times", n)
					}
				})
			})
		}
	}
}

// TestHoldPlacedWhere: the place in the queue and the branch come from the reply
// to the hold; no list has them.
func TestHoldPlacedWhere(t *testing.T) {
	t.Parallel()
	f := &fake{}
	f.answer = func(a asked) string {
		body := normalBody(a)
		switch {
		case a.code == "15":
			body += "BR3|BSCentrale|"
		case a.code == "63" && f.count("15") > 0:
			body = strings.Replace(body, "AS33003|", "AS33003|AS33005|", 1)
		case a.code == "17" && strings.Contains(a.text, "AB33005"):
			body = "1803000120260115    093000AB33005|AJÉté|"
		}
		return a.sealed(body)
	}
	receipt, err := f.open(t).Do.Do(deadline(t, 10*time.Second), record.NewRef("210001"), record.PlaceHold{Item: "33005"})
	if err != nil || len(receipt.Records) != 1 {
		t.Fatalf("%d records, %v", len(receipt.Records), err)
	}
	third := 3
	want := record.Hold{Item: "33005", Title: "Été", Status: record.HoldUnknown, Position: &third, Pickup: "Centrale"}
	if diff := cmp.Diff(want, receipt.Records[0].Body); diff != "" {
		t.Error(diff)
	}
}
