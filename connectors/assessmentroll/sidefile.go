package assessmentroll

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/semenligne/sem/connectors"
)

// The lists of streets and of points are bounded, and so is each row, so that a
// quote that never ends cannot fill memory.
const (
	maxSideFile = 256 << 20
	maxRow      = 64 << 10
)

// eachRow calls use with the wanted cells of each row of a CSV file in UTF-8,
// delimited by commas or semicolons. A wanted column may have several names,
// "street|odonyme". Errors name the line.
func eachRow(ctx context.Context, file io.Reader, wanted []string, use func(cells []string) error) error {
	limited := &rowReader{r: contextReader{ctx, file}, left: maxRow, all: maxSideFile}
	buffered := bufio.NewReader(limited)
	head, err := buffered.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading: %w", connectors.ErrUnavailable)
	}
	rows := csv.NewReader(buffered)
	rows.ReuseRecord = true
	if line, _, _ := bytes.Cut(head, []byte("\n")); bytes.IndexByte(line, ';') >= 0 {
		rows.Comma = ';'
	}
	header, err := rows.Read()
	if err != nil {
		return rowError(ctx, err)
	}
	at, err := columnsOf(header, wanted)
	if err != nil {
		return err
	}
	cells := make([]string, len(at))
	for {
		limited.left = maxRow
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return rowError(ctx, err)
		}
		line, _ := rows.FieldPos(0)
		for i, j := range at {
			if !utf8.ValidString(row[j]) {
				return fmt.Errorf("line %d: not UTF-8: %w", line, connectors.ErrMalformed)
			}
			cells[i] = strings.TrimSpace(row[j])
		}
		if err := use(cells); err != nil {
			return fmt.Errorf("line %d: %w: %w", line, err, connectors.ErrMalformed)
		}
	}
}

// columnsOf returns where each wanted column is.
func columnsOf(header, wanted []string) ([]int, error) {
	at := make([]int, len(wanted))
	for i, names := range wanted {
		at[i] = -1
		for j, cell := range header {
			cell = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(cell, "\uFEFF")))
			for name := range strings.SplitSeq(names, "|") {
				if cell == name {
					at[i] = j
				}
			}
		}
		if at[i] < 0 {
			return nil, fmt.Errorf("no column %s: %w", strings.ReplaceAll(names, "|", " or "), connectors.ErrMalformed)
		}
	}
	return at, nil
}

func rowError(ctx context.Context, err error) error {
	var parse *csv.ParseError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &parse):
		return fmt.Errorf("line %d: not in order: %w", parse.StartLine, connectors.ErrMalformed)
	case errors.Is(err, io.EOF):
		return fmt.Errorf("empty: %w", connectors.ErrMalformed)
	case errors.Is(err, errTooLong):
		return fmt.Errorf("a row too long, a quote that never ends, or a file too long: %w", connectors.ErrMalformed)
	}
	return fmt.Errorf("reading: %w", connectors.ErrUnavailable)
}

var errTooLong = errors.New("too long")

// rowReader gives out no more than left bytes of a row and all of the file.
type rowReader struct {
	r         io.Reader
	left, all int
}

func (l *rowReader) Read(p []byte) (int, error) {
	if l.left <= 0 || l.all <= 0 {
		return 0, errTooLong
	}
	n, err := l.r.Read(p[:min(len(p), l.left, l.all)])
	l.left -= n
	l.all -= n
	return n, err
}

// contextReader stops reading when the context ends.
type contextReader struct {
	ctx context.Context // of the one call that reads
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// sideStamp stands for the state of the files beside the roll.
func (r *roll) sideStamp() (string, error) {
	var stamp strings.Builder
	stamp.WriteString("side")
	for _, path := range []connectors.Path{r.settings.Streets, r.settings.Points.GeoPackage, r.settings.Points.CSV} {
		if path == "" {
			continue
		}
		one, err := connectors.FileStamp(os.Stat(string(path)))
		if err != nil {
			return "", fmt.Errorf("streets or points: %w", err)
		}
		stamp.WriteString(":" + one)
	}
	return stamp.String(), nil
}
