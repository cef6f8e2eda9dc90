package record

// Loan is an item that a patron has at home.
type Loan struct {
	// Item is the barcode that renews the loan. Empty when the library gives
	// titles only: such a loan cannot be renewed here.
	Item   string `json:"item,omitempty"`
	Title  string `json:"title,omitempty"`
	Author string `json:"author,omitempty"`
	Media  string `json:"media,omitempty"`
	Branch string `json:"branch,omitempty"`
	// Due is the day to bring it back, in the library's own calendar.
	Due Date `json:"due,omitzero"`
	// DueText is the library's own wording when it could not be read as a date.
	DueText string `json:"due_text,omitempty"`
	// DetailsUnknown is set when the library listed the item but refused or
	// failed to describe it: the loan is real, its title and date are unknown.
	DetailsUnknown bool `json:"details_unknown,omitempty"`
}

// Kind returns KindLoan.
func (Loan) Kind() Kind { return KindLoan }

// HoldStatus is where a hold stands in its queue.
type HoldStatus string

// The states of a hold.
const (
	HoldReady   HoldStatus = "ready"   // on the hold shelf, to be picked up
	HoldWaiting HoldStatus = "waiting" // still in the hold queue
	HoldUnknown HoldStatus = "unknown" // listed, state not given
)

// Hold is an item that a patron asked the library to keep.
type Hold struct {
	Item   string     `json:"item,omitempty"`
	Title  string     `json:"title,omitempty"`
	Status HoldStatus `json:"status"`
	// Position in the hold queue, from 1; nil when unknown.
	Position *int   `json:"position,omitempty"`
	Pickup   string `json:"pickup,omitempty"`
	Expires  Date   `json:"expires,omitzero"`
}

// Kind returns KindHold.
func (Hold) Kind() Kind { return KindHold }

// Fee is money owed to the library: one line of the account, or its total.
type Fee struct {
	Description string `json:"description,omitempty"`
	// Amount owed; nil when the library gave words only.
	Amount *Cents `json:"amount_cents,omitempty"`
	// Total marks the account's balance as the library states it. It is not
	// the sum of the lines: either may be there without the other.
	Total bool `json:"total,omitempty"`
}

// Kind returns KindFee.
func (Fee) Kind() Kind { return KindFee }

// BlockReason says why an account may not do something, in a closed set that
// the portal has words for.
type BlockReason string

// The reasons of a block (SIP2 patron status, positions 0 to 13).
const (
	BlockCharge         BlockReason = "charge_denied"
	BlockRenewal        BlockReason = "renewal_denied"
	BlockRecall         BlockReason = "recall_denied"
	BlockHold           BlockReason = "hold_denied"
	BlockCardLost       BlockReason = "card_lost"
	BlockTooManyCharged BlockReason = "too_many_charged"
	BlockTooManyOverdue BlockReason = "too_many_overdue"
	BlockTooManyRenewed BlockReason = "too_many_renewals"
	BlockClaimsReturned BlockReason = "too_many_claims_returned"
	BlockTooManyLost    BlockReason = "too_many_lost"
	BlockFines          BlockReason = "excessive_fines"
	BlockFees           BlockReason = "excessive_fees"
	BlockRecallOverdue  BlockReason = "recall_overdue"
	BlockBilled         BlockReason = "too_many_billed"
)

// Block is one thing that an account may not do now.
type Block struct {
	Reason BlockReason `json:"reason"`
}

// Kind returns KindBlock.
func (Block) Kind() Kind { return KindBlock }
