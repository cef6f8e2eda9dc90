package sip2

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/semenligne/sem/connectors"
)

// asked is one request that a fake system received.
type asked struct {
	dial  int    // number of the connection, from 1
	nth   int    // how many requests of this code came before, on any connection
	code  string // two digits
	text  string // whole, without terminator
	digit byte   // of AY, 0 without
}

// sealed ends a reply to a with a right trailer.
func (a asked) sealed(body string) string { return sealReply(body, string(a.digit)) }

func sealReply(body, digit string) string {
	body += "AY" + digit + "AZ"
	sum := 0
	for i := range len(body) {
		sum -= int(body[i])
	}
	return fmt.Sprintf("%s%04X\r", body, sum&0xffff)
}

// hangUp at the end of an answer closes the connection after it.
const hangUp = "\x04"

// fake is a library system over pipes whose every byte a test chooses: an
// answer of "" is silence.
type fake struct {
	answer func(asked) string

	mu    sync.Mutex
	dials int
	heard map[string]int
	lines []string // every request, whole
}

func (f *fake) deps() connectors.Deps {
	deps := testDeps(nil)
	deps.Dial = func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		f.mu.Lock()
		f.dials++
		n := f.dials
		f.mu.Unlock()
		go f.serve(theirs, n)
		return ours, nil
	}
	return deps
}

func (f *fake) serve(conn net.Conn, n int) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	for {
		line, err := r.ReadString('\r')
		if err != nil {
			return
		}
		out := f.answer(f.take(strings.Trim(line, "\r\n"), n))
		rest, end := strings.CutSuffix(out, hangUp)
		if _, err := conn.Write([]byte(rest)); err != nil || end {
			return
		}
	}
}

func (f *fake) take(text string, n int) asked {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.heard == nil {
		f.heard = map[string]int{}
	}
	a := asked{dial: n, code: text[:2], text: text, nth: f.heard[text[:2]]}
	if at := strings.LastIndex(text, "AY"); at >= 0 {
		a.digit = text[at+2]
	}
	f.heard[a.code]++
	f.lines = append(f.lines, text)
	return a
}

func (f *fake) count(code string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.heard[code]
}

func (f *fake) open(t testing.TB, change ...func(*Settings)) connectors.Source {
	t.Helper()
	return openWith(t, f.deps(), "sip2.example:6001", change...)
}

// list is what the summary of a 63 asks for, "" for nothing.
func (a asked) list() string {
	at := strings.IndexByte(a.text[23:33], 'Y')
	if at < 0 {
		return ""
	}
	return []string{"AS", "AT", "AU", "AV", "BU", "CD"}[at]
}

// normal answers about a reader with one loan, one hold and a fine.
func normal(a asked) string { return a.sealed(normalBody(a)) }

const status98 = "98YYYNYN60000320260115    0930002.00AOVILLE|BXYYYYYYYYYYYYYYYY|"

func normalBody(a asked) string {
	switch a.code {
	case "94", "93":
		return "941"
	case "99":
		return status98
	case "63":
		lists := map[string]string{"AU": "AU33002|", "AS": "AS33003|", "AV": "AVRetard 2.00|"}
		return "64              01120260115    093000000100000001000100000000AOVILLE|AA210001|AEZoé Légaré|BLY|CQY|BV2.00|" + lists[a.list()]
	case "17":
		barcode := a.text[strings.Index(a.text, "AB")+2:]
		barcode = barcode[:strings.IndexByte(barcode, '|')]
		return map[string]string{
			"33002": "1804000120260115    093000AB33002|AJL'hiver|AH20260115    235900|",
			"33003": "1808000120260115    093000AB33003|AJLe jardin|",
		}[barcode]
	case "29":
		return "301YNN20260115    093000AOVILLE|AA210001|AB33002|AJL'hiver|AH20260205    235900|"
	case "15":
		return "161N20260115    093000AOVILLE|AA210001|AB33005|"
	}
	return "96"
}
