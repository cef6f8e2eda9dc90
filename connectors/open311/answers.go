package open311

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

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
		_, err := strconv.ParseFloat(answer, 64)
		return err == nil
	case "datetime":
		return !parseTime(answer, time.UTC).IsZero()
	case "string":
		return !strings.ContainsAny(answer, "\r\n")
	case "singlevaluelist", "multivaluelist":
		return slices.ContainsFunc(a.Values, func(v record.AttributeValue) bool { return v.Key == answer })
	}
	return true
}
