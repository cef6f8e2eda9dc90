package open311

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// postReply is a reply to a submit that can be believed.
type postReply struct {
	request request // the receipt: id or token, notice

	refused       bool
	refusal, note string
}

// post sends the submit, once. An error that is not ErrOutcomeUnknown means
// that nothing can have changed.
func (s *source) post(ctx context.Context, a attempt) (postReply, error) {
	// Half of the time is for the reply; the rest is for learning what happened
	// when it does not come.
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
		defer cancel()
	}
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	request, err := s.postRequest(ctx, a)
	if err != nil {
		return postReply{}, fmt.Errorf("open311: submit: address: %w", connectors.ErrRefused)
	}
	status, body, err := s.do(request)
	switch {
	case err != nil && !connected.Load():
		return postReply{}, fmt.Errorf("open311: submit: not sent: %w", err)
	case err != nil:
		return postReply{}, unknown(err)
	case status >= 200 && status < 300:
		return s.readReceipt(body, a)
	case status >= 400 && status < 500:
		return readRefusal(status, body)
	}
	return postReply{}, fmt.Errorf("open311: submit: HTTP status %d: %w", status, connectors.ErrOutcomeUnknown)
}

// unknown replaces whatever the error was: after sending only one thing is sure.
func unknown(err error) error {
	return fmt.Errorf("open311: submit: reply lost (%s): %w", connectors.Reason(err), connectors.ErrOutcomeUnknown)
}

// readReceipt reads a 2xx. Whatever is odd about it leaves the outcome unknown.
func (s *source) readReceipt(body []byte, a attempt) (postReply, error) {
	odd := func(what string) (postReply, error) {
		return postReply{}, fmt.Errorf("open311: submit: %s: %w", what, connectors.ErrOutcomeUnknown)
	}
	items, err := s.readRequests(body)
	switch {
	case err != nil:
		return odd("receipt unreadable")
	case len(items) == 0 && a.service.FollowUp == record.FollowUpNone:
		return postReply{}, nil
	case len(items) != 1:
		return odd("not one receipt")
	}
	r := items[0]
	switch {
	case a.account != "" && r.account != "" && r.account != a.account:
		return odd("somebody else's receipt")
	case r.ID == "" && r.Token == "" && a.service.FollowUp != record.FollowUpNone:
		return odd("a receipt with neither number nor token")
	}
	return postReply{request: r}, nil
}

// readRefusal reads a 4xx: by its meaning nothing was created.
func readRefusal(status int, body []byte) (postReply, error) {
	descriptions, listed := decodeErrors(body)
	failed := func(sentinel error) (postReply, error) {
		return postReply{}, fmt.Errorf("open311: submit: HTTP status %d: %w", status, sentinel)
	}
	refusal := postReply{refused: true, refusal: RefusalRejected, note: plain(strings.Join(descriptions, "\n"), maxText)}
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return failed(connectors.ErrDenied)
	case status == http.StatusTooManyRequests:
		return failed(connectors.ErrUnavailable)
	case status == http.StatusRequestTimeout:
		return failed(connectors.ErrOutcomeUnknown)
	case listed && status == http.StatusNotFound:
		refusal.refusal = RefusalUnknownService
	case listed:
	case status == http.StatusNotFound, status == http.StatusGone:
		return failed(connectors.ErrNotFound)
	case status == http.StatusBadRequest:
		// Also what a broken back office answers, perhaps half way.
		return failed(connectors.ErrOutcomeUnknown)
	}
	return refusal, nil
}

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
	if p := a.submit.Point; p != nil {
		add("lat", strconv.FormatFloat(p.Lat, 'f', -1, 64))
		add("long", strconv.FormatFloat(p.Long, 'f', -1, 64))
	}
	add("address_string", a.submit.Address)
	add("address_id", a.submit.AddressID)
	add("email", a.submit.Email)
	add("account_id", a.account)
	add("first_name", a.submit.GivenName)
	add("last_name", a.submit.FamilyName)
	add("phone", a.submit.Phone)
	add("description", a.submit.Description)
	for _, question := range a.service.Attributes {
		answers := slices.DeleteFunc(slices.Clone(a.submit.Attributes[question.Code]), func(v string) bool { return v == "" })
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
