package lock

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestOneAtATime: of many that want the lock one has it at a time, although each takes its file away, and no file stays.
func TestOneAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	var inside, turns atomic.Int32 // the race detector does not know of locks of files
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				release, err := Acquire(t.Context(), path)
				if !assert.NoError(t, err) {
					return
				}
				assert.EqualValues(t, 1, inside.Add(1))
				turns.Add(1)
				inside.Add(-1)
				release()
			}
		})
	}
	wg.Wait()
	assert.EqualValues(t, 8*20, turns.Load())
	assert.NoFileExists(t, path)
}

// TestAcquireEnds: waiting ends with the context, whose cause is the error; and what is no lock is not waited for.
func TestAcquireEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	release, err := Acquire(t.Context(), path)
	require.NoError(t, err)
	late := errors.New("too late")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(late)
	_, err = Acquire(ctx, path)
	assert.ErrorIs(t, err, late)
	release()
	release, err = Acquire(t.Context(), path)
	require.NoError(t, err)
	release()

	_, err = Acquire(t.Context(), filepath.Join(path, "below nothing"))
	assert.ErrorIs(t, err, os.ErrNotExist)
	_, err = Acquire(t.Context(), t.TempDir())
	assert.Error(t, err, "a directory is no lock")
}
