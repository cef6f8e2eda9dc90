// Package signin decides whether a card number and a PIN open a dossier.
//
// The same answer, after the same work and no sooner than the same time, is
// given for a card that does not exist and for a wrong PIN. Attempts are
// limited per card, per address, per network and per attempted PIN before
// anything is hashed, whether the card exists or not.
//
// What protects a four-digit PIN beyond that is not here yet: known devices
// that stay welcome while a card is under attack, the limit on failures of the
// whole town, and a second step by e-mail for weak PINs from unknown devices.
package signin

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"sync"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// ErrRefused means that the card number or the PIN is not right.
var ErrRefused = errors.New("signin: refused")

// ErrBusy means that there are too many sign-ins at this moment; nothing was checked or counted.
var ErrBusy = errors.New("signin: busy")

// ErrUnavailable means that the system that knows the PINs does not answer.
var ErrUnavailable = errors.New("signin: the keeper of the PINs does not answer")

// ThrottledError means too many failures; nothing was checked.
type ThrottledError struct {
	// Wait is how long until one more attempt may be made.
	Wait time.Duration
}

// Error returns a phrase without any person in it.
func (ThrottledError) Error() string { return "signin: too many failures" }

const (
	// floor is the shortest time in which a refusal is answered: more than a
	// hash and a call to a healthy source take.
	floor = 400 * time.Millisecond
	// jitter is added at random, so that what the floor leaves visible drowns.
	jitter = 40 * time.Millisecond
	// queueing is how long an attempt waits for its turn to be hashed.
	queueing = 250 * time.Millisecond
	// outage is how long one failed call to the keeper of the PINs is taken to
	// last, for cards that it is not asked about.
	outage = 30 * time.Second
)

// Authenticate asks another system whether a PIN is right, for citizens whose
// PIN is not kept here. An error means that it could not tell.
type Authenticate func(ctx context.Context, card string, citizen record.Citizen, pin string) (bool, error)

// Citizens finds the citizen of a card.
type Citizens interface {
	ByCard(ctx context.Context, card string) (record.Citizen, error)
}

// Config is what a Service works with; Authenticate may be nil.
type Config struct {
	Citizens     Citizens
	Credentials  dossier.Credentials
	Attempts     dossier.Attempts
	Pepper       []byte
	Authenticate Authenticate
	Now          func() time.Time
}

// Service checks sign-ins.
type Service struct {
	cfg      Config
	throttle *throttle
	hashing  chan struct{} // holds a value for each hash under way
	decoy    string        // what the PIN of a card that does not exist is compared with

	mu      sync.Mutex
	down    time.Time // until when the keeper of the PINs is taken to be down
	cleaned time.Time
}

// New makes a Service.
func New(cfg Config) (*Service, error) {
	decoy, err := Hash(cfg.Pepper, "decoy")
	if err != nil {
		return nil, err
	}
	return &Service{
		cfg: cfg, decoy: decoy,
		throttle: newThrottle(cfg.Attempts, cfg.Pepper),
		hashing:  make(chan struct{}, 2*runtime.GOMAXPROCS(0)),
	}, nil
}

// Attempt is one try to sign in. Addr may be zero when it is not known.
type Attempt struct {
	Card, PIN string
	Addr      netip.Addr
}

// SignIn returns the citizen whose card and PIN were given, or ErrRefused,
// ErrBusy, ErrUnavailable, a ThrottledError, or an error of the dossier.
func (s *Service) SignIn(ctx context.Context, a Attempt) (record.Citizen, error) {
	started := time.Now()
	keys := s.throttle.keys(a.Card, a.PIN, a.Addr)
	wait, done, err := s.throttle.admit(ctx, keys, s.cfg.Now())
	if err != nil {
		return "", err
	}
	if wait > 0 {
		return "", ThrottledError{wait}
	}
	defer done()

	citizen, right, err := s.check(ctx, a)
	if err == nil && right {
		// The card is in its holder's hands again. What failed at the address or
		// with this PIN keeps counting.
		return citizen, s.cfg.Attempts.ClearFailures(ctx, keys[0].name)
	}
	if err == nil {
		err = ErrRefused
		if failed := s.throttle.failed(context.WithoutCancel(ctx), keys, s.cfg.Now()); failed != nil {
			return "", failed
		}
		s.clean(ctx)
	}
	if errors.Is(err, ErrRefused) || errors.Is(err, ErrUnavailable) {
		sleep(ctx, floor+rand.N(jitter)-time.Since(started)) //nolint:gosec // noise, not a secret
	}
	return "", err
}

// check looks the card up and compares the PIN, doing the same work when there
// is no such card.
func (s *Service) check(ctx context.Context, a Attempt) (record.Citizen, bool, error) {
	citizen, err := s.cfg.Citizens.ByCard(ctx, a.Card)
	known := err == nil
	if err != nil && !errors.Is(err, dossier.ErrNotFound) {
		return "", false, fmt.Errorf("card: %w", err)
	}
	encoded := s.decoy
	if known {
		encoded, err = s.cfg.Credentials.Credential(ctx, citizen)
		if errors.Is(err, dossier.ErrNotFound) {
			if s.cfg.Authenticate != nil {
				return s.delegate(ctx, a, citizen)
			}
			known, encoded = false, s.decoy
		} else if err != nil {
			return "", false, fmt.Errorf("credential: %w", err)
		}
	}
	if !known && s.isDown() {
		return "", false, ErrUnavailable // as for a card whose PIN is kept elsewhere
	}
	right, err := s.verify(ctx, encoded, a.PIN)
	if err != nil {
		return "", false, err
	}
	return citizen, right && known, nil
}

// verify hashes in turn: each hash holds 19 MiB, and a flood of sign-ins must
// not become a flood of memory.
func (s *Service) verify(ctx context.Context, encoded, pin string) (bool, error) {
	turn, cancel := context.WithTimeout(ctx, queueing)
	defer cancel()
	select {
	case s.hashing <- struct{}{}:
		defer func() { <-s.hashing }()
	case <-turn.Done():
		return false, ErrBusy
	}
	return verify(s.cfg.Pepper, encoded, pin)
}

// delegate asks the system that knows the PIN, once.
func (s *Service) delegate(ctx context.Context, a Attempt, citizen record.Citizen) (record.Citizen, bool, error) {
	right, err := s.cfg.Authenticate(ctx, a.Card, citizen, a.PIN)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		if ctx.Err() == nil { // else it is the visitor who went away
			s.down = time.Now().Add(outage)
		}
		return "", false, ErrUnavailable
	}
	s.down = time.Time{}
	return citizen, right, nil
}

func (s *Service) isDown() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Before(s.down)
}

// clean drops failures that no limit looks at any more, at most once an hour.
// Cleaning that did not happen harms nobody and is tried again.
func (s *Service) clean(ctx context.Context) {
	now := s.cfg.Now()
	s.mu.Lock()
	due := now.Sub(s.cleaned) >= time.Hour
	s.mu.Unlock()
	if !due || s.cfg.Attempts.PurgeFailures(ctx, now.Add(-longest)) != nil {
		return
	}
	s.mu.Lock()
	s.cleaned = now
	s.mu.Unlock()
}

// sleep waits, unless the visitor goes away first.
func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
