package photo

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// corners is a picture whose left upper quarter is red on blue.
func corners(width, height int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.RGBA{B: 255, A: 255}
			if x < width/2 && y < height/2 {
				c = color.RGBA{R: 255, A: 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

func jpegOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// segment puts a JPEG segment right after the start of a file.
func segment(file []byte, marker byte, body string) []byte {
	head := []byte{0xff, 0xd8, 0xff, marker, byte((len(body) + 2) >> 8), byte(len(body) + 2)}
	return bytes.Join([][]byte{head, []byte(body), file[2:]}, nil)
}

// exif is Exif data with an orientation and a position: 45° 33′ N.
func exif(order binary.AppendByteOrder, orientation int) string {
	b := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 3)
	entry := func(tag, kind uint16, count, value uint32) {
		b = order.AppendUint32(order.AppendUint16(order.AppendUint16(b, tag), kind), count)
		if kind == 3 {
			b = order.AppendUint16(order.AppendUint16(b, uint16(value)), 0)
			return
		}
		b = order.AppendUint32(b, value)
	}
	entry(0x010f, 2, 9, 50)
	entry(0x0112, 3, 1, uint32(orientation))
	entry(0x8825, 4, 1, 60)
	b = append(order.AppendUint32(b, 0), "CANARIEXIF"...)
	b = order.AppendUint16(b, 1)
	entry(0x0002, 5, 3, 78)
	for _, v := range []uint32{0, 45, 1, 33, 1, 0, 1} {
		b = order.AppendUint32(b, v)
	}
	return "Exif\x00\x00" + string(b)
}

// chunk puts a PNG chunk before the pixels.
func chunk(file []byte, kind, body string) []byte {
	const header = 8 + 25
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(b, kind+body...)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(kind+body)))
	return bytes.Join([][]byte{file[:header], b, file[header:]}, nil)
}

func clean(t testing.TB, file []byte) Photo {
	t.Helper()
	p, err := NewCleaner(DefaultLimits()).Clean(t.Context(), bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// picture decodes what was made, and holds it to being one bare JPEG.
func picture(t testing.TB, file []byte) image.Image {
	t.Helper()
	m, err := jpeg.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for rest := file[2:]; ; {
		marker, length := rest[1], int(binary.BigEndian.Uint16(rest[2:]))+2
		switch marker {
		case 0xdb, 0xc0, 0xc4: // tables and frame
		case 0xda:
			if end := bytes.Index(rest, []byte("\xff\xd9")); end != len(rest)-2 {
				t.Errorf("%d bytes after the end of the picture", len(rest)-2-end)
			}
			return m
		default:
			t.Errorf("segment %x", marker)
		}
		rest = rest[length:]
	}
}

func isRed(m image.Image, x, y int) bool {
	r, _, b, _ := m.At(x, y).RGBA()
	return r > 0x8000 && b < 0x8000
}

func TestOrientations(t *testing.T) {
	t.Parallel()
	for orientation, want := range map[int]struct{ right, bottom, turned bool }{
		0: {}, 1: {}, 9: {}, 2: {right: true}, 3: {right: true, bottom: true}, 4: {bottom: true},
		5: {turned: true}, 6: {right: true, turned: true}, 7: {right: true, bottom: true, turned: true}, 8: {bottom: true, turned: true},
	} {
		for what, file := range map[string][]byte{
			"JPEG, little": segment(jpegOf(t, corners(64, 32)), 0xe1, exif(binary.LittleEndian, orientation)),
			"JPEG, big":    segment(jpegOf(t, corners(64, 32)), 0xe1, exif(binary.BigEndian, orientation)),
			"PNG":          chunk(pngOf(t, corners(64, 32)), "eXIf", exif(binary.BigEndian, orientation)[6:]),
		} {
			p := clean(t, file)
			m := picture(t, p.JPEG)
			w, h := 64, 32
			if want.turned {
				w, h = h, w
			}
			if m.Bounds().Size() != image.Pt(w, h) || p.Width != w || p.Height != h {
				t.Errorf("%s, orientation %d: %v, %d×%d", what, orientation, m.Bounds(), p.Width, p.Height)
			}
			for _, at := range []struct{ right, bottom bool }{{false, false}, {true, false}, {false, true}, {true, true}} {
				x, y := w/4, h/4
				if at.right {
					x = 3 * w / 4
				}
				if at.bottom {
					y = 3 * h / 4
				}
				if isRed(m, x, y) != (at.right == want.right && at.bottom == want.bottom) {
					t.Errorf("%s, orientation %d: right=%t bottom=%t has the wrong colour", what, orientation, at.right, at.bottom)
				}
			}
		}
	}
}

// TestNothingOfTheFileRemains: only pixels pass.
func TestNothingOfTheFileRemains(t *testing.T) {
	t.Parallel()
	photo, drawn := jpegOf(t, corners(400, 300)), pngOf(t, corners(400, 300))
	for what, file := range map[string][]byte{
		"Exif with a position": segment(photo, 0xe1, exif(binary.LittleEndian, 1)),
		"XMP":                  segment(photo, 0xe1, "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>CANARI</x:xmpmeta>"),
		"IPTC":                 segment(photo, 0xed, "Photoshop 3.0\x008BIM\x04\x04CANARI"),
		"ICC":                  segment(photo, 0xe2, "ICC_PROFILE\x00\x01\x01CANARI"),
		"comment with HTML":    segment(photo, 0xfe, "<script>CANARI</script>"),
		"JPEG and HTML":        append(bytes.Clone(photo), "<html><script>alert('CANARI')</script>"...),
		"JPEG and ZIP":         append(bytes.Clone(photo), "PK\x03\x04CANARI"...),
		"JPEG and JAR":         append(bytes.Clone(photo), "PK\x03\x04\x14\x00META-INF/MANIFEST.MF CANARI"...),
		"JPEG and second JPEG": append(bytes.Clone(photo), segment(photo, 0xfe, "CANARI")...),
		"PNG and PHP":          chunk(drawn, "tEXt", "Comment\x00<?php system('CANARI'); ?>"),
		"PNG and tail":         append(bytes.Clone(drawn), "<?php CANARI"...),
		"PNG and profile":      chunk(drawn, "iCCP", "CANARI\x00\x00"),
	} {
		p := clean(t, file)
		for _, made := range [][]byte{p.JPEG, p.Thumbnail} {
			picture(t, made)
			for _, hidden := range []string{"CANARI", "Exif", "<script", "<?php", "PK\x03\x04", "8BIM", "ICC_PROFILE", "JFIF"} {
				if bytes.Contains(made, []byte(hidden)) {
					t.Errorf("%s: %q is still there", what, hidden)
				}
			}
		}
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ w, h, wantW, wantH, thumbW, thumbH int }{
		{1, 1, 1, 1, 1, 1},
		{320, 200, 320, 200, 320, 200},
		{2048, 10, 2048, 10, 320, 1},
		{4032, 3024, 2048, 1536, 320, 240},
		{3, 9000, 1, 2048, 1, 320},
		{2049, 1367, 2048, 1366, 320, 213},
	} {
		p := clean(t, pngOf(t, corners(tc.w, tc.h)))
		if got := picture(t, p.JPEG).Bounds().Max; got != image.Pt(tc.wantW, tc.wantH) || p.Width != tc.wantW || p.Height != tc.wantH {
			t.Errorf("%d×%d: %v", tc.w, tc.h, got)
		}
		if got := picture(t, p.Thumbnail).Bounds().Max; got != image.Pt(tc.thumbW, tc.thumbH) {
			t.Errorf("%d×%d: thumbnail %v", tc.w, tc.h, got)
		}
	}
}

// TestShrinkKeepsTheMean: a fine pattern becomes its mean, at any ratio.
func TestShrinkKeepsTheMean(t *testing.T) {
	t.Parallel()
	for _, size := range []int{301, 640, 997} {
		m := image.NewGray(image.Rect(0, 0, size, size))
		for i := range m.Pix {
			if (i%size+i/size)%2 == 0 {
				m.Pix[i] = 200
			}
		}
		out, err := shrink(t.Context(), m, 100)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range out.Pix {
			if i%4 < 3 && (v < 80 || v > 120) || i%4 == 3 && v != 255 {
				t.Fatalf("size %d: byte %d is %d", size, i, v)
			}
		}
	}
}

func TestTransparentIsOnWhite(t *testing.T) {
	t.Parallel()
	m := image.NewNRGBA64(image.Rect(0, 0, 20, 20)) // 16 bits, and all transparent
	for x := range 10 {
		for y := range 20 {
			m.SetNRGBA64(x, y, color.NRGBA64{R: 0xffff, A: 0xffff})
		}
	}
	got := picture(t, clean(t, pngOf(t, m)).JPEG)
	if !isRed(got, 3, 10) {
		t.Error("what is opaque lost its colour")
	}
	if r, g, b, _ := got.At(17, 10).RGBA(); min(r, g, b) < 0xf000 {
		t.Errorf("what is transparent is %x %x %x", r, g, b)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	photo, drawn := jpegOf(t, corners(400, 300)), pngOf(t, corners(400, 300))
	dimensions := func(file []byte, at int, width, height uint32) []byte {
		b := bytes.Clone(file)
		binary.BigEndian.PutUint32(b[at:], width)
		binary.BigEndian.PutUint32(b[at+4:], height)
		binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
		return b
	}
	frame := bytes.Index(photo, []byte{0xff, 0xc0})
	huge := bytes.Clone(photo)
	copy(huge[frame+5:], []byte{0xff, 0xff, 0xff, 0xff})
	none := bytes.Clone(photo)
	copy(none[frame+5:], []byte{0, 0, 0, 0})
	progressive := bytes.Clone(photo)
	progressive[frame+1] = 0xc2
	copy(progressive[frame+5:], []byte{0x17, 0x70, 0x17, 0x70}) // 36 megapixels
	for i := range 3 {
		progressive[frame+11+3*i] = 0x11
	}
	for what, tc := range map[string]struct {
		file []byte
		want Error
	}{
		"nothing":                      {nil, ErrDamaged},
		"one byte":                     {[]byte{0xff}, ErrNotAPhoto},
		"start of a JPEG":              {photo[:3], ErrDamaged},
		"cut in the header":            {photo[:frame+6], ErrDamaged},
		"cut in the pixels":            {photo[:len(photo)-200], ErrDamaged},
		"cut PNG":                      {drawn[:len(drawn)-40], ErrDamaged},
		"PNG without pixels":           {drawn[:33], ErrDamaged},
		"PNG checksum":                 {append(append(bytes.Clone(drawn[:50]), drawn[50]^1), drawn[51:]...), ErrDamaged},
		"JPEG of 4 gigapixels":         {huge, ErrTooManyPixels},
		"JPEG of none":                 {none, ErrDamaged},
		"progressive JPEG of 36 at 15": {progressive, ErrTooManyPixels},
		"PNG of 50 megapixels":         {dimensions(drawn, 16, 10000, 5000), ErrTooManyPixels},
		"PNG of 2³¹":                   {dimensions(drawn, 16, 1<<31-1, 1<<31-1), ErrTooManyPixels},
		"PNG of none":                  {dimensions(drawn, 16, 0, 5), ErrDamaged},
		"animated PNG":                 {chunk(drawn, "acTL", "\x00\x00\x00\x02\x00\x00\x00\x00"), ErrAnimated},
		"PNG with a long chunk":        {append(bytes.Clone(drawn[:33]), "\xff\xff\xff\xf0IDAT"+strings.Repeat("x", 40)...), ErrDamaged},
		"animated WebP":                {riff("VP8X", "\x02\x00\x00\x00\x0f\x00\x00\x0f\x00\x00", "ANIM", "\x00\x00\x00\x00\x00\x00"), ErrAnimated},
		"WebP: small canvas, big frame": {
			riff("VP8X", "\x00\x00\x00\x00\x0f\x00\x00\x0f\x00\x00", "VP8 ", "\x00\x00\x00\x9d\x01\x2a\xff\x3f\xff\x3f"), ErrDamaged,
		},
		"WebP of 268 megapixels": {riff("VP8L", "\x2f\xff\xff\xff\x0f\x00"), ErrTooManyPixels},
		"WebP without picture":   {riff("VP8X", "\x00\x00\x00\x00\x0f\x00\x00\x0f\x00\x00"), ErrDamaged},
		"WebP with two pictures": {riff("VP8L", "\x2f\x00\x00\x00\x00\x00", "VP8L", "\x2f\x00\x00\x00\x00\x00"), ErrDamaged},
		"GIFAR":                  {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;PK\x03\x04"), ErrNotAPhoto},
		"HEIC":                   {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), ErrNotAPhoto},
		"AVIF":                   {[]byte("\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif"), ErrNotAPhoto},
		"SVG":                    {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>`), ErrNotAPhoto},
		"HTML":                   {[]byte("<!doctype html><script>1</script>"), ErrNotAPhoto},
		"PDF":                    {[]byte("%PDF-1.7\n"), ErrNotAPhoto},
		"TIFF":                   {[]byte("II*\x00\x08\x00\x00\x00"), ErrNotAPhoto},
		"program":                {[]byte("\x7fELF\x02\x01\x01"), ErrNotAPhoto},
		"space before a JPEG":    {append([]byte(" "), photo...), ErrNotAPhoto},
		"too long":               {append(bytes.Clone(photo), make([]byte, 12<<20)...), ErrTooLarge},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			p, err := NewCleaner(DefaultLimits()).Clean(t.Context(), bytes.NewReader(tc.file))
			if !errors.Is(err, tc.want) || p.JPEG != nil {
				t.Errorf("%v and %d bytes, want %s and none", err, len(p.JPEG), tc.want)
			}
		})
	}
}

// riff is a WebP file of chunks, by kind and body.
func riff(chunks ...string) []byte {
	b := []byte("WEBP")
	for i := 0; i < len(chunks); i += 2 {
		b = append(b, chunks[i]...)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(chunks[i+1])))
		b = append(b, chunks[i+1]...)
		if len(chunks[i+1])%2 == 1 {
			b = append(b, 0)
		}
	}
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(b))), b...)
}

// TestReadsNoMoreThanTheLimit: an endless sender is cut off.
func TestReadsNoMoreThanTheLimit(t *testing.T) {
	t.Parallel()
	limits := DefaultLimits()
	limits.Bytes = 1000
	var read counter
	_, err := NewCleaner(limits).Clean(t.Context(), io.TeeReader(endless{}, &read))
	if !errors.Is(err, ErrTooLarge) || read != 1001 {
		t.Errorf("%v after %d bytes", err, read)
	}
	broken := errors.New("line cut")
	_, err = NewCleaner(limits).Clean(t.Context(), iotest.ErrReader(broken))
	if !errors.Is(err, broken) {
		t.Errorf("%v, want the line's own error", err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

func TestEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := NewCleaner(DefaultLimits())
	if _, err := c.Clean(ctx, bytes.NewReader(jpegOf(t, corners(400, 300)))); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if !c.memory.TryAcquire(DefaultLimits().Memory) {
		t.Error("memory is still held")
	}
}
