package finapiaccess_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/fintoken/fintoken-go/gen/finapiaccess"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sent is a request as it would go over the wire.
type sent struct {
	method, url string
	header      http.Header
	body        string
}

// recorder is a Doer that keeps the last request.
type recorder struct{ last sent }

func (r *recorder) Do(req *http.Request) (*http.Response, error) {
	r.last = sent{method: req.Method, url: req.URL.String(), header: req.Header}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		r.last.body = string(body)
	}
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

func TestWire(t *testing.T) {
	for name, c := range wire {
		for _, base := range []string{"https://api.example.com", "https://api.example.com/", "https://api.example.com/prefix"} {
			t.Run(name+" at "+base, func(t *testing.T) {
				r := &recorder{}
				client, err := finapiaccess.NewClient(base, finapiaccess.WithHTTPClient(r))
				require.NoError(t, err)
				resp, err := c.call(t.Context(), client)
				require.NoError(t, err)
				require.NoError(t, resp.Body.Close())
				c.want.url = strings.TrimSuffix(base, "/") + c.path
				assert.Equal(t, c.want, r.last)
			})
		}
	}
}
