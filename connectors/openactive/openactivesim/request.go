package openactivesim

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
)

// mediaType is what both sides speak.
const mediaType = "application/vnd.openactive.booking+json; version=1"

// maxRequest bounds a request's body, in bytes.
const maxRequest = 1 << 20

// request is an order or a quote that a broker asks for.
type request struct {
	customer struct{ account, email, givenName, familyName string }
	items    []wanted
	due      *json.Number
	digest   string // of the whole body
}

// wanted is one place asked for.
type wanted struct {
	position           int
	event              *Event
	offer              *Offer
	eventURI, offerURI string
	givenName, surname string
}

// complaint is why a request is turned away.
type complaint struct {
	status            int
	typ, name, detail string
}

// read reads and checks a body. named asks for the customer.
func (s *Server) read(r *http.Request, typ string, named bool) (*request, *complaint) {
	if r.Header.Get("Content-Type") != mediaType {
		return nil, &complaint{http.StatusUnsupportedMediaType, "OpenBookingError", "Unsupported media type", "Content-Type must be " + mediaType}
	}
	if !strings.Contains(r.Header.Get("Accept"), mediaType) {
		return nil, &complaint{http.StatusNotAcceptable, "OpenBookingError", "Not acceptable", "Accept must hold " + mediaType}
	}
	if !uuidForm().MatchString(r.PathValue("uuid")) {
		return nil, bad("IncompleteOrderItemError", "The path must end in a UUID.")
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest))
	if err != nil {
		return nil, bad("OpenBookingError", "The body could not be read.")
	}
	var root object
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.UseNumber()
	if err := d.Decode(&root); err != nil {
		return nil, bad("OpenBookingError", "The body is not JSON.")
	}
	if path := blank(root, ""); path != "" {
		return nil, bad("OpenBookingError", "Null, empty text and empty lists are not allowed: "+path)
	}
	sum := sha256.Sum256(body)
	q := &request{digest: hex.EncodeToString(sum[:])}
	if c := s.checkHead(root, typ); c != nil {
		return nil, c
	}
	if named {
		if c := q.readCustomer(root); c != nil {
			return nil, c
		}
	}
	if due, ok := root["totalPaymentDue"].(object); ok {
		number, ok := due["price"].(json.Number)
		if !ok {
			return nil, bad("TotalPaymentDueMismatchError", "The price must be a number.")
		}
		q.due = &number
	}
	return q, s.readItems(root, q)
}

// blank finds what a request must not hold.
func blank(v any, path string) string {
	switch v := v.(type) {
	case nil:
		return path
	case string:
		if v == "" {
			return path
		}
	case []any:
		if len(v) == 0 {
			return path
		}
		for i, e := range v {
			if found := blank(e, fmt.Sprintf("%s[%d]", path, i)); found != "" {
				return found
			}
		}
	case object:
		for key, e := range v {
			if found := blank(e, path+"."+key); found != "" {
				return found
			}
		}
	}
	return ""
}

func (s *Server) checkHead(root object, typ string) *complaint {
	_, broker := root["broker"]
	role, _ := root["brokerRole"].(string)
	seller := uri(root["seller"])
	switch {
	case root["@context"] != "https://openactive.io/" || root["@type"] != typ:
		return bad("OpenBookingError", "@context or @type is not that of an "+typ+".")
	case role == "https://openactive.io/NoBroker" && broker:
		return bad("OpenBookingError", "NoBroker forbids a broker.")
	case (role == "https://openactive.io/AgentBroker" || role == "https://openactive.io/ResellerBroker") && !broker:
		return bad("IncompleteBrokerDetailsError", "The broker is missing.")
	case !strings.HasPrefix(role, "https://openactive.io/"):
		return bad("OpenBookingError", "brokerRole is missing.")
	case !strings.HasSuffix(seller, "/seller/1"):
		return &complaint{http.StatusNotFound, "SellerNotFoundError", "Seller not found", "There is one seller here."}
	}
	return nil
}

func (q *request) readCustomer(root object) *complaint {
	c, _ := root["customer"].(object)
	text := func(key string) string { s, _ := c[key].(string); return s }
	q.customer.account, q.customer.email = text("identifier"), text("email")
	q.customer.givenName, q.customer.familyName = text("givenName"), text("familyName")
	if c == nil || c["@type"] != "Person" || !strings.Contains(q.customer.email, "@") {
		return bad("IncompleteCustomerDetailsError", "The customer's email is missing.")
	}
	return nil
}

func (s *Server) readItems(root object, q *request) *complaint {
	items, _ := root["orderedItem"].([]any)
	if len(items) == 0 {
		return bad("IncompleteOrderItemError", "There is no orderedItem.")
	}
	positions := map[int64]bool{}
	for _, v := range items {
		i, _ := v.(object)
		number, _ := i["position"].(json.Number)
		position, err := number.Int64()
		if i["@type"] != "OrderItem" || err != nil || positions[position] {
			return bad("IncompleteOrderItemError", "Every OrderItem needs its own position.")
		}
		positions[position] = true
		w := wanted{position: int(position), eventURI: uri(i["orderedItem"]), offerURI: uri(i["acceptedOffer"])}
		if w.eventURI == "" || w.offerURI == "" {
			return bad("IncompleteOrderItemError", "orderedItem or acceptedOffer is missing.")
		}
		if a, ok := i["attendee"].(object); ok {
			w.givenName, _ = a["givenName"].(string)
			w.surname, _ = a["familyName"].(string)
		}
		if w.event = s.town.find(w.eventURI); w.event != nil {
			w.offer = w.event.findOffer(w.offerURI)
		}
		q.items = append(q.items, w)
	}
	return nil
}

// uri reads a reference: a bare address, or an object with @id.
func uri(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case object:
		id, _ := v["@id"].(string)
		return id
	}
	return ""
}

func bad(typ, detail string) *complaint {
	return &complaint{http.StatusBadRequest, typ, typ, detail}
}

func (c *complaint) write(w http.ResponseWriter) { fail(w, c.status, c.typ, c.detail) }

// fail answers with an OpenBookingError.
func fail(w http.ResponseWriter, status int, typ, detail string) {
	write(w, status, mediaType, object{
		"@context": "https://openactive.io/", "@type": typ, "statusCode": status, "name": typ, "description": detail,
	})
}

func write(w http.ResponseWriter, status int, contentType string, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "answer", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(b) // a client that went away is its own affair
}

func uuidForm() *regexp.Regexp {
	return regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
}

// price writes cents as a JSON number with as few decimals as it needs.
func price(cents int) json.Number {
	if cents%100 == 0 {
		return json.Number(fmt.Sprint(cents / 100))
	}
	return json.Number(fmt.Sprintf("%d.%02d", cents/100, cents%100))
}
