package portal

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/views"
)

func date(t *testing.T, s string) record.Date {
	t.Helper()
	d, err := record.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestWeekOf(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"2026-11-24": "2026-11-22 2026-11-28", "2026-11-22": "2026-11-22 2026-11-28", "2026-11-28": "2026-11-22 2026-11-28",
		"2027-01-01": "2026-12-27 2027-01-02", "2028-02-29": "2028-02-27 2028-03-04",
	} {
		if got := weekOf(date(t, in)); got.first.String()+" "+got.last.String() != want {
			t.Errorf("%s: %s to %s, want %s", in, got.first, got.last, want)
		}
	}
}

// told writes events as a table can hold them.
func told(events []event) []string {
	var list []string
	for _, e := range events {
		if e.allDay() {
			list = append(list, strings.TrimSpace(e.day.String()+" "+e.title+" "+e.note))
			continue
		}
		list = append(list, fmt.Sprintf("%s %02d:%02d-%02d:%02d %s", e.day, e.from/60, e.from%60, e.to/60, e.to%60, e.title))
	}
	return list
}

func TestActivitiesOfAWeek(t *testing.T) {
	t.Parallel()
	rule := func(start, end string, days ...time.Weekday) record.Schedule {
		return record.Schedule{Days: days, Start: start, End: end}
	}
	utc := func(month time.Month, day, hour, minute int) time.Time {
		return time.Date(2026, month, day, hour, minute, 0, 0, time.UTC)
	}
	for _, tc := range []struct {
		name, week string
		r          record.Registration
		want       []string
	}{
		{"weekly", "2026-11-24", record.Registration{Schedule: []record.Schedule{rule("18:30", "19:25", time.Tuesday, time.Thursday)}}, []string{"2026-11-24 18:30-19:25 A", "2026-11-26 18:30-19:25 A"}},
		{"a season that ends on Tuesday", "2026-11-24", record.Registration{EndDate: november(24), Schedule: []record.Schedule{rule("18:30", "19:25", time.Tuesday, time.Thursday)}}, []string{"2026-11-24 18:30-19:25 A"}},
		{"a season that begins on Thursday", "2026-11-24", record.Registration{StartDate: november(26), Schedule: []record.Schedule{rule("18:30", "19:25", time.Tuesday, time.Thursday)}}, []string{"2026-11-26 18:30-19:25 A"}},
		{"the rule's own days beat the course's", "2026-11-24", record.Registration{EndDate: november(30), Schedule: []record.Schedule{{Days: []time.Weekday{time.Tuesday}, Start: "18:30", End: "19:00", Until: november(23)}}}, nil},
		{"no end", "2026-11-24", record.Registration{Schedule: []record.Schedule{rule("18:30", "", time.Tuesday)}}, []string{"2026-11-24 18:30-19:30 A"}},
		{"an hour that is none", "2026-11-24", record.Registration{Schedule: []record.Schedule{rule("le soir", "", time.Tuesday)}}, []string{"2026-11-24 A"}},
		{"until midnight", "2026-11-24", record.Registration{Schedule: []record.Schedule{rule("22:00", "24:00", time.Tuesday)}}, []string{"2026-11-24 22:00-24:00 A"}},
		{"over midnight", "2026-11-24", record.Registration{Schedule: []record.Schedule{rule("22:30", "01:00", time.Tuesday)}}, []string{"2026-11-24 22:30-24:00 A", "2026-11-25 00:00-01:00 A"}},
		{"over the midnight before the week", "2026-11-24", record.Registration{Schedule: []record.Schedule{rule("22:30", "01:00", time.Saturday)}}, []string{"2026-11-22 00:00-01:00 A", "2026-11-28 22:30-24:00 A"}},
		{"one session", "2026-11-24", record.Registration{Start: utc(11, 24, 23, 30), End: utc(11, 25, 0, 25)}, []string{"2026-11-24 18:30-19:25 A"}},
		{"one session, UTC's next day", "2026-11-24", record.Registration{Start: utc(11, 29, 3, 0), End: utc(11, 29, 4, 0)}, []string{"2026-11-28 22:00-23:00 A"}},
		{"another week", "2026-11-24", record.Registration{Start: utc(12, 1, 23, 30)}, nil},
		{"a camp by instants", "2026-11-24", record.Registration{Start: utc(11, 23, 13, 0), End: utc(11, 25, 21, 0)}, []string{"2026-11-23 A", "2026-11-24 A", "2026-11-25 A"}},
		{"a day", "2026-11-24", record.Registration{StartDate: november(27)}, []string{"2026-11-27 A"}},
		{"a short run of days", "2026-11-24", record.Registration{StartDate: november(27), EndDate: november(30)}, []string{"2026-11-27 A", "2026-11-28 A"}},
		{"a long one", "2026-11-24", record.Registration{StartDate: november(2), EndDate: november(27)}, []string{"2026-11-27 A Dernier jour"}},
		// The clocks: 8 March and 1 November 2026.
		{"the week the clocks go forward", "2026-03-08", record.Registration{Schedule: []record.Schedule{rule("18:30", "19:25", time.Saturday, time.Sunday)}}, []string{"2026-03-08 18:30-19:25 A", "2026-03-14 18:30-19:25 A"}},
		{"the week the clocks go back", "2026-11-01", record.Registration{Schedule: []record.Schedule{rule("18:30", "19:25", time.Saturday, time.Sunday)}}, []string{"2026-11-01 18:30-19:25 A", "2026-11-07 18:30-19:25 A"}},
		{"through the hour that is missing", "2026-03-08", record.Registration{Schedule: []record.Schedule{rule("01:30", "03:30", time.Sunday)}}, []string{"2026-03-08 01:30-03:30 A"}},
		{"within the hour that comes twice", "2026-11-01", record.Registration{Start: utc(11, 1, 5, 50), End: utc(11, 1, 6, 10)}, []string{"2026-11-01 01:50-02:10 A"}},
		{"instants on either side of the change", "2026-11-01", record.Registration{Start: utc(11, 1, 3, 0), End: utc(11, 1, 7, 0)}, []string{"2026-11-01 00:00-02:00 A"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.r.Name = "A"
			got, dated := at(t, 9, 0).activities(tc.r, weekOf(date(t, tc.week)))
			if diff := cmp.Diff(tc.want, told(got)); diff != "" || !dated {
				t.Errorf("dated %v (-want +got)\n%s", dated, diff)
			}
		})
	}
	if got, dated := at(t, 9, 0).activities(record.Registration{Name: "A"}, weekOf(november(24))); dated || got != nil {
		t.Errorf("without any day: %v, dated %v", got, dated)
	}
}

func TestClockChangeIsTold(t *testing.T) {
	t.Parallel()
	for week, want := range map[string][]string{
		"2026-03-08": {"2026-03-08 " + unbreak("On avance l’heure_: il manque une heure cette nuit.")},
		"2026-11-01": {"2026-11-01 " + unbreak("On recule l’heure_: une heure de plus cette nuit.")},
		"2026-11-24": nil,
	} {
		if diff := cmp.Diff(want, told(at(t, 9, 0).clockChange(weekOf(date(t, week))))); diff != "" {
			t.Errorf("%s (-want +got)\n%s", week, diff)
		}
	}
}

func TestTermsOfTheLibrary(t *testing.T) {
	t.Parallel()
	got := at(t, 9, 0).terms(records(
		record.Loan{Title: "A", Due: november(25)}, record.Loan{Title: "B", Due: november(25)}, record.Loan{Title: "C", Due: november(27)},
		record.Loan{Title: "far", Due: november(29)}, record.Loan{Title: "without a date"},
		record.Hold{Title: "R", Status: record.HoldReady, Expires: november(28)}, record.Hold{Title: "W", Status: record.HoldWaiting, Expires: november(28)},
	), "Maude", weekOf(november(24)))
	want := []string{
		"2026-11-25 2" + nb + "documents à rendre A · B", "2026-11-27 À rendre" + nb + ": C", "2026-11-28 Dernier jour pour prendre «" + nb + "R" + nb + "»",
	}
	if diff := cmp.Diff(want, told(got)); diff != "" {
		t.Errorf("terms (-want +got)\n%s", diff)
	}
}

// timed is an event of a day, between two hours.
func timed(person, title string, from, to int, status record.RegistrationStatus) event {
	begin := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	return event{
		day: november(24), person: person, title: title, from: from, to: to, status: status,
		start: begin.Add(time.Duration(from) * time.Minute), end: begin.Add(time.Duration(to) * time.Minute),
	}
}

func TestArrange(t *testing.T) {
	t.Parallel()
	const yes = record.RegistrationConfirmed
	for _, tc := range []struct {
		name string
		day  []event
		want []string
	}{
		{"nothing", nil, nil},
		{"one after the other", []event{timed("L", "b", 600, 660, yes), timed("L", "a", 540, 600, yes)}, []string{"a 1+12", "b 1+12"}},
		{"two at once", []event{timed("L", "a", 540, 600, yes), timed("M", "b", 570, 630, yes)}, []string{"a 1+6", "b 7+6"}},
		{"the same person twice", []event{timed("L", "a", 540, 600, yes), timed("L", "b", 570, 630, yes)}, []string{"a 1+6 ×b", "b 7+6 ×a"}},
		{"a waiting list binds nobody", []event{timed("L", "a", 540, 600, yes), timed("L", "b", 570, 630, record.RegistrationWaiting)}, []string{"a 1+6", "b 7+6"}},
		{"nor does what is called off", []event{timed("L", "a", 540, 600, record.RegistrationCancelled), timed("L", "b", 570, 630, yes)}, []string{"a 1+6", "b 7+6"}},
		{"nobody in particular", []event{timed("", "a", 540, 600, yes), timed("", "b", 570, 630, yes)}, []string{"a 1+6", "b 7+6"}},
		{"a lane that is free again", []event{timed("L", "a", 540, 720, yes), timed("M", "b", 540, 600, yes), timed("E", "c", 600, 660, yes)}, []string{"a 1+6", "b 7+6", "c 7+6"}},
		{"three", []event{timed("L", "a", 540, 600, yes), timed("M", "b", 540, 600, yes), timed("E", "c", 540, 600, yes)}, []string{"a 1+4", "b 5+4", "c 9+4"}},
		{"five share six lanes", []event{timed("A", "a", 0, 9, yes), timed("B", "b", 0, 9, yes), timed("C", "c", 0, 9, yes), timed("D", "d", 0, 9, yes), timed("E", "e", 0, 9, yes)}, []string{"a 1+2", "b 3+2", "c 5+2", "d 7+2", "e 9+2"}},
		{"a group ends where nothing overlaps", []event{timed("L", "a", 540, 600, yes), timed("M", "b", 550, 570, yes), timed("L", "c", 600, 660, yes)}, []string{"a 1+6", "b 7+6", "c 1+12"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, p := range arrange(tc.day) {
				line := fmt.Sprintf("%s %d+%d", p.title, p.column, p.width)
				for _, c := range p.clashes {
					line += " ×" + c
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("arranged (-want +got)\n%s", diff)
			}
		})
	}
}

// TestArrangeNeverOverlaps puts many events side by side: no two that overlap
// share a column, and all stay within the day's.
func TestArrangeNeverOverlaps(t *testing.T) {
	t.Parallel()
	for n := 1; n <= columns; n++ {
		var day []event
		for i := range n {
			day = append(day, timed(fmt.Sprint(i), fmt.Sprint(i), 540+i*7, 700-i*3, record.RegistrationConfirmed))
		}
		list := arrange(day)
		for i, x := range list {
			if x.column < 1 || x.column+x.width-1 > columns {
				t.Errorf("%d at once: column %d, width %d", n, x.column, x.width)
			}
			for _, y := range list[i+1:] {
				if x.from < y.to && y.from < x.to && x.column < y.column+y.width && y.column < x.column+x.width {
					t.Errorf("%d at once: %s and %s on top of each other", n, x.title, y.title)
				}
			}
		}
	}
}

func TestHoursShown(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		week        []event
		first, last int
	}{
		"an empty week":     {nil, 8, 20},
		"early and late":    {[]event{timed("", "", 6*60+30, 7*60, ""), timed("", "", 22*60, 23*60+5, "")}, 6, 24},
		"all day":           {[]event{{day: november(24)}}, 8, 20},
		"whole hours stand": {[]event{timed("", "", 20*60, 21*60, "")}, 8, 21},
	} {
		if first, last := hoursShown(tc.week); first != tc.first || last != tc.last {
			t.Errorf("%s: %d to %d", name, first, last)
		}
	}
}

func TestInitials(t *testing.T) {
	t.Parallel()
	got := initials([]string{"Maude", "Émile", "Mathis", "Marie", "Malik", "Maude", "", "M"})
	want := map[string]string{"Maude": "M", "Émile": "É", "Mathis": "Ma", "Marie": "M2", "Malik": "M3", "M": "M4"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("initials (-want +got)\n%s", diff)
	}
}

// weekOfMaude is a week's input: a section each of library and recreation.
func weekOfMaude(t *testing.T, b builder, library, recreation cache.Section) weekInput {
	t.Helper()
	return weekInput{
		within: weekOf(b.today()), sources: []Source{{Name: "l", Domain: Library}, {Name: "r", Domain: Recreation}, {Name: "p", Domain: Property}},
		people: []person{{name: "Maude Roy", sees: []dossier.Dataset{dossier.Loans, dossier.Schedule}, dashboard: cache.NewDashboard(1, []cache.Section{library, recreation})}},
	}
}

func TestUnknownIsNeverAnEmptyWeek(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	ages := cache.Ages{FreshFor: time.Hour, HideAfter: 48 * time.Hour}
	read := func(source string, bodies ...record.Body) cache.Section {
		return cache.Section{Source: source}.Succeeded(records(bodies...), b.now, ages)
	}
	known := Collections{Days: []record.Collection{}}
	for _, tc := range []struct {
		name                string
		library, recreation cache.Section
		collections         []Collections
		summary             string
		unknown             []string
	}{
		{"all known and nothing", read("l"), read("r"), nil, "Rien d’inscrit cette semaine.", nil},
		{"collections too", read("l"), read("r"), []Collections{known}, "Rien d’inscrit cette semaine.", nil},
		{"recreation never read", read("l"), cache.Section{Source: "r"}, nil, "Rien d’inscrit dans ce que nous avons pu vérifier. Cela ne veut pas dire que la semaine est libre.", []string{"Cette semaine peut être incomplète.", "Loisirs" + nb + ": on ne sait pas."}},
		{"recreation too old", read("l"), cache.Section{Source: "r"}.Succeeded(nil, b.now.Add(-72*time.Hour), ages), nil, "Rien d’inscrit dans ce que nous avons pu vérifier. Cela ne veut pas dire que la semaine est libre.", []string{"Cette semaine peut être incomplète.", "Loisirs" + nb + ": on ne sait pas."}},
		{"no sector", read("l"), read("r"), []Collections{{Why: IgnoranceNoSector}}, "Rien d’inscrit dans ce que nous avons pu vérifier. Cela ne veut pas dire que la semaine est libre.", []string{"Cette semaine peut être incomplète.", "Collectes" + nb + ": on ne sait pas."}},
		{"something and a hole", read("l", record.Loan{Title: "A", Due: november(25)}), cache.Section{Source: "r"}, nil, "", []string{"Cette semaine peut être incomplète.", "Loisirs" + nb + ": on ne sait pas."}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			in := weekOfMaude(t, b, tc.library, tc.recreation)
			in.collections = tc.collections
			page, err := b.week(in, "")
			if err != nil {
				t.Fatal(err)
			}
			if page.Summary != tc.summary {
				t.Errorf("summary %q", page.Summary)
			}
			if diff := cmp.Diff(tc.unknown, page.Unknown); diff != "" {
				t.Errorf("unknown (-want +got)\n%s", diff)
			}
		})
	}
}

func TestWeekShowsWhoMaySee(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	ages := cache.Ages{FreshFor: time.Hour, HideAfter: 48 * time.Hour}
	section := func(source, key string, body record.Body) cache.Section {
		return cache.Section{Source: source}.Succeeded([]record.Record{{Key: key, Body: body}}, b.now, ages)
	}
	weekly := []record.Schedule{{Days: []time.Weekday{time.Tuesday}, Start: "18:30", End: "19:30"}}
	in := weekOfMaude(t, b, section("l", "1", record.Loan{Title: "A", Due: november(25)}), section("r", "swim", record.Registration{Name: "Natation", Person: "Léa", Schedule: weekly, Status: record.RegistrationConfirmed}))
	lea := []cache.Section{section("l", "2", record.Loan{Title: "B", Due: november(26)}), section("r", "swim", record.Registration{Name: "Natation", Person: "Léa", Schedule: weekly, Status: record.RegistrationConfirmed})}
	for _, tc := range []struct {
		name   string
		sees   []dossier.Dataset
		person string
		want   []string
		people []string
	}{
		{"nothing of hers but what the family's account says", nil, "", []string{"Natation Léa", "À rendre_: A Maude"}, []string{"Tout le monde", "Maude", "Léa"}},
		{"her loans too", []dossier.Dataset{dossier.Loans}, "", []string{"Natation Léa", "À rendre_: A Maude", "À rendre_: B Léa"}, []string{"Tout le monde", "Maude", "Léa"}},
		{"the same registration is there once", []dossier.Dataset{dossier.Loans, dossier.Schedule}, "", []string{"Natation Léa", "À rendre_: A Maude", "À rendre_: B Léa"}, []string{"Tout le monde", "Maude", "Léa"}},
		{"only her", []dossier.Dataset{dossier.Loans, dossier.Schedule}, "2", []string{"Natation Léa", "À rendre_: B Léa"}, []string{"Tout le monde", "Maude", "Léa"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			in := in
			in.people = append(slices.Clone(in.people), person{name: "Léa Roy", sees: tc.sees, dashboard: cache.NewDashboard(1, lea)})
			page, err := b.week(in, tc.person)
			if err != nil {
				t.Fatal(err)
			}
			var got, people []string
			for _, d := range page.Days {
				for _, item := range slices.Concat(d.AllDay, d.Slots) {
					got = append(got, item.Title+" "+item.Person)
				}
			}
			for _, p := range page.People {
				people = append(people, p.Text)
			}
			var want []string
			for _, w := range tc.want {
				want = append(want, unbreak(w))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("items (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(tc.people, people); diff != "" {
				t.Errorf("people (-want +got)\n%s", diff)
			}
		})
	}
	for _, person := range []string{"0", "3", "-1", "Léa", "1e9"} {
		if _, err := b.week(in, person); !errors.Is(err, errNotFound) {
			t.Errorf("person %q: %v", person, err)
		}
	}
}

func TestWeeksAreWithinReach(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	var page views.WeekPage
	in := weekOfMaude(t, b, cache.Section{Source: "l"}, cache.Section{Source: "r"})
	for weeks, want := range map[int]string{0: "/semaine/2026-11-15 - /semaine/2026-11-29", 1: "/semaine /semaine /semaine/2026-12-06", -weeksBack: "- /semaine /semaine/2026-08-30", weeksAhead: "/semaine/2027-11-21 /semaine -"} {
		in.within = weekOf(b.today().AddDays(7 * weeks))
		var err error
		if page, err = b.week(in, ""); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, l := range []*views.Link{page.Previous, page.Now, page.Next} {
			href := "-"
			if l != nil {
				href = l.Href
			}
			got = append(got, href)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%d weeks on: %v, want %s", weeks, got, want)
		}
	}
	if b.reachable(weekOf(b.today().AddDays(7*(weeksAhead+1)))) || b.reachable(weekOf(b.today().AddDays(-7*(weeksBack+1)))) {
		t.Error("beyond reach")
	}
}
