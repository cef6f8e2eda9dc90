package cache

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// The layout of a bbolt file, as far as it is checked before bbolt may touch
// it: bbolt believes its pages, and a damaged one can make it loop or ask for
// all memory there is, which no recover mends. Numbers have the byte order of
// the machine.
const (
	pageHeader   = 16 // id 8, flags 2, count 2, overflow 4
	element      = 16 // branch: position 4, key 4, page 8; leaf: flags 4, position 4, key 4, value 4
	flagBranch   = 0x01
	flagLeaf     = 0x02
	flagFreelist = 0x10
	metaSize     = 64
	metaMagic    = 0xED0CDAED
	noFreelist   = ^uint64(0)
	maxDepth     = 32
)

// pages reads a bbolt file from outside.
type pages struct {
	file io.ReaderAt
	size uint64 // bytes of a page
	end  uint64 // pages in use
	free uint64 // page of the freelist
	root uint64
	seen map[uint64]bool
}

// checkPages tells whether every page that bbolt can reach is a page. An empty
// file passes: bbolt fills it.
func checkPages(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if info.Size() == 0 {
		return nil
	}
	p, err := readMeta(file)
	if err != nil {
		return err
	}
	if p.end > uint64(info.Size())/p.size { //nolint:gosec // a size is not negative
		return fmt.Errorf("%w: cut", errDamaged)
	}
	if err := p.walk(p.root, 0); err != nil {
		return err
	}
	return p.freelist()
}

// readMeta reads the newest valid of the two meta pages.
func readMeta(file io.ReaderAt) (*pages, error) {
	var newest *pages
	var newestTx uint64
	size := uint64(os.Getpagesize()) //nolint:gosec // a size is not negative
	for i := range uint64(2) {
		b := make([]byte, pageHeader+metaSize)
		if _, err := file.ReadAt(b, int64(i*size)); err != nil { //nolint:gosec // small
			continue
		}
		meta := b[pageHeader:]
		sum := fnv.New64a()
		_, _ = sum.Write(meta[:metaSize-8])
		if binary.NativeEndian.Uint32(meta) != metaMagic || binary.NativeEndian.Uint64(meta[metaSize-8:]) != sum.Sum64() {
			continue
		}
		if size = uint64(binary.NativeEndian.Uint32(meta[8:])); size < 1024 || size > 1<<16 {
			continue
		}
		if tx := binary.NativeEndian.Uint64(meta[48:]); newest == nil || tx > newestTx {
			newestTx = tx
			newest = &pages{
				file: file, size: size, seen: map[uint64]bool{},
				root: binary.NativeEndian.Uint64(meta[16:]),
				free: binary.NativeEndian.Uint64(meta[32:]),
				end:  binary.NativeEndian.Uint64(meta[40:]),
			}
		}
	}
	if newest == nil {
		return nil, fmt.Errorf("%w: no meta page", errDamaged)
	}
	return newest, nil
}

// page reads the head of a page of one of the wanted sorts: its header and
// that many bytes more, and the bytes it has in all.
func (p *pages) page(id uint64, flags uint16) (head []byte, count, length uint64, err error) {
	head = make([]byte, p.size)
	if id < 2 || id >= p.end {
		return nil, 0, 0, fmt.Errorf("%w: page out of the file", errDamaged)
	}
	if _, err := p.file.ReadAt(head, int64(id*p.size)); err != nil { //nolint:gosec // within the file
		return nil, 0, 0, fmt.Errorf("%w: page: %w", errDamaged, err)
	}
	got := binary.NativeEndian.Uint16(head[8:])
	count = uint64(binary.NativeEndian.Uint16(head[10:]))
	overflow := uint64(binary.NativeEndian.Uint32(head[12:]))
	if binary.NativeEndian.Uint64(head) != id || got&flags != got || got&(got-1) != 0 || got == 0 || id+overflow >= p.end {
		return nil, 0, 0, fmt.Errorf("%w: page header", errDamaged)
	}
	for i := id; i <= id+overflow; i++ {
		if p.seen[i] {
			return nil, 0, 0, fmt.Errorf("%w: page used twice", errDamaged)
		}
		p.seen[i] = true
	}
	length = (overflow + 1) * p.size
	if need := pageHeader + count*element; flags != flagFreelist && need > p.size && need <= length {
		head = make([]byte, need)
		if _, err := p.file.ReadAt(head, int64(id*p.size)); err != nil { //nolint:gosec // within the file
			return nil, 0, 0, fmt.Errorf("%w: page: %w", errDamaged, err)
		}
	}
	return head, count, length, nil
}

// walk checks a branch or leaf page and all below it.
func (p *pages) walk(id uint64, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%w: too deep", errDamaged)
	}
	head, count, length, err := p.page(id, flagBranch|flagLeaf)
	if err != nil {
		return err
	}
	if pageHeader+count*element > length {
		return fmt.Errorf("%w: page count", errDamaged)
	}
	branch := binary.NativeEndian.Uint16(head[8:]) == flagBranch
	for i := range count {
		at := pageHeader + i*element
		e := head[at:]
		if branch {
			err = p.branch(e, at, length, depth)
		} else {
			err = p.leaf(id, e, at, length, depth)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *pages) branch(e []byte, at, length uint64, depth int) error {
	if at+uint64(binary.NativeEndian.Uint32(e))+uint64(binary.NativeEndian.Uint32(e[4:])) > length {
		return fmt.Errorf("%w: branch", errDamaged)
	}
	return p.walk(binary.NativeEndian.Uint64(e[8:]), depth+1)
}

func (p *pages) leaf(id uint64, e []byte, at, length uint64, depth int) error {
	const bucket = 1
	start := at + uint64(binary.NativeEndian.Uint32(e[4:])) + uint64(binary.NativeEndian.Uint32(e[8:]))
	value := uint64(binary.NativeEndian.Uint32(e[12:]))
	if start+value > length {
		return fmt.Errorf("%w: leaf", errDamaged)
	}
	if binary.NativeEndian.Uint32(e) != bucket {
		return nil
	}
	b := make([]byte, value)
	if _, err := p.file.ReadAt(b, int64(id*p.size+start)); err != nil || value < 16 { //nolint:gosec // within the file
		return fmt.Errorf("%w: bucket", errDamaged)
	}
	if root := binary.NativeEndian.Uint64(b); root != 0 {
		return p.walk(root, depth+1)
	}
	return inline(b[16:])
}

// inline checks the page of a bucket that is small enough to lie in a leaf.
func inline(b []byte) error {
	if len(b) < pageHeader || binary.NativeEndian.Uint16(b[8:]) != flagLeaf {
		return fmt.Errorf("%w: inline page", errDamaged)
	}
	count := int(binary.NativeEndian.Uint16(b[10:]))
	if pageHeader+count*element > len(b) {
		return fmt.Errorf("%w: inline count", errDamaged)
	}
	for i := range count {
		at := pageHeader + i*element
		e := b[at:]
		end := uint64(at)
		for _, field := range []int{4, 8, 12} {
			end += uint64(binary.NativeEndian.Uint32(e[field:]))
		}
		if end > uint64(len(b)) {
			return fmt.Errorf("%w: inline leaf", errDamaged)
		}
	}
	return nil
}

// checkFreelist looks at the one page that every write trusts blindly. It runs
// within a write transaction, so that nobody moves the page meanwhile.
func checkFreelist(file io.ReaderAt) error {
	p, err := readMeta(file)
	if err != nil {
		return err
	}
	_, _, err = p.freelistHead()
	return err
}

// freelistHead returns where in the file the free pages are listed, and how
// many.
func (p *pages) freelistHead() (at, count uint64, err error) {
	if p.free == noFreelist {
		return 0, 0, fmt.Errorf("%w: no freelist", errDamaged) // we always write one
	}
	head, count, length, err := p.page(p.free, flagFreelist)
	if err != nil {
		return 0, 0, err
	}
	at = pageHeader
	if count == 0xFFFF {
		count = binary.NativeEndian.Uint64(head[at:])
		at += 8
	}
	if count > length/8 || at+count*8 > length {
		return 0, 0, fmt.Errorf("%w: freelist count", errDamaged)
	}
	return p.free*p.size + at, count, nil
}

// freelist checks that the free pages are pages that nothing uses.
func (p *pages) freelist() error {
	at, count, err := p.freelistHead()
	if err != nil {
		return err
	}
	b := make([]byte, count*8)
	if _, err := p.file.ReadAt(b, int64(at)); err != nil { //nolint:gosec // within the file
		return fmt.Errorf("%w: freelist: %w", errDamaged, err)
	}
	for ; len(b) > 0; b = b[8:] {
		if id := binary.NativeEndian.Uint64(b); id < 2 || id >= p.end || p.seen[id] {
			return fmt.Errorf("%w: free page in use", errDamaged)
		}
	}
	return nil
}
