package sip2sim

// Personality is which system's manners a server has.
type Personality string

// The personalities.
const (
	// Plain writes what the specification allows and few clients expect:
	// lower-case checksums after spaces, no delimiter after one-character flags,
	// unknown ids, padded BX.
	Plain Personality = "plain"
	// Koha ends its messages with CRLF, greets in AF, orders fields its own way,
	// lists ready holds in AS and the others in CD, counts no fines, and answers
	// what it does not support with 96.
	Koha Personality = "koha"
	// Evergreen lists every open hold in AS, writes &#124; for a bar, cuts
	// values at 255 characters, and hangs up on what it does not support.
	Evergreen Personality = "evergreen"
)

// Config is how a server behaves.
type Config struct {
	Personality    Personality // default Plain
	User, Password string      // of the account that must log in by 93; none when empty
	Telnet         bool        // log in at prompts instead of by 93
	Charset        string      // utf-8 (default), iso-8859-1, cp850
	Titles         bool        // lists hold titles instead of barcodes
	Supported      string      // BX; default: all that the server has
	RenewalLimit   int         // renewals a loan may have; default 3
	RenewalDays    int         // days a renewal adds; default 21
	// NoChecksums leaves AY and AZ out of every reply.
	NoChecksums bool
	// NoValidFlag leaves BL out of replies.
	NoValidFlag bool
	// CancelSaysNo answers 160 to a cancellation that worked, as a Koha may.
	CancelSaysNo bool
}

// allSupported: 23, 99, 97, 93, 63, 35, 17, 15, 29, 65.
const allSupported = "YNNNYYYYYNYNNYYY"

func (c Config) withDefaults() Config {
	if c.Personality == "" {
		c.Personality = Plain
	}
	if c.Charset == "" {
		c.Charset = "utf-8"
	}
	if c.Supported == "" {
		c.Supported = allSupported
	}
	if c.RenewalLimit == 0 {
		c.RenewalLimit = 3
	}
	if c.RenewalDays == 0 {
		c.RenewalDays = 21
	}
	return c
}

// Fault is something a server does wrong until it is set to none. Faults of the
// line, such as silence or a cut, are made in front of it.
type Fault string

// The faults.
const (
	FaultNone Fault = ""
	// FaultError: every request is answered 96.
	FaultError Fault = "error"
	// FaultUnreadOnce: the next request is answered 96.
	FaultUnreadOnce Fault = "unread-once"
	// FaultEmpty: lists are empty while the counts are not.
	FaultEmpty Fault = "empty"
	// FaultForeign: replies are about another card.
	FaultForeign Fault = "foreign"
	// FaultCharset: text comes in Latin-1 where UTF-8 was agreed, and in UTF-8
	// elsewhere.
	FaultCharset Fault = "charset"
	// FaultStale: every reply is preceded by the one before it.
	FaultStale Fault = "stale"
	// FaultChecksumOnce: the next reply has a wrong checksum.
	FaultChecksumOnce Fault = "checksum-once"
	// FaultChecksum: every reply has a wrong checksum.
	FaultChecksum Fault = "checksum"
	// FaultMaintenance: the system says it is off-line.
	FaultMaintenance Fault = "maintenance"
	// FaultStatus: the next request but 99 is answered 98 first.
	FaultStatus Fault = "status"
	// FaultLate: a reply comes only when the next request does.
	FaultLate Fault = "late"
	// FaultSwallow: changes happen and their reply does not come.
	FaultSwallow Fault = "swallow"
)

// Faults lists every fault.
func Faults() []Fault {
	return []Fault{
		FaultNone, FaultError, FaultUnreadOnce, FaultEmpty, FaultForeign, FaultCharset, FaultStale, FaultChecksumOnce,
		FaultChecksum, FaultMaintenance, FaultStatus, FaultLate, FaultSwallow,
	}
}
