package client

import (
	"context"
	"net"
	"time"
)

// watched makes connections that give up when no byte moves for a while.
func watched(dial DialFunc, stall time.Duration) DialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &stallConn{conn, stall}, nil
	}
}

// stallConn pushes its deadline on with each byte. A write pushes the reading
// one too: net/http reads ahead on an idle connection, and that read's clock
// must begin anew with the next request.
type stallConn struct {
	net.Conn
	stall time.Duration
}

func (c *stallConn) Read(p []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.stall)); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

func (c *stallConn) Write(p []byte) (int, error) {
	if err := c.SetDeadline(time.Now().Add(c.stall)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}
