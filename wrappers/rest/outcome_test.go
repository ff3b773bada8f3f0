package rest

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/token"
)

// panicky is a payload that panics while it is read, unchecked one that does while it is checked.
type panicky struct{}

func (*panicky) UnmarshalJSON([]byte) error { panic("reading canary") }

type unchecked struct{}

func (*unchecked) Check() error { panic("checking canary") }

// A provider's response never ends the program: what panics while it reads one is an error, which shows nothing of it.
func TestReadersPanic(t *testing.T) {
	open := &API{Provider: "acme", Open: func([]byte) ([]byte, Meta, error) { panic("opening canary") }}
	explain := &API{Provider: "acme", Explain: func(e *Error, _ http.Header, _ []byte) {
		e.Code = "half"
		panic("explaining canary")
	}}
	plain := &API{Provider: "acme"}
	for name, err := range map[string]error{
		"open":    decodeError[thing](open, 200),
		"payload": decodeError[panicky](plain, 200),
		"check":   decodeError[unchecked](plain, 200),
	} {
		e := failure(t, err)
		assert.ErrorIs(t, err, ErrBadResponse, name)
		assert.Equal(t, 200, e.Status, name)
		assert.Equal(t, "the answer made what reads it panic", e.Message, name)
		requirePanic(t, err)
	}
	err := decodeError[thing](explain, 423)
	e := failure(t, err)
	assert.ErrorIs(t, err, ErrLocked, "the status counts")
	assert.Equal(t, "half", e.Code)
	assert.Equal(t, "locked", e.Message)
	requirePanic(t, err)

	synctest.Test(t, func(t *testing.T) { // a call goes on after a failure that nobody could explain
		client, w := newWire(t, Config{}, inTurn(500, 200))
		op := operation(RepeatFreely)
		op.API = explain
		_, err := post(t.Context(), client, op)
		require.NoError(t, err)
		assert.Len(t, w.sent, 2)
	})
}

func decodeError[T any](api *API, status int) error {
	_, err := Decode[T](&Operation{API: api, Repeat: RepeatFreely}, reply(status, `{"value":"x"}`), nil)
	return err
}

func requirePanic(t *testing.T, err error) {
	t.Helper()
	var p *token.PanicError
	require.ErrorAs(t, err, &p)
	assert.Contains(t, p.Value, "canary")
	assert.NotEmpty(t, p.Stack)
	for wrapped := err; wrapped != nil; {
		assert.NotContains(t, fmt.Sprintf("%v %+v %#v", wrapped, wrapped, wrapped), "canary")
		u, ok := wrapped.(interface{ Unwrap() error })
		if !ok {
			break
		}
		wrapped = u.Unwrap()
	}
}
