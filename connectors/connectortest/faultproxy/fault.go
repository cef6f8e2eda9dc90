package faultproxy

import "time"

// reply sends a piece of reply through the fault in force; false ends the link.
func (l *link) reply(chunk []byte) bool {
	for len(chunk) > 0 {
		m, changed, ok := l.p.gate(l)
		if !ok {
			return false
		}
		if l.since != changed {
			l.since, l.passed, l.body = changed, 0, 0
		}
		n := len(chunk)
		switch m.Fault {
		case Cut:
			n = int(min(int64(n), m.After-l.countedBy(m)))
			if n > 0 && !l.send(chunk[:n]) {
				return false
			}
			if l.countedBy(m) >= m.After {
				if m.Reset {
					l.reset()
				}
				return false
			}
			n = max(n, 0)
		case Slow:
			n = 1
			ok = l.send(chunk[:1]) && l.pause(m.interval(), changed)
		case Garble:
			l.garble(m, chunk)
			ok = l.send(chunk)
		case Oversized:
			return l.oversized(m, chunk, changed)
		case Swallow:
			ok = l.swallow(m, chunk)
		default:
			l.head.skip(chunk)
			ok = l.send(chunk)
		}
		if !ok {
			return false
		}
		chunk = chunk[n:]
	}
	return true
}

// countedBy is how many bytes have passed, as Cut counts.
func (l *link) countedBy(m Mode) int64 {
	if !m.Total {
		return l.passed
	}
	l.p.mu.Lock()
	defer l.p.mu.Unlock()
	return l.p.passed
}

func (l *link) send(chunk []byte) bool {
	n, err := l.client.Write(chunk)
	l.passed += int64(n)
	l.p.mu.Lock()
	l.p.passed += int64(n)
	l.p.counts.Replies += int64(n)
	l.p.mu.Unlock()
	return err == nil
}

// pause waits for the interval, the next Set or the end of the link.
func (l *link) pause(d time.Duration, changed <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-changed:
	case <-l.ctx.Done():
		return false
	}
	return true
}

// garble changes what belongs to the body, in place.
func (l *link) garble(m Mode, chunk []byte) {
	for i := l.head.skip(chunk); i < len(chunk); i++ {
		if l.body >= m.After && (m.Count == 0 || l.body < m.After+m.Count) {
			chunk[i] ^= 0x15
		}
		l.body++
	}
}

// oversized sends the head, After bytes of body, and spaces until the mode
// changes or the client has enough.
func (l *link) oversized(m Mode, chunk []byte, changed <-chan struct{}) bool {
	skipped := l.head.skip(chunk)
	if !l.head.done {
		return true // held back until the head is whole
	}
	if l.head.http && skipped > 0 && !l.send(l.head.endless()) {
		return false
	}
	body := chunk[skipped:]
	if left := m.After - l.body; int64(len(body)) > left {
		body = body[:max(left, 0)]
	}
	l.body += int64(len(body))
	if !l.send(body) {
		return false
	}
	if l.body < m.After {
		return true
	}
	filler := make([]byte, 32<<10)
	for i := range filler {
		filler[i] = ' '
	}
	for l.ctx.Err() == nil {
		select {
		case <-changed:
			return false // the stream makes no sense any more
		default:
		}
		if !l.send(filler) {
			return false
		}
	}
	return false
}

// swallow drops a piece of reply, or passes it on when it answers something
// else.
func (l *link) swallow(m Mode, chunk []byte) bool {
	l.mu.Lock()
	match := l.match
	l.mu.Unlock()
	if m.Match != "" && !match {
		return l.send(chunk)
	}
	if !l.gone {
		l.gone = true
		l.p.swallowed(m)
	}
	return m.Silent
}
