package sandbox_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/specs/spectest"
)

// flood returns a JSON object with n members that no document declares.
func flood(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"x%c%c%c":1`, 'a'+i%26, 'a'+i/26%26, 'a'+i/676%26)
	}
	return "{" + b.String()[1:] + "}"
}

// Requirement J132: what breaks the document in thousands of places is refused with the first few of them.
func TestFloodIsCutShort(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	body := flood(4000)
	finogates := w.do(http.MethodPost, exchangePath, headers{"Content-Type": "application/json"}, body)
	require.Equal(t, http.StatusUnprocessableEntity, finogates.status)
	assert.Len(t, finogates.at("data"), 2, "what is only noted does not hide what is missing")
	straddle := w.do(http.MethodPost, bridgePath, with(bearer(w.creds.Straddle.APIKey), "Content-Type", "application/json"), body)
	require.Equal(t, http.StatusBadRequest, straddle.status)
	assert.Len(t, straddle.at("error", "items"), spectest.MaxViolations)
	finapi := w.do(http.MethodPost, tokenV1, headers{"Content-Type": formType}, strings.NewReplacer(`"`, "", ":", "=", ",", "&", "{", "", "}", "").Replace(body))
	require.Equal(t, http.StatusBadRequest, finapi.status)
	assert.Len(t, finapi.at("errors"), 3)
	for _, call := range w.sand.Calls() {
		assert.LessOrEqual(t, len(call.Notes), 1024)
	}
	admin := w.do(http.MethodPost, adminPath+"/seed", headers{"Content-Type": "application/json"}, body)
	assert.Equal(t, http.StatusBadRequest, admin.status)
}

// BenchmarkFlood shows how the door grows with what is wrong in a body, before anybody has looked at the credentials:
// look at the time for one member.
func BenchmarkFlood(b *testing.B) {
	s, err := sandbox.New()
	require.NoError(b, err)
	for _, n := range []int{1000, 4000, 16000} {
		body := flood(n)
		b.Run(fmt.Sprintf("%dk", n/1000), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "http://sandbox"+bridgePath, strings.NewReader(body))
				require.NoError(b, err)
				r.Header.Set("Content-Type", "application/json")
				response, err := s.RoundTripper().RoundTrip(r)
				require.NoError(b, err)
				_, _ = io.Copy(io.Discard, response.Body)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/member")
		})
	}
}
