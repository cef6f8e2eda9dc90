package cache_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
)

// monday is when the section of these tests is first read.
func monday(hour int) time.Time { return time.Date(2026, time.November, 23, hour, 0, 0, 0, time.UTC) }

func book(key, title string) record.Record {
	return record.Record{Key: key, Source: "library", Body: record.Loan{Item: key, Title: title}}
}

// atRest is the section after a restart.
func atRest(t *testing.T, s cache.Section) cache.Section {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var again cache.Section
	if err := json.Unmarshal(data, &again); err != nil {
		t.Fatal(err)
	}
	return again
}

// changes are what a view says of its records, by key.
func changes(v cache.View, since time.Time) map[string]cache.Change {
	got := map[string]cache.Change{}
	records, _ := v.Records()
	for _, r := range records {
		got[r.Key] = v.Change(r, since)
	}
	return got
}

func TestChanges(t *testing.T) {
	t.Parallel()
	at := func(key string, r record.Record, when time.Time) record.Record {
		r.Key, r.ReadAt = key, when
		return r
	}
	eastern := time.FixedZone("", -5*3600)
	sent := func(zone *time.Location) record.Record {
		return record.Record{Key: "q", Body: record.Request{ID: "q", Sent: monday(7).In(zone)}}
	}
	for name, tc := range map[string]struct {
		reads [][]record.Record // at 8 h, 9 h, …
		since time.Time
		want  map[string]cache.Change
	}{
		"a first read marks nothing": {
			[][]record.Record{{book("a", "A"), book("b", "B")}}, monday(1), map[string]cache.Change{"a": "", "b": ""},
		},
		"appeared and altered": {
			[][]record.Record{{book("a", "A"), book("b", "B")}, {book("b", "B2"), book("a", "A"), book("c", "C")}},
			monday(8),
			map[string]cache.Change{"a": cache.Unchanged, "b": cache.Altered, "c": cache.Appeared},
		},
		"changes before the instant are none": {
			[][]record.Record{{book("a", "A")}, {book("a", "A2"), book("b", "B")}}, monday(9), map[string]cache.Change{"a": "", "b": ""},
		},
		"what appeared and was altered since is new": {
			[][]record.Record{{}, {book("a", "A")}, {book("a", "A2")}}, monday(8), map[string]cache.Change{"a": cache.Appeared},
		},
		"what appeared before and was altered since is altered": {
			[][]record.Record{{}, {book("a", "A")}, {book("a", "A2")}}, monday(9), map[string]cache.Change{"a": cache.Altered},
		},
		"a change is remembered through reads without one": {
			[][]record.Record{{book("a", "A")}, {book("a", "A2")}, {book("a", "A2")}, {book("a", "A2")}}, monday(8), map[string]cache.Change{"a": cache.Altered},
		},
		"what left and came back is new": {
			[][]record.Record{{book("a", "A")}, {}, {book("a", "A")}}, monday(8), map[string]cache.Change{"a": cache.Appeared},
		},
		"another time of reading is no change": {
			[][]record.Record{{at("a", book("", "A"), monday(8))}, {at("a", book("", "A"), monday(9))}}, monday(8), map[string]cache.Change{"a": ""},
		},
		"a zone of another name in memory is no change": {
			[][]record.Record{{sent(eastern)}, {sent(time.FixedZone("x", -5*3600))}}, monday(8), map[string]cache.Change{"q": ""},
		},
		"kinds have keys of their own": {
			[][]record.Record{{book("1", "A")}, {book("1", "A"), {Key: "1", Body: record.Hold{Title: "H"}}}}, monday(8), map[string]cache.Change{"1": cache.Appeared},
		},
		"a loan that was not described is still the same": {
			[][]record.Record{
				{book("a", "A")},
				{{Key: "a", Source: "library", Body: record.Loan{Item: "a", DetailsUnknown: true}}},
				{book("a", "A")},
			}, monday(8), map[string]cache.Change{"a": ""},
		},
		"a key that a source repeats does not change at every read": {
			[][]record.Record{{book("a", "A"), book("a", "B")}, {book("a", "A"), book("a", "B")}}, monday(8), map[string]cache.Change{"a": ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kept, restarted := cache.Section{Source: "library"}, cache.Section{Source: "library"}
			ages := cache.Ages{FreshFor: time.Hour, HideAfter: 48 * time.Hour}
			for i, records := range tc.reads {
				kept = kept.Succeeded(records, monday(8+i), ages).Failed("unavailable", monday(8+i).Add(time.Minute))
				restarted = atRest(t, restarted.Succeeded(records, monday(8+i), ages))
			}
			for which, s := range map[string]cache.Section{"in memory": kept, "restarted": restarted} {
				if diff := cmp.Diff(tc.want, changes(s.At(s.AsOf), tc.since)); diff != "" {
					t.Errorf("%s (-want +got)\n%s", which, diff)
				}
			}
		})
	}
}

// TestFollowed tells apart "nothing happened" and "we did not look then".
func TestFollowed(t *testing.T) {
	t.Parallel()
	ages := cache.Ages{FreshFor: time.Hour, HideAfter: 48 * time.Hour}
	s := cache.Section{Source: "library"}
	if s.At(monday(8)).Followed(monday(8)) {
		t.Error("a section never read is followed")
	}
	s = s.Succeeded(nil, monday(8), ages).Succeeded(nil, monday(9), ages)
	for since, want := range map[time.Time]bool{monday(7): false, monday(8): true, monday(9): true} {
		if got := s.At(monday(9)).Followed(since); got != want {
			t.Errorf("since %v: %v", since, got)
		}
	}
	if s.At(monday(9 + 48)).Followed(monday(9)) {
		t.Error("a section that is too old to be shown is followed")
	}
}

// TestSectionWrittenBeforeChangesWereFollowed reads a section as an older
// version of this program left it.
func TestSectionWrittenBeforeChangesWereFollowed(t *testing.T) {
	t.Parallel()
	const old = `{"source":"library","version":3,"as_of":"2026-11-23T08:00:00Z","ages":{"fresh_for":3600000000000,"hide_after":172800000000000},
		"records":[{"kind":"loan","key":"a","source":"library","item":"a","title":"A"}]}`
	var s cache.Section
	if err := json.Unmarshal([]byte(old), &s); err != nil {
		t.Fatal(err)
	}
	if v := s.At(s.AsOf); v.Followed(monday(8)) || changes(v, time.Time{})["a"] != cache.Unchanged {
		t.Error("changes are known that nobody noted")
	}
	s = s.Succeeded([]record.Record{book("a", "A"), book("b", "B")}, monday(9), s.Ages)
	if diff := cmp.Diff(map[string]cache.Change{"a": cache.Unchanged, "b": cache.Appeared}, changes(s.At(s.AsOf), monday(8))); diff != "" {
		t.Errorf("after the next read (-want +got)\n%s", diff)
	}
	if v := s.At(s.AsOf); !v.Followed(monday(8)) || v.Followed(monday(7)) {
		t.Error("followed from another instant than the read that was found")
	}
}

// TestVersionStandsAcrossARestart reads the same records again after the
// section was at rest.
func TestVersionStandsAcrossARestart(t *testing.T) {
	t.Parallel()
	ages := cache.Ages{FreshFor: time.Hour, HideAfter: 48 * time.Hour}
	records := []record.Record{{Key: "q", Body: record.Request{ID: "q", Sent: monday(7).In(time.FixedZone("EST", -5*3600)), Photos: []string{}}}}
	s := cache.Section{Source: "requests"}.Succeeded(records, monday(8), ages)
	if again := atRest(t, s).Succeeded(records, monday(9), ages); again.Version != s.Version {
		t.Errorf("version %d after %d", again.Version, s.Version)
	}
}
