package views

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

func current(l Link) string {
	if l.Current {
		return "page"
	}
	return "false"
}

func invalid(problem string) string { return strconv.FormatBool(problem != "") }

// describedBy names the elements that explain a field: its hint, and its
// problem when there is one.
func describedBy(hint, problem string, field ...string) string {
	var ids []string
	if hint != "" {
		ids = append(ids, hint+"-aide")
		field = append(field, hint)
	}
	if problem != "" {
		ids = append(ids, field[0]+"-probleme")
	}
	return strings.Join(ids, " ")
}

// chosen marks the one choice among several links that is shown.
func chosen(l Link) string { return strconv.FormatBool(l.Current) }

// letter is the first letter of a weekday, as on a calendar.
func letter(weekday string) string { return strings.ToUpper(string([]rune(weekday)[:1])) }

// version is what a stream compares with.
func (p Page) version() string {
	own := strconv.FormatUint(p.Version, 10)
	if p.Others == "" {
		return own
	}
	return own + "-" + p.Others
}

// lang marks text of another language.
func lang(tag string) templ.Attributes {
	if tag == "" {
		return nil
	}
	return templ.Attributes{"lang": tag}
}
