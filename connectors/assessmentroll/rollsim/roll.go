// Package rollsim makes assessment rolls of an invented municipality, as the
// ministry publishes them, and serves them over HTTP. The format is real; every
// street, number and value is invented. It shares no code with the connector,
// so that one mistake cannot hide another.
package rollsim

import (
	"bufio"
	"cmp"
	"encoding/xml"
	"io"
	"iter"
	"slices"
	"strconv"
)

// Municipality is the invented municipality's geographic code.
const Municipality = "99001"

// Roll is a whole roll.
type Roll struct {
	Municipality string // Municipality when empty
	Year         int    // 2026 when 0
	Version      string // "2.9" when empty
	Units        iter.Seq[Unit]
	// Owners writes invented owners and annex blocks, as a town's own export
	// has them.
	Owners bool
	// Compact leaves out the white space between elements.
	Compact bool
}

// Of returns a roll of given units.
func Of(units ...Unit) Roll { return Roll{Units: slices.Values(units)} }

// Unit is one unit of assessment. Zero values are left out of the XML.
type Unit struct {
	Matricule     string // ten digits or more: division, section, emplacement, then the optional parts
	Addresses     []Address
	Borough       string
	Lots          []string
	Use           string // CUBF
	File          string
	Neighbourhood string
	Frontage      float64 // m
	Area          float64 // m²
	Building      *Building
	LandValue     int64 // whole dollars
	BuildingValue int64
	Previous      int64
	Serviced      bool // vacant land with services
}

// Address is a civic address in the roll's parts and codes.
type Address struct {
	Number, Fraction     string
	NumberTo, FractionTo string
	Type, Link, Street   string
	Cardinal             string
	Apartment            string
	Complement           string
}

// Building is the main building.
type Building struct {
	Storeys, Year int
	Estimated     bool
	FloorArea     float64 // m²
	Link, Genre   int     // codes RL0309A and RL0310A
	Dwellings     int
	Rooms, Shops  int // rented rooms, non-residential premises
}

// WriteTo streams the roll as XML.
func (r Roll) WriteTo(to io.Writer) (int64, error) {
	w := &writer{w: bufio.NewWriterSize(to, 64<<10), compact: r.Compact}
	w.raw("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<RL xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:noNamespaceSchemaLocation=\"RL.xsd\">")
	w.leaf(1, "VERSION", cmp.Or(r.Version, "2.9"))
	w.leaf(1, "RLM01A", cmp.Or(r.Municipality, Municipality))
	w.leaf(1, "RLM02A", strconv.Itoa(cmp.Or(r.Year, 2026)))
	for u := range r.Units {
		w.unit(u, r.Owners)
		if w.err != nil {
			return w.n, w.err
		}
	}
	w.raw("\n</RL>\n")
	if w.err == nil {
		w.err = w.w.Flush()
	}
	return w.n, w.err
}

// writer writes elements, indented as the ministry's files are, until an error.
type writer struct {
	w       *bufio.Writer
	n       int64
	err     error
	compact bool
}

func (w *writer) raw(s string) {
	if w.err != nil {
		return
	}
	n, err := w.w.WriteString(s)
	w.n += int64(n)
	w.err = err
}

const indent = "\n                    "

func (w *writer) line(depth int) {
	if !w.compact {
		w.raw(indent[:1+2*depth])
	}
}

func (w *writer) open(depth int, name string) {
	w.line(depth)
	w.raw("<" + name + ">")
}

func (w *writer) end(depth int, name string) {
	w.line(depth)
	w.raw("</" + name + ">")
}

// leaf writes an element with text, and nothing for no text.
func (w *writer) leaf(depth int, name, text string) {
	if text == "" {
		return
	}
	w.open(depth, name)
	if w.err == nil {
		w.err = xml.EscapeText(countingWriter{w}, []byte(text))
	}
	w.raw("</" + name + ">")
}

type countingWriter struct{ w *writer }

func (c countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.w.Write(p)
	c.w.n += int64(n)
	return n, err
}
