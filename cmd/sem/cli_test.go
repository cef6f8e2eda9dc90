package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/semenligne/sem/connectors/connectortest/faultproxy"
	"github.com/semenligne/sem/connectors/sip2/sip2sim"
)

// answer is what a command printed and how it ended.
type answer struct {
	out, err string
	code     int
}

// lastWord is what scripts read of a failure.
func (a answer) lastWord() string {
	words := strings.Fields(a.err)
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

// sem runs a command in this process.
func sem(t *testing.T, stdin string, args ...string) answer {
	t.Helper()
	var out, err lockedBuffer
	code := run(t.Context(), terminal{strings.NewReader(stdin), &out, &err}, args)
	return answer{out.String(), err.String(), code}
}

const (
	reader     = "20990000000001"
	otherOne   = "20990000000002"
	readersPIN = "482177"
	itsLoan    = "30990000000001"
)

// library is a library system with two readers, a proxy in front of it, and a
// configuration that has nothing but this source.
func library(t *testing.T) (*sip2sim.Server, *faultproxy.Proxy, string) {
	t.Helper()
	due := time.Date(2026, 12, 15, 23, 59, 0, 0, time.UTC)
	lib, err := sip2sim.Start("127.0.0.1:0", sip2sim.Library{
		Institution: "VILLE",
		Items:       []sip2sim.Item{{Barcode: itsLoan, Title: "L'hiver à Deux-Rivières"}, {Barcode: "30990000000002", Title: "Zoé"}},
		Patrons: []sip2sim.Patron{
			{Card: reader, PIN: readersPIN, Name: "Maude Canari", Loans: []sip2sim.Loan{{Item: itsLoan, Due: due}}},
			{Card: otherOne, PIN: "917355", Name: "Rosaire Canari", Loans: []sip2sim.Loan{{Item: "30990000000002", Due: due}}},
		},
	}, sip2sim.Config{Personality: sip2sim.Koha})
	if err != nil {
		t.Fatal(err)
	}
	proxy, err := faultproxy.Start(lib.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := proxy.Close(); err != nil {
			t.Error(err)
		}
		if err := lib.Close(); err != nil {
			t.Error(err)
		}
	})
	return lib, proxy, config(t, "sip2", "address: "+proxy.Addr())
}

// config writes a file of one source named thing.
func config(t *testing.T, kind, settings string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "sem.yaml")
	text := fmt.Sprintf("sources:\n  - name: thing\n    kind: %s\n    guard: {deadline: 4s, dial_allow: [127.0.0.0/8]}\n    settings: {%s}\n", kind, settings)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestFetchPrintsRecords(t *testing.T) {
	t.Parallel()
	_, _, file := library(t)
	a := sem(t, "", "fetch", "-c", file, "thing", reader)
	if a.code != exitOK {
		t.Fatalf("%+v", a)
	}
	var loan map[string]any
	for line := range strings.Lines(a.out) {
		var r map[string]any
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if r["kind"] == "loan" {
			loan = r
		}
	}
	for key, want := range map[string]any{"item": itsLoan, "title": "L'hiver à Deux-Rivières", "due": "2026-12-15", "owner": reader, "source": "thing"} {
		if loan[key] != want {
			t.Errorf("%s is %v, want %v", key, loan[key], want)
		}
	}
	if strings.Contains(a.out, "Rosaire") || strings.Contains(a.out, "Zoé") {
		t.Errorf("another reader shows in %s", a.out)
	}
}

// TestFetchFails holds every failure to no record, exit code 1 and the reason
// as the last word, and never a person or a card on the error stream.
func TestFetchFails(t *testing.T) {
	t.Parallel()
	lib, proxy, file := library(t)
	for _, c := range []struct {
		name, ref, want string
		wire            faultproxy.Fault
		content         sip2sim.Fault
	}{
		{"unknown reader", "20990000009999", "not_found", faultproxy.OK, ""},
		{"refused connection", reader, "unavailable", faultproxy.Refuse, ""},
		{"silence", reader, "unavailable", faultproxy.Hang, ""},
		{"another reader's reply", reader, "malformed", faultproxy.OK, sip2sim.FaultForeign},
		{"counts without lists", reader, "malformed", faultproxy.OK, sip2sim.FaultEmpty},
		{"wrong charset", reader, "malformed", faultproxy.OK, sip2sim.FaultCharset},
	} {
		lib.SetFault(c.content)
		if err := proxy.Set(faultproxy.Mode{Fault: c.wire}); err != nil {
			t.Fatal(err)
		}
		a := sem(t, "", "fetch", "-c", file, "thing", c.ref)
		if a.code != exitFailed || a.out != "" || a.lastWord() != c.want {
			t.Errorf("%s: %+v, want %s", c.name, a, c.want)
		}
		if strings.Contains(a.err, reader) || strings.Contains(a.err, "Canari") {
			t.Errorf("%s: a person shows in %s", c.name, a.err)
		}
	}
}

// TestActLostReply renews through a proxy that swallows the reply: the library
// renews once, and the receipt says how that is known.
func TestActLostReply(t *testing.T) {
	t.Parallel()
	for _, silent := range []bool{false, true} {
		lib, proxy, file := library(t)
		if err := proxy.Set(faultproxy.Mode{Fault: faultproxy.Swallow, Match: "29NN", Silent: silent}); err != nil {
			t.Fatal(err)
		}
		a := sem(t, "", "act", "-c", file, "thing", reader, "renew", "item="+itsLoan)
		var receipt struct {
			Outcome, Proof string
			Records        []map[string]any
		}
		if err := json.Unmarshal([]byte(a.out), &receipt); err != nil {
			t.Fatalf("%+v: %v", a, err)
		}
		if n := lib.Renewals(itsLoan); n != 1 || lib.Heard("29") != 1 {
			t.Errorf("renewed %d times by %d requests", n, lib.Heard("29"))
		}
		if receipt.Outcome != "done" || receipt.Proof != "reread" || len(receipt.Records) != 1 || receipt.Records[0]["due"] == "2026-12-15" {
			t.Errorf("silent %v: receipt %+v", silent, receipt)
		}
	}
}

func TestActRefusesAnothersLoan(t *testing.T) {
	t.Parallel()
	lib, _, file := library(t)
	a := sem(t, "", "act", "-c", file, "thing", reader, "renew", "item=30990000000002")
	if a.code != exitFailed || !strings.Contains(a.out, `"outcome":"refused"`) || lib.Heard("29") != 0 {
		t.Errorf("%+v, %d renewals asked", a, lib.Heard("29"))
	}
}

func TestAuthenticate(t *testing.T) {
	t.Parallel()
	lib, proxy, file := library(t)
	for _, c := range []struct {
		name, pin, want string
		code            int
	}{
		{"right", readersPIN + "\n", "granted\n", exitOK},
		{"right without line break", readersPIN, "granted\n", exitOK},
		{"wrong", "000000\n", "denied\n", exitFailed},
		{"empty", "\n", "denied\n", exitFailed},
	} {
		if a := sem(t, c.pin, "authenticate", "-c", file, "thing", reader); a.out != c.want || a.code != c.code {
			t.Errorf("%s: %+v", c.name, a)
		}
	}
	lib.SetFault(sip2sim.FaultForeign)
	if a := sem(t, readersPIN, "authenticate", "-c", file, "thing", reader); a.code == exitOK || strings.Contains(a.out, "granted") {
		t.Errorf("another's reply: %+v", a)
	}
	lib.SetFault(sip2sim.FaultNone)
	if err := proxy.Set(faultproxy.Mode{Fault: faultproxy.Hang}); err != nil {
		t.Fatal(err)
	}
	if a := sem(t, readersPIN, "authenticate", "-c", file, "thing", reader); a.code == exitOK || a.out != "" || a.lastWord() != "unavailable" {
		t.Errorf("silence: %+v", a)
	}
}

// A file that is enough to fetch holds no dossier; none is begun elsewhere.
func TestCitizenNeedsDataDir(t *testing.T) {
	_, _, file := library(t)
	t.Chdir(t.TempDir())
	a := sem(t, "", "citizen", "pin", "-c", file, "100001")
	if left, err := os.ReadDir("."); a.code != exitFailed || !strings.Contains(a.err, "data_dir") || err != nil || len(left) > 0 {
		t.Errorf("%+v, %v, %v", a, left, err)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	_, _, file := library(t)
	for _, args := range [][]string{
		{},
		{"burn"},
		{"fetch"},
		{"fetch", "thing"},
		{"fetch", "-c", file},
		{"fetch", "-c", file, "nothing"},
		{"fetch", "-c", file, "thing"},
		{"fetch", "-c", "/nowhere.yaml", "thing"},
		{"act", "-c", file, "thing", reader},
		{"act", "-c", file, "thing", reader, "renew"},
		{"mail", "-c", file, "thing"},
		{"mail", "-c", file, "thing", "to=a@b.example", "subject=a", "text=a"},
		{"check"},
		{"serve"},
		{"citizen"},
		{"citizen", "burn"},
		{"demo", "--print", "xml"},
		{"demo", "--people", "3"},
		{"schema", "x"},
	} {
		if a := sem(t, "", args...); a.code != exitUsage || a.err == "" {
			t.Errorf("sem %v: %+v", args, a)
		}
	}
	if a := sem(t, "", "help"); a.code != exitOK || !strings.Contains(a.out, "sem fetch -c FILE SOURCE [REF]") {
		t.Errorf("help: %+v", a)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	_, proxy, file := library(t)
	if a := sem(t, "", "check", file); a.code != exitOK || proxy.Connections() != 0 {
		t.Errorf("a good file: %+v, %d connections", a, proxy.Connections())
	}
	if a := sem(t, "", "check", "--live", file); a.code != exitOK || !strings.Contains(a.out, "thing   sip2  ok") {
		t.Errorf("a live source: %+v", a)
	}
	if err := proxy.Set(faultproxy.Mode{Fault: faultproxy.Refuse}); err != nil {
		t.Fatal(err)
	}
	if a := sem(t, "", "check", "--live", file); a.code != exitFailed || !strings.Contains(a.out, "unavailable") {
		t.Errorf("a dead source: %+v", a)
	}
	bad := config(t, "sip2", "adress: a")
	if a := sem(t, "", "check", bad); a.code != exitFailed || !strings.Contains(a.out, "5:16: error: sources[0].settings.adress: unknown key; did you mean address?") {
		t.Errorf("a bad file: %+v", a)
	}
	if a := sem(t, "", "check", "../../configs/testdata/slow_poll.bad.yaml"); a.code != exitFailed {
		t.Errorf("an unknown kind: %+v", a)
	}
}

// TestDialsOnlyItsOwn checks that loopback needs permission.
func TestDialsOnlyItsOwn(t *testing.T) {
	t.Parallel()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	file := filepath.Join(t.TempDir(), "sem.yaml")
	text := fmt.Sprintf("sources: [{name: thing, kind: open311, settings: {base_url: \"http://%s/v2\"}}]", l.Addr())
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	a := sem(t, "", "fetch", "-c", file, "thing")
	if a.code != exitFailed || a.lastWord() != "refused" || !strings.Contains(a.err, "dial_allow") {
		t.Errorf("%+v", a)
	}
}

// TestAnnotatedExample holds the example that every town starts from to the
// strictest reading.
func TestAnnotatedExample(t *testing.T) {
	for _, name := range []string{"SEM_SIP2_PASSWORD", "SEM_LOISIRS_KEY", "SEM_REQUETES_KEY", "SEM_COURRIEL_PASSWORD"} {
		t.Setenv(name, "x")
	}
	if a := sem(t, "", "check", "../../configs/sem.yaml"); a.code != exitOK {
		t.Errorf("%+v", a)
	}
}
