package dossier

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"slices"
	"strings"
)

// Lots sorts the IDs of tickets into the order of a draw: by HMAC-SHA256 of the
// ID under the seed, the smallest first. Whoever knows the seed and the IDs can
// do the same; nobody who does not know the seed can choose a good ID. The seed
// was committed to before the first ID came in.
func Lots(seed []byte, ids []string) []string {
	type lot struct {
		id  string
		key []byte
	}
	lots := make([]lot, len(ids))
	for i, id := range ids {
		mac := hmac.New(sha256.New, seed)
		mac.Write([]byte(id))
		lots[i] = lot{id, mac.Sum(nil)}
	}
	slices.SortFunc(lots, func(a, b lot) int {
		if c := bytes.Compare(a.key, b.key); c != 0 {
			return c
		}
		return strings.Compare(a.id, b.id)
	})
	order := make([]string, len(lots))
	for i, l := range lots {
		order[i] = l.id
	}
	return order
}
