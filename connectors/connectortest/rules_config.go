package connectortest

import (
	"context"
	"encoding"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/semenligne/sem/connectors"
)

func configRules() []rule {
	return []rule{
		{name: "config/sample", reason: "the sample is the first thing an administrator copies", check: sampleDecodes},
		{name: "config/strict", reason: "a typing error that passes in silence is found at night", check: strict},
		{name: "config/defaults", reason: "two sources of a kind must not change each other", check: defaultsApart},
		{name: "config/described", reason: "the description is editor hint, reference and error hint", check: described},
		{name: "config/secret", reason: "a secret of type connectors.Secret cannot be printed", check: secretsTyped},
		{name: "config/validate", reason: "every mistake is told before the start, and none crashes it", check: validates},
	}
}

// decode fills settings strictly from YAML; any text stands for a secret, which
// is a file that need not exist here.
func decode(data []byte, into connectors.Settings) error {
	anySecret := yaml.CustomUnmarshaler(func(s *connectors.Secret, _ []byte) error {
		*s = connectors.NewSecret("sample-secret")
		return nil
	})
	err := yaml.UnmarshalWithOptions(data, into, yaml.Strict(), anySecret)
	if err != nil {
		return errors.New(yaml.FormatError(err, false, false))
	}
	return nil
}

func (s *Suite) file(name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(s.Folder, name))
}

func sampleDecodes(_ context.Context, r *run) []string {
	data, err := r.suite.file("sample.yaml")
	if err != nil {
		return []string{"no sample.yaml"}
	}
	settings := r.suite.Kind.Settings()
	if err := decode(data, settings); err != nil {
		return []string{"sample.yaml: " + err.Error()}
	}
	return problems("sample.yaml", settings)
}

func problems(what string, settings connectors.Settings) []string {
	var out []string
	for _, p := range settings.Validate() {
		out = append(out, fmt.Sprintf("%s: %s: %s", what, p.Key, p.Text))
	}
	return out
}

func strict(_ context.Context, r *run) []string {
	if err := decode([]byte("a_key_that_nobody_has: 1\n"), r.suite.Kind.Settings()); err == nil {
		return []string{"an unknown key was accepted"}
	}
	return nil
}

func defaultsApart(_ context.Context, r *run) []string {
	one, two := reflect.ValueOf(r.suite.Kind.Settings()), reflect.ValueOf(r.suite.Kind.Settings())
	var out []string
	if !reflect.DeepEqual(one.Interface(), two.Interface()) {
		out = append(out, "two Settings calls give different defaults")
	}
	if one.Pointer() == two.Pointer() {
		return append(out, "two Settings calls return the same pointer")
	}
	return append(out, shared("", one.Elem(), two.Elem())...)
}

// shared names the maps, slices and pointers that two values have in common.
func shared(path string, one, two reflect.Value) []string {
	if one.Kind() != two.Kind() {
		return nil
	}
	var out []string
	switch one.Kind() {
	case reflect.Map, reflect.Pointer, reflect.Slice:
		if !one.IsNil() && one.Pointer() == two.Pointer() && (one.Kind() != reflect.Slice || one.Cap() > 0) {
			out = append(out, "two Settings calls share "+strings.TrimPrefix(path, "."))
		}
	case reflect.Struct:
		for i := range one.NumField() {
			out = append(out, shared(path+"."+one.Type().Field(i).Name, one.Field(i), two.Field(i))...)
		}
	default:
	}
	return out
}

// fields calls f for every setting, nested ones too, by its path in the file.
func fields(t reflect.Type, path string, f func(path string, field reflect.StructField)) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
		return
	}
	for field := range t.Fields() {
		if !field.IsExported() {
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		here := strings.TrimPrefix(path+"."+name, ".")
		f(here, field)
		fields(field.Type, here, f)
	}
}

func (s *Suite) fields(f func(path string, field reflect.StructField)) {
	fields(reflect.TypeOf(s.Kind.Settings()), "", f)
}

func described(_ context.Context, r *run) []string {
	var out []string
	name := regexp.MustCompile(`(^|\.)[a-z][a-z0-9_]*$`)
	r.suite.fields(func(path string, field reflect.StructField) {
		if !name.MatchString(path) {
			out = append(out, fmt.Sprintf("field %s has no json name in lower case", field.Name))
		}
		if field.Tag.Get("jsonschema") == "" {
			out = append(out, fmt.Sprintf("field %s has no jsonschema description", field.Name))
		}
	})
	return out
}

func secretsTyped(_ context.Context, r *run) []string {
	var out []string
	secret := regexp.MustCompile(`(^|[._])(password|secret|token|pin|key)(_file)?$`)
	r.suite.fields(func(path string, field reflect.StructField) {
		typed := field.Type == reflect.TypeFor[connectors.Secret]()
		if !typed && field.Type.Kind() == reflect.String && secret.MatchString(path) {
			out = append(out, fmt.Sprintf("%s looks like a secret and is not a connectors.Secret", path))
		}
		if typed && !strings.HasSuffix(path, "_file") {
			out = append(out, fmt.Sprintf("%s is a secret and its name does not end in _file", path))
		}
	})
	return out
}

func validates(_ context.Context, r *run) []string {
	var out []string
	func() {
		defer func() {
			if p := recover(); p != nil {
				out = append(out, fmt.Sprintf("Validate of empty settings panicked: %v", p))
			}
		}()
		empty, ok := reflect.TypeAssert[connectors.Settings](reflect.New(reflect.TypeOf(r.suite.Kind.Settings()).Elem()))
		if ok && len(empty.Validate()) == 0 {
			out = append(out, "Validate accepts empty settings")
		}
	}()
	addr := ""
	if r.suite.Start != nil {
		addr = "127.0.0.1:9"
	}
	settings := r.suite.Settings(addr)
	out = append(out, problems("the suite's settings", settings)...)
	if addr != "" && len(settings.Dials()) == 0 {
		out = append(out, "Dials names no address")
	}
	return out
}
