package configs

import (
	"fmt"
	"time"

	"github.com/semenligne/sem/connectors"
)

// Rush is an opening of registration at which everybody comes at once.
type Rush struct {
	Source   string              `json:"source" jsonschema:"name of the source that registers"`
	Opens    string              `json:"opens" jsonschema:"when registration opens, in the town's time: 2026-12-01 09:00"`
	Closes   string              `json:"closes" jsonschema:"when the waiting room ends and people register as on any day"`
	Lobby    connectors.Duration `json:"lobby,omitempty" jsonschema:"how long before the opening people may come in; those present are drawn by lot; without it 30m"`
	Parallel int                 `json:"parallel,omitempty" jsonschema:"places that the source is asked for at once, at most its guard.parallel; without it 4, or that"`
	Decide   connectors.Duration `json:"decide,omitempty" jsonschema:"how long a kept place waits for its person, if the source keeps it so long; without it 10m"`

	// OpensAt and ClosesAt are Opens and Closes, read.
	OpensAt  time.Time `json:"-"`
	ClosesAt time.Time `json:"-"`
}

// localTime is how an hour of the town is written.
const localTime = "2006-01-02 15:04"

func (d *decoder) checkRushes(config *Config) {
	for i := range config.Rush {
		r, path := &config.Rush[i], fmt.Sprintf("rush[%d]", i)
		most := 0
		for _, s := range config.Sources {
			if s.Name == r.Source {
				most = s.Guard.Parallel
			}
		}
		if most == 0 {
			d.at(path+".source", "no source has this name")
		}
		d.checkRush(r, path, most)
		if zone := config.Town.Location; zone != nil {
			r.OpensAt, r.ClosesAt = d.hour(path+".opens", r.Opens, zone), d.hour(path+".closes", r.Closes, zone)
		}
		if r.OpensAt.IsZero() || r.ClosesAt.IsZero() {
			continue
		}
		if length := r.ClosesAt.Sub(r.OpensAt); length <= 0 || length > 7*24*time.Hour {
			d.at(path+".closes", "not after opens, or more than 7 days after it")
		}
		for _, other := range config.Rush[:i] {
			if other.Source == r.Source && r.OpensAt.Add(-r.Lobby.Std()).Before(other.ClosesAt) && other.OpensAt.Add(-other.Lobby.Std()).Before(r.ClosesAt) {
				d.at(path+".opens", "another window of the source is on at that time")
			}
		}
	}
}

func (d *decoder) checkRush(r *Rush, path string, most int) {
	if r.Lobby == 0 {
		r.Lobby = connectors.Duration(30 * time.Minute)
	}
	if r.Decide == 0 {
		r.Decide = connectors.Duration(10 * time.Minute)
	}
	if r.Parallel == 0 {
		r.Parallel = max(min(4, most), 1)
	}
	if r.Lobby.Std() > 24*time.Hour {
		d.at(path+".lobby", "longer than 24h")
	}
	if r.Decide.Std() < time.Minute || r.Decide.Std() > time.Hour {
		d.at(path+".decide", "write a duration from 1m to 1h")
	}
	if most > 0 && (r.Parallel < 1 || r.Parallel > most) {
		d.at(path+".parallel", "write a number from 1 to the guard.parallel of the source (%d)", most)
	}
}

// hour reads an hour of the town; one that the clock skips is none.
func (d *decoder) hour(path, text string, zone *time.Location) time.Time {
	at, err := time.ParseInLocation(localTime, text, zone)
	if err != nil || at.Format(localTime) != text {
		d.at(path, "not a day and an hour of the town, such as 2026-12-01 09:00")
		return time.Time{}
	}
	return at
}
