package client

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/semenligne/sem/connectors"
)

// certify makes a self-signed certificate and the PEM file that trusts it.
func certify(t *testing.T, host string, until time.Time) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Ville de Saint-Exemple"},
		NotBefore: until.Add(-48 * time.Hour), NotAfter: until,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}

func TestTLS(t *testing.T) {
	t.Parallel()
	good, trusted := certify(t, "127.0.0.1", time.Now().Add(time.Hour))
	other, otherTrusted := certify(t, "elsewhere.test", time.Now().Add(time.Hour))
	old, oldTrusted := certify(t, "127.0.0.1", time.Now().Add(-time.Hour))
	for _, c := range []struct {
		name   string
		server *tls.Config
		ca     string
		want   error
		says   string
	}{
		{"own authority", &tls.Config{Certificates: []tls.Certificate{good}}, trusted, nil, ""},
		{"unknown authority", &tls.Config{Certificates: []tls.Certificate{good}}, "", connectors.ErrUnavailable, "guard.ca_file"},
		{"another host", &tls.Config{Certificates: []tls.Certificate{other}}, otherTrusted, connectors.ErrUnavailable, "another host"},
		{"expired", &tls.Config{Certificates: []tls.Certificate{old}}, oldTrusted, connectors.ErrUnavailable, "expired"},
		{"TLS 1.1", &tls.Config{Certificates: []tls.Certificate{good}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, trusted, connectors.ErrUnavailable, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var dials atomic.Int32
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			s.TLS = c.server
			s.Config.ErrorLog = log.New(io.Discard, "", 0)
			s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
				if state == http.StateNew {
					dials.Add(1)
				}
			}
			s.StartTLS()
			t.Cleanup(s.Close)
			client := reach(t, Options{CAFile: c.ca, Retries: 2}, s.Listener.Addr().String()).HTTP
			_, _, err := send(t.Context(), t, client, http.MethodGet, s.URL, "")
			if !errors.Is(err, c.want) || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v; want %v with %q", err, c.want, c.says)
			}
			if c.says != "" && dials.Load() != 1 {
				t.Errorf("dialled %d times: a bad certificate does not get better", dials.Load())
			}
		})
	}
}

func TestPlainHTTPBehindTLS(t *testing.T) {
	t.Parallel()
	s := serve(t, func(http.ResponseWriter, *http.Request) {})
	client := reach(t, Options{}, s.Listener.Addr().String()).HTTP
	_, _, err := send(t.Context(), t, client, http.MethodGet, strings.Replace(s.URL, "http", "https", 1), "")
	if !errors.Is(err, connectors.ErrUnavailable) || !strings.Contains(err.Error(), "no TLS") {
		t.Errorf("%v; want unavailable, no TLS on this port", err)
	}
}

func TestCAFile(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("not PEM"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{empty, filepath.Join(t.TempDir(), "absent.pem")} {
		if _, err := New(Options{CAFile: file}); err == nil {
			t.Errorf("%s is taken for authorities", filepath.Base(file))
		}
	}
}

// No failure may print what the URL holds: keys in the query, a password.
func TestErrorsHoldNoURL(t *testing.T) {
	t.Parallel()
	broken := serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	for name, base := range map[string]string{
		"refused by policy": "http://elsewhere.test", "connection closed": broken.URL, "scheme": "gopher://" + broken.Listener.Addr().String(), "closed port": "http://127.0.0.1:1",
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			client := reach(t, Options{Retries: 1}, broken.Listener.Addr().String(), "127.0.0.1:1").HTTP
			url := strings.Replace(base, "://", "://user-canary:pass-canary@", 1) + "/path-canary?api_key=canary"
			_, _, err := send(t.Context(), t, client, method, url, "")
			if err == nil || strings.Contains(err.Error(), "canary") {
				t.Errorf("%s, %s: %v; want an error without the URL", name, method, err)
			}
			if reason := connectors.Reason(err); reason == connectors.ReasonDefect {
				t.Errorf("%s, %s: %v has no meaning", name, method, err)
			}
		}
	}
}
