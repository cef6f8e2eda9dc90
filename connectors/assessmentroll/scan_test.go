package assessmentroll

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/semenligne/sem/connectors"
)

// wellFormed runs our scanner over a document, as a roll is read.
func wellFormed(r io.Reader) error {
	doc, err := openDocument(r)
	if err != nil {
		return err
	}
	s := newScanner(doc.r, doc.first)
	for {
		e, err := s.next()
		if err != nil {
			return err
		}
		if e == eventDone {
			return nil
		}
	}
}

// standard runs encoding/xml over a document, to its end.
func standard(content string) error {
	d := xml.NewDecoder(strings.NewReader(content))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func TestWellFormed(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"least":                     "<RL/>",
		"declaration":               "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n<RL></RL>\n",
		"declaration, no encoding":  "<?xml version=\"1.0\"?><RL></RL>",
		"byte-order mark":           "\uFEFF<?xml version=\"1.0\" encoding=\"utf-8\"?><RL/>",
		"byte-order mark alone":     "\uFEFF<RL/>",
		"comments and instructions": "<!-- a - b --><?x y?><RL><!----><?x?></RL><!-- --> <?x ?>\n",
		"attributes":                "<RL a=\"1\" b = '\"' c:d=\"&lt;&#10;>\"\n/>",
		"space in tags":             "<RL ><a\n></a\t></RL >",
		"entities":                  "<RL>&lt;&gt;&amp;&apos;&quot;&#65;&#x41;&#x10FFFF;</RL>",
		"CDATA":                     "<RL><![CDATA[<a>&&]]]]></RL>",
		"brackets":                  "<RL>]] ] ]]a]></RL>",
		"accents":                   "<RL><éléménts_ñ>Élysée 漢字 😀</éléménts_ñ></RL>",
		"prefix":                    "<r:RL xmlns:r=\"x\"></r:RL>",
		"deep":                      strings.Repeat("<a>", maxDepth) + strings.Repeat("</a>", maxDepth),
		"long text":                 "<RL>" + strings.Repeat("é", 400_000) + "</RL>",
		"long comment":              "<RL><!--" + strings.Repeat("- ", 400_000) + "--></RL>",
		"much white space":          "<RL>" + strings.Repeat(" \n", 400_000) + "</RL>" + strings.Repeat("\n", 300_000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := wellFormed(strings.NewReader(content)); err != nil {
				t.Errorf("refused: %v", err)
			}
			if err := wellFormed(iotest.OneByteReader(strings.NewReader(content))); err != nil {
				t.Errorf("byte by byte, refused: %v", err)
			}
			if err := standard(strings.TrimPrefix(content, "\uFEFF")); err != nil {
				t.Errorf("encoding/xml refuses this case: %v", err)
			}
		})
	}
}

func TestNotWellFormed(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"nothing":                   "",
		"white space":               " \n",
		"text":                      "maintenance",
		"only a declaration":        "<?xml version=\"1.0\"?>",
		"open root":                 "<RL>",
		"open element":              "<RL><a></RL>",
		"crossed":                   "<RL><a><b></a></b></RL>",
		"end without start":         "<RL></RL></RL>",
		"end first":                 "</RL>",
		"end with more":             "<RL></RLx>",
		"end with less":             "<RL></R>",
		"end with attribute":        "<RL></RL a=\"1\">",
		"other case":                "<RL></rl>",
		"second root":               "<RL/><RL/>",
		"text after":                "<RL/>x",
		"text before":               "x<RL/>",
		"CDATA outside":             "<RL/><![CDATA[]]>",
		"entity outside":            "<RL/>&#32;",
		"no name":                   "<RL>< a/></RL>",
		"bad name":                  "<RL><1a/></RL>",
		"bad name, later":           "<RL><a,b/></RL>",
		"name of punctuation":       "<RL><a€/></RL>",
		"two colons":                "<RL><a:b:c/></RL>",
		"bare ampersand":            "<RL>a & b</RL>",
		"ampersand at the end":      "<RL>a&</RL>",
		"unknown entity":            "<RL>&eacute;</RL>",
		"entity without end":        "<RL>&amp </RL>",
		"empty entity":              "<RL>&;</RL>",
		"reference without digits":  "<RL>&#;&#x;</RL>",
		"reference to NUL":          "<RL>&#0;</RL>",
		"reference to a surrogate":  "<RL>&#xD800;</RL>",
		"reference too large":       "<RL>&#x110000;</RL>",
		"negative reference":        "<RL>&#-1;</RL>",
		"end of CDATA in text":      "<RL>a]]>b</RL>",
		"CDATA without end":         "<RL><![CDATA[ ]] ></RL>",
		"comment without end":       "<RL><!-- -></RL>",
		"dashes in a comment":       "<RL><!-- a -- b --></RL>",
		"comment of three dashes":   "<RL><!-- a ---></RL>",
		"instruction without end":   "<RL><?a ></RL>",
		"instruction without name":  "<RL><? a?></RL>",
		"declaration late":          "<RL><?xml version=\"1.0\"?></RL>",
		"declaration after space":   " <?xml version=\"1.0\"?><RL/>",
		"declaration twice":         "<?xml version=\"1.0\"?><?xml version=\"1.0\"?><RL/>",
		"XML 1.1":                   "<?xml version=\"1.1\"?><RL/>",
		"no version":                "<?xml encoding=\"utf-8\"?><RL/>",
		"declaration out of order":  "<?xml encoding=\"utf-8\" version=\"1.0\"?><RL/>",
		"declaration of much":       "<?xml version=\"1.0\" a=\"b\"?><RL/>",
		"DTD":                       "<!DOCTYPE RL><RL/>",
		"DTD with entities":         "<!DOCTYPE RL [<!ENTITY a \"b\">]><RL>&a;</RL>",
		"attribute without value":   "<RL a/>",
		"attribute without quotes":  "<RL a=1/>",
		"attribute without end":     "<RL a=\"1></RL>",
		"attribute twice":           "<RL a=\"1\" a=\"2\"/>",
		"attributes without space":  "<RL a=\"1\"b=\"2\"/>",
		"less-than in an attribute": "<RL a=\"<\"/>",
		"entity in an attribute":    "<RL a=\"&nbsp;\"/>",
		"slash alone":               "<RL / >",
		"control character":         "<RL>\x01</RL>",
		"NUL":                       "<RL>\x00</RL>",
		"non-character":             "<RL>\uFFFF</RL>",
		"not UTF-8":                 "<RL>c\xE9d\xE9</RL>",
		"UTF-8 cut":                 "<RL>\xC3</RL>",
		"UTF-8 too long":            "<RL>\xC0\xAF</RL>",
		"surrogate in UTF-8":        "<RL>\xED\xA0\x80</RL>",
		"not UTF-8, in a comment":   "<RL><!-- \xE9 --></RL>",
		"not UTF-8, in a name":      "<RL><\xE9/></RL>",
		"not UTF-8, in a value":     "<RL a=\"\xE9\"/>",
		"UTF-16":                    "\xFF\xFE<\x00R\x00L\x00/\x00>\x00",
		"UTF-16 without a mark":     "<\x00R\x00L\x00/\x00>\x00",
		"unknown encoding":          "<?xml version=\"1.0\" encoding=\"EBCDIC-CP-US\"?><RL/>",
		"too deep":                  strings.Repeat("<a>", maxDepth+1) + strings.Repeat("</a>", maxDepth+1),
		"text without end":          "<RL>" + strings.Repeat("x", 2*maxToken) + "</RL>",
		"tag without end":           "<RL a=\"" + strings.Repeat("x", 2*maxToken) + "\"/>",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := wellFormed(strings.NewReader(content)); !errors.Is(err, connectors.ErrMalformed) {
				t.Errorf("error %v, want malformed", err)
			}
			if err := wellFormed(iotest.OneByteReader(strings.NewReader(content))); !errors.Is(err, connectors.ErrMalformed) {
				t.Errorf("byte by byte: error %v, want malformed", err)
			}
		})
	}
}

// TestCutAnywhere cuts a whole roll at every byte.
func TestCutAnywhere(t *testing.T) {
	t.Parallel()
	content := sample(t)
	whole := strings.LastIndex(content, "</RL>") + len("</RL>")
	for n := range len(content) {
		err := wellFormed(strings.NewReader(content[:n]))
		if cut := n < whole; cut != errors.Is(err, connectors.ErrMalformed) {
			t.Fatalf("cut at byte %d of %d: error %v", n, len(content), err)
		}
	}
}

// TestAgainstStandard mutates a roll and compares decisions: what encoding/xml
// refuses, we refuse. Exceptions would be listed here; there are none.
func TestAgainstStandard(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 7))
	seed := sample(t)
	refused := 0
	for range 8_000 {
		content := mutate(r, seed)
		ours, theirs := wellFormed(strings.NewReader(content)), standard(content)
		if theirs != nil {
			refused++
		}
		if theirs != nil && ours == nil {
			t.Fatalf("encoding/xml refuses (%v) what we took:\n%s", theirs, difference(seed, content))
		}
		if ours != nil && !errors.Is(ours, connectors.ErrMalformed) {
			t.Fatalf("error %v is not malformed", ours)
		}
	}
	if refused < 2_000 {
		t.Errorf("only %d mutations were broken: they prove little", refused)
	}
}

// mutate changes a document in a few places the way damage and bad writers do.
func mutate(r *rand.Rand, content string) string {
	pieces := []string{
		"<", ">", "/", "&", "\"", "'", "]]>", "<![CDATA[", "<!--", "-->", "--", "<?", "?>", "<?xml version=\"1.0\"?>", "&amp;", "&#0;", "&#xD800;",
		"&foo;", "\x00", "\x0B", "\x7F", "\xE9", "\xC3", "\uFFFF", "\uFEFF", "é", "€", "<a>", "</a>", "<a/>", "</RL>", "<RLUEx>", " a=\"b\"", " a", "=", ":", "-", ".", "1", " ", "\r", "\n",
	}
	b := []byte(content)
	for range 1 + r.IntN(2) {
		at := r.IntN(len(b))
		switch r.IntN(5) {
		case 0:
			b = append(b[:at:at], append([]byte(pieces[r.IntN(len(pieces))]), b[at:]...)...)
		case 1:
			b = append(b[:at:at], b[min(len(b), at+1+r.IntN(4)):]...)
		case 2:
			b[at] = pieces[r.IntN(len(pieces))][0]
		case 3:
			b[at] ^= 1 << r.IntN(8)
		case 4:
			end := min(len(b), at+r.IntN(60))
			b = append(b[:end:end], b[at:]...)
		}
	}
	return string(b)
}

// difference returns what surrounds the first byte that differs.
func difference(a, b string) string {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return b[max(0, n-40):min(len(b), n+60)]
}

// FuzzRoll reads any bytes as a roll: it must end, in a whole roll or in one
// failure, and take nothing that encoding/xml refuses.
func FuzzRoll(f *testing.F) {
	f.Add([]byte("<RL><VERSION>2.9</VERSION><RLM01A>99001</RLM01A><RLM02A>2026</RLM02A><RLUEx><RL0101><RL0101x><RL0101Ax>1</RL0101Ax></RL0101x></RL0101>" +
		"<RL0104><RL0104A>0719</RL0104A><RL0104B>81</RL0104B><RL0104C>0976</RL0104C></RL0104><RL0404A>1</RL0404A><X y=\"&amp;\"/></RLUEx></RL>"))
	f.Add([]byte("\uFEFF<?xml version=\"1.0\" encoding=\"windows-1252\"?><RL><RLM01A>99001</RLM01A><RLUEx><RL0104><RL0104A>1</RL0104A><RL0104B>2</RL0104B><RL0104C>3</RL0104C></RL0104></RLUEx></RL>"))
	f.Add([]byte("<RL><!-- --><a b='c'/><![CDATA[]]>&#65;</RL>"))
	f.Fuzz(func(t *testing.T, content []byte) {
		r := &roll{settings: defaults()}
		var units int
		p, err := r.read(&origin{r: bytes.NewReader(content)}, func(h header, u *rawUnit, matricule []byte) error {
			units++
			rec := newMapping(r.settings, h, tables{}).unit(u, matricule)
			if len(rec.Key) != municipalityDigits+fullDigits {
				t.Fatalf("key of %d characters", len(rec.Key))
			}
			return nil
		})
		if err != nil {
			if reason := connectors.Reason(err); reason != connectors.ReasonMalformed {
				t.Fatalf("reason %q of %v", reason, err)
			}
			return
		}
		if units == 0 || units != p.index.units {
			t.Fatalf("%d units read, %d in the index", units, p.index.units)
		}
		if doc, err := openDocument(bytes.NewReader(content)); err == nil && doc.indexable {
			if err := standard(string(content)); err != nil {
				t.Fatalf("encoding/xml refuses what we took: %v", err)
			}
		}
	})
}
