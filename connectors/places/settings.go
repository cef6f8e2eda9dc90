package places

import (
	"maps"
	"slices"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/geo"
	"github.com/semenligne/sem/connectors/record"
)

// Settings is where a file of the map is and how it is read.
type Settings struct {
	File      connectors.Path `json:"file,omitempty" jsonschema:"the file; this or url"`
	URL       string          `json:"url,omitempty" jsonschema:"the file's address; this or file"`
	Format    Format          `json:"format" jsonschema:"geojson, csv or geopackage"`
	As        As              `json:"as,omitempty" jsonschema:"what the file holds: places, sectors, or shapes of the map such as streets"`
	Fields    Fields          `json:"fields,omitzero" jsonschema:"which property or column holds what, by the file's own names"`
	Category  string          `json:"category,omitempty" jsonschema:"category of everything in the file that has no other"`
	Streams   []string        `json:"streams,omitempty" jsonschema:"streams that all sectors of the file are for; none for all streams"`
	Layer     string          `json:"layer,omitempty" jsonschema:"layer of a GeoPackage that has several"`
	Charset   string          `json:"charset,omitempty" jsonschema:"utf-8 (with or without a byte-order mark), windows-1252 or iso-8859-1"`
	LastLine  LastLine        `json:"last_line,omitempty" jsonschema:"ended: the last line of a CSV file must end in a line break, or the file counts as cut; any: it need not"`
	System    string          `json:"system,omitempty" jsonschema:"what coordinates mean where the file itself does not say: EPSG:4326 or EPSG:4269 for degrees, EPSG:2950 or EPSG:32188 for MTM zone 8, EPSG:26918 for UTM zone 18"`
	Box       Box             `json:"box,omitzero" jsonschema:"the town in degrees; what is outside is refused"`
	Outside   Outside         `json:"outside,omitempty" jsonschema:"refuse: a position outside the box refuses the file; skip: what has one is left out, for the file of a region"`
	MaxBytes  int64           `json:"max_bytes,omitempty" jsonschema:"a longer GeoJSON or CSV file is refused"`
	MaxPlaces int             `json:"max_places,omitempty" jsonschema:"a file of more places, sectors or shapes is refused"`
}

// Format is how the file is written.
type Format string

// The formats.
const (
	FormatGeoJSON    Format = "geojson"
	FormatCSV        Format = "csv"
	FormatGeoPackage Format = "geopackage"
)

// As is what the file holds.
type As string

// What a file may hold.
const (
	AsPlaces  As = "places"
	AsSectors As = "sectors"
	AsShapes  As = "shapes"
)

// LastLine says whether the last line must be ended.
type LastLine string

// The values of LastLine.
const (
	LastLineEnded LastLine = "ended"
	LastLineAny   LastLine = "any"
)

// Outside is what becomes of what is not in the box.
type Outside string

// The values of Outside.
const (
	OutsideRefuse Outside = "refuse"
	OutsideSkip   Outside = "skip"
)

// Box is a part of the Earth, in degrees. The zero Box is all of it.
type Box struct {
	South float64 `json:"south,omitempty" jsonschema:"lowest latitude"`
	West  float64 `json:"west,omitempty" jsonschema:"lowest longitude; negative in America"`
	North float64 `json:"north,omitempty" jsonschema:"highest latitude"`
	East  float64 `json:"east,omitempty" jsonschema:"highest longitude"`
}

func (b Box) holds(p record.Point) bool {
	return b == Box{} || p.Lat >= b.South && p.Lat <= b.North && p.Long >= b.West && p.Long <= b.East
}

// Fields maps the file's properties or columns to what we show.
type Fields struct {
	ID       string   `json:"id,omitempty" jsonschema:"what names it for ever; without one a GeoJSON id does, or else its content"`
	Name     []string `json:"name,omitempty" jsonschema:"its name; several are joined by a space"`
	Category string   `json:"category,omitempty" jsonschema:"its category"`
	Address  []string `json:"address,omitempty" jsonschema:"its address; several are joined by a space"`
	Phone    string   `json:"phone,omitempty" jsonschema:"its telephone number"`
	Link     string   `json:"link,omitempty" jsonschema:"its web address"`
	Hours    string   `json:"hours,omitempty" jsonschema:"its opening hours, as text"`
	Code     string   `json:"code,omitempty" jsonschema:"a sector's code"`
	Stream   string   `json:"stream,omitempty" jsonschema:"the stream that a sector is for, or several with commas between them"`
	X        string   `json:"x,omitempty" jsonschema:"column of a CSV file with the longitude, or the easting in metres"`
	Y        string   `json:"y,omitempty" jsonschema:"column of a CSV file with the latitude, or the northing in metres"`
	// Details are other things to show, by what to call them.
	Details Labels `json:"details,omitempty" jsonschema:"more to show, by what to call it"`
}

// Labels is a property's name by its label.
type Labels map[string]string

// all returns every field named but those of a CSV's position.
func (f Fields) all() []string {
	names := []string{f.ID, f.Category, f.Phone, f.Link, f.Hours, f.Code, f.Stream}
	names = append(append(names, f.Name...), f.Address...)
	for _, label := range slices.Sorted(maps.Keys(f.Details)) {
		names = append(names, f.Details[label])
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}

func defaults() Settings {
	return Settings{
		As: AsPlaces, Charset: "utf-8", LastLine: LastLineEnded, System: "EPSG:4326", Outside: OutsideRefuse,
		MaxBytes: 16 << 20, MaxPlaces: 100_000,
	}
}

// Dials returns the host and port of the URL.
func (s *Settings) Dials() []string {
	hostPort, ok := connectors.HostPort(s.URL)
	if !ok {
		return nil
	}
	return []string{hostPort}
}

// Validate returns every mistake.
func (s *Settings) Validate() []connectors.Problem {
	var problems []connectors.Problem
	check := func(ok bool, key, text string) {
		if !ok {
			problems = append(problems, connectors.Problem{Key: key, Text: text})
		}
	}
	check(s.File != "" || s.URL != "", "file", "missing: the file, or its url")
	check(s.File == "" || s.URL == "", "url", "there is a file too: keep one of them")
	_, known := connectors.HostPort(s.URL)
	check(s.URL == "" || known, "url", "write an absolute http or https address without user or fragment")
	check(slices.Contains([]Format{FormatGeoJSON, FormatCSV, FormatGeoPackage}, s.Format), "format", "write geojson, csv or geopackage")
	check(slices.Contains([]As{AsPlaces, AsSectors, AsShapes}, s.As), "as", "write places, sectors or shapes")
	check(s.Format != FormatGeoPackage || s.URL == "", "url", "a GeoPackage is read from a file")
	check(s.Layer == "" || s.Format == FormatGeoPackage, "layer", "only a GeoPackage has layers")
	check(s.Format != FormatCSV || s.As == AsPlaces, "as", "a CSV file holds points: places only")
	check((s.Format == FormatCSV) == (s.Fields.X != "" && s.Fields.Y != "") && (s.Fields.X == "") == (s.Fields.Y == ""),
		"fields", "x and y are the columns of a CSV file's position: both, and for no other format")
	check(s.As != AsSectors || s.Fields.Code != "", "fields", "code is missing: the property of a sector's code")
	check(s.As == AsSectors || s.Fields.Code+s.Fields.Stream == "" && len(s.Streams) == 0, "as", "code, stream and streams are for sectors")
	check(s.Fields.Stream == "" || len(s.Streams) == 0, "streams", "there is a field for the stream too: keep one of them")
	check(!slices.Contains(slices.Concat(s.Fields.Name, s.Fields.Address), ""), "fields", "an empty name of a property")
	for _, label := range slices.Sorted(maps.Keys(s.Fields.Details)) {
		check(label != "" && s.Fields.Details[label] != "", "fields", "details: an empty label or name of a property")
	}
	_, known = decoderOf(s.Charset)
	check(known, "charset", "write utf-8, windows-1252 or iso-8859-1")
	check(s.LastLine == LastLineEnded || s.LastLine == LastLineAny, "last_line", "write ended or any")
	_, known = geo.ParseSystem(s.System)
	check(known, "system", "write EPSG:4326 or EPSG:4269 (degrees), EPSG:32188 or EPSG:2950 (MTM zone 8), EPSG:26918 (UTM zone 18), or of another zone")
	check(s.Box == Box{} || s.Box.valid(), "box", "write south below north and west below east, in degrees; west is negative in America")
	check(s.Outside == OutsideRefuse || s.Outside == OutsideSkip, "outside", "write refuse or skip")
	check(s.MaxBytes >= 1 && s.MaxBytes <= 1<<30, "max_bytes", "write a number of bytes from 1 to 1073741824")
	check(s.MaxPlaces >= 1 && s.MaxPlaces <= 10_000_000, "max_places", "write a number from 1 to 10000000")
	return problems
}

func (b Box) valid() bool {
	return b.South >= -90 && b.South < b.North && b.North <= 90 && b.West >= -180 && b.West < b.East && b.East <= 180
}
