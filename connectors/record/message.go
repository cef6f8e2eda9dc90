package record

import "net/mail"

// Message is something to deliver in writing: a complaint to a department, a
// receipt to a citizen. It is an [Action], so that it waits and is settled like
// any other.
type Message struct {
	// ID makes the Message-ID: the same in every attempt, so that a receiver can
	// tell a repeat.
	ID string
	// To is who gets it. ReplyTo is who answers are for; empty is the sender of
	// the source's settings.
	To, CC  []mail.Address
	ReplyTo []mail.Address
	Subject string
	// Text is the whole message in plain words. HTML says the same, or is empty.
	Text, HTML string
	// Language of the words: "fr" or "en".
	Language string
	// InReplyTo is the ID of the message that this one answers, or empty.
	InReplyTo string
	Files     []File
}

// File goes with a message.
type File struct {
	Name string // shown to the reader; never a path
	Type string // media type: "text/calendar; method=PUBLISH"
	Data []byte
}

// ActionName returns "message".
func (Message) ActionName() string { return "message" }
