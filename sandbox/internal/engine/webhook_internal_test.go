package engine

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a name of this machine comes to is looked at once more, before there is a connection.
func TestSenderStaysOnThisMachine(t *testing.T) {
	t.Parallel()
	e := &Engine{config: Config{WebhookHosts: []string{"192.0.2.2"}}}
	dial := e.newSender().(*http.Transport).DialContext
	ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	for address, refused := range map[string]bool{"192.0.2.1:80": true, "[2001:db8::1]:80": true, "192.0.2.2:80": false} {
		using := t.Context()
		if !refused {
			using = ctx // nobody is there: that it is tried will do
		}
		_, err := dial(using, "tcp", address)
		require.Error(t, err)
		assert.Equal(t, refused, errors.Is(err, errNotLoopback), "%s: %v", address, err)
	}
}
