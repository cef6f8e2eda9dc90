package open311

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

func (s *source) postRequest(ctx context.Context, a attempt) (*http.Request, error) {
	fields := s.fields(a)
	body, mediaType := fields.form(), "application/x-www-form-urlencoded; charset=utf-8"
	if s.PostAs == postJSON {
		var err error
		if body, err = fields.json(); err != nil {
			return nil, err
		}
		mediaType = "application/json; charset=utf-8"
	}
	address := s.base + "/requests." + s.Format
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", mediaType)
	s.keyHeader(request)
	return request, nil
}

// fields is a submit as the form has it, in order.
type fields []field

type field struct {
	name   string
	values []string
	// code is the attribute answered; empty for other fields.
	code string
	list bool
}

func (s *source) fields(a attempt) fields {
	var f fields
	add := func(name, value string) {
		if value != "" {
			f = append(f, field{name: name, values: []string{value}})
		}
	}
	if s.KeyIn == keyParameter {
		add("api_key", s.Key.Reveal())
	}
	add("jurisdiction_id", s.Jurisdiction)
	add("service_code", a.submit.ServiceCode)
	if p := a.submit.Point; p != nil && p.Valid() {
		add("lat", strconv.FormatFloat(p.Lat, 'f', -1, 64))
		add("long", strconv.FormatFloat(p.Long, 'f', -1, 64))
	}
	add("address_string", strings.TrimSpace(a.submit.Address))
	add("address_id", strings.TrimSpace(a.submit.AddressID))
	add("email", a.submit.Email)
	add("account_id", a.account)
	add("first_name", a.submit.GivenName)
	add("last_name", a.submit.FamilyName)
	add("phone", a.submit.Phone)
	add("description", a.submit.Description)
	for _, question := range a.service.Attributes {
		answers := s.answersTo(question, a.submit.Attributes[question.Code])
		if question.Question && len(answers) > 0 {
			f = append(f, field{"attribute", answers, question.Code, question.Datatype == "multivaluelist"})
		}
	}
	add("media_url", a.submit.MediaURL) // last, by the book
	return f
}

func (f fields) form() string {
	var pairs []string
	for _, v := range f {
		name := v.name
		if v.code != "" {
			name += "[" + v.code + "]"
		}
		if v.list {
			name += "[]"
		}
		for _, value := range v.values {
			pairs = append(pairs, url.QueryEscape(name)+"="+url.QueryEscape(value))
		}
	}
	return strings.Join(pairs, "&")
}

// json writes one flat object of strings, with the answers by code under
// attribute.
func (f fields) json() (string, error) {
	object := map[string]any{}
	answers := map[string]any{}
	for _, v := range f {
		switch {
		case v.list:
			answers[v.code] = v.values
		case v.code != "":
			answers[v.code] = v.values[0]
		default:
			object[v.name] = v.values[0]
		}
	}
	if len(answers) > 0 {
		object["attribute"] = answers
	}
	data, err := json.Marshal(object)
	return string(data), err
}
