package faultproxy

import (
	"fmt"
	"time"
)

// Fault is one way in which a network or a server goes wrong.
type Fault string

// The faults, closed.
const (
	// OK passes everything on.
	OK Fault = "ok"
	// Refuse resets what is open and closes the listener, so that the kernel
	// itself refuses new connections. The next Set opens the same port again.
	Refuse Fault = "refuse"
	// Hang accepts and never answers; open connections fall silent too. Nothing
	// is lost: what was held back goes on when the fault ends.
	Hang Fault = "hang"
	// Cut closes each connection after some bytes of the reply.
	Cut Fault = "cut"
	// Slow lets one byte of the reply through at each interval.
	Slow Fault = "slow"
	// Garble changes bytes of the reply, always in the same way.
	Garble Fault = "garble"
	// Oversized lets the beginning of the reply through and goes on with spaces
	// without end. An HTTP reply announces 1 TiB.
	Oversized Fault = "oversized"
	// Swallow passes the request on and drops the reply, then closes the
	// connection: the source acted and nobody heard of it.
	Swallow Fault = "swallow"
)

// Mode is a fault and how it is done. The zero Mode is OK.
type Mode struct {
	Fault Fault
	// After is how many bytes of reply pass before Cut or Oversized begin, and
	// the place of the first byte that Garble changes. For Garble and Oversized
	// the head of an HTTP reply does not count and stays whole.
	After int64
	// Total makes Cut count over all connections since Set, so that a read of
	// several replies is cut at one place; otherwise each connection counts its
	// own bytes since Set.
	Total bool
	// Count is how many bytes Garble changes; 0 changes all to the end.
	Count int64
	// Reset makes Cut end with RST rather than FIN.
	Reset bool
	// Every is the interval of Slow; 0 is 100 ms.
	Every time.Duration
	// Match makes Swallow drop only replies to requests that hold this text; the
	// others pass. Empty drops every reply.
	Match string
	// Silent makes Swallow keep the connection open, saying nothing.
	Silent bool
	// Dark makes Swallow go on as Hang once a reply was dropped.
	Dark bool
}

// Parse makes the usual Mode of a fault's name, as a person switches it: cut
// after 64 bytes of each connection, ten bytes a second when slow.
func Parse(name string) (Mode, error) {
	switch f := Fault(name); f {
	case OK, Refuse, Hang, Garble, Swallow, Slow:
		return Mode{Fault: f}, nil
	case Cut, Oversized:
		return Mode{Fault: f, After: 64}, nil
	}
	return Mode{}, fmt.Errorf("fault proxy: unknown mode; one of ok, refuse, hang, cut, slow, garble, oversized, swallow")
}

func (m Mode) interval() time.Duration {
	if m.Every <= 0 {
		return 100 * time.Millisecond
	}
	return m.Every
}
