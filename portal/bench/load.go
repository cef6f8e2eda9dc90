package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/semenligne/sem/portal/portaltest"
)

// connections is how many clients ask at the same time, each as soon as it was
// answered.
const connections = 16

// target is a request that is made again and again.
type target struct {
	addr, path, cookie, coding string
}

// signIn signs an invented person in and returns the request for the first
// page, from which those for others are made.
func signIn(ctx context.Context, addr string, who portaltest.Person, coding string) (target, error) {
	t := target{addr: addr, path: "/", coding: coding}
	form := url.Values{"carte": {who.Card}, "nip": {who.PIN}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+addr+"/connexion", strings.NewReader(form.Encode()))
	if err != nil {
		return t, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return t, err
	}
	if err := resp.Body.Close(); err != nil {
		return t, err
	}
	for _, c := range resp.Cookies() {
		t.cookie = c.Name + "=" + c.Value
	}
	if resp.StatusCode != http.StatusSeeOther || t.cookie == "" {
		return t, fmt.Errorf("sign-in: status %d", resp.StatusCode)
	}
	return t, nil
}

// wire is the request as bytes.
func (t target) wire() string {
	return "GET " + t.path + " HTTP/1.1\r\nHost: " + t.addr + "\r\nUser-Agent: bench\r\nAccept: text/html\r\nAccept-Encoding: " + t.coding + "\r\nCookie: " + t.cookie + "\r\n\r\n"
}

// fetch asks once and returns the answer for the bare handler to write.
func (t target) fetch(ctx context.Context) (*answer, error) {
	var a *answer
	err := t.ask(ctx, 1, func(resp *http.Response) error {
		body, err := io.ReadAll(resp.Body)
		a = &answer{Type: resp.Header.Get("Content-Type"), Coding: resp.Header.Get("Content-Encoding"), Body: body}
		return err
	})
	return a, err
}

// measure loads a server and returns its CPU a request, in microseconds.
func measure(ctx context.Context, s *server, t target, requests int) (float64, error) {
	before, err := s.cpu()
	if err != nil {
		return 0, err
	}
	var wg sync.WaitGroup
	errs := make([]error, connections)
	each := requests / connections
	for i := range connections {
		wg.Go(func() {
			errs[i] = t.ask(ctx, each, func(resp *http.Response) error {
				_, err := io.Copy(io.Discard, resp.Body)
				return err
			})
		})
	}
	wg.Wait()
	after, err := s.cpu()
	if err := errors.Join(append(errs, err)...); err != nil {
		return 0, err
	}
	return float64((after - before).Nanoseconds()) / 1000 / float64(each*connections), nil
}

// ask makes the request a number of times over one connection.
func (t target) ask(ctx context.Context, times int, each func(*http.Response) error) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", t.addr)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // read to its end
	if err := conn.SetDeadline(time.Now().Add(2 * time.Minute)); err != nil {
		return err
	}
	in, request := bufio.NewReaderSize(conn, 64<<10), []byte(t.wire())
	for range times {
		if _, err := conn.Write(request); err != nil {
			return err
		}
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			return err
		}
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("status %d", resp.StatusCode)
		}
		if err := errors.Join(each(resp), resp.Body.Close()); err != nil {
			return err
		}
	}
	return nil
}
