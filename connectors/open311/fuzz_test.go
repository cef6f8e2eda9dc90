package open311

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

func seeds(f *testing.F, bodies ...string) {
	f.Helper()
	for _, b := range bodies {
		f.Add([]byte(b))
	}
}

// FuzzDecodeJSON: what strict JSON forbids is refused, nothing panics, and what
// is understood is fit to keep.
func FuzzDecodeJSON(f *testing.F) {
	seeds(f,
		`[{"service_request_id":293944,"status":"open","lat":45.56,"long":"-73.9","media_url":["https://a.example/1",""]}]`,
		`{"service_requests":{"request":{"service_request_id":"7","notes":[{"datetime":"2026-11-20 08:15:00","description":"<b>x</b>"}]}}}`,
		`[{"service_code":001}]`, `{"service_code":"A","attributes":{"attribute":{"code":"C","variable":"true","values":["x"]}}}`,
		`[{"code":400,"description":"Non"}]`, `null`, `[[[[]]]]`, `{"errors":[]}`, `[{"agency_responsible":{"recipient":["x"]}}]`,
	)
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := decodeJSON(body)
		if err != nil {
			return
		}
		if !json.Valid(body) {
			t.Fatal("accepted what is not JSON")
		}
		understand(t, n)
	})
}

// FuzzDecodeXML: nothing panics, and what is understood is fit to keep.
func FuzzDecodeXML(f *testing.F) {
	seeds(f,
		`<?xml version="1.0" encoding="UTF-8"?><service_requests><request><service_request_id>26-004417</service_request_id><status>open</status><updated_datetime/><lat>45.5612</lat><long>-73.9034</long><media_url/></request></service_requests>`,
		"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><services is_array=\"true\"><service><service_code>\xe9</service_code></service></services>",
		`<service_definition><service_code>A</service_code><attributes><attribute><code>C</code><values><value><key>1</key><name>x</name></value></values></attribute></attributes></service_definition>`,
		`<!DOCTYPE a [<!ENTITY b "c">]><errors><error><code>400</code><description>&b;</description></error></errors>`,
		`<html><br></html>`,
	)
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := decodeXML(body)
		if err != nil {
			return
		}
		understand(t, n)
	})
}

// understand reads a decoded reply as everything that it might be.
func understand(t *testing.T, n node) {
	t.Helper()
	src := &source{zone: time.UTC}
	if items, err := listFrom(n, requestShape()); err == nil {
		for _, item := range items {
			if r, err := src.readRequest(item); err == nil {
				fit(t, maxText, r.Description, r.StatusNote, r.Notice)
				fit(t, maxLine, r.Address, r.Service, r.Department, r.StatusWord)
				if r.key() == "" || r.Sent.Year() == 1970 {
					t.Error("a request without key, or of 1970")
				}
			}
		}
	}
	if items, err := listFrom(n, serviceShape()); err == nil {
		for _, item := range items {
			if s, err := readService(item); err == nil {
				fit(t, maxLine, s.Name, s.Group)
			}
		}
	}
	if attributes, err := readAttributes(n); err == nil {
		for _, a := range attributes {
			if a.Question && a.Code == "" {
				t.Error("a question without code")
			}
		}
	}
}

func fit(t *testing.T, limit int, texts ...string) {
	t.Helper()
	for _, s := range texts {
		bad := strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && unicode.IsControl(r) })
		if !utf8.ValidString(s) || bad || utf8.RuneCountInString(s) > limit+1 {
			t.Errorf("not fit to keep: %q", s)
		}
	}
}
