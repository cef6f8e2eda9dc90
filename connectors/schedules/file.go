package schedules

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/lexer"

	"github.com/semenligne/sem/connectors/record"
)

// file is the YAML rule file.
type file struct {
	Streams     []stream     `json:"streams"`
	Holidays    holidays     `json:"holidays"`
	Collections []collection `json:"collections"`
	Exceptions  []exception  `json:"exceptions"`
	Watering    struct {
		Rules   []watering              `json:"rules"`
		Bans    []record.WateringBan    `json:"bans"`
		Permits []record.WateringPermit `json:"permits"`
	} `json:"watering"`
}

type stream struct {
	Code     string            `json:"code"`
	Name     map[string]string `json:"name"` // by language, fr and en
	Color    string            `json:"color"`
	Icon     string            `json:"icon"`
	Letter   string            `json:"letter"`
	Accepts  string            `json:"accepts"`
	Prepare  string            `json:"prepare"`
	Seasonal bool              `json:"seasonal"` // is not collected in a part of the year
}

type holidays struct {
	Policy record.HolidayPolicy `json:"policy"`
	Days   []record.Holiday     `json:"days"`
}

type collection struct {
	Stream    string        `json:"stream"`
	Sectors   []string      `json:"sectors"`
	Season    record.Season `json:"season"`
	Valid     record.Period `json:"valid"`
	Days      []string      `json:"days"`
	Every     int           `json:"every"`
	Anchor    record.Date   `json:"anchor"`
	ISOWeeks  record.Parity `json:"iso_weeks"`
	Dates     []record.Date `json:"dates"`
	Holidays  *holidays     `json:"holidays"` // instead of the town's
	OutAfter  record.Clock  `json:"out_after"`
	OutBefore record.Clock  `json:"out_before"`
	Until     record.Clock  `json:"until"`
	Note      string        `json:"note"`
}

type exception struct {
	Streams []string    `json:"streams"` // none is all
	Sectors []string    `json:"sectors"` // none is all
	Date    record.Date `json:"date"`
	To      record.Date `json:"to"`
	Reason  string      `json:"reason"`
}

type watering struct {
	Name     string              `json:"name"`
	Season   record.Season       `json:"season"`
	Valid    record.Period       `json:"valid"`
	Devices  []record.Device     `json:"devices"`
	Sectors  []string            `json:"sectors"`
	Numbers  record.Parity       `json:"numbers"`
	Days     record.WateringDays `json:"days"`
	Weekdays []string            `json:"weekdays"`
	On31     record.On31         `json:"on_31"`
	Windows  []record.Window     `json:"windows"`
	Permit   bool                `json:"permit"`
	Note     string              `json:"note"`
}

// fromYAML reads a rule file strictly: a key that it does not know is a
// mistake.
func fromYAML(body []byte) (town, error) {
	if !utf8.Valid(body) {
		return town{}, malformed("not UTF-8")
	}
	var f file
	err := yaml.NewDecoder(bytes.NewReader(body), yaml.Strict()).Decode(&f)
	if errors.Is(err, io.EOF) {
		return town{}, malformed("file is empty")
	}
	if err != nil {
		return town{}, malformed("%s", where(err, body))
	}
	t := town{bans: f.Watering.Bans, permits: f.Watering.Permits, seasonal: map[string]bool{}}
	for _, s := range f.Streams {
		t.seasonal[s.Code] = s.Seasonal
		t.streams = append(t.streams, record.Stream{
			Code: s.Code, Name: text(s.Name["fr"]), NameEN: text(s.Name["en"]), Color: s.Color, Icon: s.Icon, Letter: text(s.Letter),
			Accepts: text(s.Accepts), Prepare: text(s.Prepare),
		})
	}
	for _, c := range f.Collections {
		t.rules = append(t.rules, t.rule(c, f))
	}
	for i, e := range f.Exceptions {
		t.except(i, e)
	}
	for i, w := range f.Watering.Rules {
		days := t.weekdays("watering.rules", i, w.Weekdays)
		t.watering = append(t.watering, record.WateringRule{
			Order: i + 1, Name: text(w.Name), Season: w.Season, Valid: w.Valid, Devices: w.Devices, Sectors: w.Sectors, Numbers: w.Numbers,
			Days: w.Days, Weekdays: days, On31: w.On31, Windows: w.Windows, Permit: w.Permit, Note: text(w.Note),
		})
	}
	return t, nil
}

// where says on which line a file cannot be read, and none of its text.
func where(err error, body []byte) string {
	if at, ok := errors.AsType[yaml.Error](err); ok && at.GetToken() != nil {
		line := at.GetToken().Position.Line
		if _, unknown := errors.AsType[*yaml.UnknownFieldError](err); unknown {
			return place(line) + ": a key that no rule has"
		}
		return place(line) + ": a value of the wrong form"
	}
	// Dates and hours read themselves, without knowing where they stand.
	for _, token := range lexer.Tokenize(string(body)) {
		_, notDate := record.ParseDate(token.Value)
		_, notClock := record.ParseClock(token.Value)
		if dateOrClock.MatchString(token.Value) && notDate != nil && notClock != nil {
			return place(token.Position.Line) + ": no such date or hour"
		}
	}
	return "a value of the wrong form"
}

// dateOrClock is what means to be a date or an hour.
var dateOrClock = regexp.MustCompile(`^(?:\d{4}-\d+-\d+|\d{1,2}\s*[h:].*)$`)

func text(s string) string { return record.Text(s, 1000) }

// rule makes a rule of an entry, with the town's holidays and its stream's name.
func (t *town) rule(c collection, f file) record.CollectionRule {
	if c.Holidays == nil {
		c.Holidays = &f.Holidays
	}
	if c.Every == 0 {
		c.Every = 1
	}
	r := record.CollectionRule{
		Stream: c.Stream, Sectors: c.Sectors, Season: c.Season, Valid: c.Valid, Days: t.weekdays("collections", len(t.rules), c.Days),
		Every: c.Every, Anchor: c.Anchor, ISOWeeks: c.ISOWeeks, Dates: c.Dates, Holidays: c.Holidays.Policy, Observed: c.Holidays.Days,
		Hours: record.Hours{OutAfter: c.OutAfter, OutBefore: c.OutBefore, Until: c.Until}, Note: text(c.Note),
	}
	for _, s := range t.streams {
		if s.Code == r.Stream {
			r.Name = s.Name
		}
	}
	return r
}

// weekdays reads names of weekdays, and notes those that are none.
func (t *town) weekdays(list string, i int, names []string) []time.Weekday {
	var days []time.Weekday
	for _, name := range names {
		day, ok := weekday(name)
		if !ok {
			t.problem(list, i, "no such weekday: write lundi or monday")
			continue
		}
		days = append(days, day)
	}
	return days
}

// weekday reads the name of a weekday in French or English, or its first three
// letters.
func weekday(name string) (time.Weekday, bool) {
	name = strings.ToLower(strings.TrimSpace(name))
	for i, french := range []string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"} {
		english := strings.ToLower(time.Weekday(i).String())
		if name == french || name == english || name == french[:3] || name == english[:3] {
			return time.Weekday(i), true
		}
	}
	return 0, false
}
