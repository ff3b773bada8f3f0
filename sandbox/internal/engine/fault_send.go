// How answers are sent, and how faults spoil them on the way.

package engine

import (
	"bytes"
	"cmp"
	"compress/flate"
	"context"
	"crypto/tls"
	"encoding/binary"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// RequestTimeout is how long a call may take on a connection.
const RequestTimeout = 30 * time.Second

// nowhereURL leads to a host that cannot exist.
const nowhereURL = "https://elsewhere.sandbox.invalid/"

// page is what a proxy says about a server behind it.
const proxyPage = "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>" +
	"<body><h1>502 Bad Gateway</h1><hr>fintoken sandbox</body></html>\n"

// garbage is called JSON and is none; it begins like one.
const garbage = "{\"\xff\xfe\x00\x1b[31m\":\x80\x81 NaN, 'garbage'"

// answer is what a caller gets in place of the provider's answer. It breaks the spec on purpose, where it does.
func (f *firing) answer(c *Call) Answer {
	switch f.Kind {
	case FaultError:
		if f.RetryAfter != "" {
			c.Header.Set("Retry-After", f.RetryAfter)
		}
		return c.provider.fake.Fail(c, f.Status, f.Code, cmp.Or(f.Message, "a fault of the sandbox: "+http.StatusText(f.Status)))
	case FaultRedirect:
		c.Header.Set("Location", cmp.Or(f.Location, nowhereURL))
		return f.raw(f.Status, "", "")
	case FaultHTML:
		return f.raw(cmp.Or(f.Status, http.StatusBadGateway), "text/html; charset=utf-8", proxyPage)
	case FaultGarbage:
		return f.raw(cmp.Or(f.Status, http.StatusOK), "application/json", garbage)
	default: // empty, huge, a bomb, a reset
		return f.raw(cmp.Or(f.Status, http.StatusOK), "", "")
	}
}

func (f *firing) raw(status int, media, body string) Answer {
	return Answer{Status: status, Inferred: true, Refused: "fault " + f.ID + ": " + string(f.Kind), media: media, raw: []byte(body), isRaw: true}
}

// silent reports whether the caller gets no answer at all.
func (f *firing) silent() bool {
	return f != nil && (f.Kind == FaultResetBefore || f.Kind == FaultResetAfter || f.Kind == FaultDisconnect)
}

// send gives an answer to the caller, the way the fault it met has it.
func send(w http.ResponseWriter, c *Call, status int, body []byte) {
	f := c.fault
	switch {
	case c.left:
		return
	case f == nil:
		w.WriteHeader(status)
		_, _ = w.Write(body) // a caller who has left is not ours to report
		return
	case f.Delay != nil || f.Drip > 0:
		// Past the time limit of the server, which is for those who are slow without being asked.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(f.wait + RequestTimeout + f.dripTime(len(body))))
	}
	if !f.waitOut(c.R.Context()) {
		return
	}
	switch f.Kind {
	case FaultResetBefore, FaultResetAfter:
		breakOff(w, true)
	case FaultDisconnect:
		breakOff(w, false)
	case FaultResetInBody, FaultTruncate:
		w.WriteHeader(status)
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush() // so that the answer is chunked, and its beginning arrives
		breakOff(w, f.Kind == FaultResetInBody)
	case FaultWrongLength:
		w.Header().Set("Content-Length", strconv.Itoa(len(body)+64))
		w.WriteHeader(status)
		_, _ = w.Write(body)
		_ = http.NewResponseController(w).Flush()
		breakOff(w, false)
	case FaultDuplicateHeader:
		name := cmp.Or(f.Name, "Content-Type")
		w.Header().Add(name, w.Header().Get(name)+"-duplicate")
		f.pour(w, c, status, body)
	case FaultHugeBody:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		body := huge(cmp.Or(f.Size, sizeNormal))
		if m, ok := w.(*memory); ok {
			m.rest = body // made while it is read
			return
		}
		_, _ = io.Copy(w, body)
	case FaultGzipBomb:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(status)
		_, _ = w.Write(bomb(cmp.Or(f.Size, sizeNormal)))
	default:
		f.pour(w, c, status, body)
	}
}

// waitsBefore reports whether the delay is over before the call is processed.
func (f *firing) waitsBefore() bool {
	return f != nil && f.Delay != nil && f.Delay.Phase == DelayBefore
}

// waitOut waits for what is left of the delay, and reports false when the caller leaves first.
func (f *firing) waitOut(ctx context.Context) bool {
	wait := f.wait
	f.wait = 0
	return sleep(ctx, wait)
}

// sleep waits in real time, and reports false when the caller leaves first.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (f *firing) dripTime(n int) time.Duration {
	if f.Drip == 0 {
		return 0
	}
	return time.Duration(n) * time.Second / time.Duration(f.Drip)
}

// pour writes a body as fast as the rule lets it.
func (f *firing) pour(w http.ResponseWriter, c *Call, status int, body []byte) {
	if m, ok := w.(*memory); ok && f.Drip > 0 {
		w.WriteHeader(status)
		m.drip, m.ctx = f, c.R.Context() // there the reader waits
		_, _ = w.Write(body)
		return
	}
	w.WriteHeader(status)
	for len(body) > 0 {
		n := f.portion(len(body))
		if !sleep(c.R.Context(), f.dripTime(n)) {
			return
		}
		_, _ = w.Write(body[:n])
		if f.Drip > 0 {
			_ = http.NewResponseController(w).Flush()
		}
		body = body[n:]
	}
}

// portion is how many of n bytes go at a time: with a drip, about 50 ms worth.
func (f *firing) portion(n int) int {
	if f.Drip == 0 {
		return n
	}
	return min(n, max(1, f.Drip/20))
}

// breakOff ends a connection in the middle of things: with a reset, or as if the server had gone.
func breakOff(w http.ResponseWriter, reset bool) {
	if m, ok := w.(*memory); ok {
		m.breakOff(reset)
		return
	}
	if !reset {
		panic(http.ErrAbortHandler)
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil { // HTTP/2, or a test's recorder
		panic(http.ErrAbortHandler)
	}
	if encrypted, ok := conn.(*tls.Conn); ok {
		conn = encrypted.NetConn() // a word of goodbye would be no reset
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // what is not sent yet is thrown away, and the other side told so
	}
	_ = conn.Close()
}

// errReset is what a client gets to see of a reset.
var errReset = &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}

// breakOff does for a caller in the same process what a broken connection does for others.
func (m *memory) breakOff(reset bool) {
	switch {
	case m.status != 0 && !reset:
		m.broken = io.ErrUnexpectedEOF
	case reset:
		m.broken = errReset
	default:
		m.broken = io.EOF
	}
}

// What a huge body begins and ends with.
const hugeBegin, hugeEnd = `{"filler":"`, `"}`

// fillerOf returns how much filler a huge body of n bytes has.
func fillerOf(n int64) int64 { return max(0, n-int64(len(hugeBegin)+len(hugeEnd))) }

// huge returns well-formed JSON of n bytes, or a little more for the smallest.
func huge(n int64) io.Reader {
	return io.MultiReader(strings.NewReader(hugeBegin), io.LimitReader(filler{}, fillerOf(n)), strings.NewReader(hugeEnd))
}

// filler is an endless row of one letter.
type filler struct{}

func (filler) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// bomb returns a gzip body (RFC 1952) that unpacks to what huge returns. It packs a mebibyte of the filler once, and not
// all n bytes: a part that was flushed ends at a byte and refers to nothing before it, so it may stand there many times.
func bomb(n int64) []byte {
	const piece = 1 << 20
	fill := fillerOf(n)
	begin, row := hugeBegin+strings.Repeat("x", int(fill%piece)), strings.Repeat("x", piece)
	sum := crc32.NewIEEE()
	out := []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255} // deflate, no name, no time, no system
	add := func(text string, packed []byte) {
		_, _ = io.WriteString(sum, text)
		out = append(out, packed...)
	}
	add(begin, deflate(begin, false))
	packed := deflate(row, false)
	for range fill / piece {
		add(row, packed)
	}
	add(hugeEnd, deflate(hugeEnd, true))
	out = binary.LittleEndian.AppendUint32(out, sum.Sum32())
	return binary.LittleEndian.AppendUint32(out, uint32(int64(len(hugeBegin)+len(hugeEnd))+fill)) //nolint:gosec // at most 1 GiB
}

// deflate packs a part of a stream (RFC 1951), or the last of it.
func deflate(text string, last bool) []byte {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.DefaultCompression)
	if err != nil {
		return nil // the level is one that there is
	}
	_, _ = io.WriteString(w, text) // a buffer does not fail
	if last {
		_ = w.Close()
	} else {
		_ = w.Flush()
	}
	return out.Bytes()
}
