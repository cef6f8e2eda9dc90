package portal

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/semenligne/sem/portal/views"
)

// handler is a page: it writes an answer, or returns an error and has written
// nothing.
type handler func(w http.ResponseWriter, r *http.Request) error

// The errors of the pages themselves.
var (
	errSignedOut    = errors.New("signed out")
	errNotFound     = errors.New("no such page")
	errMethod       = errors.New("method not allowed")
	errBadForm      = errors.New("unreadable form")
	errManyStreams  = errors.New("too many live streams")
	errShuttingDown = errors.New("shutting down")
	errFormTooLarge = errors.New("form too large")
	errManyUploads  = errors.New("too many photos arriving")
	errManyPhotos   = errors.New("photo fetched too often")
)

// statuses maps an error to the status of its answer and to the words of its
// page. Anything else is 500.
var statuses = []struct { //nolint:gochecknoglobals // a constant table
	err    error
	status int
	words  string
}{
	{errNotFound, http.StatusNotFound, "error.notfound"},
	{errMethod, http.StatusMethodNotAllowed, "error.notfound"},
	{errBadForm, http.StatusBadRequest, "error.form"},
	{errUnread, http.StatusServiceUnavailable, "error.unread"},
	{errNoAccount, http.StatusConflict, "error.noaccount"},
	{errGone, http.StatusConflict, "error.gone"},
	{errReused, http.StatusUnprocessableEntity, "error.reused"},
	{errManyStreams, http.StatusTooManyRequests, "error.busy"},
	{errShuttingDown, http.StatusServiceUnavailable, "error.busy"},
	{errFormTooLarge, http.StatusRequestEntityTooLarge, "error.large"},
	{errManyUploads, http.StatusServiceUnavailable, "error.busy"},
	{errManyPhotos, http.StatusTooManyRequests, "error.busy"},
}

// serve runs a handler: it counts it under its route, turns an error into a
// page, and is the last to catch a panic.
func (p *Portal) serve(route string, h handler) http.HandlerFunc {
	count := p.metrics.route(route)
	return func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		out := &answer{ResponseWriter: w}
		defer func() {
			if cause := recover(); cause != nil {
				if cause == http.ErrAbortHandler { //nolint:errorlint // the value itself is the signal
					panic(cause)
				}
				// The value may hold a person's data; the stack does not.
				p.opt.Log.Error("panic while serving", "route", route, "stack", string(debug.Stack()))
				p.fail(out, r, errors.New("panic"))
			}
			count.done(r.Method, out.status(), time.Since(started))
		}()
		if err := h(out, r); err != nil {
			p.fail(out, r, err)
		}
	}
}

// answer remembers the status that was written.
type answer struct {
	http.ResponseWriter
	code int
}

func (a *answer) WriteHeader(code int) {
	if a.code == 0 {
		a.code = code
	}
	a.ResponseWriter.WriteHeader(code)
}

// Unwrap lets http.ResponseController flush and set deadlines.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answer) status() int {
	if a.code == 0 {
		return http.StatusOK
	}
	return a.code
}

// fail answers an error: in JSON below /api/, else with a page.
func (p *Portal) fail(w *answer, r *http.Request, err error) {
	if w.code != 0 || errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // half said, or nobody listens any more
	}
	if errors.Is(err, errSignedOut) {
		p.askToSignIn(w, r)
		return
	}
	status, words := http.StatusInternalServerError, "error.ours"
	for _, s := range statuses {
		if errors.Is(err, s.err) {
			status, words = s.status, s.words
		}
	}
	if status == http.StatusInternalServerError {
		p.opt.Log.Error("page not served", "err", err)
	}
	if isAPI(r) {
		writeJSON(w, status, map[string]string{"error": strings.TrimPrefix(words, "error.")})
		return
	}
	prefs := p.preferencesOf(r)
	page := views.ErrorPage{Page: p.page(prefs, r.URL.Path), Heading: p.words[prefs.lang].T(words)}
	page.Title, page.Here = page.Heading, "/"
	page.Sentences = []string{p.words[prefs.lang].T(words + ".what")}
	if err := p.render(w, r, status, views.Error(page)); err != nil {
		p.opt.Log.Error("error page not rendered", "err", err)
		http.Error(w, strconv.Itoa(status), status)
	}
}

// askToSignIn answers somebody without a session.
func (p *Portal) askToSignIn(w *answer, r *http.Request) {
	if isAPI(r) {
		writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "signed_out"})
		return
	}
	if r.Method == http.MethodPost {
		kept, err := p.keepForm(w, r)
		if err != nil {
			p.opt.Log.Error("form not kept", "err", err)
		}
		if kept {
			return
		}
	}
	to := "/connexion"
	if next := localPath(r.URL.Path); r.Method == http.MethodGet && next != "/" {
		to += "?suite=" + next
	}
	http.Redirect(w, r, to, http.StatusSeeOther) //nolint:gosec // a path of ours, see localPath
}

func isAPI(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }

func (p *Portal) notFound(http.ResponseWriter, *http.Request) error { return errNotFound }

func (p *Portal) methodNotAllowed(http.ResponseWriter, *http.Request) error { return errMethod }
