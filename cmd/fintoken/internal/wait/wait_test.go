package wait

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestFor: the answer of the work counts, or the cause of a context that ends before it.
func TestFor(t *testing.T) {
	failed, late := errors.New("failed"), errors.New("too late")
	n, err := For(t.Context(), func() (int, error) { return 7, failed })
	assert.Equal(t, 7, n)
	assert.Equal(t, failed, err)

	ctx, cancel := context.WithCancelCause(t.Context())
	release := make(chan struct{})
	n, err = For(ctx, func() (int, error) {
		cancel(late)
		<-release
		return 7, nil
	})
	assert.Zero(t, n)
	assert.Equal(t, late, err)
	close(release)
}
