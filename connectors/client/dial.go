package client

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"golang.org/x/net/idna"

	"github.com/semenligne/sem/connectors"
)

// connectTimeout bounds one connection attempt: two lost SYNs are sent again
// after 1 and 3 seconds.
const connectTimeout = 5 * time.Second

// dialer connects to the hosts of a list, and to no special address that was
// not allowed.
type dialer struct {
	hosts map[string]bool // host:port, as canonical writes it
	allow []netip.Prefix
	net   net.Dialer
}

func newDialer(o Options) (*dialer, error) {
	d := &dialer{hosts: map[string]bool{}, allow: o.DialAllow}
	for _, address := range o.Dials {
		host, err := canonical(address)
		if err != nil {
			return nil, fmt.Errorf("client: allowed address %q: host:port is wanted", address)
		}
		d.hosts[host] = true
	}
	d.net = net.Dialer{Timeout: connectTimeout, Control: d.control}
	return d, nil
}

// canonical writes host:port in one way: lower case, ASCII, no trailing dot.
func canonical(address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" || port == "" {
		return "", fmt.Errorf("not host:port")
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return net.JoinHostPort(ip.Unmap().String(), port), nil
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = ascii
	}
	return net.JoinHostPort(host, port), nil
}

func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	switch network {
	case "tcp", "tcp4", "tcp6":
	default:
		return nil, fmt.Errorf("dial: only TCP is allowed: %w", connectors.ErrRefused)
	}
	if host, err := canonical(address); err != nil || !d.hosts[host] {
		return nil, fmt.Errorf("dial: the source's settings do not name this host and port: %w", connectors.ErrRefused)
	}
	return d.net.DialContext(ctx, network, address)
}

// raw is a dialer for connectors that speak no HTTP: its errors have a meaning.
func raw(dial DialFunc) DialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, failure(ctx, err)
		}
		return conn, nil
	}
}

// control is called with each resolved address, right before the connection:
// a name that resolves to something else by now is caught here.
func (d *dialer) control(_, address string, _ syscall.RawConn) error {
	resolved, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("dial: an address that is no IP: %w", connectors.ErrRefused)
	}
	ip := plain(resolved.Addr())
	sort := special(ip)
	if sort == "" {
		return nil
	}
	for _, p := range d.allow {
		if p.Contains(ip) {
			return nil
		}
	}
	return fmt.Errorf("dial: the host resolves to a %s address; where that is meant, list it in guard.dial_allow: %w", sort, connectors.ErrRefused)
}

// plain strips the zone and takes an IPv4 address out of the IPv6 forms that
// reach it: mapped (::ffff:0:0/96), compatible (::/96) and NAT64 (64:ff9b::/96).
func plain(ip netip.Addr) netip.Addr {
	ip = ip.WithZone("").Unmap()
	if !ip.Is6() || ip == netip.IPv6Unspecified() || ip == netip.IPv6Loopback() {
		return ip
	}
	b := ip.As16()
	prefix := [12]byte(b[:12])
	if prefix == [12]byte{} || prefix == [12]byte{0x00, 0x64, 0xff, 0x9b} {
		return netip.AddrFrom4([4]byte(b[12:]))
	}
	return ip
}

// special names the sort of an address that no town system has, "" for others.
// Private ranges are not special: the town's systems live there.
func special(ip netip.Addr) string {
	switch {
	case ip.IsLoopback():
		return "loopback"
	case ip.IsUnspecified(), ip.Is4() && ip.As4()[0] == 0:
		return "unspecified"
	case metadata(ip):
		return "metadata"
	case ip.IsLinkLocalUnicast():
		return "link-local"
	case ip.IsMulticast(), ip == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return "multicast"
	}
	return ""
}

// metadata tells whether a cloud's machine answers there with credentials.
func metadata(ip netip.Addr) bool {
	switch ip.String() {
	case "169.254.169.254", "169.254.170.2", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "192.0.0.192":
		return true
	}
	return false
}
