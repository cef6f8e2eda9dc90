package openactive_test

import (
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/openactive"
	"github.com/semenligne/sem/connectors/record"
)

var update = flag.Bool("update", false, "write the golden files anew")

// published is a publisher whose pages are the files of testdata.
func published(t *testing.T, files ...string) *script {
	t.Helper()
	s := &script{answers: map[string]string{}}
	for _, name := range files {
		b, err := os.ReadFile("testdata/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var p struct{ Next string }
		if err := json.Unmarshal(b, &p); err != nil {
			t.Fatal(err)
		}
		end := p.Next[len("https://loisirs.exemple.test"):]
		s.answers["/"+name], s.answers[end] = string(b), page(end)
	}
	return s
}

// golden compares records with a file, one JSON object a line.
func golden(t *testing.T, name string, records []record.Record) {
	t.Helper()
	var got []byte
	for _, r := range records {
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		got = append(append(got, b...), '\n')
	}
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestMapping(t *testing.T) {
	t.Parallel()
	for name, files := range map[string][]string{
		"all.golden":    {"sessions", "series", "others"},
		"series.golden": {"series"},
	} {
		var records []record.Record
		src := published(t, files...).open(t, nil, paths(files)...)
		if _, err := src.List.List(t.Context(), "", func(r record.Record) error {
			records = append(records, r)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		golden(t, name, records)
	}
}

func paths(names []string) []string {
	var list []string
	for _, n := range names {
		list = append(list, "/"+n)
	}
	return list
}

func TestResidencyTiers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		offer string
		want  *bool
	}{
		"Résident":                       {`"name":"Résident"`, new(true)},
		"resident in English":            {`"name":"Resident rate"`, new(true)},
		"Non-résident":                   {`"name":"Non-résident"`, new(false)},
		"non résidents":                  {`"name":"Tarif non résidents"`, new(false)},
		"extérieur":                      {`"name":"Extérieur"`, new(false)},
		"both":                           {`"name":"Résidents et non-résidents"`, nil},
		"neither":                        {`"name":"Adulte"`, nil},
		"a word that only contains it":   {`"name":"Présidents"`, nil},
		"entitlement":                    {`"name":"A","eligibleEntitlementType":[{"@type":"Concept","prefLabel":"Résident"}]`, new(true)},
		"own property, boolean":          {`"name":"Résident","ville:palier":false`, new(false)},
		"own property, word":             {`"name":"A","palier":"resident"`, new(true)},
		"own property, word we know not": {`"name":"Résident","palier":"B"`, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &script{answers: map[string]string{
				"/f":     page("/f?a=1", session("1", "1", `,"offers":{"@type":"Offer","@id":"https://x.exemple.test/o",`+test.offer+`}`)),
				"/f?a=1": page("/f?a=1"),
			}}
			got, _ := list(t, s.open(t, func(s *openactive.Settings) { s.ResidentsProp = "palier" }, "/f"), connectors.Cursor(""))
			for _, a := range got {
				if diff := cmp.Diff(test.want, a.Offers[0].Residents); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}
