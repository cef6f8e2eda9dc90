package assessmentroll

import (
	"bytes"
	"testing"

	"github.com/semenligne/sem/connectors/assessmentroll/rollsim"
)

// BenchmarkRead reads a roll of 20,000 units and makes its records.
func BenchmarkRead(b *testing.B) {
	var text bytes.Buffer
	if _, err := (rollsim.Roll{Units: rollsim.Generate(1, 20_000)}).WriteTo(&text); err != nil {
		b.Fatal(err)
	}
	r := &roll{settings: defaults()}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		m := newMapping(r.settings, header{municipality: rollsim.Municipality}, tables{})
		_, err := r.read(&origin{r: bytes.NewReader(text.Bytes())}, func(_ header, u *rawUnit, matricule []byte) error {
			m.unit(u, matricule)
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
