package portal

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

const (
	idleTimeout = 20 * time.Minute // without a page
	sharedIdle  = 5 * time.Minute  // the same on a computer that others use
	lifetime    = 10 * time.Hour   // however busy
	// recheck is how long a session is believed without asking the dossier: what
	// another process ended is dead here after this at the latest.
	recheck = 5 * time.Second
	// touchEvery is how often, at most, a page view is written back as activity.
	touchEvery = time.Minute
)

// sessions keeps who is signed in. scs makes, renews and ends them; page views
// read them here, from memory, and write back at most once a minute.
//
// A write-back never brings a session back that was ended: ending and writing
// back take turns, and an ended token is remembered.
type sessions struct {
	manager  *scs.SessionManager
	short    *scs.SessionManager // for a computer that others use
	store    dossier.Sessions
	citizens dossier.Citizens

	writing sync.Mutex // held while the store is written

	mu    sync.Mutex
	known map[tokenHash]*session
	ended map[tokenHash]time.Time
}

type tokenHash [sha256.Size]byte

// stored is the name of the token in the store, the same as scs gives it.
func (h tokenHash) stored() string { return base64.RawURLEncoding.EncodeToString(h[:]) }

// session is one signed-in browser. It is not changed once made, but for
// touched.
type session struct {
	hash     tokenHash
	citizen  record.Citizen
	profile  dossier.Profile
	shared   bool // on a computer that others use
	deadline time.Time
	data     []byte
	loaded   time.Time
	touched  time.Time     // guarded by sessions.mu
	done     chan struct{} // closed when the session ends
}

func newSessions(store dossier.Sessions, citizens dossier.Citizens, insecure bool) *sessions {
	// Not scs.New, which starts a goroutine for a store in memory.
	m := &scs.SessionManager{
		IdleTimeout: idleTimeout, Lifetime: lifetime,
		Store: scsStore{store}, Codec: codec{}, HashTokenInStore: true,
		Cookie: scs.SessionCookie{Name: "__Host-sem", Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode},
	}
	if insecure {
		m.Cookie.Name, m.Cookie.Secure = "sem", false
	}
	short := *m
	short.IdleTimeout = sharedIdle
	return &sessions{
		manager: m, short: &short, store: store, citizens: citizens,
		known: map[tokenHash]*session{}, ended: map[tokenHash]time.Time{},
	}
}

// background marks a request that the page made by itself: it reads the session
// and does not count as activity, or no page left open would ever time out.
const background = "Sem-Background"

// look returns the session of a request, or errSignedOut.
func (s *sessions) look(r *http.Request) (*session, error) {
	hash, ok := s.token(r)
	if !ok {
		return nil, errSignedOut
	}
	now := time.Now()
	s.mu.Lock()
	found := s.known[hash]
	s.mu.Unlock()
	if found == nil || now.Sub(found.loaded) >= recheck {
		var err error
		if found, err = s.load(r.Context(), hash); err != nil {
			return nil, err
		}
	}
	if now.After(found.deadline) {
		return nil, errSignedOut
	}
	if r.Header[background] == nil {
		return found, s.touch(r.Context(), found, now)
	}
	return found, nil
}

func (s *sessions) token(r *http.Request) (tokenHash, bool) {
	c, err := r.Cookie(s.manager.Cookie.Name)
	if err != nil || c.Value == "" {
		return tokenHash{}, false
	}
	return sha256.Sum256([]byte(c.Value)), true
}

// load reads a session from the dossier, without writing anything.
func (s *sessions) load(ctx context.Context, hash tokenHash) (*session, error) {
	data, found, err := s.store.FindCtx(ctx, hash.stored())
	if err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	if !found {
		s.forget(hash)
		return nil, errSignedOut
	}
	deadline, values, err := codec{}.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	name, _ := values[citizenKey].(string)
	if name == "" {
		return nil, errSignedOut
	}
	shared := values[sharedKey] == sharedComputer
	n := &session{hash: hash, shared: shared, citizen: record.Citizen(name), deadline: deadline, data: data, loaded: time.Now(), done: make(chan struct{})}
	if n.profile, err = s.citizens.Profile(ctx, n.citizen); errors.Is(err, dossier.ErrNotFound) {
		return nil, errSignedOut
	} else if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, gone := s.ended[hash]; gone {
		return nil, errSignedOut
	}
	if old := s.known[hash]; old != nil {
		n.touched, n.done = old.touched, old.done
	}
	s.makeRoom()
	s.known[hash] = n
	return n, nil
}

// most is how many sessions are kept in memory. What is dropped is read again.
const most = 50_000

func (s *sessions) makeRoom() {
	for hash, old := range s.known {
		if len(s.known) < most {
			break
		}
		close(old.done) // its streams look again, or reconnect
		delete(s.known, hash)
	}
	for hash, at := range s.ended {
		if time.Since(at) > idleTimeout {
			delete(s.ended, hash)
		}
	}
}

// touch writes activity back, at most once a minute.
func (s *sessions) touch(ctx context.Context, n *session, now time.Time) error {
	s.mu.Lock()
	due := now.Sub(n.touched) >= touchEvery
	if due {
		n.touched = now
	}
	s.mu.Unlock()
	if !due {
		return nil
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	s.mu.Lock()
	_, gone := s.ended[n.hash]
	s.mu.Unlock()
	if gone {
		return errSignedOut
	}
	// Another process may have ended it since it was read.
	if _, found, err := s.store.FindCtx(ctx, n.hash.stored()); err != nil {
		return fmt.Errorf("session: %w", err)
	} else if !found {
		s.forget(n.hash)
		return errSignedOut
	}
	expiry := now.Add(n.idle())
	if n.deadline.Before(expiry) {
		expiry = n.deadline
	}
	if err := s.store.CommitCtx(ctx, n.hash.stored(), n.data, expiry); err != nil {
		return fmt.Errorf("session: %w", err)
	}
	return nil
}

// idle is how long the session lasts without a page.
func (n *session) idle() time.Duration {
	if n.shared {
		return sharedIdle
	}
	return idleTimeout
}

// start signs a citizen in, under a new token.
func (s *sessions) start(w http.ResponseWriter, r *http.Request, citizen record.Citizen, shared bool) error {
	if err := s.end(w, r); err != nil {
		return err
	}
	m := s.manager
	if shared {
		m = s.short
	}
	ctx, err := m.Load(r.Context(), "")
	if err != nil {
		return fmt.Errorf("session: %w", err)
	}
	if err := m.RenewToken(ctx); err != nil {
		return fmt.Errorf("session: %w", err)
	}
	m.Put(ctx, citizenKey, string(citizen))
	if shared {
		m.Put(ctx, sharedKey, sharedComputer)
	}
	token, expiry, err := m.Commit(ctx)
	if err != nil {
		return fmt.Errorf("session: %w", err)
	}
	w.Header().Del("Set-Cookie") // the end of the session before
	m.WriteSessionCookie(ctx, w, token, expiry)
	return s.store.PurgeSessions(r.Context(), time.Now())
}

// end signs the request's session out, everywhere and at once. Without a
// session it does nothing.
func (s *sessions) end(w http.ResponseWriter, r *http.Request) error {
	hash, ok := s.token(r)
	if !ok {
		return nil
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	s.mu.Lock()
	s.ended[hash] = time.Now()
	s.mu.Unlock()
	s.forget(hash)
	if err := s.store.DeleteCtx(r.Context(), hash.stored()); err != nil {
		return fmt.Errorf("session: %w", err)
	}
	s.manager.WriteSessionCookie(r.Context(), w, "", time.Time{})
	return nil
}

// forget drops a session from memory and tells its streams.
func (s *sessions) forget(hash tokenHash) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.known[hash]; old != nil {
		close(old.done)
		delete(s.known, hash)
	}
}

// alive asks the dossier itself whether a session still stands, and writes
// nothing: what a long stream does at each heartbeat.
func (s *sessions) alive(ctx context.Context, n *session) bool {
	_, err := s.load(ctx, n.hash)
	return err == nil && time.Now().Before(n.deadline)
}

// refresh makes the next look read the profile again.
func (s *sessions) refresh(ctx context.Context, n *session) error {
	_, err := s.load(ctx, n.hash)
	return err
}

// The values of a session.
const (
	citizenKey = "citizen"
	sharedKey  = "computer"
)

// codec writes a session as a few bytes of JSON. Values are strings.
type codec struct{}

type encoded struct {
	Deadline time.Time         `json:"deadline"`
	Values   map[string]string `json:"values"`
}

// Encode implements scs.Codec.
func (codec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	e := encoded{deadline, make(map[string]string, len(values))}
	for k, v := range values {
		text, ok := v.(string)
		if !ok {
			return nil, fmt.Errorf("session value %s is no text", k)
		}
		e.Values[k] = text
	}
	return json.Marshal(e)
}

// Decode implements scs.Codec.
func (codec) Decode(data []byte) (time.Time, map[string]any, error) {
	var e encoded
	if err := json.Unmarshal(data, &e); err != nil {
		return time.Time{}, nil, errors.New("unreadable session")
	}
	values := make(map[string]any, len(e.Values))
	for k, v := range e.Values {
		values[k] = v
	}
	return e.Deadline, values, nil
}

// scsStore gives scs the methods without context that its interface asks for
// and that it does not call on a store with context.
type scsStore struct{ dossier.Sessions }

var errNoContext = errors.New("session store called without context")

func (scsStore) Find(string) ([]byte, bool, error)      { return nil, false, errNoContext }
func (scsStore) Commit(string, []byte, time.Time) error { return errNoContext }
func (scsStore) Delete(string) error                    { return errNoContext }
