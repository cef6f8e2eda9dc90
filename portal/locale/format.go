package locale

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// nbsp is the no-break space, which ties a number to its unit.
const nbsp = "\u00a0"

// Hour writes an instant as people tell it: "14 h 05", "2:05 p.m.".
func (w *Words) Hour(at time.Time) string {
	at = at.In(w.zone)
	h, m := at.Hour(), at.Minute()
	if w.Lang == English {
		half := "a.m."
		if h >= 12 {
			half = "p.m."
		}
		return fmt.Sprintf("%d:%02d%s%s", (h+11)%12+1, m, nbsp, half)
	}
	if m == 0 {
		return fmt.Sprintf("%d%sh", h, nbsp)
	}
	return fmt.Sprintf("%d%sh%s%02d", h, nbsp, nbsp, m)
}

// Clock writes an hour that a source gave as 15:04, and leaves any other
// wording as it is.
func (w *Words) Clock(hhmm string) string {
	at, err := time.ParseInLocation("15:04", hhmm, w.zone)
	if err != nil {
		return hhmm
	}
	return w.Hour(at)
}

// Day writes a date without its year: "24 novembre", "November 24".
func (w *Words) Day(d record.Date) string {
	month := w.T("month." + strconv.Itoa(int(d.Month)))
	if w.Lang == English {
		return month + nbsp + strconv.Itoa(d.Day)
	}
	day := strconv.Itoa(d.Day)
	if d.Day == 1 {
		day = "1er"
	}
	return day + nbsp + month
}

// Weekday names a day of the week.
func (w *Words) Weekday(d time.Weekday) string { return w.T("weekday." + strconv.Itoa(int(d))) }

// WeekdayDate writes "mardi 24 novembre", "Tuesday, November 24", with the year
// when it is not the one of now.
func (w *Words) WeekdayDate(d record.Date, now time.Time) string {
	weekday, day := w.Weekday(d.In(time.UTC).Weekday()), w.Day(d)
	year := ""
	if d.Year != now.In(w.zone).Year() {
		year = strconv.Itoa(d.Year)
	}
	if w.Lang == English {
		if year != "" {
			year = ", " + year
		}
		return weekday + ", " + day + year
	}
	if year != "" {
		year = " " + year
	}
	return weekday + " " + day + year
}

// Date writes a date with its year: "24 novembre 2026", "November 24, 2026".
func (w *Words) Date(d record.Date) string {
	if w.Lang == English {
		return w.Day(d) + ", " + strconv.Itoa(d.Year)
	}
	return w.Day(d) + " " + strconv.Itoa(d.Year)
}

// Moment writes an instant: its hour alone when it is today, else with the day,
// and with the year when it is another one.
func (w *Words) Moment(at, now time.Time) string {
	local, today := at.In(w.zone), now.In(w.zone)
	day := record.DateOf(local)
	switch {
	case day == record.DateOf(today):
		return w.Hour(at)
	case local.Year() == today.Year():
		return w.Day(day) + ", " + w.Hour(at)
	}
	return w.Date(day) + ", " + w.Hour(at)
}

// Money writes an amount: "1 234,56 $", "$1,234.56".
func (w *Words) Money(c record.Cents) string {
	whole, cents := int64(c)/100, int64(c)%100
	sign := ""
	if c < 0 {
		sign, whole, cents = "−", -whole, -cents
	}
	if w.Lang == English {
		return fmt.Sprintf("%s$%s.%02d", sign, w.Number(whole), cents)
	}
	return fmt.Sprintf("%s%s,%02d%s$", sign, w.Number(whole), cents, nbsp)
}

// Dollars writes an amount without its cents when there are none, as values of
// property are written: "412 000 $".
func (w *Words) Dollars(c record.Cents) string {
	s := w.Money(c)
	return strings.NewReplacer(",00"+nbsp, nbsp, ".00", "").Replace(s)
}

// Number groups the digits of a whole number.
func (w *Words) Number(n int64) string {
	group := nbsp
	if w.Lang == English {
		group = ","
	}
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + group + s[i:]
	}
	return s
}

// Percent writes a change in per cent with one decimal and its sign:
// "+15,7 %", "+15.7%".
func (w *Words) Percent(ratio float64) string {
	s := fmt.Sprintf("%+.1f", ratio*100)
	s = strings.Replace(s, "-", "−", 1)
	if w.Lang == English {
		return s + "%"
	}
	return strings.Replace(s, ".", ",", 1) + nbsp + "%"
}

// Area writes whole square metres: "612 m²".
func (w *Words) Area(m2 float64) string {
	return w.Number(int64(math.Round(m2))) + nbsp + "m²"
}

// Metres writes a length with at most two decimals: "18,29 m".
func (w *Words) Metres(m float64) string {
	whole, decimals, _ := strings.Cut(strconv.FormatFloat(math.Round(m*100)/100, 'f', -1, 64), ".")
	if n, err := strconv.ParseInt(whole, 10, 64); err == nil {
		whole = w.Number(n)
	}
	if decimals != "" {
		whole += map[string]string{French: ",", English: "."}[w.Lang] + decimals
	}
	return whole + nbsp + "m"
}
