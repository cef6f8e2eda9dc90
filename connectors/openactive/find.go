package openactive

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// person is a Ref read: some orders, or a customer.
type person struct {
	orders         []string // UUIDs
	email, account string
}

// maxOrders bounds the orders that one Ref may name.
const maxOrders = 200

var uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// parseRef reads "orders:UUID,UUID", "email:ADDRESS", "account:ID" or a bare
// account.
func parseRef(ref record.Ref) (person, error) {
	scheme, value, ok := strings.Cut(ref.Reveal(), ":")
	if !ok {
		scheme, value = "account", scheme
	}
	value = strings.TrimSpace(value)
	p := person{}
	switch {
	case value == "":
		return p, fmt.Errorf("openactive: empty reference to a person: %w", connectors.ErrRefused)
	case scheme == "email":
		p.email = value
	case scheme == "account":
		p.account = value
	case scheme == "orders":
		for word := range strings.SplitSeq(value, ",") {
			uuid := strings.TrimSpace(word)
			if !uuidForm.MatchString(uuid) || len(p.orders) >= maxOrders {
				return person{}, fmt.Errorf("openactive: orders that are not UUIDs, or too many: %w", connectors.ErrRefused)
			}
			if !p.holds(uuid) {
				p.orders = append(p.orders, uuid)
			}
		}
	default:
		p.account = ref.Reveal() // an account may hold a colon, such as a URI
	}
	return p, nil
}

// owns tells whether an order is this person's. An order without a customer
// belongs to nobody, unless the person holds its UUID.
func (p person) owns(o *order) bool {
	switch {
	case len(p.orders) > 0:
		return p.holds(o.uuid)
	case p.email != "":
		return strings.EqualFold(p.email, o.email)
	}
	return slices.Contains(o.accounts, p.account)
}

// holds tells whether the Ref names the order.
func (p person) holds(uuid string) bool {
	return slices.ContainsFunc(p.orders, func(held string) bool { return strings.EqualFold(held, uuid) })
}

// finder reads the orders of one person.
type finder struct{ *source }

// Find returns the person's registrations.
func (f finder) Find(ctx context.Context, who record.Ref) ([]record.Record, error) {
	p, err := parseRef(who)
	if err != nil {
		return nil, err
	}
	orders, err := f.orders(ctx, p)
	if err != nil {
		return nil, err
	}
	var records []record.Record
	for _, o := range orders {
		records = append(records, f.registrations(o, who)...)
	}
	if err := f.complete(ctx, records); err != nil {
		return nil, err
	}
	return records, nil
}

// orders reads the person's orders: each by its UUID, or from the orders feed.
func (s *source) orders(ctx context.Context, p person) ([]*order, error) {
	if len(p.orders) == 0 {
		return s.readFeed(ctx, p)
	}
	var list []*order
	var missing person
	for _, uuid := range p.orders {
		o, err := s.getOrder(ctx, uuid)
		switch {
		case errors.Is(err, errNoGet):
			return s.readFeed(ctx, p)
		case errors.Is(err, connectors.ErrNotFound):
			missing.orders = append(missing.orders, uuid)
		case err != nil:
			return nil, err
		default:
			list = append(list, o)
		}
	}
	if len(missing.orders) == 0 {
		return list, nil
	}
	more, err := s.missed(ctx, missing)
	if err != nil {
		return nil, err
	}
	list = append(list, more...)
	if !slices.ContainsFunc(list, func(o *order) bool { return !o.lost }) {
		return nil, fmt.Errorf("openactive: orders: %w", connectors.ErrNotFound)
	}
	return list, nil
}

// missed looks in the orders feed for orders that GET does not find: a server
// that does not offer GET may say so with 404 as well.
func (s *source) missed(ctx context.Context, p person) ([]*order, error) {
	list, err := s.readFeed(ctx, p)
	if !errors.Is(err, errNoFeed) {
		return list, err
	}
	for _, uuid := range p.orders {
		list = append(list, &order{uuid: uuid, lost: true})
	}
	return list, nil
}

// errNoGet is a server that does not offer GET on an order, which is optional
// (§ Order Status).
var errNoGet = fmt.Errorf("openactive: order status not offered: %w", connectors.ErrMalformed)

// errNoOrder is a server that says, in the words of the protocol, that it has no
// such order. A bare 404 may come from one that does not offer GET.
var errNoOrder = fmt.Errorf("openactive: order unknown to the server: %w", connectors.ErrNotFound)

func unknownOrder(e bookingError) bool { return e.typ == "UnknownOrderError" }

// getOrder reads one order and makes sure that it is the one asked for.
func (s *source) getOrder(ctx context.Context, uuid string) (*order, error) {
	r, _, err := s.send(ctx, http.MethodGet, s.endpoint("orders", uuid), nil)
	if err != nil {
		return nil, fmt.Errorf("openactive: order: %w", err)
	}
	if r.status == http.StatusMethodNotAllowed || r.status == http.StatusNotImplemented {
		return nil, errNoGet
	}
	n, err := decodeNode(r.body)
	if r.status == http.StatusNotFound && err == nil && slices.ContainsFunc(errorsOf(n), unknownOrder) {
		return nil, errNoOrder
	}
	if err := connectors.StatusError(r.status); err != nil {
		return nil, fmt.Errorf("openactive: order: %w", err)
	}
	if err != nil {
		return nil, fmt.Errorf("openactive: order: %w", err)
	}
	o, err := s.parseOrder(n)
	if err != nil {
		return nil, fmt.Errorf("openactive: order: %w", err)
	}
	if len(o.items) == 0 {
		return nil, fmt.Errorf("openactive: order: no items: %w", connectors.ErrMalformed)
	}
	if !strings.EqualFold(o.uuid, uuid) {
		return nil, fmt.Errorf("openactive: order: another one than asked for: %w", connectors.ErrMalformed)
	}
	return o, nil
}
