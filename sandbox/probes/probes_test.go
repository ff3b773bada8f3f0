package probes_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/sandbox/probes"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestSandbox puts every probe to a sandbox of its own.
func TestSandbox(t *testing.T) {
	t.Parallel()
	right := map[probes.Kind]int{}
	names := map[string]bool{}
	for _, p := range probes.All() {
		t.Run(p.Provider+"/"+p.Name, func(t *testing.T) {
			s, err := sandbox.New()
			require.NoError(t, err)
			assert.False(t, names[p.Provider+p.Name], "each name once")
			names[p.Provider+p.Name] = true
			if assert.NoError(t, p.Ask(&probes.Target{
				Client: &http.Client{Transport: s.RoundTripper()}, FinAPI: "http://sandbox/finapi", Finogates: "http://sandbox/finogates",
				Straddle: "http://sandbox/straddle", Credentials: s.Credentials(), Advance: s.Clock().Advance,
			})) {
				right[p.Kind]++
			}
		})
	}
	t.Logf("the sandbox answers %d of %d probes as documented: %d of shape, %d of meaning",
		right[probes.Shape]+right[probes.Meaning], len(probes.All()), right[probes.Shape], right[probes.Meaning])
	assert.GreaterOrEqual(t, right[probes.Meaning], 80)
	assert.Equal(t, len(probes.All()), right[probes.Shape]+right[probes.Meaning])
}

// TestProbesCanFail: against something that always says the same, no probe of meaning gets along.
func TestProbesCanFail(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 201, 400, 401, 404, 422, 500} {
		parrot := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(`{"data":"parrot"}`))
		}))
		client := parrot.Client()
		client.Timeout = time.Minute
		right := 0
		for _, p := range probes.All() {
			if p.Ask(&probes.Target{Client: client, FinAPI: parrot.URL, Finogates: parrot.URL, Straddle: parrot.URL}) == nil {
				right++
			}
		}
		assert.Less(t, right, len(probes.All())/3, "status %d", status)
		parrot.Close()
	}
}
