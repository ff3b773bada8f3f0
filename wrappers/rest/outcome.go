package rest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/fintoken/fintoken-go/wrappers/token"
)

// errUnsent is the kind of an attempt that certainly was not processed, for the eyes of the retry handler: it never left
// this machine, or its HTTP/2 stream was refused (RFC 9113 §8.7).
var errUnsent = errors.New("never sent")

// noAnswer returns the error of a request that got no answer. After a connection was there, what looks like a fault of
// TLS came in place of the answer.
func noAnswer(err error, neverLeft, connected bool) error {
	e := &Error{Message: describe(err), cause: hide(err), kinds: []error{ErrUnavailable}}
	if connected && distrusted(err) && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		e.Message = "the connection failed"
	}
	if errors.Is(err, context.Canceled) {
		e.kinds = nil // it was the caller, not the provider
	}
	switch {
	case !connected && distrusted(err): // it stopped before the request, and trying again mends nothing
	case neverLeft, dialing(err), turnedAway(err), nothingWritten(err):
		e.kinds = append(e.kinds, errUnsent)
	default:
		e.kinds = append(e.kinds, ErrInDoubt)
	}
	return e
}

// unreadable returns the error of a 2xx whose body could not be read. Its status is kept.
func (c *call) unreadable(resp *http.Response, body []byte, cause error) error {
	e := &Error{Status: resp.StatusCode, cause: hide(cause), body: c.kept(body), kinds: []error{ErrBadResponse}}
	switch {
	case errors.Is(cause, errTooLarge):
		e.Message = "the answer is larger than the limit of its operation"
		c.lost(e)
	default:
		e.Message = "the answer broke off: " + describe(cause)
		e.kinds = append(e.kinds, ErrInDoubt)
	}
	return e
}

// lost marks the error of a success whose content is not to be had. Where the operation uses something up, that is
// in doubt now.
func (c *call) lost(e *Error) {
	if c.op.Repeat == RepeatRefused {
		e.kinds = append(e.kinds, ErrInDoubt)
	}
}

// inDoubt reports whether a status leaves open whether the request was carried out. A 503 does, for gateways send it
// after the server behind them has worked as well as before; of what does no harm it says what RFC 7009 §2.2.1 says of
// revocations, that the request may be made again.
func (c *call) inDoubt(status int) bool {
	switch status {
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
		return true
	case http.StatusServiceUnavailable:
		return c.repeat != RepeatFreely
	}
	return false
}

// nothingWritten reports whether err is net/http's word for a connection that broke before the first byte of the
// request, or was seen to be closed before the request was given to it. Neither has a name for others; where they
// change, the outcome counts as in doubt, which is safe.
func nothingWritten(err error) bool {
	for ; err != nil; err = errors.Unwrap(err) {
		if fmt.Sprintf("%T", err) == "http.nothingWrittenError" || err.Error() == "http: server closed idle connection" {
			return true
		}
	}
	return false
}

// dialing reports whether err came from making a connection.
func dialing(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Op == "dial" || op.Op == "proxyconnect"
	}
	var dns *net.DNSError
	return errors.As(err, &dns)
}

// distrusted reports whether err is about who the server is and what TLS it speaks.
func distrusted(err error) bool {
	var (
		verification *tls.CertificateVerificationError
		host         x509.HostnameError
		authority    x509.UnknownAuthorityError
		invalid      x509.CertificateInvalidError
		record       tls.RecordHeaderError
		op           *net.OpError
	)
	if errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error") {
		return true // an alert of TLS (RFC 8446 §6)
	}
	return errors.As(err, &verification) || errors.As(err, &host) || errors.As(err, &authority) ||
		errors.As(err, &invalid) || errors.As(err, &record) ||
		strings.HasPrefix(err.Error(), "tls: ") || errors.Is(err, http.ErrSchemeMismatch)
}

// describe says what err is, in words that hold nothing of the request and nothing that the server sent.
func describe(err error) string {
	var (
		dns *net.DNSError
		op  *net.OpError
	)
	switch {
	case errors.Is(err, token.ErrClosed):
		return "the client is closed"
	case errors.Is(err, token.ErrBadToken):
		return "the credential that was fetched is not usable"
	case errors.Is(err, context.Canceled):
		return "the call was canceled"
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	case distrusted(err):
		return "the server's certificate or its TLS version is not acceptable"
	case turnedAway(err):
		return "the connection ended before the request was processed"
	case errors.As(err, &dns):
		return "the host name could not be resolved"
	case errors.As(err, &op) && op.Op == "dial":
		return "no connection could be made"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection ended too early"
	case errors.As(err, &op):
		return "the connection failed"
	}
	return "the request failed"
}

// explain has the provider read the body of a failure. If that panics, the status counts all the same.
func (c *call) explain(e *Error, header http.Header, body []byte) {
	defer survive(func(cause error) { e.cause = cause })
	c.op.API.Explain(e, header, body)
}

// survive is to be deferred. It hands a panic to tell, as an error that is safe to print.
func survive(tell func(cause error)) {
	if v := recover(); v != nil {
		tell(hide(&token.PanicError{Value: v, Stack: debug.Stack()}))
	}
}

// hide returns err with a text that is safe. errors.Is and errors.As still find what is in it.
func hide(err error) error {
	if err == nil {
		return nil
	}
	return &hidden{func() error { return err }}
}

// hidden is an error whose own text may say more than it should: a part of an answer, a URL. It is kept in a function,
// which a dump does not look into.
type hidden struct{ err func() error }

// Error says what kind of error it is.
func (h *hidden) Error() string { return describe(h.err()) }

// Is asks the error.
func (h *hidden) Is(target error) bool { return errors.Is(h.err(), target) }

// As asks the error.
func (h *hidden) As(target any) bool { return errors.As(h.err(), target) }

// turnedAway reports whether err is the word of HTTP/2 for a stream that the server certainly did not process
// (RFC 9113 §8.7).
func turnedAway(err error) bool {
	text := err.Error()
	return strings.HasPrefix(text, "http2: Transport: cannot retry err [") &&
		(strings.Contains(text, "; REFUSED_STREAM;") || strings.Contains(text, "GOAWAY]") || strings.Contains(text, "[http2: client conn not usable]"))
}
