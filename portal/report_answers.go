package portal

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/views"
)

// questions are what a service asks, without the texts that want no answer.
func (x report) questions() []record.Attribute {
	return slices.DeleteFunc(slices.Clone(x.service.Attributes), func(a record.Attribute) bool { return !a.Question })
}

// questionName is the field of a question: a code may hold anything.
func questionName(a record.Attribute) string { return "q-" + brief(a.Code) }

// brief names something in a form by a few letters that are the same each time.
func brief(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:5])
}

// question draws one question with the answers given so far (GeoReport v2, GET
// Service Definition). A datatype that we do not know is a text.
func (b builder) question(a record.Attribute, given []string) views.Question {
	q := views.Question{Name: questionName(a), Kind: "text", Text: a.Description, Hint: a.Hint, Required: a.Required}
	if q.Text == "" {
		q.Text = a.Code
	}
	if !a.Question {
		q.Kind = "note"
		return q
	}
	if len(given) > 0 {
		q.Value = given[0]
	}
	switch a.Datatype {
	case "text":
		q.Kind = "area"
	case "number":
		q.Kind = "number"
	case "datetime":
		q.Kind = "time"
	case "singlevaluelist":
		q.Kind = "one"
	case "multivaluelist":
		q.Kind = "many"
	}
	if len(a.Values) == 0 && (q.Kind == "one" || q.Kind == "many") {
		q.Kind = "text" // a list without choices
	}
	for _, v := range a.Values {
		text := v.Name
		if text == "" {
			text = v.Key
		}
		q.Options = append(q.Options, views.Option{Value: v.Key, Text: text, Chosen: slices.Contains(given, v.Key)})
	}
	return q
}

// readAnswers returns the answers to send, or the key of what is wrong.
func readAnswers(a record.Attribute, given []string) (answers []string, problem string) {
	for _, v := range given {
		if v = strings.TrimSpace(strings.ReplaceAll(v, "\r\n", "\n")); v != "" {
			answers = append(answers, v)
		}
	}
	if len(answers) == 0 {
		return nil, pick(a.Required, "report.problem.answer", "")
	}
	if len(answers) > 1 && a.Datatype != "multivaluelist" {
		return nil, "report.problem.one"
	}
	for i, v := range answers {
		if !plainText(v) || a.Datatype != "text" && strings.Contains(v, "\n") {
			return answers, "report.problem.characters"
		}
		switch a.Datatype {
		case "number":
			v = strings.ReplaceAll(v, ",", ".")
			if !decimal.MatchString(v) {
				return answers, "report.problem.number"
			}
			answers[i] = v
		case "datetime":
			if _, err := time.Parse("2006-01-02T15:04", v); err != nil {
				return answers, "report.problem.time"
			}
		case "singlevaluelist", "multivaluelist":
			if len(a.Values) > 0 && !slices.ContainsFunc(a.Values, func(x record.AttributeValue) bool { return x.Key == v }) {
				return answers, "report.problem.choice"
			}
		}
	}
	return answers, ""
}

var decimal = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)
