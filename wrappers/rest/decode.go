package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// Call makes one call: it checks, sends through send, which is a method of a generated client over a [Client], and
// decodes. check is the outcome of the checks of what the caller passed; with an error nothing is sent, unless the call
// is [Unchecked]. It is what the methods of the provider packages consist of.
//
// If *T has a method UnmarshalJSON, it reads its payload by that; else encoding/json does, but takes the names of members
// by the letter (RFC 8259 §8.3): neither TOKEN nor a field Token without a tag is token. If *T has a method Check() error,
// it is asked whether it is complete; what it returns is the call's error.
func Call[T any](ctx context.Context, op *Operation, check error, opts []Option, send func(context.Context) (*http.Response, error)) (*T, error) {
	v, _, err := run[T](ctx, op, check, opts, send)
	return v, err
}

// run is Call, and also returns what the envelope told.
func run[T any](ctx context.Context, op *Operation, check error, opts []Option, send func(context.Context) (*http.Response, error)) (*T, Meta, error) {
	ctx, c, err := begin(ctx, op, opts)
	c.noContent = c.noContent || isNone[T]()
	if c.unchecked {
		check = nil
	}
	var v *T
	if err = First(check, err); err == nil {
		v, err = exchange[T](ctx, c, send)
	}
	if err != nil {
		v, err = nil, c.fail(err)
	}
	c.finish(err)
	return v, c.info.Meta, err
}

// exchange sends and decodes.
func exchange[T any](ctx context.Context, c *call, send func(context.Context) (*http.Response, error)) (*T, error) {
	resp, err := send(ctx) //nolint:bodyclose // it was read already, and what is there instead has nothing to close
	if err != nil {
		return nil, err
	}
	if b, ok := resp.Body.(*buffered); !ok || b.by != c { // it did not come through a Client
		if err := c.take(resp); err != nil {
			return nil, err
		}
	}
	return decode[T](c, resp)
}

// None is the result of an operation whose success has no content; see [Call] and [Decode].
type None struct{}

func isNone[T any]() bool {
	_, none := any((*T)(nil)).(*None)
	return none
}

// Decode reads the answer of a raw generated client once, within the limit of op, and returns its payload. A failing
// status, an envelope that says error, a missing payload and anything that is not JSON is an [*Error]. err becomes
// one, too, so that the results of a raw method can be handed in as they are. With [None] the body is ignored. If the
// answer came through a [Client], the error masks the credential and what [Mask] named, as it does in every call.
func Decode[T any](op *Operation, resp *http.Response, err error) (*T, error) {
	_, c, _ := begin(context.Background(), op, nil)
	c.noContent = c.noContent || isNone[T]()
	if err == nil && resp == nil {
		err = Bad("there is no answer")
	}
	if err != nil {
		return nil, c.fail(unanswered(err))
	}
	if err := c.take(resp); err != nil {
		return nil, c.fail(err)
	}
	v, err := decode[T](c, resp)
	if err != nil {
		return nil, c.fail(err)
	}
	return v, nil
}

// unanswered returns the error of a raw method. If it came from a client that is not ours, no answer came.
func unanswered(err error) error {
	var ours *Error
	var sending *url.Error
	if errors.As(err, &ours) || errors.As(err, &sending) && sending.Op == "parse" {
		return err
	}
	if sending == nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err // the request could not be made
	}
	return noAnswer(err, false, false)
}

// take makes resp the answer of c, with its body read. What the chain knows of the call that it came from, and what was
// masked there, holds for c as well.
func (c *call) take(resp *http.Response) error {
	c.info.Attempts = max(c.info.Attempts, 1)
	b, read := resp.Body.(*buffered)
	if read {
		c.info.Attempts, c.info.RequestID, c.masked = b.by.info.Attempts, b.by.info.RequestID, b.by.masked
		c.doubt = b.by.doubt
		if b.by.harmless() {
			c.repeat = b.by.repeat
		}
	}
	c.seen(resp)
	if read || resp.Body == nil {
		return nil
	}
	return c.read(context.Background(), resp, c.limit(Config{}))
}

// decode turns an answer into its payload or its error.
func decode[T any](c *call, resp *http.Response) (*T, error) {
	body := peek(resp)
	if resp.StatusCode/100 != 2 {
		return nil, c.refused(resp, body)
	}
	v := new(T)
	if c.noContent {
		return v, nil
	}
	e := c.payload(resp, body, v)
	if e == nil {
		return v, nil
	}
	if e.Detail != nil { // it was made of the body as it came
		e.Detail = nil
		if again := c.payload(resp, c.maskBody(body), new(T)); again != nil {
			e = again
		}
	}
	e.Status, e.body = resp.StatusCode, c.kept(body)
	c.lost(e)
	return nil, e
}

// payload reads the payload of a 2xx into v.
func (c *call) payload(resp *http.Response, body []byte, v any) (e *Error) {
	defer survive(func(cause error) { e = Bad("the answer made what reads it panic"); e.cause = cause })
	if len(body) == 0 {
		return Bad("the answer is empty")
	}
	if enc := resp.Header.Get("Content-Encoding"); enc != "" && enc != "identity" {
		return Bad("the answer is in an encoding that was not asked for: " + enc)
	}
	if !isJSON(resp.Header, body) {
		e := Bad(notJSON(resp.Header))
		e.sampled = true
		return e
	}
	rule, small := scan(body)
	if rule != "" {
		return Bad(rule)
	}
	data := body
	if open := c.op.API.Open; open != nil {
		var err error
		data, c.info.Meta, err = open(body)
		if id := c.info.Meta.RequestID; id != "" {
			c.info.RequestID = id
		}
		if err != nil {
			return c.asError(err)
		}
	}
	data = bytes.TrimSpace(data)
	if isNull(data) {
		return Bad("the answer has no data")
	}
	if err := c.op.complete(data); err != nil {
		return c.asError(err)
	}
	if err := unmarshal(data, v, small); err != nil {
		return c.asError(err)
	}
	if p, ok := v.(interface{ Check() error }); ok {
		if err := p.Check(); err != nil {
			return c.asError(err)
		}
	}
	return nil
}

// complete refuses a payload without a member that it must have.
func (op *Operation) complete(payload []byte) error {
	if len(op.Required) == 0 {
		return nil
	}
	var there []string
	if err := Members(payload, func(name, value []byte) error {
		if !isNull(value) {
			there = append(there, string(name))
		}
		return nil
	}); err != nil {
		return err
	}
	for _, name := range op.Required {
		if !slices.Contains(there, name) {
			return BadField(name, "is missing")
		}
	}
	return nil
}

// asError returns the *Error in err, or one around it.
func (c *call) asError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		own := *e // it may be everybody's
		own.kinds = slices.Clip(own.kinds)
		return &own
	}
	return badJSON(err)
}

// badJSON returns the error of JSON that could not be read. The text of cause may quote the body; ours does not.
func badJSON(cause error) *Error {
	e := Bad("the answer is not the JSON that was promised")
	e.cause = hide(cause)
	var syntax *json.SyntaxError
	var typed *json.UnmarshalTypeError
	switch {
	case errors.As(cause, &syntax):
		e.Message = fmt.Sprintf("the answer is not valid JSON, from byte %d on", syntax.Offset)
	case errors.As(cause, &typed):
		e.Field = typed.Field
		e.Message = "has another JSON type than promised"
	}
	return e
}

// refused returns the error of a failing status.
func (c *call) refused(resp *http.Response, body []byte) error {
	masked := c.maskBody(body) // the error is made of nothing else
	e := &Error{Status: resp.StatusCode, body: secret.New(string(masked)), kinds: []error{kindOf(resp.StatusCode)}}
	e.RetryAfter, _ = retryAfter(resp, time.Now())
	e.sampled = !isJSON(resp.Header, body)
	if c.inDoubt(resp.StatusCode) {
		e.kinds = append(e.kinds, ErrInDoubt)
	}
	if resp.StatusCode/100 == 3 {
		e.Code = "redirect"
		e.Message = "redirects are not followed"
		if to, err := resp.Location(); err == nil && to.Host != "" {
			e.Message += "; this one goes to " + to.Scheme + "://" + to.Host
		}
		return e
	}
	if c.op.API.Explain != nil {
		if strict(body) != "" {
			masked = nil
		}
		c.explain(e, c.maskHeader(resp.Header), masked)
	}
	if e.Message == "" {
		e.Message = strings.ToLower(http.StatusText(resp.StatusCode))
	}
	return e
}

// fail completes err with what is known of the call and returns it as an *Error.
func (c *call) fail(err error) error {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Message: describe(err), cause: hide(err)}
		if !errors.Is(err, context.Canceled) {
			e.kinds = []error{ErrUnavailable}
		}
	} else if e.Provider != "" {
		return err // finished already, or of another call, such as the one for the credential
	}
	out := *e
	out.kinds = slices.Clip(out.kinds)
	if _, bare := err.(*Error); !bare { //nolint:errorlint // what is around it may be a kind, too
		out.cause = hide(err)
	}
	if c.stillInDoubt(out.Status) && !out.Is(ErrInDoubt) {
		out.kinds = append(out.kinds, ErrInDoubt)
	}
	out.Provider, out.Operation, out.Attempts = c.info.Provider, c.info.Operation, c.info.Attempts
	if out.RequestID == "" {
		out.RequestID = c.info.RequestID
	}
	out.RequestID, out.Code = c.shown(out.RequestID), c.shown(out.Code)
	out.Field, out.Message = c.shown(out.Field), c.shown(out.Message)
	return &out
}

// finish hands out the Info of the call and tells those who watch.
func (c *call) finish(err error) {
	c.info.Duration = time.Since(c.begun)
	if c.capture == nil && c.watch == nil {
		return
	}
	var e *Error
	if errors.As(err, &e) && e.Provider == c.info.Provider && e.Operation == c.info.Operation && e.RequestID != "" {
		c.info.RequestID = e.RequestID // it may have come in the body alone
	}
	c.info.RequestID = c.shown(c.info.RequestID)
	if c.capture != nil {
		*c.capture = c.info
	}
	if c.watch != nil {
		c.watch.callEnds(c.watched, c, err)
	}
}
