package sandbox

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Bodies that say the same have one fingerprint, and bodies that differ in the last digit have two.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	of := func(body string) digest {
		return fingerprintOf(&call{r: &http.Request{Method: "POST"}, path: "/a", body: []byte(body)})
	}
	assert.Equal(t, of(`{"a":1,"b":{"c":"\u0064","e":null}}`), of(` {"b":{"e":null,"c":"d"},"a":1} `))
	assert.NotEqual(t, of(`{"a":12345678901234567890}`), of(`{"a":12345678901234567891}`))
	assert.NotEqual(t, of(`{"a":[1,2]}`), of(`{"a":[2,1]}`))
	assert.NotEqual(t, of(`{`), of(`{ `), "what is no JSON is compared as it is")
}
