package sandbox

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSnapshotOverHTTPIsBounded(t *testing.T) {
	t.Parallel()
	s, err := New()
	require.NoError(t, err)
	taken, err := s.Snapshot()
	require.NoError(t, err)
	for limit, status := range map[int]int{len(taken): http.StatusNoContent, len(taken) - 1: http.StatusRequestEntityTooLarge} {
		s.admin.(*admin).largest = int64(limit)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, adminPrefix+"/snapshot", bytes.NewReader(taken))
		r.RemoteAddr = ""
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		assert.Equal(t, status, w.Code, w.Body)
	}
}

// The name that a sandbox is told to listen at is one under which its admin API answers.
func TestAdminUnderItsOwnName(t *testing.T) {
	t.Parallel()
	c := config{remote: true}
	for _, addr := range []string{"Sandbox.internal:4010", ":4010", "[::]:4010", "unix:/tmp/s"} {
		c.listensAt(addr)
	}
	assert.True(t, c.admits("sandbox.INTERNAL"))
	for _, host := range []string{"", "internal", "sandbox.internal.example", "192.0.2.1", "unix"} {
		assert.False(t, c.admits(host), host)
	}
}
