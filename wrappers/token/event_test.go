package token

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// canary is a text that must show up nowhere.
const canary = "hunter2-canary"

// leaky is an error as other clients have it: its text quotes what was sent.
type leaky struct{ Body string }

func (e leaky) Error() string { return "400 Bad Request: " + e.Body }

// speaking is an error that says what may be logged of it.
type speaking struct{ leaky }

func (speaking) LogValue() slog.Value { return slog.StringValue("code 17") }

// Requirements G76, G79 and G84: however a value of this package is printed, it shows no secret.
func TestNothingLeaks(t *testing.T) {
	hidden := secret.New(canary)
	tok := &Token{Access: hidden, Refresh: hidden, Type: "bearer", ExpiresIn: time.Hour}
	s := open(t, func(context.Context, *Token) (*Token, error) { return tok, nil }, Config{Refresh: hidden})
	_, err := s.Token(t.Context())
	require.NoError(t, err)
	failed := open(t, func(context.Context, *Token) (*Token, error) { return nil, Final(leaky{canary}) }, Config{Refresh: hidden})
	_, _ = failed.Token(t.Context())
	sealer, err := newSealer([]secret.String{NewKey()})
	require.NoError(t, err)
	for name, v := range map[string]any{
		"token": *tok, "token pointer": tok, "source": s, "failed source": failed, "static": Static(hidden),
		"config": Config{Refresh: hidden}, "record": Record{Generation: 1, Token: tok}, "store": &MemoryStore{records: map[string]Record{"k": {Generation: 1, Token: tok}}},
		"event": Event{Kind: EventFailed, Err: leaky{canary}}, "stats": s.Stats(),
		"panic": &PanicError{Value: canary}, "panic by value": PanicError{Value: canary, Stack: []byte(canary)}, "bound": &Adapter[string]{source: s}, "sealer": sealer,
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			assert.NotContains(t, fmt.Sprintf(verb, v), canary, "%s under %s", name, verb)
			assert.NotContains(t, fmt.Sprintf(verb, v), fmt.Sprintf("%x", canary), "%s under %s", name, verb)
		}
		if b, err := json.Marshal(v); err == nil {
			assert.NotContains(t, string(b), canary, name)
		}
		var out bytes.Buffer
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
		assert.NotContains(t, out.String(), canary, name)
	}
}

func TestErrorsOfOthersAreNotLogged(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"anybody's": {leaky{canary}, "token.leaky"},
		"wrapped":   {fmt.Errorf("call: %w", leaky{canary}), "token.leaky"},
		"kind":      {Final(leaky{canary}, ErrBadClient), ErrBadClient.Error()},
		"final":     {Final(leaky{canary}), "token.leaky"},
		"store":     {fmt.Errorf("%w: %w", ErrStore, leaky{canary}), ErrStore.Error()},
		"deadline":  {fmt.Errorf("x: %w", context.DeadlineExceeded), "context deadline exceeded"},
		"says it":   {Final(speaking{leaky{canary}}), "code 17"},
		"panic":     {&PanicError{Value: canary}, "*token.PanicError"},
	} {
		t.Run(name, func(t *testing.T) {
			line := Event{Kind: EventFailed, Err: c.err}.String()
			assert.Contains(t, line, c.want)
			assert.NotContains(t, line, canary)
		})
	}
}

func TestErrorsPrintTheirTextAlone(t *testing.T) {
	for _, err := range []error{Final(errDown), Later(errDown, time.Second), Hold(errDown, time.Second), InDoubt(errDown), &PanicError{Value: 1}} {
		assert.Equal(t, err.Error(), fmt.Sprintf("%#v", err))
	}
	p := PanicError{Value: canary, Stack: []byte("stack")}
	assert.Equal(t, p.Error(), fmt.Sprintf("%+v", p), "by value, too")
}

// Each event once, with what belongs to it; logged by level, without a text that is not ours.
func TestEventsInTheLog(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var out bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}}))
		d := &desk{life: time.Hour, delay: time.Second}
		s := open(t, d.fetch, Config{Name: "test", OnEvent: LogEvents(logger), Store: &MemoryStore{}, Key: "k", Backoff: time.Nanosecond})
		tok, _ := s.Token(t.Context())
		synctest.Wait()
		s.Invalidate(tok)
		d.fails(leaky{canary})
		_, _ = s.Token(t.Context())
		synctest.Wait()
		time.Sleep(time.Second)
		d.fails(Final(leaky{canary}, ErrLocked))
		_, _ = s.Token(t.Context())
		synctest.Wait()
		s.Forget(access(1))
		assert.Equal(t, []string{
			`level=DEBUG msg="token fetched" source=test took=1s expires_in=1h0m0s generation=1`,
			`level=DEBUG msg="token invalidated" source=test`,
			`level=WARN msg="token failed" source=test took=1s wait=1ns generation=1 error=token.leaky`,
			`level=ERROR msg="token gave up" source=test took=1s generation=1 error="the user is locked"`,
			`level=DEBUG msg="token forgotten" source=test`,
		}, strings.Split(strings.TrimSpace(out.String()), "\n"))
		assert.Equal(t, Stats{
			Fetches: 3, Failures: 2, Waits: 3, Invalidations: 1, Saves: 2, Generation: 1, Failed: true, GaveUp: true,
		}, s.Stats())
	})
}

func TestDefaultLogger(t *testing.T) {
	var out bytes.Buffer
	before := slog.Default()
	defer slog.SetDefault(before)
	slog.SetDefault(slog.New(slog.NewTextHandler(&out, nil)))
	s, err := New(func(context.Context, *Token) (*Token, error) { return nil, errors.New(canary) }, Config{})
	require.NoError(t, err)
	_, err = s.Token(t.Context())
	assert.EqualError(t, err, canary)
	s.Close()
	assert.Contains(t, out.String(), `level=WARN msg="token failed"`)
	assert.NotContains(t, out.String(), canary)
}

func TestPanickingHookHarmsNobody(t *testing.T) {
	s := open(t, (&desk{life: time.Hour}).fetch, Config{OnEvent: func(context.Context, Event) { panic("hook") }})
	tok, err := s.Token(t.Context())
	require.NoError(t, err)
	assert.True(t, s.Invalidate(tok))
	assert.Equal(t, "access-2", get(t, s))
}
