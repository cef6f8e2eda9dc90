package sip2

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/semenligne/sem/connectors"
)

// pool bounds how many links there are, used or idle: past its number of
// workers a library system accepts a connection and lets it hang.
type pool struct {
	slots chan struct{} // one token a caller
	mu    sync.Mutex
	idle  []*idleLink
	shut  bool
}

type idleLink struct {
	link  *link
	timer *time.Timer
}

func newPool(size int) *pool { return &pool{slots: make(chan struct{}, size)} }

// take waits for a slot and returns an idle link, nil when there is none.
func (p *pool) take(ctx context.Context) (*link, error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, lost(ctx, "turn", ctx.Err())
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shut {
		<-p.slots
		return nil, fmt.Errorf("source closed: %w", connectors.ErrUnavailable)
	}
	if len(p.idle) == 0 {
		return nil, nil
	}
	last := p.idle[len(p.idle)-1]
	p.idle = p.idle[:len(p.idle)-1]
	last.timer.Stop()
	return last.link, nil
}

// put gives a slot back and keeps the link, unless it is nil, for a while.
func (p *pool) put(l *link, keep time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer func() { <-p.slots }()
	switch {
	case l == nil:
	case p.shut:
		l.close()
	default:
		kept := &idleLink{link: l}
		kept.timer = time.AfterFunc(keep, func() { p.expire(kept) })
		p.idle = append(p.idle, kept)
	}
}

func (p *pool) expire(kept *idleLink) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, other := range p.idle {
		if other == kept {
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			kept.link.close()
			return
		}
	}
}

func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shut = true
	for _, kept := range p.idle {
		kept.timer.Stop()
		kept.link.close()
	}
	p.idle = nil
}

// session is a turn with the library system: one slot of the pool, and the
// link in use.
type session struct {
	source *source
	link   *link
	until  time.Time // while a change is prepared: when it must be on its way
}

// begin waits for a turn and for a link that just proved to work.
func (s *source) begin(ctx context.Context) (*session, error) {
	l, err := s.pool.take(ctx)
	if err != nil {
		return nil, err
	}
	ss := &session{source: s, link: l}
	if l != nil && (!l.quiet() || !s.proven(ctx, l)) {
		ss.drop()
	}
	if ss.link == nil {
		if err := ss.fresh(ctx); err != nil {
			s.pool.put(nil, 0)
			return nil, err
		}
	}
	return ss, nil
}

// proven asks a link from the pool for a sign of life, briefly.
func (s *source) proven(ctx context.Context, l *link) bool {
	if !s.settings.Status {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, s.settings.DialTimeout.Std())
	defer cancel()
	return l.askStatus(ctx) == nil
}

// fresh replaces the link by a new one.
func (ss *session) fresh(ctx context.Context) error {
	ss.drop()
	ctx, cancel := endingAt(ctx, ss.until)
	defer cancel()
	l, err := ss.source.dial(ctx)
	if err != nil {
		return err
	}
	ss.link = l
	return nil
}

// ready makes sure, before a change, that there is a link fit to send it on: a
// system that refused a question or was asked twice has lost its own.
func (ss *session) ready(ctx context.Context) error {
	if ss.link != nil && !ss.link.doubtful {
		return nil
	}
	return ss.fresh(ctx)
}

func (ss *session) drop() {
	if ss.link != nil {
		ss.link.close()
		ss.link = nil
	}
}

// end gives the turn back.
func (ss *session) end() {
	if ss.link != nil && ss.link.doubtful {
		ss.drop()
	}
	ss.source.pool.put(ss.link, ss.source.settings.Idle.Std())
}

// ask exchanges one message; a link on which that failed is closed at once.
func (ss *session) ask(ctx context.Context, rq request) (message, error) {
	if ss.link != nil && ss.link.doubtful {
		if err := ss.fresh(ctx); err != nil {
			return message{}, err
		}
	}
	if ss.link == nil {
		return message{}, fmt.Errorf("connection: lost: %w", connectors.ErrUnavailable)
	}
	if rq.once {
		ss.until = time.Time{} // on its way
	}
	within, cancel := endingAt(ctx, ss.until)
	defer cancel()
	m, err := ss.link.exchange(within, rq)
	if err != nil && !errors.Is(err, connectors.ErrRefused) {
		ss.drop()
	}
	return m, err
}
