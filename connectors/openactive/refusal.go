package openactive

import (
	"strings"

	"github.com/semenligne/sem/connectors/record"
)

// The refusals, closed: the words that the portal has sentences for.
const (
	refusalFull         = record.RefusalFull
	refusalReserved     = record.RefusalReserved
	refusalConflict     = "conflict"
	refusalNotBookable  = record.RefusalNotBookable
	refusalUnknown      = "unknown_activity"
	refusalOffer        = "unknown_offer"
	refusalAmbiguous    = "offer_ambiguous"
	refusalDetails      = "details_missing"
	refusalPrice        = "price_changed"
	refusalPayment      = record.RefusalPayment
	refusalApproval     = "approval_required"
	refusalOrderExists  = "order_exists"
	refusalCancellation = "cancellation_not_permitted"
	refusalAgain        = record.RefusalAgain
	refusalOther        = "refused_by_source"
)

// refusalOf maps the @type of an OpenBookingError to a refusal; "" for an error
// that is no refusal.
func refusalOf(errorType string) string {
	switch errorType {
	case "OpportunityIsFullError", "OpportunityHasInsufficientCapacityError":
		return refusalFull
	case "OpportunityCapacityIsReservedByLeaseError":
		return refusalReserved
	case "OpportunityIsInConflictError":
		return refusalConflict
	case "OpportunityOfferPairNotBookableError", "UnacceptableOfferError":
		return refusalNotBookable
	case "UnknownOfferError", "InvalidOpportunityOrOfferIdError":
		return refusalOffer
	case "UnknownOpportunityError", "UnknownOpportunityDetailsError":
		return refusalUnknown
	case "IncompleteAttendeeDetailsError", "IncompleteIntakeFormError", "InvalidIntakeFormError", "IncompleteCustomerDetailsError":
		return refusalDetails
	case "MissingPaymentDetailsError", "IncompletePaymentDetailsError":
		return refusalPayment
	case "TotalPaymentDueMismatchError":
		return refusalPrice
	case "OrderAlreadyExistsError":
		return refusalOrderExists
	case "CancellationNotPermittedError":
		return refusalCancellation
	case "UnableToProcessOrderItemError", "UnableToProcessOrderProposalError":
		return refusalAgain
	}
	return ""
}

// bookingError is what a server says when it says no.
type bookingError struct {
	typ, description string
}

// errorsOf finds the errors of an answer: the answer itself, those of the order,
// and those of its items.
func errorsOf(n node) []bookingError {
	var list []bookingError
	add := func(e node) {
		if t := e.typ(); t != "" {
			text := e.text("description", descriptionLimit)
			if text == "" {
				text = e.text("name", nameLimit)
			}
			list = append(list, bookingError{t, text})
		}
	}
	if strings.HasSuffix(n.typ(), "Error") {
		add(n)
	}
	for _, e := range n.children("error") {
		add(e)
	}
	for _, i := range n.children("orderedItem") {
		for _, e := range i.children("error") {
			add(e)
		}
	}
	return list
}

// refused makes the receipt of a no. The first error that we have a word for
// decides; the source's wording goes into the note. No error, no receipt.
func refused(found []bookingError) record.Receipt {
	if len(found) == 0 {
		return record.Receipt{}
	}
	r := record.Receipt{Outcome: record.OutcomeRefused, Refusal: refusalOther, Proof: record.ProofReply}
	for _, e := range found {
		if r.Note == "" {
			r.Note = e.description
		}
		if code := refusalOf(e.typ); code != "" {
			r.Refusal, r.Note = code, e.description
			break
		}
	}
	return r
}
