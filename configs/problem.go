package configs

import (
	"fmt"
	"sort"
	"strings"
)

// Severity is how bad a problem is.
type Severity string

// The severities.
const (
	// Broken stops the program from using the file.
	Broken Severity = "error"
	// Warning is legal and probably not meant.
	Warning Severity = "warning"
)

// Problem is one mistake in a configuration file, with its place.
type Problem struct {
	File         string
	Line, Column int
	// Path is the key, from the top: sources[2].guard.deadline.
	Path     string
	Text     string
	Severity Severity
}

// String writes the problem on one line: file:line:column: severity: path: text.
func (p Problem) String() string {
	if p.Path == "" {
		return fmt.Sprintf("%s:%d:%d: %s: %s", p.File, p.Line, p.Column, p.Severity, p.Text)
	}
	return fmt.Sprintf("%s:%d:%d: %s: %s: %s", p.File, p.Line, p.Column, p.Severity, p.Path, p.Text)
}

// Problems is every mistake of a file, in the order of the lines. As an error
// it prints them all.
type Problems []Problem //nolint:errname // first a list, an error when it must be

// Error lists the problems, one a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Broken tells whether any of the problems stops the program.
func (ps Problems) Broken() bool {
	for _, p := range ps {
		if p.Severity == Broken {
			return true
		}
	}
	return false
}

func (ps Problems) sort() {
	sort.SliceStable(ps, func(i, j int) bool {
		a, b := ps[i], ps[j]
		return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
	})
}

// suggest returns ", did you mean X?" for the nearest known word, or the list
// of known words when none is near.
func suggest(word string, known []string) string {
	sort.Strings(known)
	best, least := "", 3
	for _, k := range known {
		if d := distance(word, k); d < least && d < len(k) {
			best, least = k, d
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %s?", best)
	}
	return "known here: " + strings.Join(known, ", ")
}

// distance is the Levenshtein distance of two words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
