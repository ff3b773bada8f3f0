package rest

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// Requirement F71: of two pauses the longer one holds, in whichever order they were asked for.
func TestPauseIsNeverShortened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		short, long := time.Now().Add(time.Second), time.Now().Add(5*time.Second)
		for _, order := range [][]time.Time{{short, long}, {long, short}, {long, long}} {
			var until atomic.Pointer[time.Time]
			assert.Zero(t, remaining(&until))
			for _, at := range order {
				extend(&until, at)
			}
			assert.Equal(t, 5*time.Second, remaining(&until))
		}
	})
}
