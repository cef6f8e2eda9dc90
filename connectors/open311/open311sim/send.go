package open311sim

import (
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// send writes a document with status 200.
func (s *Server) send(w *answer, format string, d document) {
	if l, ok := d.value.(list); ok {
		switch s.fault { //nolint:exhaustive // the others are made elsewhere
		case FaultEmpty:
			d.value = list{element: l.element}
		case FaultDrift:
			drift(l)
		}
	}
	s.write(w, format, http.StatusOK, d)
}

// drift renames the fields of each item.
func drift(l list) {
	for _, item := range l.items {
		if o, ok := item.(object); ok {
			for i := range o {
				o[i].name = "x_" + o[i].name
			}
		}
	}
}

// fail writes an error list, one error a message.
func (s *Server) fail(w *answer, format string, status int, messages ...string) {
	if s.dialect.HTMLErrors {
		w.html(status, "<h1>"+http.StatusText(status)+"</h1><br>")
		return
	}
	errors := list{element: "error"}
	for _, m := range messages {
		errors.items = append(errors.items, object{{"code", text(strconv.Itoa(status))}, {"description", text(m)}})
	}
	s.write(w, format, status, document{"errors", errors})
}

func (s *Server) write(w *answer, format string, status int, d document) {
	mediaType, body := "application/json; charset=utf-8", []byte(nil)
	if format == "xml" {
		mediaType, body = "text/xml; charset=utf-8", writeXML(d, s.dialect)
		if s.dialect.XMLAttributes {
			mediaType = "application/xml"
		}
	} else {
		body = writeJSON(d, s.dialect)
	}
	if s.fault == FaultCharset {
		if latin, err := charmap.ISO8859_1.NewEncoder().Bytes(body); err == nil {
			body = latin
		}
	}
	w.status, w.mediaType, w.body = status, mediaType, body
}

func (w *answer) html(status int, content string) {
	w.status, w.mediaType = status, "text/html; charset=utf-8"
	w.body = []byte("<!DOCTYPE html>\n<html><head><title>Ville</title></head><body>" + content + "</body></html>")
}

// broken answers for the faults that replace every answer.
func (s *Server) broken(w *answer, r *http.Request, path []string, format string) bool {
	submit := r.Method == http.MethodPost
	switch s.fault {
	case FaultError:
		w.html(http.StatusInternalServerError, "<h1>Internal Server Error</h1>")
	case FaultDenied:
		s.fail(w, format, http.StatusForbidden, "not allowed")
	case FaultHTML:
		w.html(http.StatusOK, "<p>De retour à 6 h.</p>")
	case FaultForeign:
		if submit || path[0] != "requests" {
			return false
		}
		all := s.requests
		if len(path) == 2 {
			all = nil
			for _, v := range s.requests {
				if v.ID != path[1] {
					all = []*Request{v}
				}
			}
		}
		s.send(w, format, s.requestList(all, false))
	case FaultDropped:
		if !submit {
			return false
		}
		s.submits++
		w.hangUp = true
	default:
		return false
	}
	return true
}

// hangUp closes the connection without an answer.
func hangUp(w http.ResponseWriter) {
	if hijacker, ok := w.(http.Hijacker); ok {
		if conn, _, err := hijacker.Hijack(); err == nil {
			_ = conn.Close()
		}
	}
}

func split(list string) []string {
	var out []string
	for part := range strings.SplitSeq(list, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
