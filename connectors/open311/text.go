package open311

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"

	"github.com/semenligne/sem/connectors/record"
)

// markup finds the tags that people's tools put where the specification wants
// plain text. Other pairs of < and > are words.
var markup = regexp.MustCompile(`(?i)</?(?:a|b|br|div|em|font|h[1-6]|i|img|li|ol|p|script|span|strong|style|table|tbody|td|th|tr|u|ul)(?:\s[^<>]*)?/?>`)

// plain makes foreign text fit to keep: at most limit characters of plain text.
// Markup and character references are reduced to what they say.
func plain(s string, limit int) string {
	if markup.MatchString(s) {
		s = stripMarkup(s)
	} else {
		s = html.UnescapeString(s)
	}
	return record.Text(s, limit)
}

func stripMarkup(s string) string {
	var b strings.Builder
	silent := 0 // inside script or style
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return b.String()
		}
		t := z.Token()
		mute := t.Data == "script" || t.Data == "style"
		switch {
		case kind == html.StartTagToken && mute:
			silent++
		case kind == html.EndTagToken && mute:
			silent = max(0, silent-1)
		case kind == html.TextToken && silent == 0:
			b.WriteString(t.Data)
		case t.Data == "br" || t.Data == "p" || t.Data == "div" || t.Data == "li" || t.Data == "tr":
			b.WriteString("\n")
		case t.Data != "" && kind != html.TextToken && kind != html.CommentToken && !markup.MatchString("<"+t.Data+">"):
			b.Write(z.Raw()) // no tag of HTML: words
		}
	}
}
