package watering

import (
	"regexp"
	"strconv"

	"github.com/semenligne/sem/connectors/record"
)

// Number returns the civic number whose parity counts: the lower one of a range
// (16-18, also of mixed parity), without its fraction (12½, 12 1/2) or letter
// (12A). An apartment has its building's (1234 app. 5). ok is false when there
// is none, as for vacant land, and for what is written in no such way: a parity
// is not guessed.
func Number(a record.Address) (n int, ok bool) {
	m := civic.FindStringSubmatch(a.Number)
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(m[1])
	if err != nil || n == 0 {
		return 0, false
	}
	for _, upper := range []string{m[2], a.NumberTo} {
		if u := civic.FindStringSubmatch(upper); u != nil {
			if v, err := strconv.Atoi(u[1]); err == nil && v > 0 && v < n {
				n = v // a range that is written the wrong way round
			}
		}
	}
	return n, true
}

// civic captures the number and the upper number of a range; a fraction or a
// letter may follow either, and an apartment both.
var civic = regexp.MustCompile(`^\s*(\d{1,6})\s*(?:[½¼¾]|\d[/⁄]\d)?\s*(?:-?(?:[A-Za-z]|bis|ter))?\s*` +
	`(?:(?:[-–—/&,]|à|et)\s*(\d{1,6})\s*(?:[½¼¾]|\d[/⁄]\d)?\s*(?:[A-Za-z]|bis|ter)?)?\s*` +
	`(?:,?\s*(?i:#|app|apt|appartement|bureau|suite|unité|local)\.?\s*#?\w{1,6})?\s*$`)
