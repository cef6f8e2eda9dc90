package sip2sim

import (
	"errors"
	"slices"
)

// visit is the state of one connection.
type visit struct {
	server   *Server
	loggedIn bool
	failed   int    // logins
	last     []byte // the last reply, for 97
	held     []byte // a reply kept back by FaultLate
}

// answer takes one request and returns what to write and whether to go on.
func (v *visit) answer(line []byte) (out []byte, keep bool) {
	s := v.server
	s.mu.Lock()
	defer s.mu.Unlock()
	rq, err := parseRequest(line, s.config.Charset)
	if errors.Is(err, errBlank) {
		return nil, true
	}
	s.calls++
	if err != nil || s.fault == FaultError {
		return s.seal(reply{code: "96"}, rq), true
	}
	if s.fault == FaultUnreadOnce {
		s.fault = FaultNone
		return s.seal(reply{code: "96"}, rq), true
	}
	s.heard[rq.code]++
	if rq.code == "97" {
		if s.fault == FaultChecksum {
			return spoil(v.last), true
		}
		return v.last, true
	}
	if !v.loggedIn && rq.code != "93" && rq.code != "99" {
		return nil, false
	}
	if !s.supports(rq.code) {
		if s.config.Personality == Evergreen {
			return nil, false
		}
		return s.seal(reply{code: "96"}, rq), true
	}
	return v.deliver(rq)
}

// deliver carries out a readable, supported request and applies the fault to
// its reply.
func (v *visit) deliver(rq request) (out []byte, keep bool) {
	s := v.server
	if s.fault == FaultStatus && rq.code != "99" && rq.code != "93" {
		s.fault = FaultNone
		return s.seal(s.status(), rq), true
	}
	answer, keep := s.handle(v, rq)
	before := v.last
	v.last = s.seal(answer, rq)
	switch s.fault {
	case FaultSwallow:
		if slices.Contains([]string{"29", "65", "15", "37"}, rq.code) {
			return nil, keep
		}
	case FaultStale:
		return slices.Concat(before, v.last), keep
	case FaultLate:
		out, v.held = v.held, v.last
		return out, keep
	case FaultChecksum, FaultChecksumOnce:
		if s.fault == FaultChecksumOnce {
			s.fault = FaultNone
		}
		return spoil(v.last), keep
	default: // nothing at this point
	}
	return v.last, keep
}

// supports looks a request up in BX.
func (s *Server) supports(code string) bool {
	at := slices.Index([]string{"23", "11", "09", "01", "99", "97", "93", "63", "35", "37", "17", "19", "25", "15", "29", "65"}, code)
	return at >= 0 && (code == "99" || code == "93" || at < len(s.config.Supported) && s.config.Supported[at] == 'Y')
}
