package open311sim

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// submit answers POST requests: every mistake at once, or one new request.
func (s *Server) submit(w *answer, r *http.Request, body []byte, format string) {
	s.submits++
	form, err := s.form(r, body)
	if err != nil {
		s.fail(w, format, http.StatusBadRequest, err.Error())
		return
	}
	if !s.keyed(r, form) {
		s.fail(w, format, http.StatusForbidden, "api_key was missing or is not valid")
		return
	}
	status, problems := s.validate(form)
	if len(problems) > 0 {
		s.fail(w, format, status, problems...)
		return
	}
	made := s.add(form)
	if s.fault == FaultLost {
		w.hangUp = true
		return
	}
	s.send(w, format, document{"service_requests", list{"request", []any{s.receipt(made)}}})
}

func (s *Server) keyed(r *http.Request, form url.Values) bool {
	key := form.Get("api_key")
	if s.dialect.KeyHeader != "" {
		key = r.Header.Get(s.dialect.KeyHeader)
		if s.dialect.KeyHeader == "Authorization" {
			key = strings.TrimPrefix(key, "Bearer ")
		}
	}
	return slices.Contains(s.seed.Keys, key)
}

// add files the request.
func (s *Server) add(form url.Values) *Request {
	s.next++
	now := s.seed.Now().Truncate(time.Second)
	lat, long, _ := position(form)
	r := &Request{
		ID: fmt.Sprintf("%02d-9%05d", now.Year()%100, s.next), Status: "open",
		ServiceCode: form.Get("service_code"), Description: form.Get("description"),
		Requested: now, Updated: now,
		Address: form.Get("address_string"), AddressID: form.Get("address_id"), Lat: lat, Long: long,
		Account: form.Get("account_id"), Email: form.Get("email"),
		FirstName: form.Get("first_name"), LastName: form.Get("last_name"), Phone: form.Get("phone"),
		Jurisdiction: form.Get("jurisdiction_id"),
		Notice:       "Reçu. Un suivi sera fait sous peu.",
		Notes:        []Note{{now, "opened", "Requête reçue"}},
		Attributes:   attributes(form),
	}
	if media := form.Get("media_url"); media != "" {
		r.Media = []string{media}
	}
	switch s.service(r.ServiceCode).followUp() {
	case "batch":
		r.Token, r.pending = fmt.Sprintf("%08d", 10_000_000+s.next), s.dialect.TokenWait
	case "blackbox":
		r.ID = ""
	}
	s.requests = append(s.requests, r)
	return r
}

// receipt is the answer: an id or a token, or neither, and never both.
func (s *Server) receipt(r *Request) object {
	o := object{{"service_notice", orNil(r.Notice)}, {"account_id", orNilID(r.Account)}}
	switch {
	case s.dialect.BothIDs:
		o = append(object{{"service_request_id", orNilID(r.ID)}, {"token", identifier("t" + r.ID)}}, o...)
	case r.Token != "":
		o = append(object{{"token", identifier(r.Token)}}, o...)
	case r.ID != "":
		o = append(object{{"service_request_id", identifier(r.ID)}}, o...)
	}
	return o
}
