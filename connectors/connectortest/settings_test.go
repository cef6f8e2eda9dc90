package connectortest_test

import (
	"github.com/semenligne/sem/connectors"
)

// lineSettings are the settings of a clean line source.
type lineSettings struct {
	Address string            `json:"address" jsonschema:"host and port"`
	Key     connectors.Secret `json:"key_file" jsonschema:"file with the key"`
	Names   []string          `json:"names,omitempty" jsonschema:"names of something"`
}

func (s *lineSettings) Validate() []connectors.Problem { return needAddress(s.Address) }
func (s *lineSettings) Dials() []string                { return []string{s.Address} }

func needAddress(address string) []connectors.Problem {
	if address == "" {
		return []connectors.Problem{connectors.Problemf("address", "missing")}
	}
	return nil
}

// untidySettings lack a description, show a password, and accept any key and
// any value.
type untidySettings struct {
	Address  string `json:"address" jsonschema:"host and port"`
	Password string `json:"password" jsonschema:"in clear"`
	Names    string `json:"names"`
}

func (s *untidySettings) Validate() []connectors.Problem { return nil }
func (s *untidySettings) Dials() []string                { return []string{s.Address} }

// UnmarshalYAML takes anything.
func (s *untidySettings) UnmarshalYAML([]byte) error { return nil }

// lineKind makes the kind with a defect.
func lineKind(defect string) connectors.Kind {
	if defect == "untidy settings" {
		return connectors.Define("line", "", connectors.DomainNone, func() untidySettings { return untidySettings{} },
			func(s untidySettings, deps connectors.Deps) (connectors.Source, error) {
				return openLine(s.Address, lineKey, "", deps)
			})
	}
	names := []string{"shared"}
	return connectors.Define("line", "", connectors.DomainNone,
		func() lineSettings {
			if defect == "a default shared" {
				return lineSettings{Names: names}
			}
			return lineSettings{Names: []string{"own"}}
		},
		func(s lineSettings, deps connectors.Deps) (connectors.Source, error) {
			return openLine(s.Address, s.Key.Reveal(), defect, deps)
		})
}

func lineAt(defect, key string) func(string) connectors.Settings {
	return func(addr string) connectors.Settings {
		switch s := lineKind(defect).Settings().(type) {
		case *lineSettings:
			s.Address, s.Key = addr, connectors.NewSecret(key)
			return s
		case *untidySettings:
			s.Address = addr
			return s
		default:
			panic("settings of another kind")
		}
	}
}
