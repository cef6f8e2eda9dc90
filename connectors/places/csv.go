package places

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/semenligne/sem/connectors"
)

// readCSV reads a table with a header, delimited by commas, semicolons or tabs:
// by whichever makes the columns of the position.
func (f *file) readCSV(text []byte, use func(feature) error) error {
	if f.settings.LastLine == LastLineEnded && !bytes.HasSuffix(text, []byte("\n")) {
		return fmt.Errorf("a table whose last line is not ended: %w", connectors.ErrMalformed)
	}
	rows, names := openTable(text, f.settings.Fields)
	if rows == nil {
		return fmt.Errorf("no columns of the names that fields.x and fields.y give: %w", connectors.ErrMalformed)
	}
	x, y := slices.Index(names, f.settings.Fields.X), slices.Index(names, f.settings.Fields.Y)
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return csvError(err)
		}
		line, _ := rows.FieldPos(0)
		g := feature{number: line, values: make(map[string]string, len(row))}
		for i, cell := range row {
			g.values[names[i]] = cell
		}
		if err := f.locate(&g, row[x], row[y], rows.Comma); err != nil {
			return at("line", line, err)
		}
		if err := use(g); err != nil {
			return err
		}
	}
}

// openTable returns a reader behind the header, and its names; nil when no
// delimiter gives the columns of the position.
func openTable(text []byte, fields Fields) (*csv.Reader, []string) {
	for _, comma := range ",;\t" {
		rows := csv.NewReader(bytes.NewReader(text))
		rows.Comma = comma
		names, err := rows.Read()
		if err != nil {
			continue
		}
		for i, name := range names {
			names[i] = strings.TrimSpace(name)
		}
		if slices.Contains(names, fields.X) && slices.Contains(names, fields.Y) {
			rows.ReuseRecord = true
			return rows, names
		}
	}
	return nil, nil
}

// locate sets a row's point. Two empty cells, or two zeros, are no position.
func (f *file) locate(g *feature, xText, yText string, comma rune) error {
	xText, yText = strings.TrimSpace(xText), strings.TrimSpace(yText)
	if xText == "" && yText == "" {
		return nil
	}
	x, xErr := parseNumber(xText, comma)
	y, yErr := parseNumber(yText, comma)
	if xErr != nil || yErr != nil {
		return errors.New("a position that is not two numbers")
	}
	if x == 0 && y == 0 {
		return nil
	}
	p, err := f.system.Point(x, y)
	if err == nil {
		g.geometry.Points = append(g.geometry.Points, p)
	}
	return err
}

// parseNumber reads a decimal number, with a comma where the table is not
// delimited by commas.
func parseNumber(text string, delimiter rune) (float64, error) {
	if delimiter != ',' && strings.Count(text, ",") == 1 && !strings.Contains(text, ".") {
		text = strings.Replace(text, ",", ".", 1)
	}
	return strconv.ParseFloat(text, 64)
}

func csvError(err error) error {
	if parse, ok := errors.AsType[*csv.ParseError](err); ok {
		return fmt.Errorf("line %d: not in order: %w", parse.StartLine, connectors.ErrMalformed)
	}
	return fmt.Errorf("not a table: %w", connectors.ErrMalformed)
}
