package sip2

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/semenligne/sem/connectors"
)

// checksum is the two's complement of the sum of the bytes as sent, from the
// first to the Z of AZ, in 16 bits (3M SIP2 2.00, error detection).
func checksum(message []byte) uint16 {
	var sum uint16
	for _, c := range message {
		sum += uint16(c)
	}
	return -sum
}

// sealed ends a message: sequence number (none when negative), checksum and
// terminator.
func (s *Settings) sealed(body []byte, sequence int) []byte {
	out := bytes.Clone(body)
	if s.ErrorDetection {
		if sequence >= 0 {
			out = fmt.Appendf(out, "AY%d", sequence)
		}
		out = append(out, "AZ"...)
		out = fmt.Appendf(out, "%04X", checksum(out))
	}
	out = append(out, '\r')
	if s.Terminator == TerminatorCRLF {
		out = append(out, '\n')
	}
	return out
}

// encode writes a request up to, and without, its trailer.
func (s *Settings) encode(rq request) ([]byte, error) {
	out := []byte(rq.code + rq.fixed)
	for _, f := range rq.fields {
		value, err := s.sendable(f.value)
		if err != nil {
			return nil, err
		}
		out = append(out, f.id...)
		out = append(out, value...)
		out = append(out, s.Delimiter...)
	}
	return out, nil
}

// frame is one message as received, with its trailer read.
type frame struct {
	body     []byte // without trailer
	sequence int    // digit of AY, -1 when absent
	summed   bool   // AZ is there
	sound    bool   // and right
	followed bool   // more came with it
}

// blank is what surrounds messages.
const blank = "\r\n\x00 "

// parseFrame reads the trailer from the end of a message. Its parts may be set
// off by spaces; the checksum covers every byte up to the Z of AZ.
func parseFrame(message []byte) frame {
	message = bytes.Trim(message, blank)
	f := frame{body: message, sequence: -1}
	n := len(message)
	if n < 6 || string(message[n-6:n-4]) != "AZ" {
		return f
	}
	sum, err := strconv.ParseUint(string(message[n-4:]), 16, 16)
	if err != nil {
		return f
	}
	f.summed, f.sound = true, sum == uint64(checksum(message[:n-4]))
	f.body = bytes.TrimRight(message[:n-6], " ")
	if n = len(f.body); n >= 3 && string(f.body[n-3:n-1]) == "AY" && f.body[n-1] >= '0' && f.body[n-1] <= '9' {
		f.sequence = int(f.body[n-1] - '0')
		f.body = bytes.TrimRight(f.body[:n-3], " ")
	}
	return f
}

// readFrame reads one message. It ends at a carriage return, or where a right
// checksum shows that it is whole: waiting for a given last byte has hung
// clients whose server ends its messages otherwise. A stream that ends before
// the first byte of a message is io.EOF.
func readFrame(r *bufio.Reader, limit int) (frame, error) {
	var message []byte
	for read := 0; ; read++ {
		c, err := r.ReadByte()
		switch {
		case errors.Is(err, io.EOF) && len(message) > 0:
			return frame{}, malformed("reply cut short")
		case err != nil:
			return frame{}, err
		case c == '\r' && len(message) > 0:
			return parseFrame(message), nil
		case read == limit:
			return frame{}, fmt.Errorf("reply of more than %d bytes: %w", limit, connectors.ErrMalformed)
		case len(message) == 0 && strings.IndexByte(blank, c) >= 0:
			continue
		}
		message = append(message, c)
		if n := len(message); n >= 8 && message[n-6] == 'A' && message[n-5] == 'Z' {
			if f := parseFrame(message); f.sound {
				return f, nil
			}
		}
	}
}
