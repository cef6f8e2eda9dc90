package open311

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/semenligne/sem/connectors/record"
)

// checkSubmit checks what needs no definition.
func checkSubmit(submit record.Submit) string {
	located := submit.Point != nil && submit.Point.Valid() ||
		strings.TrimSpace(submit.Address) != "" || strings.TrimSpace(submit.AddressID) != ""
	switch {
	case strings.TrimSpace(submit.ServiceCode) == "":
		return RefusalUnknownService
	case !located:
		return RefusalMissingLocation
	case utf8.RuneCountInString(submit.Description) > maxText:
		return RefusalDescriptionTooLong
	case !sendable(submit):
		return RefusalInvalidText
	case submit.MediaURL != "" && (!webURL(submit.MediaURL) || hasControl(submit.MediaURL)):
		return RefusalInvalidMedia
	}
	return ""
}

// sendable tells whether every text is one: UTF-8, and no control characters but
// line breaks and tabs.
func sendable(submit record.Submit) bool {
	texts := []string{
		submit.ServiceCode, submit.Address, submit.AddressID, submit.Description,
		submit.Email, submit.GivenName, submit.FamilyName, submit.Phone,
	}
	for _, answers := range submit.Attributes {
		texts = append(texts, answers...)
	}
	breaks := strings.NewReplacer("\r", "", "\n", "", "\t", "")
	for _, text := range texts {
		if !utf8.ValidString(text) || hasControl(breaks.Replace(text)) {
			return false
		}
	}
	return true
}

// checkAnswers checks the attributes of a submit against the definition that
// the server gives now, as the server will.
func checkAnswers(v service, given map[string][]string) string {
	asked := map[string]record.Attribute{}
	for _, a := range v.Attributes {
		if a.Question {
			asked[a.Code] = a
		}
	}
	for code := range given {
		if _, ok := asked[code]; !ok {
			return RefusalUnknownAttribute
		}
	}
	for _, a := range asked {
		answers := slices.DeleteFunc(slices.Clone(given[a.Code]), func(v string) bool { return v == "" })
		if a.Required && len(answers) == 0 {
			return RefusalMissingAttribute
		}
		if len(answers) > 1 && a.Datatype != "multivaluelist" {
			return RefusalInvalidAttribute
		}
		for _, answer := range answers {
			if !fits(a, answer) {
				return RefusalInvalidAttribute
			}
		}
	}
	return ""
}

// fits checks one answer by datatype (GeoReport v2, GET Service Definition). A
// datatype that the specification does not know takes anything.
func fits(a record.Attribute, answer string) bool {
	switch a.Datatype {
	case "number":
		return decimal.MatchString(answer)
	case "datetime":
		return !parseTime(answer, time.UTC).IsZero()
	case "string":
		return !strings.ContainsAny(answer, "\r\n")
	case "singlevaluelist", "multivaluelist":
		return len(a.Values) == 0 || slices.ContainsFunc(a.Values, func(v record.AttributeValue) bool { return v.Key == answer })
	}
	return true
}

var decimal = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// answersTo returns what is sent for a question: the answers given, a datetime
// made ISO 8601 with its zone.
func (s *source) answersTo(a record.Attribute, given []string) []string {
	var out []string
	for _, answer := range given {
		if answer == "" {
			continue
		}
		if _, err := time.Parse(time.DateOnly, answer); a.Datatype == "datetime" && err != nil {
			answer = parseTime(answer, s.zone).In(s.zone).Format(time.RFC3339)
		}
		out = append(out, answer)
	}
	return out
}
