package agenda

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/portal/browsertest"
)

// read is an event as another program understood it.
type read struct{ uid, start, end, summary, location, status string }

// want is how every program must understand the hostile calendar: instants in
// UTC, days with the first day after.
func want() []read {
	return []read{
		{"night", "2026-11-01T02:00:00Z", "2026-11-01T05:30:00Z", "Nuit des contes", "Bibliothèque; salle 2, étage", "CONFIRMED"},
		{"second", "2026-11-01T06:15:00Z", "2026-11-01T07:15:00Z", "Après le changement d’heure", "", "CONFIRMED"},
		{"due", "2026-11-27", "2026-11-28", strings.Repeat("Très long titre où l’on revient à la ligne, ", 8) + "fin", "", "CONFIRMED"},
		{"summer", "2026-07-07T22:30:00Z", "2026-07-07T23:25:00Z", "Natation", "Piscine", "CANCELLED"},
		{"hostile", "2027-03-14T14:00:00Z", "2027-03-14T15:00:00Z", "A\nEND:VEVENT\nEND:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:B; C, D\\ \"E\"", "", "TENTATIVE"},
	}
}

func TestICALJSReadsIt(t *testing.T) {
	t.Parallel()
	library, node := browsertest.Need(t, "ical.js"), browsertest.Need(t, "node")
	file := write(t, hostile(t))
	out, err := exec.CommandContext(t.Context(), node, "testdata/read.mjs", library, file).Output()
	if err != nil {
		t.Fatalf("ical.js: %v\n%s", err, out)
	}
	var got []read
	for line := range strings.Lines(string(out)) {
		var f [6]string
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatal(err)
		}
		got = append(got, read{f[0], f[1], f[2], f[3], f[4], f[5]})
	}
	if diff := cmp.Diff(want(), got, cmp.AllowUnexported(read{})); diff != "" {
		t.Errorf("events (-want +got)\n%s", diff)
	}
}

func TestKhalReadsIt(t *testing.T) {
	t.Parallel()
	khal, home := browsertest.Need(t, "khal"), t.TempDir()
	config := filepath.Join(home, "config")
	folder := filepath.Join(home, "agenda")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	settings := "[calendars]\n[[agenda]]\npath = " + folder + "\ntype = calendar\n" +
		"[locale]\nlocal_timezone = UTC\ndefault_timezone = America/Toronto\ntimeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n" +
		"datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n" +
		"[sqlite]\npath = " + filepath.Join(home, "khal.db") + "\n[default]\ndefault_calendar = agenda\n"
	if err := os.WriteFile(config, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), khal, append([]string{"-c", config}, args...)...)
		cmd.Env = append(os.Environ(), "HOME="+home, "LC_ALL=C.UTF-8")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("khal %s: %v\n%s", args[0], err, out)
		}
		return string(out)
	}
	run("import", "--batch", write(t, hostile(t)))
	got := run("list", "--once", "--format", "\x1e{uid}\x1f{start}\x1f{end}\x1f{title}\x1f{location}\x1f{status}\x1f", "2026-01-01", "2028-01-01")
	events := map[string]read{}
	for _, part := range strings.Split(got, "\x1e")[1:] {
		f := strings.Split(part, "\x1f")
		events[f[0]] = read{f[0], f[1], f[2], f[3], f[4], strings.TrimSpace(f[5])}
	}
	for _, w := range want() {
		if diff := cmp.Diff(asKhal(t, w), events[w.uid], cmp.AllowUnexported(read{})); diff != "" {
			t.Errorf("%s (-want +got)\n%s", w.uid, diff)
		}
	}
	if len(events) != len(want()) {
		t.Errorf("%d events", len(events))
	}
}

// asKhal writes an event's times as khal lists them: without seconds, the last
// day itself.
func asKhal(t *testing.T, r read) read {
	t.Helper()
	if day, err := time.Parse(time.DateOnly, r.end); err == nil {
		r.end = day.AddDate(0, 0, -1).Format(time.DateOnly)
		return r
	}
	for _, s := range []*string{&r.start, &r.end} {
		at, err := time.Parse(time.RFC3339, *s)
		if err != nil {
			t.Fatal(err)
		}
		*s = at.Format("2006-01-02 15:04")
	}
	return r
}

func write(t *testing.T, c Calendar) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "agenda.ics")
	if err := os.WriteFile(file, c.Encode(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
