package open311sim

import "slices"

// Calls is the number of requests answered.
func (s *Server) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// Submits is the number of POSTs that arrived whole, whatever came of them.
func (s *Server) Submits() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.submits
}

// Requests is a copy of what the town holds, oldest first.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Request, 0, len(s.requests))
	for _, r := range s.requests {
		out = append(out, *r)
	}
	return out
}

// SetFault turns a fault on, or all off with FaultNone.
func (s *Server) SetFault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// SetDialect changes how the server speaks.
func (s *Server) SetDialect(d Dialect) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dialect = d
}

// SetStatus moves a request on, as an employee of the town would; false when
// there is none of that id.
func (s *Server) SetStatus(id, status, note string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.requests, func(r *Request) bool { return r.ID == id })
	if i < 0 {
		return false
	}
	r, now := s.requests[i], s.seed.Now()
	r.Status, r.StatusNotes, r.Updated = status, note, now
	r.Notes = append(r.Notes, Note{now, status, note})
	return true
}
