package faults

import (
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"sync/atomic"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The frames of HTTP/2 that the server below knows (RFC 9113 §6).
const (
	frameHeaders  = 0x1
	frameReset    = 0x3
	frameSettings = 0x4
	frameGoAway   = 0x7
	flagAck       = 0x1
	refused       = 0x7
)

// refusedStream calls a server that refuses every HTTP/2 stream, and one that goes away: RFC 9113 §8.7 has it that
// neither request was processed, so every operation is sent again, and no more often than any other.
func refusedStream(c *cell) {
	for name, refuse := range map[string]func(net.Conn, uint32){
		"refused": func(conn net.Conn, stream uint32) {
			writeFrame(conn, frameReset, 0, stream, be32(refused))
		},
		"going away": func(conn net.Conn, _ uint32) {
			writeFrame(conn, frameGoAway, 0, 0, append(be32(0), be32(0)...))
			_, _ = io.Copy(io.Discard, conn) // closed with something unread, it would be reset, which overtakes the frame
		},
	} {
		streams := c.http2Server(refuse)
		p := c.connect()
		w := neverLeft(c.op)
		if c.op.class == bridge { // under a key it is sent again anyway, and need not be proven
			w.isNot = nil
		}
		got := c.callOver(c.Context(), p)
		if c.op.signed {
			w.attempts = 0 // the bearer is refused already
		}
		c.check(w, got, name)
		assert.EqualValues(c, 3, streams.Load(), name)
		p.close()
	}
}

// http2Server puts in the server's place one that speaks HTTP/2 and refuses each stream. It returns the count of
// streams.
func (c *cell) http2Server(refuse func(net.Conn, uint32)) *atomic.Int32 {
	c.Helper()
	a := theAuthority()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{a.issue("127.0.0.1")}, NextProtos: []string{"h2"},
	})
	require.NoError(c, err)
	c.closers = append(c.closers, listener)
	var streams atomic.Int32
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go serveHTTP2(conn, &streams, refuse)
		}
	}()
	c.base = "https://" + listener.Addr().String()
	c.transport = &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: a.pool()}, ForceAttemptHTTP2: true, DisableKeepAlives: true,
	}
	return &streams
}

// serveHTTP2 answers the frames of a connection.
func serveHTTP2(conn net.Conn, streams *atomic.Int32, refuse func(net.Conn, uint32)) {
	defer func() { _ = conn.Close() }()
	if _, err := io.CopyN(io.Discard, conn, int64(len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))); err != nil {
		return
	}
	writeFrame(conn, frameSettings, 0, 0, nil)
	head := make([]byte, 9)
	for {
		if _, err := io.ReadFull(conn, head); err != nil {
			return
		}
		length := int64(head[0])<<16 | int64(head[1])<<8 | int64(head[2])
		if _, err := io.CopyN(io.Discard, conn, length); err != nil {
			return
		}
		switch kind, flags := head[3], head[4]; {
		case kind == frameSettings && flags&flagAck == 0:
			writeFrame(conn, frameSettings, flagAck, 0, nil)
		case kind == frameHeaders:
			streams.Add(1)
			refuse(conn, binary.BigEndian.Uint32(head[5:])&0x7fffffff)
		}
	}
}

func writeFrame(conn net.Conn, kind, flags byte, stream uint32, payload []byte) {
	n := len(payload)
	frame := append([]byte{byte(n >> 16), byte(n >> 8), byte(n), kind, flags}, be32(stream)...)
	_, _ = conn.Write(append(frame, payload...)) // the client may be gone
}

func be32(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }
