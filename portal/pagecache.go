package portal

import (
	"container/list"
	"sync"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// pageKey is everything but the data and the hour that a finished page depends
// on.
type pageKey struct {
	citizen record.Citizen
	page    string
	prefs   preferences
	name    string    // as the dossier has it
	visit   time.Time // the one before this: what is marked as new since
}

// finishedPage is an answer and what it was made from.
type finishedPage struct {
	key     pageKey
	version uint64
	until   time.Time // when time alone makes it wrong
	old     bool      // some section is not fresh: looking at it asks for a refresh
	body    *finished
}

// pageCache keeps finished pages in memory, the most recently used ones, within
// a bound of bytes.
type pageCache struct {
	mu      sync.Mutex
	limit   int
	used    int
	byKey   map[pageKey]*list.Element
	recency *list.List // most recent first; values are *finishedPage
}

func newPageCache(limit int) *pageCache {
	return &pageCache{limit: limit, byKey: map[pageKey]*list.Element{}, recency: list.New()}
}

// get returns the page for a key when it was made from this version and is
// still right at this instant.
func (c *pageCache) get(key pageKey, version uint64, now time.Time) *finishedPage {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.byKey[key]
	if e == nil {
		return nil
	}
	page := e.Value.(*finishedPage) //nolint:forcetypeassert // the list holds nothing else
	if page.version != version || !now.Before(page.until) {
		c.drop(e)
		return nil
	}
	c.recency.MoveToFront(e)
	return page
}

func (c *pageCache) put(page *finishedPage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old := c.byKey[page.key]; old != nil {
		c.drop(old)
	}
	c.byKey[page.key] = c.recency.PushFront(page)
	c.used += page.body.size()
	for c.used > c.limit && c.recency.Len() > 0 {
		c.drop(c.recency.Back())
	}
}

func (c *pageCache) drop(e *list.Element) {
	page := c.recency.Remove(e).(*finishedPage) //nolint:forcetypeassert // the list holds nothing else
	delete(c.byKey, page.key)
	c.used -= page.body.size()
}
