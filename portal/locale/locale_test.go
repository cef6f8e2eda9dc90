package locale

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors/record"
)

func load(t *testing.T, lang string) *Words {
	t.Helper()
	zone := time.FixedZone("UTC-5", -5*3600)
	w, err := Load(lang, zone)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestLanguagesHaveTheSameKeys(t *testing.T) {
	t.Parallel()
	fr, en := load(t, French), load(t, English)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(fr.text)), slices.Sorted(maps.Keys(en.text))); diff != "" {
		t.Errorf("keys (-fr +en)\n%s", diff)
	}
	names := regexp.MustCompile(`\{\w+\}`)
	for key := range fr.text {
		a, b := names.FindAllString(fr.text[key], -1), names.FindAllString(en.text[key], -1)
		slices.Sort(a)
		slices.Sort(b)
		if diff := cmp.Diff(a, b); diff != "" {
			t.Errorf("%s: placeholders (-fr +en)\n%s", key, diff)
		}
		for _, w := range []*Words{fr, en} {
			if strings.TrimSpace(w.text[key]) != w.text[key] || w.text[key] == "" {
				t.Errorf("%s %s is empty or has spaces around", w.Lang, key)
			}
		}
	}
}

// TestKeysAreUsed reads the portal's own code: every key that it asks for
// exists, and every key is asked for.
func TestKeysAreUsed(t *testing.T) {
	t.Parallel()
	fr := load(t, French)
	used := map[string]bool{}
	var prefixes []string
	whole := regexp.MustCompile(`"([a-z_]+(?:\.[a-z_0-9]+)*)"`)
	begun := regexp.MustCompile(`"([a-z_]+(?:\.[a-z_]+)*\.)" ?\+`)
	asked := regexp.MustCompile(`\.(T|N)\("([^"]+[^."])"`)
	for _, pattern := range []string{"../*.go", "../views/*.templ", "*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			source, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range asked.FindAllStringSubmatch(string(source), -1) {
				key := m[2]
				if m[1] == "N" {
					key += ".one"
				}
				if !fr.Has(key) {
					t.Errorf("%s asks for %s, which does not exist", f, key)
				}
			}
			for _, m := range whole.FindAllStringSubmatch(string(source), -1) {
				used[m[1]] = true
			}
			for _, m := range begun.FindAllStringSubmatch(string(source), -1) {
				prefixes = append(prefixes, m[1])
			}
		}
	}
	for key := range fr.text {
		stem := strings.TrimSuffix(strings.TrimSuffix(key, ".one"), ".other")
		isUsed := used[key] || used[stem] || slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(key, p) })
		// Two families are asked for by a reason that stands first.
		if !isUsed && !strings.HasPrefix(key, "not_linked.") && !strings.HasPrefix(key, "not_found.") && !strings.HasSuffix(key, ".what") {
			t.Errorf("%s is never asked for", key)
		}
	}
}

// TestTextsAreWrittenAsHere holds the texts to the typography and the words of
// Québec, and of Canada in English.
func TestTextsAreWrittenAsHere(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		lang, why string
		bad       *regexp.Regexp
	}{
		{French, "no space before ; ! ?", regexp.MustCompile(`[\s\x{a0}\x{202f}][;!?]`)},
		{French, "a no-break space before :", regexp.MustCompile(`[^\x{a0}]:`)},
		{French, "no-break spaces inside « »", regexp.MustCompile(`«[^\x{a0}]|[^\x{a0}]»`)},
		{French, "guillemets", regexp.MustCompile(`["“”]`)},
		{French, "a no-break space before $ and %", regexp.MustCompile(`[^\x{a0}][$%]`)},
		{French, "no-break spaces around the h of hours", regexp.MustCompile(`[0-9}][^\x{a0}]?h([^\p{L}\p{N}]|$)|[0-9}]\x{a0}h[^\x{a0},.;)]`)},
		{French, "the words of the OQLF", regexp.MustCompile(`(?i)(^|[^\p{L}])(e-?mails?|login|log in|cookies?|newsletter|password|code PIN|chat|hashtag)([^\p{L}]|$)`)},
		{French, "vous", regexp.MustCompile(`(?i)(^|[^\p{L}])(tu|ton|tes)([^\p{L}]|$)`)},
		{English, "no space before ; : ! ?", regexp.MustCompile(`[\s\x{a0}\x{202f}][;:!?]`)},
		{English, "curly quotation marks", regexp.MustCompile(`["«»]`)},
		{"", "a curly apostrophe", regexp.MustCompile(`'`)},
		{"", "a no-break space between a number and what it counts", regexp.MustCompile(`[0-9}] (m|km|min|h|ans|%|\$)([^\p{L}]|$)`)},
		{"", "one space", regexp.MustCompile(`[ \x{a0}]{2}`)},
		{"", "an ellipsis of one sign", regexp.MustCompile(`\.\.\.`)},
	} {
		for _, lang := range []string{French, English} {
			if tc.lang != "" && tc.lang != lang {
				continue
			}
			for key, text := range load(t, lang).text {
				if tc.bad.MatchString(text) {
					t.Errorf("%s %s: %q: %s", lang, key, text, tc.why)
				}
			}
		}
	}
}

func TestPlural(t *testing.T) {
	t.Parallel()
	fr, en := load(t, French), load(t, English)
	for _, tc := range []struct {
		w    *Words
		n    int
		want string
	}{
		{fr, 0, "0\u00a0prêt"},
		{fr, 1, "1\u00a0prêt"},
		{fr, 2, "2\u00a0prêts"},
		{en, 0, "0\u00a0loans"},
		{en, 1, "1\u00a0loan"},
		{en, 2, "2\u00a0loans"},
	} {
		if got := tc.w.N("library.loans", tc.n); got != tc.want {
			t.Errorf("%s %d: %q", tc.w.Lang, tc.n, got)
		}
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.November, 24, 19, 5, 0, 0, time.UTC)
	for _, tc := range []struct {
		name   string
		fr, en string
		write  func(w *Words) string
	}{
		{"hour", "14_h_05", "2:05_p.m.", func(w *Words) string { return w.Hour(now) }},
		{"full hour", "9_h", "9:00_a.m.", func(w *Words) string { return w.Hour(now.Add(-5*time.Hour - 5*time.Minute)) }},
		{"midnight", "0_h_05", "12:05_a.m.", func(w *Words) string { return w.Hour(now.Add(10 * time.Hour)) }},
		{"noon", "12_h_05", "12:05_p.m.", func(w *Words) string { return w.Hour(now.Add(-2 * time.Hour)) }},
		{"weekday", "mardi 24_novembre", "Tuesday, November_24", func(w *Words) string { return w.WeekdayDate(record.Date{Year: 2026, Month: 11, Day: 24}, now) }},
		{"another year", "vendredi 1er_janvier 2027", "Friday, January_1, 2027", func(w *Words) string { return w.WeekdayDate(record.Date{Year: 2027, Month: 1, Day: 1}, now) }},
		{"date", "24_novembre 2026", "November_24, 2026", func(w *Words) string { return w.Date(record.Date{Year: 2026, Month: 11, Day: 24}) }},
		{"moment today", "14_h_05", "2:05_p.m.", func(w *Words) string { return w.Moment(now, now) }},
		{"moment this year", "22_novembre, 18_h_10", "November_22, 6:10_p.m.", func(w *Words) string {
			return w.Moment(time.Date(2026, 11, 22, 23, 10, 0, 0, time.UTC), now)
		}},
		{"moment of another year", "31_décembre 2025, 19_h", "December_31, 2025, 7:00_p.m.", func(w *Words) string {
			return w.Moment(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), now)
		}},
		{"money", "1_234,56_$", "$1,234.56", func(w *Words) string { return w.Money(123456) }},
		{"small money", "0,05_$", "$0.05", func(w *Words) string { return w.Money(5) }},
		{"a credit", "−12,75_$", "−$12.75", func(w *Words) string { return w.Money(-1275) }},
		{"dollars", "412_000_$", "$412,000", func(w *Words) string { return w.Dollars(41_200_000) }},
		{"dollars with cents", "412_000,50_$", "$412,000.50", func(w *Words) string { return w.Dollars(41_200_050) }},
		{"number", "1_234_567", "1,234,567", func(w *Words) string { return w.Number(1234567) }},
		{"negative number", "-123", "-123", func(w *Words) string { return w.Number(-123) }},
		{"rise", "+15,7_%", "+15.7%", func(w *Words) string { return w.Percent(.157303) }},
		{"fall", "−2,0_%", "−2.0%", func(w *Words) string { return w.Percent(-.02) }},
		{"area", "1_557_m²", "1,557_m²", func(w *Words) string { return w.Area(1557.4) }},
		{"long way", "1_000_m", "1,000_m", func(w *Words) string { return w.Metres(1000) }},
		{"length", "18,29_m", "18.29_m", func(w *Words) string { return w.Metres(18.29) }},
	} {
		for w, want := range map[*Words]string{load(t, French): tc.fr, load(t, English): tc.en} {
			if diff := cmp.Diff(strings.ReplaceAll(want, "_", "\u00a0"), tc.write(w)); diff != "" {
				t.Errorf("%s, %s (-want +got)\n%s", tc.name, w.Lang, diff)
			}
		}
	}
}
