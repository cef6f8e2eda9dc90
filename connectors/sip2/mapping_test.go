package sip2

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/connectors/sip2/sip2sim"
)

// TestDue reads due dates as systems write them.
func TestDue(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		t.Fatal(err)
	}
	s := &source{settings: defaults(), zone: zone}
	s.settings.DueFormats = []string{"dd/mm/yyyy", "mm.dd.yyyy"}
	for text, want := range map[string]string{
		"20261215    235900":        "2026-12-15",
		"202612150000235900":        "2026-12-15",
		"20261215 EST235900":        "2026-12-15",
		"20261215   Z235900":        "2026-12-15",
		"20261216   Z045900":        "2026-12-15", // 23:59 the day before, in Toronto
		"20261215":                  "2026-12-15",
		" 20261215    235900 ":      "2026-12-15",
		"2026-12-15":                "2026-12-15",
		"2026-12-15 23:59:00":       "2026-12-15",
		"2026-12-15T23:59:00":       "2026-12-15",
		"2026-12-15 23:59":          "2026-12-15",
		"2026-12-15T23:59:00-05:00": "2026-12-15",
		"2026-12-16T04:59:00Z":      "2026-12-15",
		"2026/12/15":                "2026-12-15",
		"2026/12/15 23:59":          "2026-12-15",
		"20261215 235900":           "2026-12-15",
		"20261215    2359":          "2026-12-15",
		"20260308    023000":        "2026-03-08", // an hour that does not exist
		"20261101    013000":        "2026-11-01", // an hour that comes twice
		"15/12/2026":                "2026-12-15",
		"15/12/2026 11:59 PM":       "2026-12-15",
		"12.15.2026":                "2026-12-15",
		"":                          "",
		"20261315    235900":        "",
		"20260230    235900":        "",
		"00000000    000000":        "",
		"2026-12-15x":               "",
		"202612152359":              "",
		"20261215Z035900":           "",
		"2026-12-155":               "",
		"31/02/2026":                "",
		"15 décembre":               "",
		"20261215   Zabcdef":        "",
		"1815-06-18":                "",
	} {
		if got := s.due(text).String(); got != want {
			t.Errorf("due(%q) = %q; want %q", text, got, want)
		}
	}
}

// TestFees: the balance is exact, or unknown, or words; never a guess.
func TestFees(t *testing.T) {
	t.Parallel()
	cents := func(n record.Cents) *record.Cents { return &n }
	for field, want := range map[string][]record.Body{
		"":                 nil,
		"BV|":              nil,
		"BV0|":             {record.Fee{Amount: cents(0), Total: true}},
		"BV0.00|":          {record.Fee{Amount: cents(0), Total: true}},
		"BV50|":            {record.Fee{Amount: cents(5000), Total: true}},
		"BV12.5|":          {record.Fee{Amount: cents(1250), Total: true}},
		"BV1,234.50|":      {record.Fee{Amount: cents(123450), Total: true}},
		"BV-3.00|":         {record.Fee{Amount: cents(-300), Total: true}},
		"BVvoir comptoir|": {record.Fee{Description: "voir comptoir", Total: true}},
		"BV2.00|AVRetard 2.00|AVRetard 2.00|": {
			record.Fee{Description: "Retard 2.00"}, record.Fee{Description: "Retard 2.00"}, record.Fee{Amount: cents(200), Total: true},
		},
	} {
		answer := always("63", func(a asked) string {
			body := strings.ReplaceAll(strings.ReplaceAll(normalBody(a), "AVRetard 2.00|", ""), "BV2.00|", field)
			return a.sealed(strings.Replace(body, "000100000001000100000000", "000100000001000000000000", 1))
		})
		records, err := find(t, &fake{answer: answer})
		if err != nil {
			t.Fatal(err)
		}
		var got []record.Body
		seen := map[string]bool{}
		for _, r := range records {
			if r.Body.Kind() == record.KindFee {
				got = append(got, r.Body)
				if seen[r.Key] {
					t.Errorf("%q: key twice", field)
				}
				seen[r.Key] = true
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", field, diff)
		}
	}
}

// lists are a reader's, for TestLists; counts in the order holds,
// overdue, charged, fines, recalls, not ready.
type lists struct {
	counts string
	fields map[string]string // by list
	items  map[string]string // 18 after the code, by barcode
}

func (l lists) answer(a asked) string {
	switch a.code {
	case "63":
		return a.sealed("64              01120260115    093000" + l.counts + "AOVILLE|AA210001|BLY|" + l.fields[a.list()])
	case "17":
		barcode := a.text[strings.Index(a.text, "AB")+2:]
		barcode = barcode[:strings.IndexByte(barcode, '|')]
		if reply, ok := l.items[barcode]; ok {
			return a.sealed("18" + reply)
		}
		return a.sealed("1801000120260115    093000AB" + barcode + "|AJ|")
	}
	return normal(a)
}

// TestLists: what becomes of lists as systems write them.
func TestLists(t *testing.T) {
	t.Parallel()
	shelf := "08000120260115    093000AB3|AJTrois|"
	due := record.Date{Year: 2026, Month: 2, Day: 1}
	for _, c := range []struct {
		name   string
		lists  lists
		change func(*Settings)
		want   []record.Body
	}{
		{"nothing", lists{counts: "000000000000000000000000"}, nil, nil},
		{"blank counts", lists{counts: strings.Repeat(" ", 24)}, nil, nil},
		{"counts say less than the lists", lists{
			counts: "000000000000000000000000", fields: map[string]string{"AU": "AU1|", "CD": "CD2|"},
		}, nil, []record.Body{
			record.Loan{Item: "1", DetailsUnknown: true}, record.Hold{Item: "2", Status: record.HoldWaiting},
		}},
		{"overdue among the charged", lists{
			counts: "000000010001000000000000", fields: map[string]string{"AU": "AU1|", "AT": "AT1|"},
			items: map[string]string{"1": "04000120260115    093000AB1|AJUn|AH20260201    235900|"},
		}, nil, []record.Body{record.Loan{Item: "1", Title: "Un", Due: due}}},
		{"overdue apart from the charged", lists{
			counts: "000000010001000000000000", fields: map[string]string{"AU": "AU1|", "AT": "AT2|"},
		}, nil, []record.Body{record.Loan{Item: "1", DetailsUnknown: true}, record.Loan{Item: "2", DetailsUnknown: true}}},
		{"unreadable due date", lists{
			counts: "000000000001000000000000", fields: map[string]string{"AU": "AU1|"},
			items: map[string]string{"1": "04000120260115    093000AB1|AJUn|AHbientôt|CK001|AQNord|"},
		}, nil, []record.Body{record.Loan{Item: "1", Title: "Un", DueText: "bientôt", Media: "book", Branch: "Nord"}}},
		{"titles", lists{
			counts: "000100000002000000000000", fields: map[string]string{"AU": "AUDune|AULe Survenant|", "AS": "ASMaria Chapdelaine|"},
		}, nil, []record.Body{
			record.Loan{Title: "Dune"},
			record.Loan{Title: "Le Survenant"},
			record.Hold{Title: "Maria Chapdelaine", Status: record.HoldUnknown},
		}},
		{"a title of one word", lists{
			counts: "000000000001000000000000", fields: map[string]string{"AU": "AUDune|"},
		}, nil, []record.Body{record.Loan{Title: "Dune"}}},
		{"two copies of a title, by setting", lists{
			counts: "000000000002000000000000", fields: map[string]string{"AU": "AUDune|AUDune|"},
		}, func(s *Settings) { s.Items = ItemsTitle }, []record.Body{record.Loan{Title: "Dune"}, record.Loan{Title: "Dune"}}},
		{"AS on the shelf is ready", lists{
			counts: "000100000000000000000000", fields: map[string]string{"AS": "AS3|"}, items: map[string]string{"3": shelf},
		}, nil, []record.Body{record.Hold{Item: "3", Title: "Trois", Status: record.HoldReady}}},
		{"on the shelf until a day", lists{
			counts: "000100000000000000000000", fields: map[string]string{"AS": "AS3|"},
			items: map[string]string{"3": "08000120260115    093000AB3|AJTrois|CM20260201    235900|"},
		}, nil, []record.Body{record.Hold{Item: "3", Title: "Trois", Status: record.HoldReady, Expires: due}}},
		{"on the shelf for somebody else", lists{
			counts: "000100000000000000000001", fields: map[string]string{"AS": "AS3|", "CD": "CD3|"},
			items: map[string]string{"3": "08000120260115    093000AB3|AJTrois|CM20260201    235900|"},
		}, nil, []record.Body{record.Hold{Item: "3", Title: "Trois", Status: record.HoldWaiting}}},
		{"AS holds everything, CD a part", lists{
			counts: "000200000000000000000001", fields: map[string]string{"AS": "AS3|AS4|", "CD": "CD4|"}, items: map[string]string{"3": shelf},
		}, nil, []record.Body{
			record.Hold{Item: "3", Title: "Trois", Status: record.HoldReady}, record.Hold{Item: "4", Status: record.HoldWaiting},
		}},
		{"AS on loan to another is not ready", lists{
			counts: "000100000000000000000000", fields: map[string]string{"AS": "AS3|"},
			items: map[string]string{"3": "04000120260115    093000AB3|AJTrois|"},
		}, nil, []record.Body{record.Hold{Item: "3", Title: "Trois", Status: record.HoldUnknown}}},
		{"AS beside CD is ready", lists{
			counts: "000100000000000000000001", fields: map[string]string{"AS": "AS3|", "CD": "CD4|"},
		}, nil, []record.Body{record.Hold{Item: "3", Status: record.HoldReady}, record.Hold{Item: "4", Status: record.HoldWaiting}}},
		{"AS less CD is ready, by titles", lists{
			counts: "000200000000000000000001", fields: map[string]string{"AS": "ASUn titre|ASDeux titres|", "CD": "CDDeux titres|"},
		}, nil, []record.Body{record.Hold{Title: "Un titre", Status: record.HoldReady}, record.Hold{Title: "Deux titres", Status: record.HoldWaiting}}},
		{"AS beside CD, on its way", lists{
			counts: "000100000000000000000001", fields: map[string]string{"AS": "AS3|", "CD": "CD4|"},
			items: map[string]string{"3": "10000120260115    093000AB3|AJTrois|"},
		}, nil, []record.Body{record.Hold{Item: "3", Title: "Trois", Status: record.HoldUnknown}, record.Hold{Item: "4", Status: record.HoldWaiting}}},
		{"AS beside a part of CD", lists{
			counts: "000100000000000000000002", fields: map[string]string{"AS": "AS3|", "CD": "CD4|"},
		}, nil, []record.Body{record.Hold{Item: "3", Status: record.HoldUnknown}, record.Hold{Item: "4", Status: record.HoldWaiting}}},
		{"AS of a Koha is ready", lists{
			counts: "000100000000000000000001", fields: map[string]string{"AS": "AS3|", "CD": "CD4|"},
		}, func(s *Settings) { s.AsCd = AsCdKoha }, []record.Body{
			record.Hold{Item: "3", Status: record.HoldReady}, record.Hold{Item: "4", Status: record.HoldWaiting},
		}},
		{"AS of an Evergreen, less CD", lists{
			counts: "000200000000000000000001", fields: map[string]string{"AS": "ASUn titre|ASUn titre|", "CD": "CDUn titre|"},
		}, func(s *Settings) { s.AsCd = AsCdEvergreen }, []record.Body{
			record.Hold{Title: "Un titre", Status: record.HoldWaiting}, record.Hold{Title: "Un titre", Status: record.HoldReady},
		}},
		{"loans beyond the cap", lists{
			counts: "000000000002000000000000", fields: map[string]string{"AU": "AU1|AU2|"},
			items: map[string]string{"1": "04000120260115    093000AB1|AJUn|", "2": "04000120260115    093000AB2|AJDeux|"},
		}, func(s *Settings) { s.MaxItems = 1 }, []record.Body{record.Loan{Item: "1", Title: "Un"}, record.Loan{Item: "2", DetailsUnknown: true}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			change := []func(*Settings){}
			if c.change != nil {
				change = append(change, c.change)
			}
			records, err := find(t, &fake{answer: c.lists.answer}, change...)
			if err != nil {
				t.Fatal(err)
			}
			var got []record.Body
			seen := map[string]bool{}
			for _, r := range records {
				got = append(got, r.Body)
				if key := string(r.Body.Kind()) + r.Key; seen[key] || r.Key == "" {
					t.Errorf("key %q twice", key)
				} else {
					seen[key] = true
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
		})
	}
}

// TestNoNumbers: without sequence numbers an answer that comes twice must not
// pass for the next one.
func TestNoNumbers(t *testing.T) {
	t.Parallel()
	f := &fake{answer: func(a asked) string {
		out := normalBody(a) + "\r\n"
		if a.code == "63" && a.nth == 0 {
			out += out
		}
		return out
	}}
	records, err := find(t, f, func(s *Settings) { s.ErrorDetection = false })
	if records != nil || connectors.Reason(err) != connectors.ReasonMalformed {
		t.Errorf("%d records, %v", len(records), err)
	}
}

// TestNoValidFlag: a system that never says "valid card" still knows its
// readers, and lets nobody in.
func TestNoValidFlag(t *testing.T) {
	t.Parallel()
	source := openAt(t, simulate(t, library(), sip2sim.Config{NoValidFlag: true}).Addr())
	if records, err := source.Find.Find(t.Context(), record.NewRef(card)); err != nil || len(records) != 8 {
		t.Errorf("%d records, %v", len(records), err)
	}
	if _, err := source.Find.Find(t.Context(), record.NewRef("999999")); connectors.Reason(err) != connectors.ReasonNotFound {
		t.Errorf("unknown card: %v", err)
	}
	if _, err := source.Authenticate.Authenticate(t.Context(), card, pin); connectors.Reason(err) != connectors.ReasonDenied {
		t.Errorf("PIN: %v", err)
	}
}

// TestListInParts: a list handed over in parts is read to its end, and one that
// ignores ranges ends the reading.
func TestListInParts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		second string
		want   int
	}{
		"the rest":        {"AU2|AU3|", 3},
		"off by one":      {"AU1|AU2|AU3|", 3},
		"the same again":  {"AU1|", 1},
		"nothing":         {"", 1},
		"no item, 17 off": {"AU|", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{answer: func(a asked) string {
				l := lists{counts: "000000000003000000000000", fields: map[string]string{"AU": "AU1|"}}
				if strings.Contains(a.text, "|BP") {
					l.fields["AU"] = c.second
				}
				return l.answer(a)
			}}
			records, err := find(t, f)
			if err != nil || len(records) != c.want {
				t.Errorf("%d records, %v; want %d", len(records), err, c.want)
			}
		})
	}
}

// TestUndescribed: a system that cannot be asked about items leaves its loans
// without details; the read stands.
func TestUndescribed(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(asked) string{
		"96 to every 17": always("17", literally("96AZFEF6\r")),
		"17 not in BX":   always("99", func(a asked) string { return a.sealed(strings.Replace(status98, "BXYYYYYYYYYYY", "BXYYYYYYYYYYN", 1)) }),
		"BX ends before 17": always("99", func(a asked) string {
			return a.sealed(strings.Replace(status98, "BXYYYYYYYYYYYYYYYY", "BXYYYYYYYY", 1))
		}),
		"18 without a barcode": always("17", func(a asked) string { return a.sealed("1801000120260115    093000AJ|") }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			records, err := find(t, &fake{answer: answer})
			if err != nil || len(records) != 4 {
				t.Fatalf("%d records, %v", len(records), err)
			}
			if loan, ok := records[0].Body.(record.Loan); !ok || !loan.DetailsUnknown || loan.Item != "33002" {
				t.Errorf("%+v", records[0].Body)
			}
		})
	}
}

// TestRefusalWords maps the wording of real systems.
func TestRefusalWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Item has reached maximum renewals":    RefusalTooManyRenewals,
		"max renewals exceeded":                RefusalTooManyRenewals,
		"Item has outstanding holds":           RefusalOnHoldForOther,
		"Item not checked out to Zoé Légaré":   RefusalNotOnLoan,
		"Patron is blocked":                    RefusalBlocked,
		"Patron is barred from circulation":    RefusalBlocked,
		"Renewals not supported":               RefusalUnsupported,
		"Le document est réservé par un autre": RefusalOnHoldForOther,
		"":                                     RefusalOther,
		"Greetings from Koha.":                 RefusalOther,
	} {
		if got := refusal(text); got != want {
			t.Errorf("%q is %s; want %s", text, got, want)
		}
	}
}

// TestBlocks maps each flag of patron status.
func TestBlocks(t *testing.T) {
	t.Parallel()
	for i, reason := range blockReasons() {
		p := patron{flags: strings.Repeat(" ", i) + "Y" + strings.Repeat(" ", 13-i)}
		want := []record.Record{{Key: string(reason), Body: record.Block{Reason: reason}}}
		if diff := cmp.Diff(want, p.blocks(), cmp.Comparer(func(a, b record.Ref) bool { return a == b })); diff != "" {
			t.Errorf("flag %d (-want +got):\n%s", i, diff)
		}
	}
}

// TestTitlesBounded: the memory of titles forgets.
func TestTitlesBounded(t *testing.T) {
	t.Parallel()
	titles := newTitles()
	for i := range 3 * maxTitles {
		titles.put(digest(strings.Repeat("x", i%1000)+string(rune('a'+i%26))+time.Duration(i).String()), "t")
	}
	if n := len(titles.recent) + len(titles.older); n > maxTitles {
		t.Errorf("%d titles kept", n)
	}
	titles.put("1", "Un")
	if titles.get("1") != "Un" || titles.get("2") != "" {
		t.Error("a title is forgotten at once, or invented")
	}
}
