package portal

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/locale"
	"github.com/semenligne/sem/portal/views"
)

const nb = "\u00a0"

// at is a builder in French, at an hour of Tuesday 24 November 2026.
func at(t *testing.T, hour, minute int) builder {
	t.Helper()
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		t.Fatal(err)
	}
	words, err := locale.Load(locale.French, zone)
	if err != nil {
		t.Fatal(err)
	}
	return builder{w: words, zone: zone, now: time.Date(2026, time.November, 24, hour, minute, 0, 0, zone)}
}

func november(d int) record.Date { return record.Date{Year: 2026, Month: time.November, Day: d} }

func records(bodies ...record.Body) []record.Record {
	list := make([]record.Record, len(bodies))
	for i, b := range bodies {
		list[i] = record.Record{Key: "k", Body: b}
	}
	return list
}

func TestTodo(t *testing.T) {
	t.Parallel()
	amount, zero := record.Cents(1275), record.Cents(0)
	for _, tc := range []struct {
		name   string
		source Domain
		bodies []record.Body
		want   []string
	}{
		{"nothing", Library, nil, nil},
		{"far away", Library, []record.Body{record.Loan{Title: "A", Due: november(28)}}, nil},
		{"date unknown", Library, []record.Body{record.Loan{Title: "A"}}, nil},
		{"due in three days", Library, []record.Body{record.Loan{Title: "A", Due: november(27)}}, []string{"soon «" + nb + "A" + nb + "» est à rendre le vendredi 27" + nb + "novembre."}},
		{"due today", Library, []record.Body{record.Loan{Title: "A", Due: november(24)}}, []string{"soon «" + nb + "A" + nb + "» est à rendre aujourd’hui."}},
		{"overdue since yesterday", Library, []record.Body{record.Loan{Title: "A", Due: november(23)}}, []string{"late «" + nb + "A" + nb + "» est en retard depuis le lundi 23" + nb + "novembre."}},
		{"several", Library, []record.Body{
			record.Loan{Title: "B", Due: november(25)}, record.Loan{Title: "A", Due: november(20)}, record.Loan{Title: "C", Due: november(19)}, record.Loan{Title: "D", Due: november(26)},
		}, []string{"late 2 prêts sont en retard, le premier depuis le jeudi 19" + nb + "novembre.", "soon 2 prêts sont à rendre bientôt, le premier demain."}},
		{"holds", Library, []record.Body{
			record.Hold{Title: "W", Status: record.HoldWaiting}, record.Hold{Title: "R", Status: record.HoldReady}, record.Hold{Title: "S", Status: record.HoldReady, Expires: november(25)},
		}, []string{"ready 2 réservations vous attendent à la bibliothèque; premier délai" + nb + ": demain."}},
		{"a hold without end", Library, []record.Body{record.Hold{Title: "R", Status: record.HoldReady}}, []string{"ready «" + nb + "R" + nb + "» vous attend à la bibliothèque."}},
		{"account", Library, []record.Body{record.Fee{Total: true, Amount: &amount}, record.Block{Reason: record.BlockFines}}, []string{
			"late Votre compte de bibliothèque est limité" + nb + ": les amendes dépassent la limite.", "soon Vous devez 12,75" + nb + "$ à la bibliothèque.",
		}},
		{"no debt", Library, []record.Body{record.Fee{Total: true, Amount: &zero}, record.Fee{Amount: &amount}, record.Fee{Total: true}}, nil},
		{"a reason without words", Library, []record.Body{record.Block{Reason: "something_new"}}, []string{
			"late Votre compte de bibliothèque est limité" + nb + ": certains services de la bibliothèque ne sont pas offerts à votre compte.",
		}},
		{"registrations", Recreation, []record.Body{
			record.Registration{Name: "P", Status: record.RegistrationPayment},
			record.Registration{Name: "X", Status: record.RegistrationCancelled, StartDate: november(30)},
			record.Registration{Name: "N", Person: "Léa", Status: record.RegistrationConfirmed, Start: time.Date(2026, 11, 24, 23, 30, 0, 0, time.UTC)},
			record.Registration{Name: "past", Status: record.RegistrationPayment, EndDate: november(23)},
		}, []string{"late «" + nb + "X" + nb + "» est annulé.", "soon L’inscription à «" + nb + "P" + nb + "» attend votre paiement.", "quiet Léa a «" + nb + "N" + nb + "» aujourd’hui à 18" + nb + "h" + nb + "30."}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := at(t, 9, 0)
			var got []string
			list, _ := inOrder(b.todo(Source{Domain: tc.source}, records(tc.bodies...)))
			for _, todo := range list {
				got = append(got, string(todo.Tone)+" "+todo.Text)
				if todo.Href != tc.source.path() || todo.Action == "" {
					t.Errorf("%q leads to %q by %q", todo.Text, todo.Href, todo.Action)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("to do (-want +got)\n%s", diff)
			}
		})
	}
}

func TestTodoHasFiveLinesAtMostAndTheMostPressing(t *testing.T) {
	t.Parallel()
	var list []urgent
	for rank, text := range map[int]string{
		rankLate: "overdue", rankBlocked: "blocked", rankSoon: "due soon", rankReady: "ready", rankToday: "today", rankBin: "bin", rankClosing: "closing", rankMoney: "owed",
	} {
		list = append(list, urgent{rank: rank, Todo: views.Todo{Text: text}})
	}
	first, rest := inOrder(list)
	var got [2][]string
	for i, part := range [][]views.Todo{first, rest} {
		for _, todo := range part {
			got[i] = append(got[i], todo.Text)
		}
	}
	want := [2][]string{{"overdue", "blocked", "due soon", "ready", "today"}, {"bin", "closing", "owed"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestNextMeeting(t *testing.T) {
	t.Parallel()
	weekly := []record.Schedule{{Days: []time.Weekday{time.Tuesday}, Start: "18:30"}}
	for _, tc := range []struct {
		name string
		hour int
		r    record.Registration
		want string
	}{
		{"later today", 9, record.Registration{Schedule: weekly}, "aujourd’hui, 18_h_30"},
		{"over today, next week", 19, record.Registration{Schedule: weekly}, "mardi 1er_décembre, 18_h_30"},
		{"over today, was the last", 19, record.Registration{Schedule: weekly, EndDate: november(30)}, ""},
		{"starts later", 9, record.Registration{Schedule: weekly, StartDate: record.Date{Year: 2027, Month: 1, Day: 11}}, "mardi 12_janvier 2027, 18_h_30"},
		{"hour unreadable", 9, record.Registration{Schedule: []record.Schedule{{Days: []time.Weekday{time.Thursday}, Start: "le soir"}}}, "jeudi 26_novembre"},
		{"tomorrow by its instant", 9, record.Registration{Start: time.Date(2026, 11, 25, 14, 0, 0, 0, time.UTC)}, "demain, 9_h"},
		{"an instant that is past", 9, record.Registration{Start: time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)}, ""},
		{"a day", 9, record.Registration{StartDate: november(24)}, "aujourd’hui"},
		{"a day that is past", 9, record.Registration{StartDate: november(23)}, ""},
		{"no date", 9, record.Registration{}, ""},
		{"a rule without days", 9, record.Registration{Schedule: []record.Schedule{{Start: "18:30"}}}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := at(t, tc.hour, 0)
			got := ""
			if c := b.next(tc.r); !c.at.IsZero() {
				got = b.when(c)
			}
			if want := unbreak(tc.want); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

func TestAbsentIsNotZero(t *testing.T) {
	t.Parallel()
	b, total, nothing := at(t, 9, 0), record.Cents(9_000_000), record.Cents(0)
	var got []string
	for _, f := range b.values(record.Unit{Matricule: "071981097640000000", Values: record.Values{Total: &total}}) {
		got = append(got, f.Value)
	}
	want := []string{"Non précisé au rôle", "Non précisé au rôle", unbreak("90_000_$"), "Non précisé au rôle"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values (-want +got)\n%s", diff)
	}
	if v := b.value(&nothing); v != unbreak("0_$") {
		t.Errorf("a value of zero: %q", v)
	}
	if n := b.previous(record.Values{Total: &total, Previous: &nothing}).Note; n != "" {
		t.Errorf("change from zero: %q", n)
	}
}

func TestMatricule(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"071981097640000000": "0719-81-0976", "071981097640000001": "0719-81-0976-4-000-0001",
		"0719810976": "0719-81-0976", "0719-81-0976": "0719-81-0976", "": "", "123": "123",
	} {
		if got := matricule(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// TestEveryTroubleIsTold walks the states of a section: none of its words may
// say "nothing" unless a good read said so.
func TestEveryTroubleIsTold(t *testing.T) {
	t.Parallel()
	b := at(t, 14, 10)
	never, ages := cache.Section{Source: "x"}, cache.Ages{FreshFor: time.Hour, HideAfter: 48 * time.Hour}
	old := never.Succeeded(nil, b.now.Add(-3*time.Hour), ages)
	for _, tc := range []struct {
		name    string
		section cache.Section
		unknown string // first sentence
		age     string
		trouble string
	}{
		{"never read", never, "Nous n’avons pas encore pu consulter la bibliothèque.", "Jamais consulté jusqu’à maintenant.", ""},
		{"never read, down", never.Failed("unavailable", b.now), "Nous n’avons pas encore pu consulter la bibliothèque.", "Jamais consulté jusqu’à maintenant.", ""},
		{"not linked", never.Failed("not_linked", b.now), "Votre carte n’est pas encore reliée à la bibliothèque.", "Jamais consulté jusqu’à maintenant.", ""},
		{"not found", never.Failed("not_found", b.now), "La bibliothèque ne reconnaît pas la carte reliée à votre dossier.", "Jamais consulté jusqu’à maintenant.", ""},
		{"too old", never.Succeeded(nil, b.now.Add(-72*time.Hour), ages), "Nous n’avons pas encore pu consulter la bibliothèque.", "La dernière lecture, du 21_novembre, 14_h_10, est trop ancienne pour être montrée.", ""},
		{"old", old, "", "En date d’aujourd’hui, 11_h_10.", "Nous vérifions s’il y a du nouveau."},
		{"old and down", old.Failed("unavailable", b.now), "", "En date d’aujourd’hui, 11_h_10.", "La bibliothèque ne répond pas présentement; nous réessayons."},
		{"old and paused", old.Failed("paused", b.now), "", "En date d’aujourd’hui, 11_h_10.", "La bibliothèque est en pause pour entretien; nous réessaierons ensuite."},
		{"old and garbled", old.Failed("malformed", b.now), "", "En date d’aujourd’hui, 11_h_10.", "La dernière réponse reçue n’était pas fiable; nous l’avons écartée et nous réessayons."},
		{"old and odd", old.Failed("something_new", b.now), "", "En date d’aujourd’hui, 11_h_10.", "La dernière mise à jour n’a pas réussi; nous réessayons."},
		{"fresh", never.Succeeded(nil, b.now.Add(-time.Minute), ages), "", "À jour à 14_h_09.", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			card := b.card(Source{Name: "x", Domain: Library}, tc.section.At(b.now))
			first := ""
			if len(card.Unknown) > 0 {
				first = card.Unknown[0]
			}
			got := []string{first, card.Age.Text, card.Age.Trouble}
			if diff := cmp.Diff([]string{tc.unknown, unbreak(tc.age), tc.trouble}, got); diff != "" {
				t.Errorf("words (-want +got)\n%s", diff)
			}
			if known := first == ""; known != (card.Headline == "Aucun prêt en cours.") {
				t.Errorf("known %v, headline %q", known, card.Headline)
			}
		})
	}
}

func TestOtherRecordsAreShownEverywhere(t *testing.T) {
	t.Parallel()
	b, amount := at(t, 9, 0), record.Cents(4500)
	other := record.Other{Title: "Permis de stationnement", Status: "Valide", Until: november(30), Amount: &amount, Details: []record.Detail{{Label: "Zone", Value: "3"}}}
	for _, d := range []Domain{Library, Recreation, Property, Requests, Other} {
		s := b.show(d, records(other))
		last := s.groups[len(s.groups)-1].Rows[0]
		want := views.Row{Title: other.Title, Detail: []string{unbreak("Jusqu’au 30_novembre 2026"), unbreak("45,00_$"), unbreak("Zone_: 3")}, Badge: &views.Badge{Tone: views.Quiet, Word: "Valide"}}
		if diff := cmp.Diff(want, last); diff != "" {
			t.Errorf("%s (-want +got)\n%s", d, diff)
		}
	}
}

// unbreak turns _ into no-break spaces, so that tables can be read.
func unbreak(s string) string {
	var out []rune
	for _, r := range s {
		if r == '_' {
			r = '\u00a0'
		}
		out = append(out, r)
	}
	return string(out)
}
