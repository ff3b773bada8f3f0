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
		"invalid, not sent":    {refusal(0, 0, rest.ErrInvalid), call, Usage, "see the command's --help for what the field may be"},
		"invalid, refused":     {refusal(400, 1, rest.ErrInvalid), call, API, "correct what"},
		"locked":               {refusal(423, 1, rest.ErrLocked), call, Auth, "locked"},
		"version":              {refusal(403, 1, rest.ErrForbidden, rest.ErrVersionMismatch), call, Auth, "the other --api-version"},
		"limited and in doubt": {refusal(429, 1, rest.ErrRateLimited, rest.ErrInDoubt), call, RateLimited, "wait a little"},
		"in doubt":             {refusal(0, 1, rest.ErrUnavailable, rest.ErrInDoubt), call, InDoubt, "may do it twice"},
		"in doubt, with a key": {refusal(502, 1, rest.ErrUnavailable, rest.ErrInDoubt), Call{Operation: "op", IdempotencyKey: "k"}, InDoubt, "--idempotency-key k"},
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
	e := UsageError(context.Canceled, "")
	assert.ErrorIs(t, e, context.Canceled)
	assert.EqualError(t, e, "context canceled")
}

// TestInterrupted: what was interrupted after it left may have been carried out.
func TestInterrupted(t *testing.T) {
	sent, unsent := &rest.Error{Operation: "op", Attempts: 1}, &rest.Error{Operation: "op"}
	assert.Contains(t, interrupted(sent, Call{Operation: "op"}), "may do it twice")
	assert.Empty(t, interrupted(sent, Call{Harmless: true}))
	assert.Empty(t, interrupted(unsent, Call{Operation: "op"}))
}
