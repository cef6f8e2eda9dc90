// Package connectortest is the conformance kit: it holds a connector to the
// contract of package connectors, against a fake of its source, with a proxy
// between the two that makes the wire fail.
//
// A connector's whole conformance test is one [Suite] given to [Run]. Each
// [Violation] names the rule that was broken, why the rule exists, and what was
// seen. connectors/README.md lists the rules.
package connectortest

import (
	"fmt"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// Suite describes a connector to the kit.
type Suite struct {
	// Kind under test.
	Kind connectors.Kind
	// Folder of the connector, with README.md and sample.yaml; "" is the current
	// one, where go test runs.
	Folder string
	// Start starts a fresh fake of the source, always with the same content. Nil
	// for a source without network, such as a file: the rules of the wire do not
	// apply then.
	Start func() (Fake, error)
	// Settings returns valid settings that reach the source at addr (host:port),
	// which is the proxy's; addr is "" without Start.
	Settings func(addr string) connectors.Settings
	// Denied returns settings that the source does not let in. Nil where it lets
	// everybody in.
	Denied func(addr string) connectors.Settings

	// Known is a person with records, Unknown one that the source does not know.
	// Wanted where the source has Find.
	Known, Unknown record.Ref
	// FindGolden and ListGolden are files with what Find and List return, as
	// json.MarshalIndent(records, "", "  ") and a line break. They are rewritten
	// when the test binary has a boolean flag -update and it is set.
	FindGolden, ListGolden string

	// Card and PIN let a person in, WrongPIN and UnknownCard do not.
	// Authenticated is the Ref that is granted. Wanted where the source has
	// Authenticate.
	Card, PIN, WrongPIN, UnknownCard string
	Authenticated                    record.Ref

	// Acts are the actions to try. Wanted where the source has Do.
	Acts []Act

	// Message is taken by the source, RefusedMessage is refused for good, and
	// MessageMatch is text in what hands Message over, such as a word of its body.
	// Wanted where the source has Send.
	Message, RefusedMessage record.Message
	MessageMatch            string

	// Integrity tells that the protocol has a checksum: one changed byte in the
	// reply must be noticed, or mended by having it sent again.
	Integrity bool

	// Secrets and Persons are values, secrets of the settings and names, cards,
	// PINs and accounts of the fake, that must never show in an error or a log
	// line. Write whole values of at least four characters.
	Secrets, Persons []string

	// Waive names rules that cannot hold for this protocol, and why. Waivers are
	// printed and counted.
	Waive map[string]string
}

// Fake is a running fake of a source.
type Fake struct {
	// Addr is its host:port.
	Addr string
	// Close stops it.
	Close func() error
	// Performed counts how often an action changed its state, or a message was
	// taken. Wanted with Acts and Message.
	Performed func() int
	// Foreign makes it answer about somebody else from now on, whoever is asked
	// about. Wanted with Find; waive find/foreign where the protocol cannot tell.
	Foreign func()
}

// Act is an action to try.
type Act struct {
	Who    record.Ref
	Action record.Action
	// Match is text in the request on the wire by which the proxy knows this
	// action from everything sent before and after it: "POST /", "\r29".
	Match string

	// Leaves tells that the action leaves nothing behind that Learn could show: a
	// hold that is cancelled.
	Leaves bool
	// Another is an action that is not done, and that an older record must not be
	// taken for: the same report again, the same place under another order. Nil
	// where the state alone is asked for, as in a renewal or a cancellation.
	Another record.Action
}

// Violation is one broken rule.
type Violation struct {
	// Rule is its name, such as "fault/cut".
	Rule string
	// Reason is why the rule exists.
	Reason string
	// Evidence is what was seen.
	Evidence string
}

// String writes the violation in one line.
func (v Violation) String() string {
	return fmt.Sprintf("%s: %s (%s)", v.Rule, v.Evidence, v.Reason)
}
