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

// find asks a fake about the card that it knows.
func find(t *testing.T, f *fake, change ...func(*Settings)) ([]record.Record, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	source := f.open(t, change...)
	defer source.Close() //nolint:errcheck // always nil
	return source.Find.Find(ctx, record.NewRef("210001"))
}

// at answers normally, but for the nth request of a code.
func at(code string, nth int, answer func(asked) string) func(asked) string {
	return func(a asked) string {
		if a.code == code && a.nth == nth {
			return answer(a)
		}
		return normal(a)
	}
}

func always(code string, answer func(asked) string) func(asked) string {
	return func(a asked) string {
		if a.code == code {
			return answer(a)
		}
		return normal(a)
	}
}

func literally(s string) func(asked) string { return func(asked) string { return s } }

func spoiled(a asked) string {
	return a.sealed(strings.Replace(normalBody(a), "VILLE", "VILLF", 1))[:len(a.sealed(normalBody(a)))-5] + "0000\r"
}

// TestOdd: what happens in the middle of a conversation and must not change
// what is read.
func TestOdd(t *testing.T) {
	t.Parallel()
	want, err := find(t, &fake{answer: normal})
	if err != nil || len(want) != 4 {
		t.Fatalf("%d records, %v", len(want), err)
	}
	stale := func(a asked) string { return sealReply("64 stale", string('0'+(a.digit-'0'+9)%10)) }
	withAccount := func(s *Settings) { s.LoginUser, s.LoginPassword = "sem", connectors.NewSecret("secret") }
	last := map[string]string{} // answers repeated for 97
	for _, c := range []struct {
		name   string
		answer func(asked) string
		change func(*Settings)
	}{
		{"96 once", at("63", 1, literally("96AZFEF6\r")), nil},
		{"96 once, without checksum", at("63", 1, literally("96\r\n")), nil},
		{"98 once instead of an answer", at("63", 1, func(a asked) string { return a.sealed(status98) }), nil},
		{"stale, then right", at("63", 1, func(a asked) string { return stale(a) + normal(a) }), nil},
		{"several stale, then right", at("17", 0, func(a asked) string { return strings.Repeat(stale(a), 9) + normal(a) }), nil},
		{"wrong checksum, right when asked again", func(a asked) string {
			switch {
			case a.code == "63" && a.nth == 1:
				last["97"] = sealReply(normalBody(a), "0") // as some do, whatever the digit was
				return spoiled(a)
			case a.code == "97":
				return last["97"]
			}
			return normal(a)
		}, nil},
		{"wrong checksums, lenient", always("63", spoiled), func(s *Settings) { s.Checksum = ChecksumLenient }},
		{"no checksums, off", func(a asked) string { return normalBody(a) + "\r" }, func(s *Settings) { s.Checksum = ChecksumOff }},
		{"no checksums", func(a asked) string { return normalBody(a) + "\r" }, nil},
		{"0 for every number", func(a asked) string {
			return sealReply(normalBody(a), "0")
		}, withAccount},
		{"a stale 98, then numbers", at("99", 0, func(a asked) string { return sealReply(status98, "0") + normal(a) }), withAccount},
		{"no checksums, none sent", func(a asked) string {
			if a.digit != 0 {
				return "96\r"
			}
			return normalBody(a) + "\r\n"
		}, func(s *Settings) { s.ErrorDetection = false }},
		{"BX padded", always("99", func(a asked) string {
			return a.sealed(strings.Replace(status98, "YYYY|", "YYYY"+strings.Repeat(" ", 239)+"|", 1))
		}), nil},
		{"no status", func(a asked) string {
			if a.code == "99" {
				return hangUp
			}
			return normal(a)
		}, func(s *Settings) { s.Status = false }},
		{"AA of another only in other messages", always("99", func(a asked) string { return a.sealed(status98 + "AA999|") }), nil},
		{"no checksums, 98 beside an answer", func(a asked) string {
			if a.code == "63" && a.dial == 1 && a.nth == 1 {
				return status98 + "\r" + normalBody(a) + "\r"
			}
			return normalBody(a) + "\r"
		}, func(s *Settings) { s.ErrorDetection = false }},
		{"repeated items", always("63", func(a asked) string {
			return a.sealed(strings.Replace(normalBody(a), "AU33002|", "AU33002|AU33002|AU|", 1))
		}), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			change := []func(*Settings){}
			if c.change != nil {
				change = append(change, c.change)
			}
			f := &fake{answer: c.answer}
			got, err := find(t, f, change...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b record.Ref) bool { return a == b })); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			if want := 1 + strings.Count(c.name, "98 beside"); f.dials != want {
				t.Errorf("%d connections; want %d", f.dials, want)
			}
		})
	}
}

// TestHeldBack: replies that must not become records.
func TestHeldBack(t *testing.T) {
	t.Parallel()
	edit := func(old, replacement string) func(asked) string {
		return always("63", func(a asked) string { return a.sealed(strings.ReplaceAll(normalBody(a), old, replacement)) })
	}
	for _, c := range []struct {
		name   string
		answer func(asked) string
		want   error
	}{
		{"96 for ever", always("63", literally("96AZFEF6\r")), connectors.ErrMalformed},
		{"98 for ever", always("63", func(a asked) string { return a.sealed(status98) }), connectors.ErrMalformed},
		{"98 off-line", at("63", 2, func(a asked) string { return a.sealed(strings.Replace(status98, "98Y", "98N", 1)) }), connectors.ErrUnavailable},
		{"off-line at the start", always("99", func(a asked) string { return a.sealed(strings.Replace(status98, "98Y", "98N", 1)) }), connectors.ErrUnavailable},
		{"wrong checksum twice", func(a asked) string {
			if a.code == "63" || a.code == "97" {
				return spoiled(asked{code: "63", text: strings.Repeat(" ", 40), digit: '1'})
			}
			return normal(a)
		}, connectors.ErrMalformed},
		{"checksum absent", always("63", func(a asked) string { return normalBody(a) + "\r" }), connectors.ErrMalformed},
		{"checksum absent, after one that came", at("63", 0, func(a asked) string { return normalBody(a) + "\r" }), connectors.ErrMalformed},
		{"first trailer garbled", always("99", func(a asked) string { return strings.Replace(a.sealed(status98), "AY0AZ", "AY0AX", 1) }), connectors.ErrMalformed},
		{"first trailer garbled at its end", always("99", func(a asked) string { return strings.TrimSuffix(a.sealed(status98), "\r")[:len(status98)+8] + "|\r" }), connectors.ErrMalformed},
		{"first trailer gone, and the bar", always("99", func(asked) string { return strings.TrimSuffix(status98, "|") + "\r" }), connectors.ErrMalformed},
		{"no checksums, cut", func(a asked) string {
			if a.code == "63" || a.code == "97" {
				return "64              01120260115    093000000100000001000100000000AOVILLE|AA210001|AEZoé Légaré|BLY|CQY|BV2.00|AU330\r"
			}
			return normalBody(a) + "\r"
		}, connectors.ErrMalformed},
		{"96 to a re-ask", func(a asked) string {
			switch a.code {
			case "63":
				return spoiled(a)
			case "97":
				return "96AZFEF6\r"
			}
			return normal(a)
		}, connectors.ErrUnavailable},
		{"stale, then nothing", always("63", func(asked) string { return sealReply("64", "9") }), connectors.ErrUnavailable},
		{"0 once for another number", at("63", 0, func(a asked) string { return sealReply(normalBody(a), "0") }), connectors.ErrUnavailable},
		{"stale without end", always("63", func(asked) string { return strings.Repeat(sealReply("64", "9"), 99) }), connectors.ErrMalformed},
		{"another card", edit("AA210001", "AA210002"), connectors.ErrMalformed},
		{"another card beside ours", edit("AA210001|", "AA210001|AA210002|"), connectors.ErrMalformed},
		{"no card", edit("AA210001|", ""), connectors.ErrMalformed},
		{"another item", at("17", 0, func(a asked) string { return a.sealed(strings.ReplaceAll(normalBody(a), "33002", "33009")) }), connectors.ErrMalformed},
		{"answer to another request", at("63", 3, func(a asked) string { return a.sealed("24              01120260115    093000AOVILLE|AA210001|BLY|") }), connectors.ErrMalformed},
		{"short fixed part", edit("64     ", "64"), connectors.ErrMalformed},
		{"loans counted, none listed", edit("AU33002|", ""), connectors.ErrMalformed},
		{"holds that are not ready counted, none listed", edit("000100000001000100000000", "000100000001000100000001"), connectors.ErrMalformed},
		{"holds counted, none listed", edit("AS33003|", ""), connectors.ErrMalformed},
		{"fines counted, none listed, no balance", edit("BV2.00|AVRetard 2.00|", ""), connectors.ErrMalformed},
		{"unknown card", edit("BLY", "BLN"), connectors.ErrNotFound},
		{"contradictory flag", edit("BLY|", "BLY|BLN|"), connectors.ErrMalformed},
		{"no flag, no name, no counts", edit("000100000001000100000000AOVILLE|AA210001|AEZoé Légaré|BLY|", "000000000000000000000000AOVILLE|AA210001|AE|"), connectors.ErrNotFound},
		{"Latin-1 where UTF-8 was agreed", edit("Zoé", "Zo\xe9"), connectors.ErrMalformed},
		{"silence", always("17", literally("")), connectors.ErrUnavailable},
		{"hangs up", always("17", literally(hangUp)), connectors.ErrUnavailable},
		{"a megabyte without end", always("63", literally(strings.Repeat("x", 1<<20))), connectors.ErrMalformed},
		{"63 not supported", always("99", func(a asked) string { return a.sealed(strings.Replace(status98, "BXYYYYYYYY", "BXYYYYYYYN", 1)) }), connectors.ErrRefused},
		{"no BX", always("99", func(a asked) string { return a.sealed(strings.Replace(status98, "BX", "XX", 1)) }), connectors.ErrRefused},
		{"short status", always("99", func(a asked) string { return a.sealed("98YYYNYN60") }), connectors.ErrMalformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				records, err := find(t, &fake{answer: c.answer})
				if records != nil || !errors.Is(err, c.want) || connectors.Reason(err) != connectors.Reason(c.want) {
					t.Errorf("%d records, %v; want %v", len(records), err, c.want)
				}
				for _, personal := range []string{"210001", "Légaré", "33002", "hiver"} {
					if err != nil && strings.Contains(err.Error(), personal) {
						t.Errorf("the error tells %q", personal)
					}
				}
			})
		})
	}
}

// TestStrict: under strict, a system without checksums is not believed.
func TestStrict(t *testing.T) {
	t.Parallel()
	f := &fake{answer: func(a asked) string {
		if a.code == "97" {
			return status98 + "\r"
		}
		return normalBody(a) + "\r"
	}}
	records, err := find(t, f, func(s *Settings) { s.Checksum = ChecksumStrict })
	if records != nil || !errors.Is(err, connectors.ErrMalformed) {
		t.Errorf("%d records, %v", len(records), err)
	}
}

// TestCutAnywhere cuts each reply of a read after each byte.
func TestCutAnywhere(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"99", "63", "17"} {
		whole := normal(asked{code: code, text: strings.Repeat(" ", 25) + "Y AB33002|" + strings.Repeat(" ", 9), digit: '1'})
		for n := range len(whole) - 1 {
			answer := at(code, 0, func(a asked) string {
				out := normal(a)
				return out[:min(n, len(out)-2)] + hangUp
			})
			records, err := find(t, &fake{answer: answer})
			if records != nil || !errors.Is(err, connectors.ErrMalformed) && !errors.Is(err, connectors.ErrUnavailable) {
				t.Fatalf("%s cut after %d bytes: %d records, %v", code, n, len(records), err)
			}
		}
	}
}

// TestLogin: the three ways in, and out.
func TestLogin(t *testing.T) {
	t.Parallel()
	user := func(s *Settings) { s.LoginUser, s.LoginPassword = "sem", connectors.NewSecret("wrong") }
	for _, c := range []struct {
		name   string
		answer func(asked) string
		want   string
	}{
		{"refused", always("93", func(a asked) string { return a.sealed("940") + hangUp }), connectors.ReasonDenied},
		{"hangs", always("93", literally("")), connectors.ReasonUnavailable},
		{"hangs up", always("93", literally(hangUp)), connectors.ReasonUnavailable},
		{"neither yes nor no", always("93", func(a asked) string { return a.sealed("94N") }), connectors.ReasonDenied},
		{"empty", always("93", func(a asked) string { return a.sealed("94") }), connectors.ReasonMalformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				source := (&fake{answer: c.answer}).open(t, user)
				began := time.Now()
				if got := connectors.Reason(source.Check(t.Context())); got != c.want {
					t.Errorf("check ended %s; want %s", got, c.want)
				}
				if took := time.Since(began); took > 5*time.Second {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}
