package portal

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics counts what the portal does. Labels are closed sets; no address and
// no person is ever one.
type metrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	signin   *prometheus.CounterVec
}

// The outcomes of a sign-in.
const (
	signinGranted     = "granted"
	signinRefused     = "refused"
	signinThrottled   = "throttled"
	signinBusy        = "busy"
	signinUnavailable = "unavailable"
	signinInvalid     = "invalid"
	signinError       = "error"
)

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sem_http_requests_total", Help: "Requests answered by the portal, by route pattern, method and class of status.",
		}, []string{"route", "method", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "sem_http_request_duration_seconds", Help: "Time to answer a request, by route pattern; a live stream counts until it ends.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5},
		}, []string{"route"}),
		signin: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sem_signin_total", Help: "Attempts to sign in, by outcome.",
		}, []string{"outcome"}),
	}
	reg.MustRegister(m.requests, m.duration, m.signin)
	for _, outcome := range []string{
		signinGranted, signinRefused, signinThrottled, signinBusy, signinUnavailable, signinInvalid, signinError,
	} {
		m.signin.WithLabelValues(outcome)
	}
	return m
}

// routeMetrics are the counters of one route, looked up once.
type routeMetrics struct {
	requests *prometheus.CounterVec
	duration prometheus.Observer
	byCall   sync.Map // callKey → prometheus.Counter
}

type callKey struct {
	method string
	class  int
}

func (m *metrics) route(pattern string) *routeMetrics {
	return &routeMetrics{
		requests: m.requests.MustCurryWith(prometheus.Labels{"route": pattern}),
		duration: m.duration.WithLabelValues(pattern),
	}
}

func (m *routeMetrics) done(method string, status int, took time.Duration) {
	switch method {
	case http.MethodGet, http.MethodPost, http.MethodHead:
	default:
		method = "other"
	}
	key := callKey{method, status / 100}
	c, ok := m.byCall.Load(key)
	if !ok {
		c, _ = m.byCall.LoadOrStore(key, m.requests.WithLabelValues(method, strconv.Itoa(key.class)+"xx"))
	}
	c.(prometheus.Counter).Inc() //nolint:forcetypeassert // the map holds nothing else
	m.duration.Observe(took.Seconds())
}
