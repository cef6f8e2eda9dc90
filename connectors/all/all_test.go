package all_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/semenligne/sem/connectors/all"
	"github.com/semenligne/sem/connectors/connectortest"
)

// TestEveryKindIsListed compares the list with the connectors' folders: those
// that have a sample.yaml. The example is for copying, not for towns.
func TestEveryKindIsListed(t *testing.T) {
	t.Parallel()
	samples, err := filepath.Glob("../*/sample.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	for _, s := range samples {
		if name := filepath.Base(filepath.Dir(s)); name != "example" {
			folders = append(folders, name)
		}
	}
	if len(folders) < 5 {
		t.Fatalf("folders %v", folders)
	}
	kinds := all.Kinds()
	for _, v := range connectortest.Listed(kinds, folders) {
		t.Error(v)
	}
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.Name
	}
	if !slices.IsSorted(names) {
		t.Errorf("kinds are not in order: %v", names)
	}
}
