package record_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors/record"
)

func TestParseAction(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		words string
		want  record.Action
	}{
		{"renew item=33001", record.Renew{Item: "33001"}},
		{"renew item=33001 due=2026-12-03", record.Renew{Item: "33001", Due: record.Date{Year: 2026, Month: 12, Day: 3}}},
		{"renew-all", record.RenewAll{}},
		{"hold title=L'hiver", record.PlaceHold{Title: "L'hiver"}},
		{"cancel-hold item=33001", record.CancelHold{Item: "33001"}},
		{"register session=https://x.example/s?id=1 given_name=Léo", record.Register{Session: "https://x.example/s?id=1", GivenName: "Léo"}},
		{"cancel-registration id=7", record.CancelRegistration{ID: "7"}},
		{"submit service_code=001 lat=45.5 long=-73.9 description=a=b attribute.COTE=N attribute.COTE=S", record.Submit{
			ServiceCode: "001", Point: &record.Point{Lat: 45.5, Long: -73.9}, Description: "a=b", Attributes: map[string][]string{"COTE": {"N", "S"}},
		}},
	} {
		words := strings.Fields(c.words)
		got, err := record.ParseAction(words[0], words[1:])
		if err != nil {
			t.Errorf("%s: %v", c.words, err)
			continue
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.words, diff)
		}
		if got.ActionName() != words[0] {
			t.Errorf("%s calls itself %s", c.words, got.ActionName())
		}
	}
	for words, want := range map[string]string{
		"renew":                                "key item is missing",
		"renew item=secret1 item=secret2":      "key item given 2 times",
		"renew item=secret1 colour=secret2":    "unknown key colour",
		"renew secret1":                        "a word that is not key=value",
		"renew item=secret1 due=secret2":       "key due is not a date",
		"hold":                                 "exactly one of the keys item and title",
		"hold item=secret1 title=secret2":      "exactly one of the keys item and title",
		"submit service_code=1 lat=secret1":    "key lat is not a number",
		"submit service_code=1 lat=0 long=0":   "no place on Earth",
		"submit service_code=1 lat=NaN long=1": "no place on Earth",
		"burn item=secret1":                    "unknown; one of renew",
	} {
		w := strings.Fields(words)
		_, err := record.ParseAction(w[0], w[1:])
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v; want %q", words, err, want)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error shows a value: %v", words, err)
		}
	}
}
