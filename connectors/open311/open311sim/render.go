package open311sim

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

func (s *Server) serviceList() document {
	items := make([]any, 0, len(s.seed.Services))
	for _, v := range s.seed.Services {
		items = append(items, object{
			{"service_code", identifier(v.Code)},
			{"service_name", orNil(v.Name)},
			{"description", s.prose(v.Description)},
			{"metadata", truth(s.hasDefinition(v))},
			{"type", text(v.followUp())},
			{"keywords", orNil(strings.Join(v.Keywords, ", "))},
			{"group", orNil(v.Group)},
		})
	}
	return document{"services", list{"service", items}}
}

func (s *Server) hasDefinition(v Service) bool { return len(v.Attributes) > 0 || s.dialect.NoQuestions }

func (v Service) followUp() string {
	if v.Type == "" {
		return "realtime"
	}
	return v.Type
}

func (s *Server) definition(v Service) document {
	attributes := list{element: "attribute"}
	for _, a := range v.Attributes {
		values := list{element: "value"}
		for _, choice := range a.Values {
			values.items = append(values.items, object{{"key", identifier(choice.Key)}, {"name", text(choice.Name)}})
		}
		attributes.items = append(attributes.items, object{
			{"variable", truth(!a.Info)},
			{"code", identifier(a.Code)},
			{"datatype", text(a.Datatype)},
			{"required", truth(a.Required)},
			{"datatype_description", orNil(a.Hint)},
			{"order", number(strconv.Itoa(a.Order))},
			{"description", s.prose(a.Description)},
			{"values", values},
		})
	}
	if s.dialect.NoQuestions {
		attributes.items = nil
	}
	return document{"service_definition", object{{"service_code", identifier(v.Code)}, {"attributes", attributes}}}
}

func (s *Server) requestList(requests []*Request, extensions bool) document {
	items := make([]any, 0, len(requests))
	for _, r := range requests {
		items = append(items, s.request(r, extensions))
	}
	return document{"service_requests", list{"request", items}}
}

func (s *Server) request(r *Request, extensions bool) object {
	o := object{
		{"service_request_id", orNilID(r.ID)},
		{"status", text(r.status())},
		{"status_notes", s.prose(r.StatusNotes)},
		{"service_name", orNil(s.service(r.ServiceCode).Name)},
		{"service_code", identifier(r.ServiceCode)},
		{"description", s.prose(r.Description)},
		{"agency_responsible", s.agency(r)},
		{"service_notice", orNil(r.Notice)},
		{"requested_datetime", s.instant(r.Requested)},
		{"updated_datetime", s.instant(r.Updated)},
		{"expected_datetime", s.instant(r.Expected)},
		{"address", orNil(r.Address)},
		{"address_id", orNilID(r.AddressID)},
		{"zipcode", orNil(r.Zip)},
		{"lat", s.degrees(r, r.Lat)},
		{"long", s.degrees(r, r.Long)},
		{"media_url", s.media(r)},
	}
	if s.dialect.Accounts && !s.dialect.HideAccounts {
		o = append(o, member{"account_id", orNilID(r.Account)}, member{"email", orNil(r.Email)})
	}
	if s.dialect.AgencyObject {
		o = append(o, member{"title", text("Signalement")}, member{"comment_count", number("3")}, member{"interface_used", text("web")})
	}
	if s.dialect.Notes && extensions {
		o = append(o, member{"notes", s.notes(r)})
	}
	if s.dialect.LongFirst {
		slices.Reverse(o)
	}
	return o
}

func (r *Request) status() string {
	if r.Status == "" {
		return "open"
	}
	return r.Status
}

func (s *Server) agency(r *Request) any {
	if s.dialect.AgencyObject && r.Agency != "" {
		return object{{"recipient", list{"recipient", []any{text(r.Agency)}}}}
	}
	return orNil(r.Agency)
}

func (s *Server) media(r *Request) any {
	switch {
	case len(r.Media) == 0:
		return nil
	case !s.dialect.MediaList:
		return text(r.Media[0])
	}
	photos := list{element: "media_url"}
	for _, m := range r.Media {
		photos.items = append(photos.items, text(m))
	}
	return photos
}

func (s *Server) notes(r *Request) list {
	notes := list{element: "note"}
	for _, n := range r.Notes {
		notes.items = append(notes.items, object{
			{"datetime", s.instant(n.At)}, {"type", orNil(n.Type)}, {"description", s.prose(n.Description)},
		})
	}
	return notes
}

func (s *Server) degrees(r *Request, v float64) any {
	if r.Lat == 0 && r.Long == 0 && !s.dialect.ZeroPositions {
		return nil
	}
	if s.dialect.Float32 {
		v = float64(float32(v))
	}
	return number(strconv.FormatFloat(v, 'f', -1, 64))
}

func (s *Server) instant(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	if s.dialect.BadDates {
		return text("hier soir")
	}
	layout := time.RFC3339
	switch s.dialect.Dates {
	case "z":
		t = t.UTC()
	case "nozone":
		layout = "2006-01-02T15:04:05"
	case "spaced":
		layout = time.DateTime
	}
	return text(t.Format(layout))
}

func (s *Server) prose(v string) any {
	if v != "" && s.dialect.HTMLText {
		v = "<p>" + v + "</p><script>alert(1)</script>"
	}
	return orNil(v)
}

func orNil(v string) any {
	if v == "" {
		return nil
	}
	return text(v)
}

func orNilID(v string) any {
	if v == "" {
		return nil
	}
	return identifier(v)
}
