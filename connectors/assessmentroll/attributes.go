package assessmentroll

import "bytes"

// attributes takes what follows the name in a start tag, up to its > or />,
// and returns what comes after.
func attributes(b []byte) (rest []byte, empty bool, err error) {
	var seen [][]byte
	for {
		spaces := 0
		for spaces < len(b) && isSpace(b[spaces]) {
			spaces++
		}
		b = b[spaces:]
		switch {
		case len(b) == 0:
			return nil, false, errMore
		case b[0] == '>':
			return b[1:], false, nil
		case b[0] == '/' && len(b) == 1:
			return nil, false, errMore
		case b[0] == '/' && b[1] == '>':
			return b[2:], true, nil
		case spaces == 0:
			return nil, false, errAttribute
		}
		var name []byte
		if name, _, b, err = attribute(b); err != nil {
			return nil, false, err
		}
		for _, other := range seen {
			if bytes.Equal(name, other) {
				return nil, false, inputError("an attribute that stands there twice")
			}
		}
		if seen = append(seen, name); len(seen) > maxDepth {
			return nil, false, inputError("too many attributes")
		}
	}
}

// attribute takes one name="value".
func attribute(b []byte) (name, value, rest []byte, err error) {
	name = b[:nameLength(b)]
	rest = bytes.TrimLeft(b[len(name):], " \t\r\n")
	if len(rest) == 0 {
		return nil, nil, nil, errMore
	}
	if err := checkName(name); err != nil || rest[0] != '=' {
		return nil, nil, nil, errAttribute
	}
	rest = bytes.TrimLeft(rest[1:], " \t\r\n")
	if len(rest) == 0 {
		return nil, nil, nil, errMore
	}
	quote := rest[0]
	if quote != '"' && quote != '\'' {
		return nil, nil, nil, errAttribute
	}
	end := bytes.IndexByte(rest[1:], quote)
	if end < 0 {
		return nil, nil, nil, errMore
	}
	value, rest = rest[1:1+end], rest[2+end:]
	if bytes.IndexByte(value, '<') >= 0 {
		return nil, nil, nil, errAttribute
	}
	if err := allCharacters(value); err != nil {
		return nil, nil, nil, err
	}
	if _, err := resolve(nil, value); err != nil {
		return nil, nil, nil, err
	}
	return name, value, rest, nil
}
