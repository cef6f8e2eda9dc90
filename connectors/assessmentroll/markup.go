package assessmentroll

import "bytes"

func (s *scanner) startTag(b []byte) error {
	n, plain := plainName(b[1:])
	if 1+n == len(b) {
		return errMore
	}
	name := b[1 : 1+n]
	if !plain {
		if err := checkName(name); err != nil {
			return s.place(err)
		}
	}
	used := 1 + n
	if b[used] == '>' {
		used++
	} else {
		rest, empty, err := attributes(b[used:])
		if err != nil {
			return s.place(err)
		}
		used = len(b) - len(rest)
		s.empty = empty
	}
	switch {
	case s.depth() == 0 && s.begun:
		return s.fail("a second root element")
	case s.depth() == maxDepth:
		return s.fail("elements nested too deep")
	}
	s.begun = true
	s.starts = append(s.starts, len(s.open))
	s.open = append(s.open, name...)
	s.name = name
	s.pos += used
	return nil
}

func (s *scanner) endTag(b []byte) error {
	if s.depth() == 0 {
		return s.fail("an end tag that nothing started")
	}
	name := s.open[s.starts[len(s.starts)-1]:]
	used := 2 + len(name)
	if len(b) <= used {
		return errMore
	}
	if !bytes.Equal(b[2:used], name) {
		return s.fail("an end tag that does not match its start")
	}
	for b[used] != '>' {
		if !isSpace(b[used]) {
			return s.fail("an end tag that does not match its start")
		}
		if used++; used == len(b) {
			return errMore
		}
	}
	s.pop()
	s.pos += used + 1
	return nil
}

// declaration takes a comment or a CDATA section; anything else that starts
// with <! is a DTD, which could bring entities of its own.
func (s *scanner) declaration(b []byte) (event, bool, error) {
	const comment, cdata = "<!--", "<![CDATA["
	switch {
	case bytes.HasPrefix(b, []byte(comment)):
		n := bytes.Index(b[len(comment):], []byte("--"))
		if n < 0 || len(b) < len(comment)+n+3 {
			return 0, true, errMore
		}
		if b[len(comment)+n+2] != '>' {
			return 0, true, s.fail("-- inside a comment")
		}
		err := allCharacters(b[len(comment) : len(comment)+n])
		if err != nil {
			return 0, true, s.place(err)
		}
		s.pos += len(comment) + n + 3
		return 0, true, nil
	case bytes.HasPrefix(b, []byte(cdata)):
		n := bytes.Index(b[len(cdata):], []byte("]]>"))
		if n < 0 {
			return 0, true, errMore
		}
		if s.depth() == 0 {
			return 0, true, s.fail("text outside the root element")
		}
		s.text = b[len(cdata) : len(cdata)+n]
		if err := allCharacters(s.text); err != nil {
			return 0, true, s.place(err)
		}
		s.pos += len(cdata) + n + 3
		return eventText, false, nil
	case len(b) < len(cdata) && (bytes.HasPrefix([]byte(comment), b) || bytes.HasPrefix([]byte(cdata), b)):
		return 0, true, errMore
	}
	return 0, true, s.fail("a document type declaration, which a roll does not have")
}

// instruction takes a processing instruction. The XML declaration is one that
// may stand only where the document starts; sniff has read it by then.
func (s *scanner) instruction(b []byte) error {
	n := bytes.Index(b[2:], []byte("?>"))
	if n < 0 {
		return errMore
	}
	body := b[2 : 2+n]
	name := body[:nameLength(body)]
	if err := checkName(name); err != nil {
		return s.place(err)
	}
	if len(name) < len(body) && !isSpace(body[len(name)]) {
		return s.fail("a processing instruction that is not one")
	}
	if bytes.EqualFold(name, []byte("xml")) && s.at != s.first {
		return s.fail("an XML declaration that is not the first thing")
	}
	if err := allCharacters(body); err != nil {
		return s.place(err)
	}
	s.pos += n + 4
	return nil
}
