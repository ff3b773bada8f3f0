package wiretest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/fintoken/fintoken-go/wrappers/rest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a test that may fail without harm.
type fake struct {
	testing.TB
	said []string
}

func (*fake) Helper() {}

func (f *fake) Errorf(format string, args ...any) {
	f.said = append(f.said, fmt.Sprintf(format, args...))
}

func (f *fake) Fatalf(format string, args ...any) { f.Errorf(format, args...); runtime.Goexit() }

// saidBy returns what a test fails with that makes the check.
func saidBy(check func(testing.TB)) []string {
	f, done := &fake{}, make(chan struct{})
	go func() {
		defer close(done)
		check(f)
	}()
	<-done
	return f.said
}

// acme is a provider of these tests alone.
var acme = Provider{Name: "acme", Secret: "hush"}

// failure returns an error of acme that is like want, with a change.
func failure(change func(*rest.Error)) error {
	e := &rest.Error{Provider: "acme", Status: 400, RequestID: "id", Field: "name", Attempts: 2, Message: "Config: odd"}
	e.AddKind(rest.ErrInvalid)
	change(e)
	return fmt.Errorf("acme: Config: %w", e)
}

var want = Fault{Kind: rest.ErrInvalid, Status: 400, RequestID: "id", Field: "name", Attempts: 2, Says: "odd"}

func same(*rest.Error) {}

// spill is an error that tells more under one verb than under the others.
type spill struct{ error }

func (s spill) Unwrap() error { return s.error }

func (spill) Format(f fmt.State, verb rune) {
	if verb == 'v' && f.Flag('#') {
		_, _ = io.WriteString(f, "hush")
	}
}

// Whatever an error is not like fails the test, and nothing else does.
func TestRequireFault(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want func(*Fault)
		says string // what the test fails with; empty if it passes
	}{
		"as it should be":    {failure(same), func(*Fault) {}, ""},
		"no error":           {nil, func(*Fault) {}, "not a *rest.Error"},
		"another error":      {io.EOF, func(*Fault) {}, "not a *rest.Error"},
		"another kind":       {failure(same), func(f *Fault) { f.Kind = rest.ErrLocked }, "its kind is not locked"},
		"no kind given":      {failure(same), func(f *Fault) { f.Kind = nil }, "its kind is not"},
		"another provider":   {failure(func(e *rest.Error) { e.Provider = "acm" }), func(*Fault) {}, "Provider is acm and not acme"},
		"another status":     {failure(func(e *rest.Error) { e.Status = 401 }), func(*Fault) {}, "Status is 401 and not 400"},
		"no status expected": {failure(same), func(f *Fault) { f.Status = 0 }, "Status is 400 and not 0"},
		"another id":         {failure(func(e *rest.Error) { e.RequestID = "" }), func(*Fault) {}, "RequestID is  and not id"},
		"no id expected":     {failure(same), func(f *Fault) { f.RequestID = "" }, "RequestID is id and not "},
		"no field expected":  {failure(same), func(f *Fault) { f.Field = "" }, "Field is name and not "},
		"another count":      {failure(func(e *rest.Error) { e.Attempts = 3 }), func(*Fault) {}, "Attempts is 3 and not 2"},
		"other words":        {failure(same), func(f *Fault) { f.Says = "fine" }, `does not say "fine"`},
		"a secret in it":     {failure(func(e *rest.Error) { e.Message = "odd, hush" }), func(*Fault) {}, "tells a secret"},
		"a secret behind it": {spill{failure(same)}, func(*Fault) {}, "tells a secret"},
	} {
		t.Run(name, func(t *testing.T) {
			like := want
			c.want(&like)
			said := saidBy(func(tb testing.TB) { assert.NotNil(t, acme.RequireFault(tb, c.err, like)) })
			requireSaid(t, said, c.says)
		})
	}
	requireSaid(t, saidBy(func(tb testing.TB) { Provider{Name: "acme"}.RequireFault(tb, failure(same), want) }), "tells a secret")
}

// requireSaid expects a failure with these words alone, or none.
func requireSaid(t *testing.T, said []string, words string) {
	t.Helper()
	if words == "" {
		assert.Empty(t, said)
		return
	}
	require.NotEmpty(t, said)
	for _, s := range said {
		assert.Contains(t, s, words)
	}
}

func TestRequireRefusal(t *testing.T) {
	for name, c := range map[string]struct {
		err               error
		field, rule, says string
	}{
		"as it should be":        {failure(same), "name", "odd", ""},
		"no error":               {nil, "name", "odd", `no error says "odd"`},
		"of no provider":         {rest.Invalid("name", "is odd"), "name", "odd", `does not say "acme: Config: "`},
		"another rule":           {failure(same), "name", "long", `does not say "long"`},
		"another field":          {failure(same), "odd", "odd", "Field is name and not odd"},
		"another kind":           {failure(func(e *rest.Error) { e.AddKind(rest.ErrLocked) }), "name", "odd", "its kinds are"},
		"another error":          {errors.New("acme: Config: name: odd"), "name", "odd", "not a *rest.Error"},
		"a part's error":         {errors.New("acme: Config: odd"), "", "odd", ""},
		"a secret in it":         {errors.New("acme: Config: odd: hush"), "", "odd", "tells a secret"},
		"the secret of a part's": {spill{errors.New("acme: Config: odd")}, "", "odd", "tells a secret"},
	} {
		t.Run(name, func(t *testing.T) {
			requireSaid(t, saidBy(func(tb testing.TB) { acme.RequireRefusal(tb, c.err, c.field, c.rule) }), c.says)
		})
	}
}

func TestRequireKinds(t *testing.T) {
	both := failure(func(e *rest.Error) { e.AddKind(rest.ErrLocked); e.AddKind(rest.ErrInDoubt) })
	for name, c := range map[string]struct {
		err  error
		want []error
		pass bool
	}{
		"all of them":             {both, []error{rest.ErrLocked, rest.ErrInvalid}, true},
		"none":                    {io.EOF, nil, true},
		"one is missing":          {both, []error{rest.ErrLocked}, false},
		"one is too many":         {both, []error{rest.ErrLocked, rest.ErrInvalid, rest.ErrConflict}, false},
		"one instead of another":  {both, []error{rest.ErrLocked, rest.ErrConflict}, false},
		"one twice":               {both, []error{rest.ErrLocked, rest.ErrLocked}, false},
		"no error":                {nil, []error{rest.ErrLocked}, false},
		"nothing is said of them": {both, nil, false},
		"what is none of them":    {both, []error{rest.ErrLocked, rest.ErrInvalid, rest.ErrInDoubt}, false},
	} {
		t.Run(name, func(t *testing.T) {
			said := saidBy(func(tb testing.TB) { RequireKinds(tb, c.err, c.want...) })
			assert.Equal(t, c.pass, len(said) == 0, said)
		})
	}
}

// post sends a form through w.
func post(t *testing.T, w *Wire, path string) (*http.Response, error) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.example.com"+path, strings.NewReader("a=b+c"))
	r.Header.Set("X-Trace", "on")
	return w.RoundTrip(r)
}

func TestScript(t *testing.T) {
	w := Script(
		Reply{Status: 200, Body: "{}", Header: map[string]string{"X-Request-Id": "id"}},
		Reply{Status: 201, Body: "half", MIME: "text/plain", Cut: true},
		Reply{Err: io.ErrUnexpectedEOF},
	)
	first, err := post(t, w, "/one")
	require.NoError(t, err)
	assert.Equal(t, 200, first.StatusCode)
	assert.Equal(t, http.Header{"Content-Type": {"application/json"}, "X-Request-Id": {"id"}}, first.Header)
	body, err := io.ReadAll(first.Body)
	require.NoError(t, err)
	assert.Equal(t, "{}", string(body))

	second, err := post(t, w, "/two")
	require.NoError(t, err)
	assert.Equal(t, "text/plain", second.Header.Get("Content-Type"))
	body, err = io.ReadAll(second.Body)
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.Equal(t, "half", string(body))

	for range 2 {
		_, err = post(t, w, "/two")
		assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
	}

	sent := Sent{http.MethodPost, "https://api.example.com/one", http.Header{"X-Trace": {"on"}}, "a=b+c"}
	require.Len(t, w.Requests(), 4)
	assert.Equal(t, sent, w.Requests()[0])
	assert.Equal(t, []Sent{sent}, w.At("/one"))
	assert.Len(t, w.At("/two"), 3)
	assert.Equal(t, "b c", sent.Form(t).Get("a"))
	sent.Body = "%"
	requireSaid(t, saidBy(func(tb testing.TB) { sent.Form(tb) }), "not a form")
}

func TestHangs(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "https://api.example.com", http.NoBody)
	_, err := Script(Reply{Status: 200, Hangs: true}).RoundTrip(r)
	assert.ErrorIs(t, err, context.Canceled)
}

// What is kept of a request is not taken from the transport behind.
func TestTap(t *testing.T) {
	behind := Script(Reply{Status: 204})
	w := Tap(behind)
	resp, err := post(t, w, "/one")
	require.NoError(t, err)
	assert.Equal(t, 204, resp.StatusCode)
	assert.Equal(t, "a=b+c", behind.Requests()[0].Body)
	assert.Equal(t, behind.Requests(), w.Requests())
}
