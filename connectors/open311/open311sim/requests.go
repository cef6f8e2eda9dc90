package open311sim

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	maxSpan  = 90 * 24 * time.Hour
	maxItems = 1000
)

// filter is what GET requests may ask for (GeoReport v2, GET Service Requests).
type filter struct {
	ids, codes, statuses []string
	start, end           time.Time
	account, email       string
}

// list answers GET requests.
func (s *Server) list(w *answer, q url.Values, format string) {
	f, problems := s.filter(q)
	if len(problems) > 0 {
		s.fail(w, format, http.StatusBadRequest, problems...)
		return
	}
	var found []*Request
	for _, r := range slices.Backward(s.requests) { // newest first
		if s.matches(f, r) {
			found = append(found, r)
		}
	}
	found, ok := s.page(found, q)
	if !ok {
		s.fail(w, format, http.StatusBadRequest, "page and page_size are numbers from 1")
		return
	}
	s.send(w, format, s.requestList(found, q.Get("extensions") == "true"))
}

func (s *Server) filter(q url.Values) (filter, []string) {
	f := filter{ids: split(q.Get("service_request_id")), codes: split(q.Get("service_code")), statuses: split(q.Get("status"))}
	if s.dialect.Accounts {
		f.account, f.email = q.Get("account_id"), q.Get("email")
	}
	if len(f.ids) > 0 {
		return filter{ids: f.ids}, nil // overrides every other argument
	}
	var problems []string
	for _, status := range f.statuses {
		if status != "open" && status != "closed" {
			problems = append(problems, "status is open or closed")
		}
	}
	for _, code := range f.codes {
		if s.service(code).Code == "" {
			problems = append(problems, "service_code "+code+" is unknown")
		}
	}
	return f, append(problems, s.span(&f, q.Get("start_date"), q.Get("end_date"))...)
}

// span reads the dates: at most 90 days apart, the most recent 90 days when one
// or both are missing.
func (s *Server) span(f *filter, start, end string) (problems []string) {
	f.end = s.seed.Now()
	for _, bound := range []struct {
		name, value string
		to          *time.Time
	}{{"end_date", end, &f.end}, {"start_date", start, &f.start}} {
		if bound.value == "" {
			continue
		}
		t, ok := s.bound(bound.value)
		if !ok {
			problems = append(problems, bound.name+" must be in W3C format with a zone")
		}
		*bound.to = t
	}
	if f.start.IsZero() {
		f.start = f.end.Add(-maxSpan)
	}
	if start != "" && end == "" && f.end.Sub(f.start) > maxSpan {
		f.end = f.start.Add(maxSpan)
	}
	if f.end.Sub(f.start) > maxSpan {
		problems = append(problems, "start_date and end_date may be at most 90 days apart")
	}
	return problems
}

func (s *Server) bound(v string) (time.Time, bool) {
	layout := time.RFC3339
	if s.dialect.RefuseZone {
		layout = "2006-01-02T15:04:05"
	}
	t, err := time.ParseInLocation(layout, v, s.seed.Now().Location())
	return t, err == nil
}

func (s *Server) matches(f filter, r *Request) bool {
	if r.ID == "" || r.pending > 0 || slices.Contains(s.dialect.HideFromList, r.ID) {
		return false
	}
	if len(f.ids) > 0 {
		return slices.Contains(f.ids, r.ID)
	}
	at := r.Requested
	return (len(f.codes) == 0 || slices.Contains(f.codes, r.ServiceCode)) &&
		(len(f.statuses) == 0 || slices.Contains(f.statuses, r.status())) &&
		(f.account == "" || r.Account == f.account) &&
		(f.email == "" || strings.EqualFold(r.Email, f.email)) &&
		!at.Before(f.start) && !at.After(f.end)
}

// page cuts the answer to the server's cap, or to the page asked for.
func (s *Server) page(found []*Request, q url.Values) ([]*Request, bool) {
	size := maxItems
	if s.dialect.PageCap > 0 {
		size = s.dialect.PageCap
	}
	page := 1
	if s.dialect.Pages {
		if v := q.Get("page_size"); v != "" {
			n, err := strconv.Atoi(v)
			if err != nil || n < 1 {
				return nil, false
			}
			size = min(size, n)
		}
		if v := q.Get("page"); v != "" {
			n, err := strconv.Atoi(v)
			if err != nil || n < 1 {
				return nil, false
			}
			page = n
		}
	}
	start := min((page-1)*size, len(found))
	return found[start:min(start+size, len(found))], true
}

// one answers GET requests/{id}: still a list.
func (s *Server) one(w *answer, q url.Values, id, format string) {
	for _, r := range s.requests {
		if r.ID == id && r.pending == 0 {
			s.send(w, format, s.requestList([]*Request{r}, q.Get("extensions") == "true"))
			return
		}
	}
	s.fail(w, format, http.StatusNotFound, "service_request_id was not found")
}

// token answers GET tokens/{token}.
func (s *Server) token(w *answer, token, format string) {
	i := slices.IndexFunc(s.requests, func(r *Request) bool { return r.Token != "" && r.Token == token })
	if i < 0 {
		s.fail(w, format, http.StatusNotFound, "token was not found")
		return
	}
	r := s.requests[i]
	item := object{{"service_request_id", identifier(r.ID)}, {"token", identifier(r.Token)}}
	if r.pending > 0 {
		r.pending--
		switch s.dialect.TokenNotYet {
		case "404":
			s.fail(w, format, http.StatusNotFound, "token was not found")
			return
		case "list":
			s.send(w, format, document{"service_requests", list{element: "request"}})
			return
		}
		item[0].value = nil
	}
	s.send(w, format, document{"service_requests", list{"request", []any{item}}})
}

// updates answers GET servicerequestupdates, FixMyStreet's extension.
func (s *Server) updates(w *answer, q url.Values, format string) {
	var f filter
	if problems := s.span(&f, q.Get("start_date"), q.Get("end_date")); len(problems) > 0 {
		s.fail(w, format, http.StatusBadRequest, problems...)
		return
	}
	updates := list{element: "request_update"}
	for _, r := range s.requests {
		for i, n := range r.Notes {
			if n.At.Before(f.start) || n.At.After(f.end) {
				continue
			}
			updates.items = append(updates.items, object{
				{"update_id", identifier(r.ID + "-" + strconv.Itoa(i))},
				{"service_request_id", identifier(r.ID)},
				{"status", text(strings.ToUpper(n.Type))},
				{"description", s.prose(n.Description)},
				{"updated_datetime", s.instant(n.At)},
				{"media_url", nil},
			})
		}
	}
	s.send(w, format, document{"service_request_updates", updates})
}
