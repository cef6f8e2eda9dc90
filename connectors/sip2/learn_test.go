package sip2

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/connectors/sip2/sip2sim"
)

func day(d int) record.Date { return record.Date{Year: 2026, Month: 1, Day: d} }

// TestLearn asks a system about changes that it made, did not make, or of which
// its lists do not tell. The loan is due on 15 January; 33003 is on hold.
func TestLearn(t *testing.T) {
	t.Parallel()
	const done, not, unknown = record.OutcomeDone, record.OutcomeRefused, record.OutcomeUnknown
	due := func(text string) map[string]string {
		return map[string]string{"17 33002": "1804000120260115    093000AB33002|AJL'hiver|" + text}
	}
	const undescribed = "1801000120260115    093000AB33005|"
	holds := func(barcodes string) map[string]string { return map[string]string{"AS": barcodes} }
	for _, c := range []struct {
		name    string
		action  record.Action
		says    map[string]string // lists and items that are not the normal ones
		outcome record.Outcome
		records int
	}{
		{"renewed", record.Renew{Item: "33002", Due: day(14)}, nil, done, 1},
		{"not renewed", record.Renew{Item: "33002", Due: day(15)}, nil, not, 1},
		{"due earlier than seen", record.Renew{Item: "33002", Due: day(16)}, nil, unknown, 1},
		{"renewed, no date seen", record.Renew{Item: "33002"}, nil, unknown, 1},
		{"renewed, no date told", record.Renew{Item: "33002", Due: day(14)}, due(""), unknown, 1},
		{"renewed, a date that is none", record.Renew{Item: "33002", Due: day(14)}, due("AHbientôt|"), unknown, 1},
		{"renewed, brought back since", record.Renew{Item: "33002", Due: day(14)}, map[string]string{"AU": ""}, unknown, 0},
		{"renewed, titles listed", record.Renew{Item: "33002", Due: day(14)}, map[string]string{"AU": "AUL'hiver|"}, unknown, 0},
		{"renew all", record.RenewAll{}, nil, unknown, 1},

		{"held", record.PlaceHold{Item: "33003"}, nil, done, 1},
		{"held, at a branch", record.PlaceHold{Item: "33003", Pickup: "NORD"}, nil, unknown, 1},
		{"held, by title", record.PlaceHold{Title: "Le jardin"}, nil, done, 1},
		{"not held, by title", record.PlaceHold{Title: "Le jardin / A. Roy"}, nil, unknown, 1},
		{"not held, nothing held, by title", record.PlaceHold{Title: "Le jardin"}, holds(""), not, 0},
		{"not held", record.PlaceHold{Item: "33005"}, map[string]string{"17 33005": "1803000120260115    093000AB33005|AJLa mer|"}, not, 0},
		{"not held, nothing held", record.PlaceHold{Item: "33005"}, map[string]string{"AS": "", "17 33005": undescribed}, not, 0},
		{"not held, an item that nobody describes", record.PlaceHold{Item: "33005"}, map[string]string{"17 33005": undescribed}, unknown, 1},
		{"held by another copy", record.PlaceHold{Item: "33005"}, map[string]string{"17 33005": "1803000120260115    093000AB33005|AJLe jardin|"}, unknown, 1},
		{"held, and at home already", record.PlaceHold{Item: "33002"}, holds(""), unknown, 0},

		{"cancelled", record.CancelHold{Item: "33003"}, holds(""), done, 0},
		{"not cancelled", record.CancelHold{Item: "33003"}, nil, not, 1},
		{"not cancelled, by title", record.CancelHold{Title: "Le jardin"}, nil, not, 1},
		{"gone, and at home already", record.CancelHold{Item: "33002"}, holds(""), unknown, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := &fake{answer: func(a asked) string { return a.sealed(saying(c.says, a)) }}
				who := record.NewRef("210001")
				got, err := f.open(t).Learn.Learn(t.Context(), who, c.action, time.Now())
				if err != nil || got.Outcome != c.outcome || len(got.Records) != c.records {
					t.Errorf("%s %s with %d records, %v; want %s with %d", got.Outcome, got.Refusal, len(got.Records), err, c.outcome, c.records)
				}
				if proved := got.Proof == record.ProofReread; proved != (c.outcome != unknown) || (got.Refusal == record.NotDone) != (c.outcome == not) {
					t.Errorf("proof %q, refusal %q", got.Proof, got.Refusal)
				}
				for _, r := range got.Records {
					if r.Owner != who || r.Key == "" {
						t.Error("a record without owner or key")
					}
				}
				if n := f.count("29") + f.count("15") + f.count("65"); n != 0 {
					t.Errorf("%d changes were asked for", n)
				}
			})
		})
	}
}

// saying is the normal answer but for lists ("AS") and items ("17 33002") that a
// test words, and counts to match.
func saying(says map[string]string, a asked) string {
	if a.code == "17" {
		for item, text := range says {
			if code, barcode, _ := strings.Cut(item, " "); code == "17" && strings.Contains(a.text, "AB"+barcode+"|") {
				return text
			}
		}
	}
	body := normalBody(a)
	for list, normally := range map[string]string{"AU": "AU33002|", "AS": "AS33003|"} {
		text, ok := says[list]
		if !ok || a.code != "63" {
			continue
		}
		at := map[string]int{"AS": 37, "AU": 45}[list]
		if text == "" {
			body = body[:at] + "0000" + body[at+4:]
		}
		body = strings.Replace(body, normally, text, 1)
	}
	return body
}

// TestLearnOdd: an account that cannot be read whole settles nothing.
func TestLearnOdd(t *testing.T) {
	t.Parallel()
	lists := func(change func(string) string) func(asked) string {
		return func(a asked) string {
			if a.code == "63" {
				return a.sealed(change(normalBody(a)))
			}
			return normal(a)
		}
	}
	replace := func(old, replacement string) func(asked) string {
		return lists(func(body string) string { return strings.Replace(body, old, replacement, 1) })
	}
	for _, c := range []struct {
		name   string
		answer func(asked) string
		want   string
	}{
		{"another card", replace("AA210001", "AA210002"), connectors.ReasonMalformed},
		{"counted and not listed", lists(func(body string) string {
			return strings.NewReplacer("AU33002|", "", "AS33003|", "").Replace(body)
		}), connectors.ReasonMalformed},
		{"nobody", replace("BLY", "BLN"), connectors.ReasonNotFound},
		{"cut", func(a asked) string {
			if a.code == "63" {
				return normal(a)[:40] + hangUp
			}
			return normal(a)
		}, connectors.ReasonMalformed},
		{"silence", func(a asked) string {
			if a.code == "63" {
				return ""
			}
			return normal(a)
		}, connectors.ReasonUnavailable},
	} {
		for _, action := range []record.Action{record.Renew{Item: "33002", Due: day(15)}, record.RenewAll{}, record.PlaceHold{Item: "33003"}, record.CancelHold{Item: "33003"}} {
			t.Run(c.name+"/"+action.ActionName(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f := &fake{answer: c.answer}
					ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
					defer cancel()
					got, err := f.open(t).Learn.Learn(ctx, record.NewRef("210001"), action, time.Now())
					if connectors.Reason(err) != c.want || got.Outcome != "" || len(got.Records) != 0 {
						t.Errorf("%q with %d records, %v; want %s", got.Outcome, len(got.Records), err, c.want)
					}
				})
			})
		}
	}
}

// TestRenewOnce: a renewal that was asked for by somebody who saw an earlier date
// has happened, and is not sent; a second look may renew again.
func TestRenewOnce(t *testing.T) {
	t.Parallel()
	sim := simulate(t, library(), sip2sim.Config{})
	source := openAt(t, sim.Addr())
	for i, c := range []struct {
		seen     record.Date
		proof    record.Proof
		renewals int
	}{
		{day(15), record.ProofReply, 1},
		{day(15), record.ProofReread, 1}, // the same click again
		{record.Date{Year: 2026, Month: 2, Day: 5}, record.ProofReply, 2},
		{record.Date{}, record.ProofReply, 3}, // nobody says what was seen
	} {
		got, err := source.Do.Do(deadline(t, 10*time.Second), record.NewRef(card), record.Renew{Item: "33002", Due: c.seen})
		if err != nil || got.Outcome != record.OutcomeDone || got.Proof != c.proof || sim.Renewals("33002") != c.renewals || len(got.Records) != 1 {
			t.Errorf("renewal %d: %s by %s, %v, %d renewals; want done by %s, %d", i, got.Outcome, got.Proof, err, sim.Renewals("33002"), c.proof, c.renewals)
		}
	}
}
