package open311sim

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const maxBody = 1 << 20

var attributeName = regexp.MustCompile(`^attribute\[([^\]]+)\](\[\])?$`)

// form reads the body: urlencoded in UTF-8 by the book, or JSON in that dialect.
func (s *Server) form(r *http.Request, body []byte) (url.Values, error) {
	mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if s.dialect.PostJSON {
		if mediaType != "application/json" {
			return nil, errors.New("the Content-Type is not application/json")
		}
		return jsonForm(body)
	}
	if mediaType != "application/x-www-form-urlencoded" {
		return nil, errors.New("the Content-Type is not application/x-www-form-urlencoded")
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, errors.New("the form cannot be read")
	}
	for name, values := range form {
		if !utf8.ValidString(name + strings.Join(values, "")) {
			return nil, errors.New("the form is not UTF-8")
		}
	}
	return form, nil
}

func jsonForm(body []byte) (url.Values, error) {
	var fields map[string]any
	if err := json.Unmarshal(body, &fields); err != nil {
		return nil, errors.New("the body is not a JSON object")
	}
	form := url.Values{}
	for name, value := range fields {
		if name != "attribute" {
			form.Set(name, fmt.Sprint(value))
			continue
		}
		answers, ok := value.(map[string]any)
		if !ok {
			return nil, errors.New("attribute is not an object")
		}
		for code, answer := range answers {
			several, ok := answer.([]any)
			if !ok {
				form.Set("attribute["+code+"]", fmt.Sprint(answer))
			}
			for _, one := range several {
				form.Add("attribute["+code+"][]", fmt.Sprint(one))
			}
		}
	}
	return form, nil
}

func (s *Server) validate(form url.Values) (status int, problems []string) {
	status = http.StatusBadRequest
	add := func(bad bool, problem string) {
		if bad {
			problems = append(problems, problem)
		}
	}
	add(s.seed.Jurisdiction != "" && form.Get("jurisdiction_id") == "", "jurisdiction_id was not provided")
	add(form.Get("service_code") == "", "service_code was not provided")
	service := s.service(form.Get("service_code"))
	if form.Get("service_code") != "" && service.Code == "" {
		return http.StatusNotFound, []string{"service_code was not found"}
	}
	if id := form.Get("jurisdiction_id"); s.seed.Jurisdiction != "" && id != "" && id != s.seed.Jurisdiction {
		return http.StatusNotFound, []string{"jurisdiction_id was not found"}
	}
	_, _, point := position(form)
	add((form.Get("lat") != "" || form.Get("long") != "") && !point, "lat and long are decimal degrees, both")
	add(!point && form.Get("address_string") == "" && form.Get("address_id") == "", "a location is required: lat and long, address_string or address_id")
	add(utf8.RuneCountInString(form.Get("description")) > 4000, "description is longer than 4000 characters")
	if media := form.Get("media_url"); media != "" {
		u, err := url.Parse(media)
		add(err != nil || u.Host == "", "media_url is not a URL")
	}
	return status, append(problems, s.answers(service, form)...)
}

func position(form url.Values) (lat, long float64, ok bool) {
	lat, errLat := strconv.ParseFloat(form.Get("lat"), 64)
	long, errLong := strconv.ParseFloat(form.Get("long"), 64)
	return lat, long, errLat == nil && errLong == nil && lat >= -90 && lat <= 90 && long >= -180 && long <= 180
}

// attributes gathers attribute[CODE] and attribute[CODE][].
func attributes(form url.Values) map[string][]string {
	out := map[string][]string{}
	for name, values := range form {
		if m := attributeName.FindStringSubmatch(name); m != nil {
			out[m[1]] = append(out[m[1]], values...)
		}
	}
	return out
}

// answers checks the attributes against the definition.
func (s *Server) answers(service Service, form url.Values) (problems []string) {
	given := attributes(form)
	for _, a := range service.Attributes {
		if a.Info {
			continue
		}
		values := slices.DeleteFunc(slices.Clone(given[a.Code]), func(v string) bool { return v == "" })
		delete(given, a.Code)
		if a.Required && len(values) == 0 {
			problems = append(problems, "attribute "+a.Code+" is required")
		}
		if len(values) > 1 && a.Datatype != "multivaluelist" {
			problems = append(problems, "attribute "+a.Code+" takes one value")
		}
		for _, v := range values {
			if !a.accepts(v) {
				problems = append(problems, "attribute "+a.Code+" is not a "+a.Datatype)
			}
		}
	}
	for code := range given {
		problems = append(problems, "attribute "+code+" is not one of this service")
	}
	return problems
}

func (a Attribute) accepts(v string) bool {
	switch a.Datatype {
	case "number":
		_, err := strconv.ParseFloat(v, 64)
		return err == nil
	case "datetime":
		_, err := time.Parse(time.RFC3339, v)
		return err == nil
	case "singlevaluelist", "multivaluelist":
		return slices.ContainsFunc(a.Values, func(c Value) bool { return c.Key == v })
	case "string":
		return !strings.ContainsAny(v, "\r\n")
	}
	return true
}
