package openactivesim

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// orderData is an order as B and GET give it.
func (t *town) orderData(host string, o *order) object {
	self := host + "/booking/orders/" + o.uuid
	customer := object{"@type": "Person"}
	for key, v := range map[string]string{
		"identifier": o.account, "email": o.email, "givenName": o.givenName, "familyName": o.familyName,
	} {
		if v != "" {
			customer[key] = v
		}
	}
	items, sum := []object{}, 0
	for _, i := range o.items {
		items = append(items, t.itemData(host, self, i))
		if i.status == "OrderItemConfirmed" {
			sum += i.offer.Cents
		}
	}
	return object{
		"@context": "https://openactive.io/", "@type": "Order", "@id": self, "identifier": o.uuid,
		"orderNumber": o.number, "seller": host + "/seller/1", "customer": customer, "orderedItem": items,
		"totalPaymentDue": object{"@type": "PriceSpecification", "price": price(sum), "priceCurrency": "CAD"},
	}
}

func (t *town) itemData(host, self string, i *orderItem) object {
	data := object{
		"@type": "OrderItem", "@id": self + "#/orderedItem/" + strconv.Itoa(i.number), "position": i.number - 1,
		"orderItemStatus": "https://openactive.io/" + i.status,
		"acceptedOffer":   offerData(host+i.event.offerPath(i.offer), *i.offer),
		"orderedItem":     t.eventData(host, i.event, false),
	}
	if i.status == waiting {
		data["orderItemStatus"] = "https://ville.exemple/ns#" + waiting
		data["ville:waitingListPosition"] = t.rank(i)
	}
	if i.message != "" {
		data["cancellationMessage"] = i.message
	}
	if i.attendeeGivenName != "" {
		attendee := object{"@type": "Person", "givenName": i.attendeeGivenName}
		if i.attendeeSurname != "" {
			attendee["familyName"] = i.attendeeSurname
		}
		data["attendee"] = attendee
	}
	return data
}

// status answers GET on an order.
func (s *Server) status(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.town.orders[r.PathValue("uuid")]
	if s.fault == FaultForeign {
		for _, uuid := range sortedKeys(s.town.orders) {
			if other := s.town.orders[uuid]; other != o {
				o = other
				break
			}
		}
	}
	if o == nil {
		fail(w, http.StatusNotFound, "UnknownOrderError", "There is no such order.")
		return
	}
	write(w, http.StatusOK, mediaType, s.town.orderData(s.base(r), o))
}

// patch cancels items at the customer's wish, all of them or none.
func (s *Server) patch(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Header.Get("Content-Type") != mediaType {
		fail(w, http.StatusUnsupportedMediaType, "OpenBookingError", "Content-Type must be "+mediaType)
		return
	}
	o := s.town.orders[r.PathValue("uuid")]
	if o == nil {
		fail(w, http.StatusNotFound, "UnknownOrderError", "There is no such order.")
		return
	}
	chosen, no := o.choose(r)
	if no != nil {
		no.write(w)
		return
	}
	for _, i := range chosen {
		if i.status != "CustomerCancelled" {
			i.status = "CustomerCancelled"
			s.town.changes++
			s.town.promote(i.event)
		}
	}
	s.town.touchOrder(o)
	w.WriteHeader(http.StatusNoContent)
}

// choose reads which items a PATCH cancels.
func (o *order) choose(r *http.Request) ([]*orderItem, *complaint) {
	var body struct {
		Type  string `json:"@type"`
		Items []struct {
			Type   string `json:"@type"`
			ID     string `json:"@id"`
			Status string `json:"orderItemStatus"`
		} `json:"orderedItem"`
	}
	d := json.NewDecoder(io.LimitReader(r.Body, maxRequest))
	if err := d.Decode(&body); err != nil || body.Type != "Order" || len(body.Items) == 0 {
		return nil, bad("PatchNotAllowedOnPropertyError", "The body is no cancellation.")
	}
	var chosen []*orderItem
	for _, wanted := range body.Items {
		at := slices.IndexFunc(o.items, func(i *orderItem) bool {
			return strings.HasSuffix(wanted.ID, "/booking/orders/"+o.uuid+"#/orderedItem/"+strconv.Itoa(i.number))
		})
		switch {
		case at < 0:
			return nil, &complaint{http.StatusNotFound, "OrderItemIdInvalidError", "Unknown item", "There is no such item."}
		case wanted.Status != "https://openactive.io/CustomerCancelled":
			return nil, bad("PatchContainsExcessivePropertiesError", "Only CustomerCancelled may be set.")
		case !slices.Contains([]string{"OrderItemConfirmed", waiting, "CustomerCancelled"}, o.items[at].status):
			return nil, bad("CancellationNotPermittedError", "This place can no longer be cancelled.")
		}
		chosen = append(chosen, o.items[at])
	}
	return chosen, nil
}

// undo removes a broken booking without a trace.
func (s *Server) undo(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.town.orders[r.PathValue("uuid")]; o != nil {
		delete(s.town.orders, o.uuid)
		s.town.queue = slices.DeleteFunc(s.town.queue, func(i *orderItem) bool { return slices.Contains(o.items, i) })
		for _, i := range o.items {
			s.town.promote(i.event)
		}
	}
	w.WriteHeader(http.StatusNoContent)
}
