package finapi

import (
	"io"
	"net/http"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/finapiaccess"
)

// form writes what the generated client writes, whatever fields are filled in: a field that the document gains and form
// does not know fails here.
func TestForm(t *testing.T) {
	fields := reflect.TypeFor[finapiaccess.GetTokenRequest]().NumField()
	for filled := range 1 << fields {
		body := finapiaccess.GetTokenRequest{ClientID: "a client", ClientSecret: "s&e=c/r+e%t ü", GrantType: "password"}
		v := reflect.ValueOf(&body).Elem()
		for i := range fields {
			if filled>>i&1 == 1 {
				v.Field(i).SetString("a b+c&d=e%f/ä?\n" + v.Type().Field(i).Name)
			}
		}
		req, err := finapiaccess.NewGetTokenRequestWithFormdataBody("https://example.com", nil, body)
		require.NoError(t, err)
		want, err := io.ReadAll(req.Body)
		require.NoError(t, err)
		assert.Equal(t, string(want), form(body))
		assert.Equal(t, http.Header{"Content-Type": {formType}}, req.Header)
	}
}
