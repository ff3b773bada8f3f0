package finapi

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// furnished returns the fake of a new sandbox.
func furnished(t *testing.T) *Fake {
	t.Helper()
	e, err := engine.New(engine.Config{Providers: []engine.Provider{Provider(Options{AccessLife: time.Hour, RefreshLife: 24 * time.Hour})}, Now: time.Now})
	require.NoError(t, err)
	return e.Fake(Name).(*Fake)
}

func TestStateIsBounded(t *testing.T) {
	t.Parallel()
	now, f := time.Now(), furnished(t)
	for range 1000 {
		for _, client := range f.clients {
			f.tokens.grant(client, nil, now)
			for _, user := range f.users {
				f.tokens.rotate(f.tokens.grant(client, user, now), now)
			}
		}
		now = now.Add(time.Hour)
	}
	assert.Equal(t, 6, f.tokens.grants.Len(), "two clients times nobody and two users")
	assert.Len(t, f.tokens.byToken, 6+4)
}

// TestGrantsAreBounded: the oldest grant goes with its tokens, and is counted.
func TestGrantsAreBounded(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	now, client := time.Now(), &finClient{id: "client"}
	first := f.tokens.grant(client, &finUser{}, now).access.value
	for range grantLimit + 9 {
		f.tokens.grant(client, &finUser{name: "new"}, now)
	}
	assert.Nil(t, f.tokens.find(first, now))
	assert.Equal(t, grantLimit, f.tokens.grants.Len())
	assert.Len(t, f.tokens.byToken, 2*grantLimit)
	counts := engine.NoCounts()
	f.Dump(now, counts)
	assert.Equal(t, 10, counts.Evicted["finapi.grants"])
}
