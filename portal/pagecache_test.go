package portal

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

func TestPageCacheIsBoundedAndForgetsTheOldest(t *testing.T) {
	t.Parallel()
	body := &finished{plain: make([]byte, 488)} // 1000 bytes with its overhead
	c := newPageCache(10 * body.size())
	now := time.Now()
	key := func(i int) pageKey { return pageKey{citizen: record.Citizen(strconv.Itoa(i))} }
	for i := range 15 {
		c.put(&finishedPage{key: key(i), version: 1, until: now.Add(time.Hour), body: body})
		if c.get(key(0), 1, now) == nil {
			t.Fatalf("the page in use was dropped when %d came", i)
		}
	}
	if c.used > c.limit || len(c.byKey) != c.recency.Len() || len(c.byKey) != 10 {
		t.Errorf("%d bytes of %d in %d pages", c.used, c.limit, len(c.byKey))
	}
	if c.get(key(3), 1, now) != nil {
		t.Error("the oldest page is still there")
	}
	for i := range 15 {
		c.get(key(i), 2, now) // another version: wrong, dropped
	}
	if c.used != 0 || len(c.byKey) != 0 {
		t.Errorf("%d bytes left of pages that are wrong", c.used)
	}
}

func TestPageCacheEndsWithTime(t *testing.T) {
	t.Parallel()
	c := newPageCache(1 << 20)
	now := time.Now()
	c.put(&finishedPage{version: 1, until: now.Add(time.Minute), body: &finished{}})
	if c.get(pageKey{}, 1, now.Add(59*time.Second)) == nil || c.get(pageKey{}, 1, now.Add(time.Minute)) != nil {
		t.Error("the page did not end when it should")
	}
}

func FuzzLocalPath(f *testing.F) {
	for _, s := range []string{"/", "/bibliotheque", "//evil.example", "/\\evil.example", "/%2f/x", "/x\r\nSet-Cookie: a=b", "https://x", "/api/v1/dashboard", "/a//b", "/é", "javascript:x", "/.", "/../x", "", "/quartier?rayon=500", "/?x=//y", "/x?a?b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := localPath(s)
		if got == "" || got[0] != '/' || len(got) > 1 && (got[1] == '/' || got[1] == '\\') {
			t.Errorf("%q leads to %q", s, got)
		}
		path, query, _ := strings.Cut(got, "?")
		for _, r := range strings.NewReplacer("=", "", "&", "").Replace(query) {
			if r != '-' && (r < 'a' || r > 'z') && (r < '0' || r > '9') {
				t.Errorf("%q leads to %q", s, got)
			}
		}
		for _, r := range path {
			if r != '/' && r != '-' && (r < 'a' || r > 'z') && (r < '0' || r > '9') {
				t.Errorf("%q leads to %q", s, got)
			}
		}
	})
}

func TestLocalPathKeepsOurPages(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"/", "/connexion", "/bibliotheque", "/a/b-2", "/quartier?rayon=500", "/x?a=1&b="} {
		if got := localPath(s); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}

func TestTownColour(t *testing.T) {
	t.Parallel()
	for colour, ok := range map[string]bool{"#0b5c7a": true, "#7a1f5c": true, "#ffcc00": false, "0b5c7a": false, "#0b5c7": false, "#zzzzzz": false, "red;}": false} {
		if _, err := brandStyle(colour); (err == nil) != ok {
			t.Errorf("%s: %v", colour, err)
		}
	}
}
