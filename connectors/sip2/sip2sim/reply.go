package sip2sim

import (
	"slices"
	"strings"
	"time"
)

// reply is a message to a client, before it is written.
type reply struct {
	code, fixed string
	fields      []tag
}

type tag struct{ id, value string }

func (r *reply) add(id string, values ...string) {
	for _, v := range values {
		r.fields = append(r.fields, tag{id, v})
	}
}

// seal writes a reply the way the server's personality does.
func (s *Server) seal(r reply, rq request) []byte {
	charset := s.config.Charset
	if s.fault == FaultCharset {
		charset = map[string]string{"utf-8": "iso-8859-1"}[charset]
	}
	out := []byte(r.code + r.fixed)
	for _, f := range s.ordered(r.fields) {
		out = append(out, toCharset(f.id+s.escaped(f.value), charset)...)
		if flag := f.id == "BL" || f.id == "CQ"; !flag || s.config.Personality != Plain {
			out = append(out, '|')
		}
	}
	if rq.summed && !s.config.NoChecksums {
		if s.config.Personality == Plain {
			out = append(out, "  "...)
		}
		if r.code != "96" && rq.sequence != "" {
			out = append(out, "AY"+rq.sequence...)
		}
		out = append(out, "AZ"...)
		check := sum(out)
		if s.config.Personality == Plain {
			check = strings.ToLower(check)
		}
		out = append(out, check...)
	}
	switch s.config.Personality {
	case Koha:
		return append(out, '\r', '\n')
	case Evergreen:
		return append(out, '\r')
	case Plain:
	}
	return append(out, '\r', 0)
}

// ordered puts fields in the personality's order.
func (s *Server) ordered(fields []tag) []tag {
	if s.config.Personality == Koha {
		fields = slices.Clone(fields)
		slices.Reverse(fields)
	}
	return fields
}

// escaped keeps a bar inside a value from ending it.
func (s *Server) escaped(value string) string {
	if s.config.Personality == Evergreen {
		if cut := []rune(value); len(cut) > 255 {
			value = string(cut[:255])
		}
	}
	return strings.ReplaceAll(value, "|", "&#124;")
}

// moment is a date in the protocol's own form.
func moment(t time.Time) string { return t.Format("20060102    150405") }

func (s *Server) now() string { return moment(time.Now()) }

// status is a 98.
func (s *Server) status() reply {
	online := "Y"
	if s.fault == FaultMaintenance {
		online = "N"
	}
	r := reply{code: "98", fixed: online + "YYYNY600003" + s.now() + "2.00"}
	r.add("AO", s.shelf.institution)
	r.add("AM", "Bibliothèque")
	supported := s.config.Supported
	if s.config.Personality == Plain {
		supported += strings.Repeat(" ", 20)
	}
	r.add("BX", supported)
	if s.config.Personality == Plain {
		r.add("AN", "")
		r.add("U1", "x")
	}
	return r
}
