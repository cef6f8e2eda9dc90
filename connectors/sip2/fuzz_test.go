package sip2

import (
	"bufio"
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// FuzzFraming: whatever bytes come, reading ends, stays within its limit, and
// what counts as sound sums up.
func FuzzFraming(f *testing.F) {
	for _, seed := range []string{
		"941AY0AZFDFD\r", "941AY0AZfdfd\n941\r", "96\r", "\x00 \r\n", "98YYYNYN60000320260115    0930002.00AOVILLE|BXYYY|AY1AZ0000\r",
		"64              01120260115    0930000001000000020000    0000AOVILLE|AA210001|AEZoé Légaré|BLY|CQY|AU33001|AY2AZDD7F",
		"AZ", "AYAZ0000\r", "94  AY9AZ", "300NUN20260115    093000AO|AA|AB|AJ|AH|AFx",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		const limit = 512
		r := bufio.NewReader(bytes.NewReader(stream))
		s := defaults()
		for range len(stream) + 1 {
			frame, err := readFrame(r, limit)
			if err != nil {
				return
			}
			if len(frame.body) > limit {
				t.Fatalf("a message of %d bytes", len(frame.body))
			}
			if frame.sound && !frame.summed || frame.sequence > 9 {
				t.Fatalf("%+v", frame)
			}
			if m, err := s.parseMessage(frame.body); err == nil {
				if width, known := fixedWidth(m.code); !known || len(m.fixed) != width {
					t.Fatalf("fixed part of %q", m.code)
				}
			} else if connectors.Reason(err) != connectors.ReasonMalformed {
				t.Fatal(err)
			}
		}
		t.Fatal("more messages than bytes")
	})
}

// FuzzReply: whatever stands in an answer about a person, a read gives records
// of that person or an error, never both, and a PIN is proven only by BL and CQ.
func FuzzReply(f *testing.F) {
	for _, seed := range []string{
		"64              01120260115    093000000100000001000100000000AOVILLE|AA210001|AEZoé|BLY|CQY|BV2.00|AU33002|AS33003|AVx|CD4|AT33002|",
		"64YYYYYYYYYYYYYY01120260115    093000                        AA210001|BLYCQNBV-1|AUDeux mots|",
		"64              01120260115    093000999999999999999999999999AA210001|AU1|",
		"1804000120260115    093000AB33002|AJL'hiver|AH20260115    235900|",
		"24  Y           01120260115    093000AOVILLE|AA210001|BLY|CQY|", "96", "98", status98, "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, reply []byte) {
		answer := func(a asked) string {
			if a.code == "99" || a.code == "17" && len(reply) > 1 && reply[0] == '6' {
				return normal(a)
			}
			return a.sealed(string(reply))
		}
		source := (&fake{answer: answer}).open(t, func(s *Settings) { s.MessageTimeout = connectors.Duration(100 * time.Millisecond) })
		defer source.Close() //nolint:errcheck // always nil
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		who := record.NewRef("210001")
		records, err := source.Find.Find(ctx, who)
		if err != nil && records != nil || connectors.Reason(err) == connectors.ReasonDefect {
			t.Fatalf("%d records and %v", len(records), err)
		}
		for _, r := range records {
			if r.Owner != who || r.Key == "" || r.Body == nil {
				t.Fatalf("record %+v", r)
			}
		}
		ref, err := source.Authenticate.Authenticate(ctx, "210001", "4821")
		proven := bytes.Contains(reply, []byte("BLY")) && bytes.Contains(reply, []byte("CQY"))
		if granted := err == nil; granted != (ref == who) || granted && !proven {
			t.Fatalf("granted %t, %v", granted, err)
		}
	})
}
