package finogates

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

func TestBearersAreBounded(t *testing.T) {
	t.Parallel()
	e, err := engine.New(engine.Config{Providers: []engine.Provider{Provider()}, Now: time.Now})
	require.NoError(t, err)
	f := e.Fake(Name).(*Fake)
	for range bearerLimit + 10 {
		f.bearers.Put(engine.DigestOf(f.IDs.UUID()), fgBearer{ends: time.Now()})
	}
	assert.Equal(t, bearerLimit, f.bearers.Len())
}
