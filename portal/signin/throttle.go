package signin

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/semenligne/sem/dossier"
)

// limit is a number of failures of one key within a time.
type limit struct {
	failures int
	within   time.Duration
}

// The limits, by what the key stands for (security sheet, §1).
func cardLimits() []limit    { return []limit{{5, 15 * time.Minute}, {10, 24 * time.Hour}} }
func addressLimits() []limit { return []limit{{20, 10 * time.Minute}, {200, 24 * time.Hour}} }
func networkLimits() []limit { return []limit{{60, 10 * time.Minute}, {600, 24 * time.Hour}} }

// pinLimits bound how often one attempted PIN may fail over all cards: without
// them a botnet tries 1234 on every card and no other limit ever fires.
func pinLimits() []limit { return []limit{{20, time.Hour}} }

// longest is how far back any limit looks.
const longest = 24 * time.Hour

// key is one thing that failures are counted for, already hashed.
type key struct {
	name   string
	limits []limit
}

// throttle counts failures in the dossier, so that a restart forgets nothing,
// and attempts under way in memory, so that parallel ones cannot slip through
// between the check and the count.
type throttle struct {
	attempts dossier.Attempts
	secret   []byte

	mu       sync.Mutex
	underWay map[string]int
}

func newThrottle(attempts dossier.Attempts, secret []byte) *throttle {
	return &throttle{attempts: attempts, secret: secret, underWay: map[string]int{}}
}

// keys returns what an attempt counts for. The same card, address or PIN gives
// the same key, and none can be read back without the pepper.
func (t *throttle) keys(card, pin string, addr netip.Addr) []key {
	keys := []key{{t.hashed("card", card), cardLimits()}, {t.hashed("pin", pin), pinLimits()}}
	if !addr.IsValid() {
		// Nobody can be told apart: everybody without an address shares one bound.
		return append(keys, key{t.hashed("address", "unknown"), networkLimits()})
	}
	host, network := 64, 56
	if addr = addr.Unmap(); addr.Is4() {
		host, network = 32, 24
	}
	return append(keys,
		key{t.hashed("address", netip.PrefixFrom(addr, host).Masked().String()), addressLimits()},
		key{t.hashed("network", netip.PrefixFrom(addr, network).Masked().String()), networkLimits()})
}

func (t *throttle) hashed(what, value string) string {
	mac := hmac.New(sha256.New, t.secret)
	fmt.Fprintf(mac, "attempt\x00%s\x00%s", what, value)
	return what + ":" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:18])
}

// admit lets an attempt in, or tells how long to wait. The caller calls done
// exactly once when it was let in.
func (t *throttle) admit(ctx context.Context, keys []key, now time.Time) (wait time.Duration, done func(), err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range keys {
		failures, err := t.attempts.Failures(ctx, k.name, now.Add(-longest))
		if err != nil {
			return 0, nil, fmt.Errorf("sign-in attempts: %w", err)
		}
		for _, l := range k.limits {
			wait = max(wait, l.wait(failures, t.underWay[k.name], now))
		}
	}
	if wait > 0 {
		return wait, nil, nil
	}
	for _, k := range keys {
		t.underWay[k.name]++
	}
	return 0, func() { t.leave(keys) }, nil
}

func (t *throttle) leave(keys []key) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range keys {
		if t.underWay[k.name]--; t.underWay[k.name] <= 0 {
			delete(t.underWay, k.name)
		}
	}
}

// wait returns how long until the limit has room for one more; 0 when it has.
// Failures are oldest first.
func (l limit) wait(failures []time.Time, underWay int, now time.Time) time.Duration {
	since := now.Add(-l.within)
	for len(failures) > 0 && !failures[0].After(since) {
		failures = failures[1:]
	}
	if len(failures)+underWay < l.failures {
		return 0
	}
	if len(failures) == 0 {
		return time.Second // the room is taken by attempts that will end soon
	}
	oldest := failures[max(0, len(failures)-l.failures)]
	return max(oldest.Add(l.within).Sub(now), time.Second)
}

// failed counts one failure for every key.
func (t *throttle) failed(ctx context.Context, keys []key, at time.Time) error {
	for _, k := range keys {
		if err := t.attempts.AddFailure(ctx, k.name, at); err != nil {
			return fmt.Errorf("sign-in attempts: %w", err)
		}
	}
	return nil
}
