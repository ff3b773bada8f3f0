package rest

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"

	"github.com/fintoken/fintoken-go/wrappers/token"
)

// attempt sends the request once and reads its answer, within a time and a size.
func attempt(client *http.Client, cfg Config) handler {
	return func(c *call, req *http.Request) (*http.Response, error) {
		c.info.Attempts++
		ctx, cancel := context.WithTimeout(req.Context(), cfg.AttemptTimeout)
		defer cancel()
		resp, err := client.Do(req.WithContext(ctx))
		if err != nil {
			return nil, transportError(err)
		}
		c.seen(resp)
		body, err := readBody(resp, c.limit(cfg))
		_ = resp.Body.Close()
		resp.Body = newBuffered(body)
		if err != nil {
			return nil, c.unreadable(resp, body, err)
		}
		return resp, nil
	}
}

// seen notes what an answer tells about the call.
func (c *call) seen(resp *http.Response) {
	c.info.Status, c.info.Header = resp.StatusCode, resp.Header
	if name := c.op.API.ResponseRequestID; name != "" {
		if id := resp.Header.Get(name); id != "" {
			c.info.RequestID = clean(id)
		}
	}
}

// limit returns how many bytes of an answer are read.
func (c *call) limit(cfg Config) int64 {
	switch {
	case cfg.MaxBody > 0:
		return cfg.MaxBody
	case c.op.MaxBody > 0:
		return c.op.MaxBody
	}
	return DefaultMaxBody
}

// buffered is a body that was read already.
type buffered struct {
	*bytes.Reader
	all []byte
}

func newBuffered(body []byte) *buffered { return &buffered{Reader: bytes.NewReader(body), all: body} }

// Close does nothing.
func (*buffered) Close() error { return nil }

// peek returns the whole body of an answer that was read already, whether or not somebody has read from it since.
func peek(resp *http.Response) []byte {
	if b, ok := resp.Body.(*buffered); ok {
		return b.all
	}
	return nil
}

// errTooLarge is the cause of an answer over its limit.
var errTooLarge = errors.New("the answer is larger than the limit")

// readBody reads at most limit bytes. More than that is an error, with what was read until then.
func readBody(resp *http.Response, limit int64) ([]byte, error) {
	var b bytes.Buffer
	if n := resp.ContentLength; n > 0 && n <= limit {
		b.Grow(int(n) + bytes.MinRead)
	}
	_, err := io.Copy(&b, io.LimitReader(resp.Body, limit+1))
	if int64(b.Len()) > limit {
		return b.Bytes()[:limit], errTooLarge
	}
	return b.Bytes(), err
}

// unreadable returns the error of an answer whose body could not be read. Its status is kept.
func (c *call) unreadable(resp *http.Response, body []byte, cause error) error {
	e := &Error{Status: resp.StatusCode, cause: cause, body: body, kinds: []error{ErrBadResponse}}
	switch {
	case errors.Is(cause, errTooLarge):
		e.Message = "the answer is larger than the limit of its operation"
	default:
		e.Message = "the answer broke off: " + describe(cause)
		e.kinds = append(e.kinds, ErrInDoubt)
	}
	return e
}

// transportError returns the error of a request that got no answer.
func transportError(err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err // its text would have the whole URL
	}
	e := &Error{cause: err, Message: describe(err), kinds: []error{ErrUnavailable}}
	if !unsent(err) && !isCertificate(err) {
		e.kinds = append(e.kinds, ErrInDoubt)
	}
	return e
}

// describe says what err is, in words that hold nothing of the request.
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
		return "the call was cancelled"
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	case isCertificate(err):
		return "the server's certificate is not valid for it"
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

// isCertificate reports whether err is about who the server is.
func isCertificate(err error) bool {
	var verification *tls.CertificateVerificationError
	var host x509.HostnameError
	var authority x509.UnknownAuthorityError
	return errors.As(err, &verification) || errors.As(err, &host) || errors.As(err, &authority)
}
