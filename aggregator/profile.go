package aggregator

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"

	"github.com/semenligne/sem/connectors/record"
)

// common is the share of a kind's records that makes a member part of the
// source's shape: rarer ones come and go with the facts.
const common = 0.9

// profile counts records by kind, and by kind and member: "unit" and
// "unit.values.total_cents".
type profile map[string]int

// census counts what a profile tells, fast enough for every unit of a roll:
// the members of each kind are looked up once.
type census map[record.Kind]*shape

type shape struct {
	records int
	members []*member
}

// member is a field of a body, or of a plain struct within it.
type member struct {
	name  string
	index int
	said  int // records in which it says something
	inner []*member
}

// add counts one record.
func (c census) add(r record.Record) {
	v := reflect.Indirect(reflect.ValueOf(r.Body))
	kind := r.Body.Kind()
	s, ok := c[kind]
	if !ok {
		s = &shape{members: membersOf(v.Type())}
		c[kind] = s
	}
	s.records++
	tellSaid(v, s.members)
}

func tellSaid(v reflect.Value, members []*member) {
	for _, m := range members {
		field := v.Field(m.index)
		if field.IsZero() || field.Kind() == reflect.Slice && field.Len() == 0 {
			continue
		}
		m.said++
		tellSaid(field, m.inner)
	}
}

func membersOf(t reflect.Type) []*member {
	var members []*member
	for i := range t.NumField() {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" {
			continue
		}
		m := &member{name: name, index: i}
		if field.Type.Kind() == reflect.Struct && !field.Type.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
			m.inner = membersOf(field.Type)
		}
		members = append(members, m)
	}
	return members
}

// profile returns the counts so far.
func (c census) profile() profile {
	p := profile{}
	for kind, s := range c {
		p[string(kind)] = s.records
		p.put(string(kind), s.members)
	}
	return p
}

func (p profile) put(prefix string, members []*member) {
	for _, m := range members {
		if m.said > 0 {
			p[prefix+"."+m.name] = m.said
			p.put(prefix+"."+m.name, m.inner)
		}
	}
}

// total counts the records.
func (p profile) total() (n int) {
	for name, count := range p {
		if !strings.Contains(name, ".") {
			n += count
		}
	}
	return n
}

// kindOf returns the kind of a member.
func kindOf(name string) string {
	kind, _, _ := strings.Cut(name, ".")
	return kind
}

// against says what makes the profile implausible beside an earlier one, ""
// when nothing does.
func (p profile) against(before profile, d Drift) string {
	lost := func(was, is float64) bool { return is < was*(1-d.MaxLoss) }
	if was := before.total(); was >= d.MinRecords && lost(float64(was), float64(p.total())) {
		return fmt.Sprintf("records: %d after %d", p.total(), was)
	}
	for name, was := range before {
		kind := kindOf(name)
		switch {
		case before[kind] < d.MinRecords:
		case name == kind:
			if lost(float64(was), float64(p[name])) {
				return fmt.Sprintf("%s: %d after %d", name, p[name], was)
			}
		case p[kind] > 0:
			shareWas, shareIs := float64(was)/float64(before[kind]), float64(p[name])/float64(p[kind])
			if shareWas >= common && lost(shareWas, shareIs) {
				return fmt.Sprintf("%s: in %.0f %% of records after %.0f %%", name, 100*shareIs, 100*shareWas)
			}
		}
	}
	return ""
}
