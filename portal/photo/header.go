package photo

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"
)

// header is what a file says of itself before its pixels.
type header struct {
	decode        func(io.Reader) (image.Image, error)
	width, height int
	// memory is the most that decoding uses, in bytes, computed from how the
	// decoders work.
	memory int64
	// orientation is that of Exif, 1 to 8.
	orientation int
}

// readHeader tells what a file is from its content alone. What it
// returns is an [Error].
func readHeader(file []byte) (h header, err error) {
	switch {
	case len(file) == 0:
		return h, ErrDamaged
	case bytes.HasPrefix(file, []byte("\xff\xd8\xff")):
		h, err = jpegHeader(file)
	case bytes.HasPrefix(file, []byte("\x89PNG\r\n\x1a\n")):
		h, err = pngHeader(file)
	case len(file) >= 12 && string(file[:4]) == "RIFF" && string(file[8:12]) == "WEBP":
		h, err = webpHeader(file)
	default:
		return h, ErrNotAPhoto
	}
	if err == nil && (h.width <= 0 || h.height <= 0) {
		err = ErrDamaged
	}
	return h, err
}

// jpegHeader walks the segments up to the frame header (ITU-T T.81, B.1.1 and
// B.2.2).
func jpegHeader(file []byte) (header, error) {
	h := header{decode: jpeg.Decode, orientation: 1}
	for rest := file[2:]; len(rest) >= 4; {
		if rest[0] != 0xff {
			return h, ErrDamaged
		}
		marker := rest[1]
		switch {
		case marker == 0xff: // fill
			rest = rest[1:]
			continue
		case marker == 0x01 || marker >= 0xd0 && marker <= 0xd7: // alone
			rest = rest[2:]
			continue
		}
		length := int(binary.BigEndian.Uint16(rest[2:])) + 2
		if length < 4 || length > len(rest) {
			return h, ErrDamaged
		}
		body := rest[4:length]
		rest = rest[length:]
		switch marker {
		case 0xe1:
			if tiff, ok := bytes.CutPrefix(body, []byte("Exif\x00\x00")); ok {
				h.orientation = orientation(tiff)
			}
		case 0xc0, 0xc1, 0xc2:
			return h.frame(body, marker == 0xc2)
		case 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf: // no camera writes these, our decoder reads none
			return h, ErrNotAPhoto
		case 0xd9, 0xda:
			return h, ErrDamaged
		}
	}
	return h, ErrDamaged
}

// frame reads a JPEG's frame header. The decoder keeps a byte a sample, in a
// progressive file an int32 more, and may convert all into four bytes a pixel.
func (h header) frame(body []byte, progressive bool) (header, error) {
	if len(body) < 6 || len(body) < 6+3*int(body[5]) {
		return h, ErrDamaged
	}
	h.height, h.width = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
	var samples, across, down int64 = 0, 1, 1
	for i := range int(body[5]) {
		x, y := int64(body[7+3*i]>>4), int64(body[7+3*i]&15)
		samples += x * y
		across, down = max(across, x), max(down, y)
	}
	const mcu = 32 // units are padded up to this many pixels a side
	pixels := int64(h.width+mcu) * int64(h.height+mcu)
	each := int64(1)
	if progressive {
		each += 4
	}
	h.memory = pixels*samples*each/(across*down) + 4*pixels
	return h, nil
}

// pngHeader walks the chunks up to the pixels (PNG, third edition, 5 and 11).
func pngHeader(file []byte) (header, error) {
	h := header{decode: png.Decode, orientation: 1}
	for rest := file[8:]; len(rest) >= 12; {
		length := int64(binary.BigEndian.Uint32(rest))
		if length > int64(len(rest)-12) {
			return h, ErrDamaged
		}
		kind, body := string(rest[4:8]), rest[8:8+length]
		rest = rest[12+length:]
		switch kind {
		case "IHDR":
			if len(body) != 13 {
				return h, ErrDamaged
			}
			width, height := binary.BigEndian.Uint32(body), binary.BigEndian.Uint32(body[4:])
			if width > 1<<24 || height > 1<<24 {
				return h, ErrTooManyPixels
			}
			h.width, h.height = int(width), int(height)
			each := int64(4)
			if body[8] == 16 {
				each = 8
			}
			if body[12] != 0 { // interlaced: a pass has a picture of its own
				each *= 2
			}
			h.memory = each * int64(h.width) * int64(h.height)
		case "acTL":
			return h, ErrAnimated
		case "eXIf":
			h.orientation = orientation(body)
		case "IDAT":
			return h, nil
		}
	}
	return h, ErrDamaged
}

// losslessTables is what the decoder may allocate for the code tables of a
// lossless picture, however short the file: 65,536 groups of five tables.
const losslessTables = 65536 * 5 * 576

// webpHeader walks all chunks (RFC 9649): the size is told by the canvas and
// by the frame, and the decoder believes the frame.
func webpHeader(file []byte) (header, error) {
	h := header{decode: webp.Decode, orientation: 1}
	var canvas image.Point
	var lossless int64
	for rest := file[12:]; len(rest) >= 8; {
		length := int64(binary.LittleEndian.Uint32(rest[4:]))
		if length > int64(len(rest)-8) {
			return h, ErrDamaged
		}
		kind, body := string(rest[:4]), rest[8:8+length]
		rest = rest[min(8+length+length%2, int64(len(rest))):]
		switch kind {
		case "VP8X":
			if len(body) < 10 {
				return h, ErrDamaged
			}
			if body[0]&2 != 0 {
				return h, ErrAnimated
			}
			canvas = image.Pt(1+int(uint24(body[4:])), 1+int(uint24(body[7:])))
		case "ANIM", "ANMF":
			return h, ErrAnimated
		case "EXIF":
			h.orientation = orientation(bytes.TrimPrefix(body, []byte("Exif\x00\x00")))
		case "ALPH":
			lossless = losslessTables
		case "VP8 ", "VP8L":
			if h.width != 0 {
				return h, ErrDamaged // a second picture
			}
			if h.width, h.height = frameSize(kind, body); kind == "VP8L" {
				lossless = losslessTables
			}
		}
	}
	if canvas != (image.Point{}) && canvas != image.Pt(h.width, h.height) {
		return h, ErrDamaged
	}
	h.memory = lossless + 10*int64(h.width+16)*int64(h.height+16) // pixels, their transformed copy, alpha
	return h, nil
}

// frameSize reads the size in a lossy (RFC 6386, 9.1) or lossless frame (RFC
// 9649, 3.4); zero is none.
func frameSize(kind string, frame []byte) (width, height int) {
	switch {
	case kind == "VP8L" && len(frame) >= 5 && frame[0] == 0x2f:
		bits := binary.LittleEndian.Uint32(frame[1:])
		return 1 + int(bits&0x3fff), 1 + int(bits>>14&0x3fff)
	case kind == "VP8 " && len(frame) >= 10 && string(frame[3:6]) == "\x9d\x01\x2a":
		return int(binary.LittleEndian.Uint16(frame[6:]) & 0x3fff), int(binary.LittleEndian.Uint16(frame[8:]) & 0x3fff)
	}
	return 0, 0
}

func uint24(b []byte) uint32 { return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 }

// orientation reads the one thing that matters of Exif data, tag 0x0112 of the
// first directory (TIFF 6.0, section 2). Whatever is not understood is 1.
func orientation(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	start := int64(order.Uint32(tiff[4:]))
	if start+2 > int64(len(tiff)) {
		return 1
	}
	entries := tiff[start:]
	count := int(order.Uint16(entries))
	for entries = entries[2:]; count > 0 && len(entries) >= 12; count, entries = count-1, entries[12:] {
		if order.Uint16(entries) != 0x0112 {
			continue
		}
		if v := int(order.Uint16(entries[8:])); v >= 1 && v <= 8 {
			return v
		}
		return 1
	}
	return 1
}
