package open311

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/semenligne/sem/connectors/record"
)

// service is one item of the service list.
type service struct {
	record.Service
	// metadata says that the service has a definition: questions to ask.
	metadata bool
}

func readService(n node) (service, error) {
	code, err := n.scalar("service_code")
	if err != nil {
		return service{}, err
	}
	s := service{metadata: truth(n, "metadata", true)} // unsaid: ask
	s.Code = code
	s.Name = plain(n.label("service_name"), maxLine)
	s.Description = plain(n.label("description"), maxText)
	s.Group = plain(n.label("group"), maxLine)
	s.FollowUp = followUp(n.label("type"))
	for _, list := range n.texts("keywords") {
		for word := range strings.SplitSeq(list, ",") {
			if word = plain(word, maxLine); word != "" {
				s.Keywords = append(s.Keywords, word)
			}
		}
	}
	return s, nil
}

// followUp reads the type of a service; another word than the three is unknown.
func followUp(word string) record.FollowUp {
	f := record.FollowUp(strings.ToLower(word))
	if f == record.FollowUpNow || f == record.FollowUpLater || f == record.FollowUpNone {
		return f
	}
	return ""
}

// readAttributes reads a service definition: its attributes in their order.
func readAttributes(n node) ([]record.Attribute, error) {
	var out []record.Attribute
	for _, item := range n.listOf("attributes", "attribute") {
		a, err := readAttribute(item)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	slices.SortStableFunc(out, func(a, b record.Attribute) int { return cmp.Compare(a.Order, b.Order) })
	return out, nil
}

func readAttribute(n node) (record.Attribute, error) {
	var a record.Attribute
	var datatype, order string
	for name, field := range map[string]*string{"code": &a.Code, "datatype": &datatype, "order": &order} {
		value, err := n.scalar(name)
		if err != nil {
			return a, err
		}
		*field = value
	}
	a.Datatype = strings.ToLower(datatype)
	a.Order, _ = strconv.Atoi(order) // no order sorts first
	a.Question = truth(n, "variable", true)
	a.Required = truth(n, "required", false)
	a.Description = plain(n.label("description"), maxText)
	a.Hint = plain(n.label("datatype_description"), maxText)
	for _, v := range n.listOf("values", "value") {
		key, err := v.scalar("key")
		if err != nil {
			return a, err
		}
		value := record.AttributeValue{Key: key, Name: plain(v.label("name"), maxLine)}
		if v.text != "" { // a bare word for both
			value = record.AttributeValue{Key: v.text, Name: plain(v.text, maxLine)}
		}
		a.Values = append(a.Values, value)
	}
	if a.Code == "" && a.Question {
		return a, errWrongReply // a question that cannot be answered
	}
	return a, nil
}

// truth reads a boolean in any of its spellings.
func truth(n node, name string, absent bool) bool {
	switch strings.ToLower(n.label(name)) {
	case "true", "1", "yes":
		return true
	case "false", "0", "no":
		return false
	}
	return absent
}
