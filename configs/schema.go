package configs

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"reflect"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/guard"
)

// Schema returns the JSON Schema of a configuration file, for editors. It is
// made of the same structs that Load fills; where the two could differ, Load
// is right.
func Schema(kinds []connectors.Kind) ([]byte, error) {
	top, err := schemaOf(reflect.TypeFor[Config]())
	if err != nil {
		return nil, err
	}
	top.Schema = "https://json-schema.org/draft/2020-12/schema"
	top.Title = "SEM en ligne"
	source := top.Properties["sources"].Items
	names := make([]any, len(kinds))
	for i, k := range kinds {
		names[i] = k.Name
		settings, err := schemaOf(reflect.TypeOf(k.Settings()).Elem())
		if err != nil {
			return nil, fmt.Errorf("schema: kind %s: %w", k.Name, err)
		}
		settings.Description = k.Summary
		var is any = k.Name
		source.AllOf = append(source.AllOf, &jsonschema.Schema{
			If:   &jsonschema.Schema{Properties: map[string]*jsonschema.Schema{"kind": {Const: &is}}},
			Then: &jsonschema.Schema{Properties: map[string]*jsonschema.Schema{"settings": settings}},
		})
	}
	source.Properties["kind"].Enum = names
	out, err := json.MarshalIndent(top, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	return append(out, '\n'), nil
}

func schemaOf(t reflect.Type) (*jsonschema.Schema, error) {
	text := func(pattern string) *jsonschema.Schema {
		return &jsonschema.Schema{Type: "string", Pattern: pattern}
	}
	s, err := jsonschema.ForType(t, &jsonschema.ForOptions{TypeSchemas: map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[connectors.Duration](): text(`^([0-9]+d|([0-9.]+(ns|us|µs|ms|s|m|h))+)$`),
		reflect.TypeFor[connectors.Secret]():   text(""),
		reflect.TypeFor[connectors.Path]():     text(""),
		reflect.TypeFor[guard.Rate]():          text(""),
		reflect.TypeFor[netip.Prefix]():        text(""),
		reflect.TypeFor[Node]():                {Type: "object"},
	}})
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	secretsInline(s, t)
	return s, nil
}

// secretsInline adds the second way of writing a secret: its key without _file,
// with nothing but ${VARIABLE}.
func secretsInline(s *jsonschema.Schema, t reflect.Type) {
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if inner := s.Properties[name]; inner != nil && field.Type.Kind() == reflect.Struct && len(inner.Properties) > 0 {
			secretsInline(inner, field.Type)
		}
		if plain, ok := strings.CutSuffix(name, "_file"); ok && isSecret(reflect.New(field.Type).Elem()) {
			s.Properties[plain] = &jsonschema.Schema{
				Type: "string", Pattern: "^" + variable.String() + "$", Description: "${VARIABLE}, in place of " + name,
			}
		}
	}
}
