package places

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/semenligne/sem/connectors"
)

// readCSV reads a table with a header, delimited by commas, semicolons or tabs,
// whichever its header has most of.
func (f *file) readCSV(text []byte, use func(feature) error) error {
	rows := csv.NewReader(bytes.NewReader(text))
	rows.ReuseRecord = true
	header, _, _ := bytes.Cut(text, []byte("\n"))
	for _, comma := range []byte(";\t") {
		if bytes.Count(header, []byte{comma}) > bytes.Count(header, []byte{byte(rows.Comma)}) {
			rows.Comma = rune(comma)
		}
	}
	row, err := rows.Read()
	if err != nil {
		return csvError(err)
	}
	names := make([]string, len(row))
	columns := map[string]int{}
	for i, name := range row {
		names[i] = strings.TrimSpace(name)
		columns[names[i]] = i
	}
	x, hasX := columns[f.settings.Fields.X]
	y, hasY := columns[f.settings.Fields.Y]
	if !hasX || !hasY {
		return fmt.Errorf("no columns of the names that fields.x and fields.y give: %w", connectors.ErrMalformed)
	}
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
