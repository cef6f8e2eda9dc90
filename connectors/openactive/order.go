package openactive

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// order is an Order of the Open Booking API, as far as we show it.
type order struct {
	uuid string
	// email and accounts name the customer; all empty means nobody.
	email    string
	accounts []string
	notice   string
	items    []*orderItem
	// lost is an order that the server no longer knows.
	lost bool
	// fed is an order read from the orders feed, which may lag.
	fed bool
}

// orderItem is one place in one session.
type orderItem struct {
	id, session, status string
	position            *int
	person, notice      string
	rank                *int
	price               *record.Cents
	offer               string
	// seen is the session as embedded in the item; nil for a bare reference.
	seen *opportunity
}

// parseHead reads which order it is, and whose.
func parseHead(n node) (*order, error) {
	if t := n.typ(); t != "" && t != "Order" {
		return nil, fmt.Errorf("not an Order: %w", connectors.ErrMalformed)
	}
	uuid, err := orderUUID(n)
	if err != nil {
		return nil, err
	}
	o := &order{uuid: uuid, notice: notice(n)}
	if c := n.child("customer"); c != nil {
		o.email = strings.TrimSpace(c.raw("email"))
		o.accounts = identifiers(c)
	}
	return o, nil
}

// parseOrder reads an order, of an answer or of the orders feed.
func (s *source) parseOrder(n node) (*order, error) {
	o, err := parseHead(n)
	if err != nil {
		return nil, err
	}
	if n.get("orderedItem") != nil && len(n.children("orderedItem")) != len(n.values("orderedItem")) {
		return nil, fmt.Errorf("order items that are no objects: %w", connectors.ErrMalformed)
	}
	seen := map[string]bool{}
	for _, c := range n.children("orderedItem") {
		i := s.parseItem(c)
		if i.id != "" && seen[i.id] {
			return nil, fmt.Errorf("one order item twice: %w", connectors.ErrMalformed)
		}
		seen[i.id] = true
		o.items = append(o.items, i)
	}
	return o, nil
}

// orderUUID finds the order's UUID: its identifier, or the end of its @id. Two
// that disagree are nobody's order.
func orderUUID(n node) (string, error) {
	found := ""
	for _, s := range append(n.refs("identifier"), n.raw("@id"), n.raw("id")) {
		s, _, _ = strings.Cut(s, "#")
		s = s[strings.LastIndexAny(s, "/:")+1:]
		if !uuidForm.MatchString(s) {
			continue
		}
		if found != "" && !strings.EqualFold(found, s) {
			return "", fmt.Errorf("order with two UUIDs: %w", connectors.ErrMalformed)
		}
		found = s
	}
	if found == "" {
		return "", fmt.Errorf("order without a UUID: %w", connectors.ErrMalformed)
	}
	return found, nil
}

// identifiers returns everything that names a customer's account.
func identifiers(c node) []string {
	list := c.values("identifier")
	var ids []string
	for _, v := range list {
		if m, ok := v.(map[string]any); ok { // a PropertyValue
			ids = append(ids, node(m).raw("value"))
			continue
		}
		ids = append(ids, node{"v": v}.raw("v"))
	}
	for _, key := range []string{"accountId", "customerAccount"} {
		ids = append(ids, c.ref(key))
	}
	ids = append(ids, c.id())
	return slices.DeleteFunc(ids, func(s string) bool { return s == "" })
}

func (s *source) parseItem(c node) *orderItem {
	i := &orderItem{
		id: c.id(), session: c.ref("orderedItem"), status: localName(c.raw("orderItemStatus")),
		position: c.integer("position"), notice: notice(c), offer: c.ref("acceptedOffer"),
		price:  c.child("acceptedOffer").cents("price"),
		person: c.child("attendee").text("givenName", nameLimit),
	}
	if key := c.extension(s.settings.WaitingRank); key != "" {
		i.rank = c.integer(key)
	}
	if e := c.child("orderedItem"); len(e) > 2 { // more than type and id
		i.seen = s.mapper.opportunity(e, "", i.session)
	}
	return i
}

// notice is what the town wants the person to read.
func notice(n node) string {
	for _, key := range []string{"cancellationMessage", "customerNotice"} {
		if s := n.text(key, descriptionLimit); s != "" {
			return s
		}
	}
	return ""
}

// registrations maps the items of an order.
func (s *source) registrations(o *order, who record.Ref) []record.Record {
	if o.lost {
		return []record.Record{{Key: o.uuid, Owner: who, Body: record.Registration{Order: o.uuid, Status: record.RegistrationUnknown}}}
	}
	var list []record.Record
	for n, i := range o.items {
		r := record.Registration{
			Order: o.uuid, Session: i.session, Person: i.person, Status: registrationStatus(i.status),
			Price: i.price, Notice: i.notice,
		}
		key := o.uuid + "/" + strconv.Itoa(n)
		if i.id != "" {
			key = o.uuid + "#" + i.id
			r.ID = key
		}
		if r.Notice == "" {
			r.Notice = o.notice
		}
		if r.Status == record.RegistrationWaiting && i.rank != nil && *i.rank > 0 {
			r.Rank = i.rank
		}
		if i.seen != nil {
			a, _, _ := snapshot{}.join(i.seen, s.mapper.zone)
			describe(&r, a)
		}
		list = append(list, record.Record{Key: key, Owner: who, Body: r})
	}
	return list
}

// describe says what the registration is for.
func describe(r *record.Registration, a record.Activity) {
	r.Name, r.Place, r.Link = a.Name, a.Place, a.Link
	r.Start, r.End, r.StartDate, r.EndDate, r.Schedule = a.Start, a.End, a.StartDate, a.EndDate, a.Schedule
}

// registrationStatus maps orderItemStatus. A word that we do not know stays
// unknown: a place is never claimed that the town did not give.
func registrationStatus(word string) record.RegistrationStatus {
	switch word {
	case "OrderItemConfirmed":
		return record.RegistrationConfirmed
	case "CustomerCancelled", "SellerCancelled":
		return record.RegistrationCancelled
	case "AttendeeAttended", "CustomerAttended":
		return record.RegistrationAttended
	case "AttendeeAbsent":
		return record.RegistrationAbsent
	}
	switch lower := strings.ToLower(word); {
	case strings.Contains(lower, "waiting"), strings.Contains(lower, "waitlist"):
		return record.RegistrationWaiting
	case strings.Contains(lower, "payment"):
		return record.RegistrationPayment
	}
	return record.RegistrationUnknown
}

// complete names the registrations whose order only pointed to the session.
func (s *source) complete(ctx context.Context, records []record.Record) error {
	bare := func(r record.Record) bool {
		reg := r.Body.(record.Registration)
		return reg.Session != "" && (reg.Name == "" || reg.Start.IsZero() && reg.StartDate.IsZero())
	}
	if len(s.catalogue.feeds) == 0 || !slices.ContainsFunc(records, bare) {
		return nil
	}
	now, err := s.current(ctx)
	if err != nil {
		return err
	}
	for i, r := range records {
		found, _, ok := now.record(now.resolve(r.Body.(record.Registration).Session), s.mapper.zone)
		if !ok || !bare(r) {
			continue
		}
		reg := r.Body.(record.Registration)
		describe(&reg, found.Body.(record.Activity))
		records[i].Body = reg
	}
	return nil
}

// current returns the catalogue, brought up to date.
func (s *source) current(ctx context.Context) (snapshot, error) {
	if err := s.catalogue.acquire(ctx); err != nil {
		return snapshot{}, err
	}
	defer s.catalogue.release()
	if err := s.refresh(ctx); err != nil {
		return snapshot{}, err
	}
	return s.catalogue.snapshot(), nil
}
