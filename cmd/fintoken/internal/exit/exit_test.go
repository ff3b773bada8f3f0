package exit

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"github.com/fintoken/fintoken-go/wrappers/rest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// refusal returns an error of a call as the chain makes them.
func refusal(status, attempts int, kinds ...error) error {
	e := &rest.Error{Operation: "op", Status: status, Attempts: attempts}
	for _, k := range kinds {
		e.AddKind(k)
	}
	return fmt.Errorf("wrapped: %w", e)
}

// TestCode: the kind of an error decides, in an order: what never left is never in doubt.
func TestCode(t *testing.T) {
	call := Call{Operation: "op"}
	for name, c := range map[string]struct {
		err  error
		call Call
		code int
		next string
	}{
		"nothing":              {nil, call, OK, ""},
		"known":                {UsageError(errors.New("x"), "do y"), call, Usage, "do y"},
		"foreign":              {errors.New("x"), call, Config, ""},
		"canceled":             {context.Canceled, call, Interrupted, ""},
		"canceled elsewhere":   {ConfigError(context.Canceled, "do y"), call, Interrupted, ""},
		"invalid, not sent":    {refusal(0, 0, rest.ErrInvalid), call, Usage, "see the flags in the command's --help"},
		"invalid, refused":     {refusal(400, 1, rest.ErrInvalid), call, API, "correct what"},
		"locked":               {refusal(423, 1, rest.ErrLocked), call, Auth, "locked"},
		"version":              {refusal(403, 1, rest.ErrForbidden, rest.ErrVersionMismatch), call, Auth, "the other --api-version"},
		"limited and in doubt": {refusal(429, 1, rest.ErrRateLimited, rest.ErrInDoubt), call, RateLimited, "wait a little"},
		"in doubt":             {refusal(0, 1, rest.ErrUnavailable, rest.ErrInDoubt), call, InDoubt, "may do it twice"},
		"in doubt, with a key": {refusal(502, 1, rest.ErrUnavailable, rest.ErrInDoubt), Call{Operation: "op", IdempotencyKey: "k"}, InDoubt, "--idempotency-key k"},
		"in need of quotes":    {refusal(502, 1, rest.ErrUnavailable, rest.ErrInDoubt), Call{Operation: "op", IdempotencyKey: "my key'; x"}, InDoubt, `--idempotency-key 'my key'\''; x' to`},
		"not printed":          {fmt.Errorf("x: %w", &PrintError{Err: errors.New("x"), How: "otherwise"}), Call{}, Failed, "run it again otherwise"},
		"not printed, key":     {&PrintError{Err: errors.New("x"), How: "otherwise"}, Call{Operation: "op", IdempotencyKey: "k"}, Failed, "with --idempotency-key k and otherwise"},
		"an answer not shown":  {refusal(200, 1, rest.ErrBadResponse), call, API, "if it is right, the provider does not keep"},
		"an answer shown":      {refusal(302, 1, rest.ErrBadResponse), call, API, "--format-error raw"},
		"harmless":             {refusal(0, 1, rest.ErrUnavailable, rest.ErrInDoubt), Call{Harmless: true}, Network, "--timeout"},
		"of another call":      {refusal(0, 1, rest.ErrUnavailable, rest.ErrInDoubt), Call{Operation: "main"}, Network, "--timeout"},
		"provider fails":       {refusal(503, 1, rest.ErrUnavailable), call, API, "try again later"},
		"not what was asked":   {refusal(418, 1), call, API, ""},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.code, Code(c.err, c.call))
			next := Next(c.err, c.call)
			assert.Contains(t, next, c.next)
			assert.Equal(t, c.next == "", next == "")
		})
	}
	assert.NoError(t, UsageError(nil, "x"))
	assert.True(t, Silent(ErrFailed))
	assert.Equal(t, Failed, Code(ErrFailed, call))
	assert.Equal(t, "wait 1m0s, then run the command again", later(time.Minute))
	assert.Len(t, Meanings, 11)
	assert.Contains(t, Next(refusal(0, 1, rest.ErrUnavailable, ErrProxy), Call{Harmless: true}), "NO_PROXY")
	for provider, want := range map[string][2]string{
		"straddle": {"another --idempotency-key", "ask the provider"}, "finapi": {"collides", "too many wrong passwords"}, "finogates": {"collides", "ask the provider"},
	} {
		for i, kind := range []error{rest.ErrConflict, rest.ErrLocked} {
			e := &rest.Error{Provider: provider, Status: 400, Attempts: 1}
			e.AddKind(kind)
			assert.Contains(t, Next(e, call), want[i], provider)
		}
	}
	notFound := &rest.Error{Status: 404, Attempts: 1, Detail: "in the provider's words"}
	notFound.AddKind(rest.ErrNotFound)
	assert.NotContains(t, Next(notFound, call), "--base-url")
	notFound.Detail = nil
	assert.Contains(t, Next(notFound, call), "--base-url")
	e := UsageError(context.Canceled, "")
	assert.ErrorIs(t, e, context.Canceled)
	assert.EqualError(t, e, "context canceled")
}

// TestSteering: what goes wrong with a sandbox of one's own has another remedy than with a provider.
func TestSteering(t *testing.T) {
	call := Call{Harmless: true}
	for want, e := range map[string]*rest.Error{
		"start `fintoken sandbox`":          {Attempts: 1},
		"no such call was made":             {Status: 408, Attempts: 1},
		"as `fintoken sandbox` prints it":   {Status: 404, Attempts: 1},
		"`fintoken sandbox faults` lists":   {Status: 404, Attempts: 1, Operation: "removeFault"},
		"--allow-remote-admin":              {Status: 403, Attempts: 1},
		"correct what the sandbox names":    {Status: 400, Attempts: 1},
		"see --sandbox-thing in the":        {Field: "sandbox_thing"},
		"the provider has a problem; try":   {Status: 500, Attempts: 1},
		"see --straddle-account-id in the ": {Field: "AccountID"},
	} {
		kinds := map[int]error{0: rest.ErrUnavailable, 400: rest.ErrInvalid, 403: rest.ErrForbidden, 404: rest.ErrNotFound, 408: rest.ErrUnavailable, 500: rest.ErrUnavailable}
		e.Provider = "sandbox"
		if e.Attempts == 0 {
			kinds[0] = rest.ErrInvalid
		}
		e.AddKind(kinds[e.Status])
		assert.Contains(t, Next(e, call), want)
	}
}

// TestInterrupted: what was interrupted after it left may have been carried out.
func TestInterrupted(t *testing.T) {
	sent, unsent := &rest.Error{Operation: "op", Attempts: 1}, &rest.Error{Operation: "op"}
	assert.Contains(t, interrupted(sent, Call{Operation: "op"}), "may do it twice")
	assert.Empty(t, interrupted(sent, Call{Harmless: true}))
	assert.Empty(t, interrupted(unsent, Call{Operation: "op"}))
}
