package sip2

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// TestAuthenticate: only a reply that says both lets anyone in.
func TestAuthenticate(t *testing.T) {
	t.Parallel()
	reply := func(flags string) func(asked) string {
		return always("63", func(a asked) string {
			return a.sealed(strings.Replace(normalBody(a), "BLY|CQY|", flags, 1))
		})
	}
	for _, c := range []struct {
		name   string
		answer func(asked) string
		want   string
	}{
		{"both", reply("BLY|CQY|"), connectors.ReasonOK},
		{"both, without bars", reply("BLYCQYAFx|"), connectors.ReasonOK},
		{"wrong PIN", reply("BLY|CQN|"), connectors.ReasonDenied},
		{"no CQ", reply("BLY|"), connectors.ReasonDenied},
		{"blank CQ", reply("BLY|CQ |"), connectors.ReasonDenied},
		{"empty CQ", reply("BLY|CQ|"), connectors.ReasonDenied},
		{"lower-case CQ", reply("BLY|CQy|"), connectors.ReasonDenied},
		{"unknown card, right PIN", reply("BLN|CQY|"), connectors.ReasonDenied},
		{"no BL", reply("CQY|"), connectors.ReasonDenied},
		{"yes and no", reply("BLY|CQN|CQY|"), connectors.ReasonDenied},
		{"yes inside another field", reply("BLY|AFxCQY|"), connectors.ReasonDenied},
		{"another card", always("63", func(a asked) string { return a.sealed(strings.Replace(normalBody(a), "AA210001", "AA210002", 1)) }), connectors.ReasonMalformed},
		{"96", always("63", literally("96AZFEF6\r")), connectors.ReasonMalformed},
		{"98 instead", always("63", func(a asked) string { return a.sealed(status98) }), connectors.ReasonUnavailable},
		{"silence", always("63", literally("")), connectors.ReasonUnavailable},
		{"hangs up", always("63", literally(hangUp)), connectors.ReasonUnavailable},
		{"23 where 63 is missing", func(a asked) string {
			switch a.code {
			case "99":
				return a.sealed(strings.Replace(status98, "BXYYYYYYYY", "BXYYYYYYYN", 1))
			case "23":
				return a.sealed("24  Y           01120260115    093000AOVILLE|AA210001|AEZoé Légaré|BLY|CQY|")
			}
			return normal(a)
		}, connectors.ReasonOK},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := &fake{answer: c.answer}
				var log bytes.Buffer
				deps := f.deps()
				deps.Log = testDeps(&log).Log
				source := openWith(t, deps, "sip2.example:6001")
				ref, err := source.Authenticate.Authenticate(t.Context(), "210001", "4821")
				if got := connectors.Reason(err); got != c.want || (ref == record.NewRef("210001")) != (err == nil) {
					t.Errorf("ended %s (%v), granted %t; want %s", got, err, !ref.IsZero(), c.want)
				}
				if n := f.count("63") + f.count("23"); n != 1 {
					t.Errorf("asked %d times", n)
				}
				for _, personal := range []string{"210001", "4821", "Zoé", "Légaré"} {
					if err != nil && strings.Contains(err.Error(), personal) || strings.Contains(log.String(), personal) {
						t.Errorf("%q is told: %v, %s", personal, err, log.String())
					}
				}
			})
		})
	}
}

// TestAuthenticateSlowly: a check that takes most of the time is waited for; there
// is nothing to read after it.
func TestAuthenticateSlowly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{answer: func(a asked) string {
			if a.code == "63" {
				<-time.After(2 * time.Second)
				return normal(a)
			}
			return normal(a)
		}}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		source := f.open(t)
		defer source.Close() //nolint:errcheck // always nil
		if ref, err := source.Authenticate.Authenticate(ctx, "210001", "4821"); err != nil || ref != record.NewRef("210001") {
			t.Errorf("granted %t, %v", !ref.IsZero(), err)
		}
	})
}

// TestAuthenticateEmpty: nothing is asked about an empty card or PIN.
func TestAuthenticateEmpty(t *testing.T) {
	t.Parallel()
	f := &fake{answer: normal}
	source := f.open(t)
	for _, c := range [][2]string{{"210001", ""}, {"210001", "  "}, {"", "4821"}, {" ", "4821"}} {
		if _, err := source.Authenticate.Authenticate(t.Context(), c[0], c[1]); !errors.Is(err, connectors.ErrDenied) {
			t.Errorf("%q: %v; want denied", c, err)
		}
	}
	if f.dials != 0 {
		t.Error("the system was asked")
	}
}

// TestAlias: a user name becomes the card that the system answers with, only
// where the settings allow it.
func TestAlias(t *testing.T) {
	t.Parallel()
	f := &fake{answer: normal}
	for alias, want := range map[bool]string{true: connectors.ReasonOK, false: connectors.ReasonMalformed} {
		source := f.open(t, func(s *Settings) { s.Alias = alias })
		ref, err := source.Authenticate.Authenticate(t.Context(), "zoe", "4821")
		if got := connectors.Reason(err); got != want || alias && ref != record.NewRef("210001") {
			t.Errorf("alias %t: %s", alias, got)
		}
	}
}
