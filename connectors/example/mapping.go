package example

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// The replies. A pointer tells "not there" from "empty".
type (
	statusReply struct {
		Service string `json:"service"`
	}
	permitsReply struct {
		Holder  string    `json:"holder"`
		Permits *[]permit `json:"permits"`
	}
	permit struct {
		Number  string `json:"number"`
		Type    string `json:"type"`
		State   string `json:"state"`
		Place   string `json:"place"`
		Issued  string `json:"issued"`
		Expires string `json:"expires"`
		Fee     string `json:"fee"`
	}
)

// maxText is in characters; no honest title is longer.
const maxText = 300

// malformed keeps the decoder's error out: it may quote the reply.
func malformed(what string) error { return fmt.Errorf("%s: %w", what, connectors.ErrMalformed) }

// decode reads a whole JSON reply. encoding/json accepts text that is not
// UTF-8 and replaces it in silence; we do not.
func decode(body []byte, into any) error {
	if !utf8.Valid(body) {
		return malformed("reply that is not UTF-8")
	}
	if err := json.Unmarshal(body, into); err != nil {
		return malformed("reply that is not the JSON expected")
	}
	return nil
}

func decodeStatus(body []byte) error {
	var reply statusReply
	if err := decode(body, &reply); err != nil {
		return err
	}
	if reply.Service != "permits" {
		return malformed("reply of another service")
	}
	return nil
}

// mapPermits turns a reply into records of the person asked about.
func mapPermits(body []byte, who record.Ref) ([]record.Record, error) {
	var reply permitsReply
	if err := decode(body, &reply); err != nil {
		return nil, err
	}
	if reply.Holder != who.Reveal() {
		return nil, malformed("reply about another holder")
	}
	if reply.Permits == nil {
		return nil, malformed("reply without a list of permits") // not the same as none
	}
	records := make([]record.Record, 0, len(*reply.Permits))
	seen := map[string]bool{}
	for i, p := range *reply.Permits {
		body, err := p.other()
		if err != nil {
			return nil, fmt.Errorf("permit %d: %w", i, err)
		}
		if p.Number == "" || seen[p.Number] {
			return nil, fmt.Errorf("permit %d: %w", i, malformed("number missing or there twice"))
		}
		seen[p.Number] = true
		records = append(records, record.Record{Key: p.Number, Owner: who, Body: body})
	}
	return records, nil
}

// other maps one permit. What the system did not say stays unknown; what it
// said and we cannot read is an error, never a guess.
func (p permit) other() (record.Other, error) {
	out := record.Other{Title: record.Text(p.Type, maxText), Status: p.status()}
	var err error
	if out.Date, err = date(p.Issued); err != nil {
		return record.Other{}, malformed("issued is not a date")
	}
	if out.Until, err = date(p.Expires); err != nil {
		return record.Other{}, malformed("expires is not a date")
	}
	if p.Fee != "" {
		fee, err := record.ParseCents(p.Fee)
		if err != nil {
			return record.Other{}, malformed("fee is not an amount")
		}
		out.Amount = &fee
	}
	for _, d := range []record.Detail{{Label: "Numéro", Value: p.Number}, {Label: "Lieu", Value: p.Place}} {
		if value := record.Text(d.Value, maxText); value != "" {
			out.Details = append(out.Details, record.Detail{Label: d.Label, Value: value})
		}
	}
	return out, nil
}

// status is the system's code in words; a code that we do not know is shown as
// it came.
func (p permit) status() string {
	switch p.State {
	case "D":
		return "Délivré"
	case "E":
		return "À l'étude"
	case "R":
		return "Refusé"
	}
	return record.Text(p.State, maxText)
}

// date reads a day; no text is an unknown one.
func date(s string) (record.Date, error) {
	if s == "" {
		return record.Date{}, nil
	}
	return record.ParseDate(s)
}
