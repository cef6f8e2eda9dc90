package configs

import (
	"encoding"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/semenligne/sem/connectors"
)

// decoder fills typed structs from a YAML tree. Unlike a stock decoder it goes
// on after a mistake, so that all of them are told at once, each with its
// line, and it never prints a value, which may be a secret.
type decoder struct {
	file     string
	folder   string // relative paths start here
	getenv   func(string) (string, bool)
	problems Problems
	// seen remembers where each path stood, to place problems found later.
	seen map[string]ast.Node
}

func (d *decoder) report(n ast.Node, path, format string, args ...any) {
	p := Problem{File: d.file, Line: 1, Column: 1, Path: path, Text: fmt.Sprintf(format, args...), Severity: Broken}
	if n != nil {
		if t := n.GetToken(); t != nil && t.Position != nil {
			p.Line, p.Column = t.Position.Line, t.Position.Column
		}
	}
	d.problems = append(d.problems, p)
}

// at reports a problem where a path stands in the file, or at the nearest
// parent of it that does. A value that could not be read is told once.
func (d *decoder) at(path, format string, args ...any) {
	if slices.ContainsFunc(d.problems, func(p Problem) bool { return p.Path == path && p.Severity == Broken && path != "" }) {
		return
	}
	d.report(d.place(path), path, format, args...)
}

func (d *decoder) place(path string) ast.Node {
	for p := path; p != ""; {
		if n, ok := d.seen[p]; ok {
			return n
		}
		i := strings.LastIndexAny(p, ".[")
		if i < 0 {
			break
		}
		p = p[:i]
	}
	return d.seen[""]
}

func (d *decoder) value(n ast.Node, v reflect.Value, path string) {
	if _, alias := n.(*ast.AliasNode); alias {
		d.report(n, path, "aliases (*name) are not supported: write the value again")
		return
	}
	if v.Type() == reflect.TypeFor[Node]() {
		v.Set(reflect.ValueOf(Node{n}))
		return
	}
	if v.CanAddr() && v.Addr().Type().Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		d.text(n, v.Addr().Interface().(encoding.TextUnmarshaler), path)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if _, null := n.(*ast.NullNode); null {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		d.value(n, v.Elem(), path)
	case reflect.Struct:
		d.structure(n, v, path)
	case reflect.Slice:
		d.list(n, v, path)
	case reflect.Map:
		d.table(n, v, path)
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Float64:
		if s, ok := d.scalar(n, path); ok {
			d.set(n, v, s, path)
		}
	default:
		d.report(n, path, "a setting of a type that cannot be written in a file")
	}
}

func (d *decoder) set(n ast.Node, v reflect.Value, s, path string) {
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[connectors.Path]() {
			s = d.path(s)
		}
		v.SetString(s)
	case reflect.Bool:
		if s != "true" && s != "false" {
			d.report(n, path, "not true or false")
			return
		}
		v.SetBool(s == "true")
	case reflect.Float64:
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			d.report(n, path, "not a number")
			return
		}
		v.SetFloat(f)
	default:
		i, err := strconv.ParseInt(s, 10, v.Type().Bits())
		if err != nil {
			d.report(n, path, "not a whole number, or too large")
			return
		}
		v.SetInt(i)
	}
}

func (d *decoder) text(n ast.Node, u encoding.TextUnmarshaler, path string) {
	s, ok := d.scalar(n, path)
	if !ok {
		return
	}
	err := u.UnmarshalText([]byte(s))
	if _, prefix := u.(*netip.Prefix); prefix && err != nil {
		err = errors.New("not a CIDR prefix, such as 127.0.0.0/8")
	}
	if err != nil {
		d.report(n, path, "%v", err)
	}
}

func (d *decoder) path(s string) string {
	if s == "" || filepath.IsAbs(s) {
		return s
	}
	return filepath.Join(d.folder, s)
}

var variable = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// scalar returns the text of a scalar exactly as written, so that leading
// zeros survive, with ${VARIABLE} replaced.
func (d *decoder) scalar(n ast.Node, path string) (string, bool) {
	var s string
	switch n := n.(type) {
	case *ast.NullNode:
		return "", true
	case *ast.LiteralNode:
		s = n.Value.Value
	case *ast.StringNode:
		s = n.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		s = n.GetToken().Value
	default:
		d.report(n, path, "one value is wanted here, not a list or a table")
		return "", false
	}
	ok := true
	s = variable.ReplaceAllStringFunc(s, func(m string) string {
		name := variable.FindStringSubmatch(m)[1]
		v, found := d.getenv(name)
		if !found {
			d.report(n, path, "the environment variable %s is not set", name)
			ok = false
		}
		return v
	})
	return s, ok
}

// pairs returns the entries of a mapping, once each.
func (d *decoder) pairs(n ast.Node, path string) []*ast.MappingValueNode {
	var all []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.NullNode:
		return nil
	case *ast.MappingNode:
		all = n.Values
	case *ast.MappingValueNode:
		all = []*ast.MappingValueNode{n}
	default:
		d.report(n, path, "a table of key: value lines is wanted here")
		return nil
	}
	seen := map[string]bool{}
	once := all[:0:0]
	for _, p := range all {
		if k := p.Key.GetToken().Value; seen[k] {
			d.report(p.Key, join(path, k), "given twice")
		} else {
			seen[k] = true
			once = append(once, p)
		}
	}
	return once
}

// unknownKey begins the text of a key that nothing reads.
const unknownKey = "unknown key"

func (d *decoder) structure(n ast.Node, v reflect.Value, path string) {
	if s, ok := reflect.TypeAssert[interface{ setDefaults() }](v.Addr()); ok {
		s.setDefaults()
	}
	fields := map[string]reflect.Value{}
	known := []string{}
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		fields[name] = v.Field(i)
		known = append(known, name)
	}
	for _, p := range d.pairs(n, path) {
		key := p.Key.GetToken().Value
		here := join(path, key)
		d.seen[here] = p.Key
		field, ok := fields[key]
		switch {
		case ok && field.Type() == reflect.TypeFor[connectors.Secret]():
			d.secretFile(p.Value, field, here)
		case ok:
			d.value(resolve(p.Value), field, here)
		case isSecret(fields[key+"_file"]):
			d.secretInline(p.Value, fields[key+"_file"], here)
		default:
			d.report(p.Key, here, "%s; %s", unknownKey, suggest(key, known))
		}
	}
}

func (d *decoder) list(n ast.Node, v reflect.Value, path string) {
	if _, null := n.(*ast.NullNode); null {
		return
	}
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		d.report(n, path, "a list is wanted here")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(s.Values), len(s.Values)))
	for i, item := range s.Values {
		here := fmt.Sprintf("%s[%d]", path, i)
		d.seen[here] = start(item)
		d.value(resolve(item), v.Index(i), here)
	}
}

func (d *decoder) table(n ast.Node, v reflect.Value, path string) {
	v.Set(reflect.MakeMap(v.Type()))
	for _, p := range d.pairs(n, path) {
		key := p.Key.GetToken().Value
		here := join(path, key)
		d.seen[here] = p.Key
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(resolve(p.Value), item, here)
		v.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), item)
	}
}

// start is the node where a table begins: its first key. The parser's own token
// of a table is the colon after it.
func start(n ast.Node) ast.Node {
	switch t := resolve(n).(type) {
	case *ast.MappingNode:
		if len(t.Values) > 0 {
			return t.Values[0].Key
		}
	case *ast.MappingValueNode:
		return t.Key
	}
	return n
}

// resolve steps over an anchor or a tag to the value itself.
func resolve(n ast.Node) ast.Node {
	for {
		switch t := n.(type) {
		case *ast.AnchorNode:
			n = t.Value
		case *ast.TagNode:
			n = t.Value
		case nil:
			return ast.Null(nil)
		default:
			return n
		}
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
