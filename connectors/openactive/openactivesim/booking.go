package openactivesim

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// quote answers C1 and C2: prices the items, says what is wrong with each, and
// leases the seats. Asking again under the same UUID replaces the lease.
func (s *Server) quote(named bool) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		q, no := s.read(r, "OrderQuote", named)
		if no != nil {
			no.write(w)
			return
		}
		uuid := r.PathValue("uuid")
		delete(s.town.leases, uuid)
		wrong := s.town.judge(q, uuid, named)
		answer := object{
			"@context": "https://openactive.io/", "@type": "OrderQuote", "@id": s.base(r) + r.URL.Path,
			"seller":                s.town.seller(s.base(r)),
			"orderRequiresApproval": slices.ContainsFunc(q.items, func(i wanted) bool { return i.offer != nil && slices.Contains(i.offer.Flow, "OpenBookingApproval") }),
			"orderedItem":           s.town.quoted(s.base(r), q, wrong),
			"totalPaymentDue":       total(q),
		}
		if len(wrong) > 0 {
			write(w, http.StatusConflict, mediaType, answer)
			return
		}
		if l := s.town.hold(uuid, q); l != nil {
			answer["lease"] = object{"@type": "Lease", "leaseExpires": l.expires.UTC().Format(time.RFC3339)}
		}
		write(w, http.StatusOK, mediaType, answer)
	}
}

func (t *town) seller(host string) object {
	seller := object{"@type": "Organization", "@id": host + "/seller/1", "name": "Loisirs Val-des-Exemples"}
	terms := []object{}
	for _, c := range t.terms {
		terms = append(terms, object{"@type": "TermsOfUse", "name": c.Name, "url": c.URL, "requiresExplicitConsent": c.Consent})
	}
	if len(terms) > 0 {
		seller["termsOfService"] = terms
	}
	return seller
}

// judge returns the error type of each position that cannot be had.
func (t *town) judge(q *request, uuid string, named bool) map[int]string {
	wrong := map[int]string{}
	asked := map[*Event]int{}
	for _, i := range q.items {
		if i.event != nil {
			asked[i.event]++
		}
	}
	for _, i := range q.items {
		if typ := t.judgeItem(i, asked, uuid, named); typ != "" {
			wrong[i.position] = typ
		}
	}
	return wrong
}

func (t *town) judgeItem(i wanted, asked map[*Event]int, uuid string, named bool) string {
	switch {
	case i.event == nil:
		return "UnknownOpportunityError"
	case i.offer == nil:
		return "UnknownOfferError"
	case i.event.Status == "EventCancelled" || i.event.Status == "EventPostponed":
		return "OpportunityOfferPairNotBookableError"
	case named && i.event.attendeeNames && i.givenName == "":
		return "IncompleteAttendeeDetailsError"
	case i.event.waitingList:
		return ""
	}
	free := i.event.Capacity - t.taken(i.event)
	switch {
	case free <= 0:
		return "OpportunityIsFullError"
	case free < asked[i.event]:
		return "OpportunityHasInsufficientCapacityError"
	case free-t.leased(i.event, uuid) < asked[i.event]:
		return "OpportunityCapacityIsReservedByLeaseError"
	}
	return ""
}

// hold leases the seats of a quote; nil when the town holds nothing.
func (t *town) hold(uuid string, q *request) *lease {
	if t.leaseFor < 0 {
		return nil
	}
	l := &lease{seats: map[*Event]int{}, expires: t.now().Add(t.leaseFor)}
	for _, i := range q.items {
		l.seats[i.event]++
	}
	t.leases[uuid] = l
	return l
}

// quoted writes the items, last position first: brokers must match by position.
func (t *town) quoted(host string, q *request, wrong map[int]string) []object {
	var list []object
	for _, i := range slices.Backward(q.items) {
		item := object{"@type": "OrderItem", "position": i.position, "orderedItem": i.eventURI, "acceptedOffer": i.offerURI}
		if i.event != nil {
			item["orderedItem"] = t.eventData(host, i.event, false)
			if i.event.attendeeNames {
				item["attendeeDetailsRequired"] = []string{"https://schema.org/givenName"}
			}
		}
		if i.offer != nil {
			item["acceptedOffer"] = offerData(host+i.event.offerPath(i.offer), *i.offer)
		}
		if typ := wrong[i.position]; typ != "" {
			item["error"] = []object{{"@type": typ, "description": "The place at position " + strconv.Itoa(i.position) + " cannot be had."}}
		}
		list = append(list, item)
	}
	return list
}

func cents(q *request) (sum int, prepayment string) {
	for _, i := range q.items {
		if i.offer == nil {
			continue
		}
		sum += i.offer.Cents
		if i.offer.Prepayment != "" && prepayment != "Required" {
			prepayment = i.offer.Prepayment
		}
	}
	return sum, prepayment
}

func total(q *request) object {
	sum, prepayment := cents(q)
	due := object{"@type": "PriceSpecification", "price": price(sum), "priceCurrency": "CAD"}
	if sum > 0 && prepayment != "" {
		due["openBookingPrepayment"] = "https://openactive.io/" + prepayment
	}
	return due
}

// release gives the seats of a quote back. It always works.
func (s *Server) release(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.town.leases, r.PathValue("uuid"))
	w.WriteHeader(http.StatusNoContent)
}

// book answers B: all items or none. The same body under the same UUID gives
// the same answer again.
func (s *Server) book(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, no := s.read(r, "Order", true)
	if no != nil {
		no.write(w)
		return
	}
	uuid := r.PathValue("uuid")
	if o := s.town.orders[uuid]; o != nil {
		if o.digest != q.digest {
			fail(w, http.StatusInternalServerError, "OrderAlreadyExistsError", "The UUID was used for another order.")
			return
		}
		write(w, http.StatusOK, mediaType, s.town.orderData(s.base(r), o))
		return
	}
	if wrong := s.town.judge(q, uuid, true); len(wrong) > 0 {
		fail(w, http.StatusConflict, "UnableToProcessOrderItemError", "Ask for a quote to learn which items and why.")
		return
	}
	sum, prepayment := cents(q)
	switch {
	case q.due == nil || !sameAmount(q.due.String(), sum):
		fail(w, http.StatusBadRequest, "TotalPaymentDueMismatchError", "The total is another one now.")
		return
	case sum > 0 && prepayment == "Required":
		fail(w, http.StatusBadRequest, "MissingPaymentDetailsError", "Payment is required.")
		return
	}
	o := s.town.place(uuid, q)
	s.town.changes++
	write(w, http.StatusCreated, mediaType, s.town.orderData(s.base(r), o))
}

// sameAmount compares a number as written with cents.
func sameAmount(text string, sum int) bool {
	f, err := strconv.ParseFloat(text, 64)
	return err == nil && int(f*100+0.5) == sum
}

// place makes the order. Seats go to whoever asked first; the others, where
// there is a waiting list, wait.
func (t *town) place(uuid string, q *request) *order {
	o := &order{
		uuid: uuid, digest: q.digest, number: t.nextNumber(), account: q.customer.account,
		email: q.customer.email, givenName: q.customer.givenName, familyName: q.customer.familyName,
	}
	for n, i := range q.items {
		item := &orderItem{
			event: i.event, offer: i.offer, number: n + 1, status: "OrderItemConfirmed",
			attendeeGivenName: i.givenName, attendeeSurname: i.surname,
		}
		if t.taken(i.event)+reserved(o, i.event)+t.leased(i.event, uuid) >= i.event.Capacity {
			item.status = waiting
			t.queue = append(t.queue, item)
		}
		o.items = append(o.items, item)
	}
	t.orders[uuid] = o
	delete(t.leases, uuid)
	t.touchOrder(o)
	for _, i := range o.items {
		t.touch(i.event)
	}
	return o
}

// reserved counts the seats of an order that is not placed yet.
func reserved(o *order, e *Event) int {
	n := 0
	for _, i := range o.items {
		if i.event == e && i.status == "OrderItemConfirmed" {
			n++
		}
	}
	return n
}
