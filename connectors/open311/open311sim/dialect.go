package open311sim

// Dialect bends the strict server into what real ones do. The zero Dialect is
// the book. Rows are those of the list of quirks in the connector's README.
type Dialect struct {
	StringBooleans bool // row 1: "true" for true
	NumericIDs     bool // row 2: ids and codes of digits as JSON numbers
	LeadingZeros   bool // row 3: numbers such as 001, which is not JSON
	KeepWrapper    bool // row 4: {"service_requests":[…]}
	BareSingle     bool // row 5: a list of one as its item
	FromXML        bool // row 5: JSON as a generic conversion of the XML makes it
	// Absent is how nothing is written: "null" (the book, and "" in XML an empty
	// element), "empty" for "", or "omit".
	Absent        string // row 6
	ZeroPositions bool   // row 7: 0,0 for no position
	Float32       bool   // row 7: the noise of single precision
	TextPositions bool   // row 7: positions as strings
	LongFirst     bool   // row 8: long before lat, and all other fields reversed
	MediaList     bool   // row 9: media_url as a list
	AgencyObject  bool   // row 10: {"recipient":["…"]}, and unknown fields
	BadDates      bool   // row 11: unreadable dates
	XMLAttributes bool   // row 12: is_array="true", application/xml
	// Dates is how instants are written: "" with an offset, "z", "nozone" or
	// "spaced" (2006-01-02 15:04:05).
	Dates       string // row 13
	RefuseZone  bool   // row 13: start_date with a zone is a 400
	HTMLErrors  bool   // row 14: errors as pages of HTML; no discovery document
	NoQuestions bool   // row 15: metadata true, and an empty attribute list
	// KeyHeader, when set, is where the key is looked for instead of api_key:
	// "Authorization" wants "Bearer KEY".
	KeyHeader      string // row 16
	KeyForReads    bool   // row 16: reading needs the key too
	PostJSON       bool   // row 16: a submit is a JSON object
	PageCap        int    // row 17: at most so many items, 1000 when 0
	Pages          bool   // extension: page and page_size
	TrailingSpaces bool   // row 19
	HTMLText       bool   // row 20: markup in texts
	// Accounts: account_id and email filter, and are shown in each item.
	Accounts bool
	// HideAccounts keeps account_id and email out of the items, though they filter.
	HideAccounts bool
	// Notes are shown when extensions=true asks for them.
	Notes bool
	// Updates serves /servicerequestupdates.
	Updates bool
	// TokenWait is how many look-ups of a new token find no number yet, and
	// TokenNotYet how that is said: "" an item without id, "list" an empty list,
	// "404".
	TokenWait   int
	TokenNotYet string
	// BothIDs answers a submit with an id and a token, against the book.
	BothIDs bool
	// HideFromList leaves these ids out of lists; they can still be asked for one
	// by one.
	HideFromList []string
}

// Fault is something wrong with the content of replies. What goes wrong on the
// wire (refused, hanging, cut, garbled, slow) is a proxy's to do.
type Fault string

// The faults.
const (
	FaultNone    Fault = ""
	FaultError   Fault = "error"   // HTTP 500
	FaultEmpty   Fault = "empty"   // 200 with an empty list
	FaultForeign Fault = "foreign" // everybody's requests, whatever was asked
	FaultHTML    Fault = "html"    // 200 with a maintenance page
	FaultCharset Fault = "charset" // ISO 8859-1 that calls itself UTF-8
	FaultDrift   Fault = "drift"   // fields renamed, as after an upgrade
	FaultDenied  Fault = "denied"  // HTTP 403
	FaultLost    Fault = "lost"    // submits are carried out, and their reply never sent
	FaultDropped Fault = "dropped" // submits are neither carried out nor answered
)
