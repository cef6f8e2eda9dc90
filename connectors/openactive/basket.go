package openactive

import (
	"encoding/json"
	"fmt"

	"github.com/semenligne/sem/connectors/record"
)

// basket is one place in one session, asked for under one order UUID.
type basket struct {
	uuid                         string
	session, offer, seller, kind string
	customer, attendee           map[string]any
	// price is what the catalogue said of the offer; nil when unknown.
	price *record.Cents
	// prepayment is whether the catalogue wants the offer paid before confirming.
	prepayment bool
	// found is the session as the catalogue has it; nil when there is none.
	found *record.Record
}

// customerOf names the person to the town. An account is sent as identifier:
// it is what finds the order again.
func customerOf(p person, a record.Register) map[string]any {
	email := a.Email
	if email == "" {
		email = p.email
	}
	return personNode(map[string]string{
		"identifier": p.account, "email": email, "givenName": a.GivenName, "familyName": a.FamilyName,
	})
}

func attendeeOf(a record.Register) map[string]any {
	return personNode(map[string]string{"givenName": a.AttendeeGivenName, "familyName": a.AttendeeFamilyName})
}

// personNode makes a Person of what is known; nil when nothing is. Requests
// hold no empty value.
func personNode(known map[string]string) map[string]any {
	n := map[string]any{}
	for key, v := range known {
		if v != "" {
			n[key] = v
		}
	}
	if len(n) == 0 {
		return nil
	}
	n["@type"] = "Person"
	return n
}

// request makes the body of C1, C2 or B: typ is OrderQuote or Order, named adds
// the customer and the attendee, and due is what B agrees to pay.
func (s *source) request(b basket, typ string, named bool, due map[string]any) map[string]any {
	item := map[string]any{
		"@type": "OrderItem", "position": 0,
		"acceptedOffer": s.reference("Offer", b.offer),
		"orderedItem":   s.reference(b.kind, b.session),
	}
	body := map[string]any{
		"@context": "https://openactive.io/", "@type": typ,
		"brokerRole":  "https://openactive.io/" + s.settings.BrokerRole,
		"orderedItem": []any{item},
	}
	if s.settings.BrokerName != "" {
		body["broker"] = map[string]any{"@type": "Organization", "name": s.settings.BrokerName}
	}
	if b.seller != "" {
		body["seller"] = s.reference("Organization", b.seller)
	}
	if named && b.customer != nil {
		body["customer"] = b.customer
	}
	if named && b.attendee != nil {
		item["attendee"] = b.attendee
	}
	if due != nil {
		body["totalPaymentDue"] = due
	}
	return body
}

// reference points to something, in the style that the settings name.
func (s *source) reference(typ, id string) any {
	if s.settings.References == ReferenceObject {
		return map[string]any{"@type": typ, "@id": id}
	}
	return id
}

// dueOf repeats the total of a quote for B: the same number, as written. Nil is
// a quote without total.
func dueOf(total node) map[string]any {
	if total == nil {
		return nil
	}
	cents := *total.cents("price")
	price := json.Number(fmt.Sprintf("%d.%02d", cents/100, cents%100))
	if number, ok := total["price"].(json.Number); ok {
		price = number
	}
	due := map[string]any{"@type": "PriceSpecification", "price": price}
	if c := total.raw("priceCurrency"); c != "" {
		due["priceCurrency"] = c
	}
	return due
}

// withLink adds the activity to a receipt that asks for payment: its link leads
// to the town's own checkout.
func (b basket) withLink(r record.Receipt) record.Receipt {
	if (r.Refusal == refusalPayment || r.Quote != nil && r.Quote.Prepayment) && b.found != nil {
		r.Records = []record.Record{*b.found}
		r.Link = b.found.Body.(record.Activity).Link
	}
	return r
}
