package cache

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// entry is one section at rest: a header that can be read without decoding
// the rest, then the section's JSON.
//
//	0   4  CRC-32C of the key and of all that follows
//	4   8  version of the dashboard at this write
//	12  8  AsOf in Unix nanoseconds, 0 for never
//	20     JSON
//
// The checksum covers the key, so that damage cannot move a section to
// another citizen.
type entry struct {
	version uint64
	asOf    time.Time
	section Section
	size    int64 // bytes at rest
}

const headerSize = 20

// key orders sections by citizen.
func key(citizen record.Citizen, source string) []byte {
	return []byte(string(citizen) + separator + source)
}

func checksum(key, rest []byte) uint32 {
	castagnoli := crc32.MakeTable(crc32.Castagnoli)
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, rest)
}

func encodeEntry(key []byte, e entry) ([]byte, error) {
	data, err := json.Marshal(e.section)
	if err != nil {
		return nil, fmt.Errorf("section: %w", err)
	}
	v := make([]byte, headerSize, headerSize+len(data))
	binary.LittleEndian.PutUint64(v[4:], e.version)
	if !e.asOf.IsZero() {
		binary.LittleEndian.PutUint64(v[12:], uint64(e.asOf.UnixNano()))
	}
	v = append(v, data...)
	binary.LittleEndian.PutUint32(v, checksum(key, v[4:]))
	return v, nil
}

// decodeEntry reads the header and leaves the section undecoded.
func decodeEntry(key, v []byte) (entry, error) {
	if len(v) < headerSize || binary.LittleEndian.Uint32(v) != checksum(key, v[4:]) {
		return entry{}, fmt.Errorf("%w: checksum", errDamaged)
	}
	e := entry{version: binary.LittleEndian.Uint64(v[4:])}
	if nanos := int64(binary.LittleEndian.Uint64(v[12:])); nanos != 0 { //nolint:gosec // written by encodeEntry
		e.asOf = time.Unix(0, nanos).UTC()
	}
	return e, nil
}
