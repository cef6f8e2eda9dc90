package record_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"net/mail"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors/record"
)

// everyAction is one of each, every field set.
func everyAction() []record.Action {
	register := record.Register{
		Session: "https://x.example/s?id=1&b=<2>", Offer: "o", Order: "9d1c", Email: "lea@exemple.test", GivenName: "Léa", FamilyName: "Roy",
		AttendeeGivenName: "Zoé", AttendeeFamilyName: "Roy\u2028", Agreed: new(record.Cents(7800)),
	}
	return []record.Action{
		record.Renew{Item: "33001", Due: record.Date{Year: 2026, Month: 12, Day: 3}},
		record.RenewAll{},
		record.PlaceHold{Item: "33001", Title: "L’hiver", Pickup: "CENTRE"},
		record.CancelHold{Item: "33001", Title: "L’hiver"},
		register,
		record.HoldSeat{Register: register},
		record.ReleaseSeat{Order: "9d1c"},
		record.CancelRegistration{ID: "7"},
		record.Submit{
			ServiceCode: "001", Point: &record.Point{Lat: 45.123456789012345, Long: -73.9}, Address: "12, rue de l’Érable", AddressID: "A1",
			Description: "Un nid-de-poule\n« profond »", Attributes: map[string][]string{"B": {"2", "1"}, "A": {}, "C": nil},
			MediaURL: "https://x.example/p", Email: "lea@exemple.test", GivenName: "Léa", FamilyName: "Roy", Phone: "555",
		},
		record.Message{
			ID: "id", To: []mail.Address{{Name: "Travaux publics", Address: "tp@exemple.test"}}, CC: []mail.Address{{Address: "lea@exemple.test"}},
			ReplyTo: []mail.Address{{Address: "fil@exemple.test"}}, Subject: "Sujet", Text: "Texte", HTML: "<p>Texte</p>", Language: "fr",
			InReplyTo: "other", Files: []record.File{{Name: "a.ics", Type: "text/calendar", Data: []byte{0, 1, 255}}},
		},
	}
}

// TestActionsRoundTrip: what is decoded is what was encoded, and equal actions
// have equal encodings. Fields that are unset are kept apart from empty ones.
func TestActionsRoundTrip(t *testing.T) {
	t.Parallel()
	all := everyAction()
	for _, a := range everyAction() {
		all = append(all, reflect.Zero(reflect.TypeOf(a)).Interface().(record.Action))
		v := reflect.ValueOf(a)
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("%s: the test leaves field %s unset", a.ActionName(), v.Type().Field(i).Name)
			}
		}
	}
	all = append(all, record.Submit{Attributes: map[string][]string{}}, record.Message{Files: []record.File{}})
	for _, a := range all {
		data, err := record.EncodeAction(a)
		if err != nil {
			t.Errorf("%s: %v", a.ActionName(), err)
			continue
		}
		got, err := record.DecodeAction(data)
		if diff := cmp.Diff(a, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", a.ActionName(), err, diff)
		}
		if again, err := record.EncodeAction(got); err != nil || !bytes.Equal(again, data) {
			t.Errorf("%s: encoded otherwise the second time, %v", a.ActionName(), err)
		}
	}
}

// TestEveryActionIsEncoded: an action type that is added here must be added to
// the codec too.
func TestEveryActionIsEncoded(t *testing.T) {
	t.Parallel()
	want := map[string]bool{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, src, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == "ActionName" && fn.Recv != nil {
				want[fn.Recv.List[0].Type.(*ast.Ident).Name] = true
			}
		}
	}
	got := map[string]bool{}
	for _, a := range everyAction() {
		got[reflect.TypeOf(a).Name()] = true
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 10 {
		t.Errorf("actions (-declared +tested):\n%s", diff)
	}
}

func TestActionsRefused(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]record.Action{
		"none":      nil,
		"not UTF-8": record.Renew{Item: "secret\xff"},
	} {
		if _, err := record.EncodeAction(a); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	for name, data := range map[string]string{
		"nothing":     "",
		"cut":         `{"action":"renew","fields":{"Item":"secret`,
		"unknown":     `{"action":"burn","fields":{"Item":"secret"}}`,
		"no fields":   `{"action":"renew"}`,
		"wrong field": `{"action":"renew","fields":{"Item":["secret"]}}`,
	} {
		if a, err := record.DecodeAction([]byte(data)); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, error %v", name, a != nil, err)
		}
	}
}
