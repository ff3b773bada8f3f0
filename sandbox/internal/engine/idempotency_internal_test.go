package engine

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/fintoken/fintoken-go/specs/spectest"
)

// Bodies that say the same have one fingerprint, and bodies that differ in the last digit have two.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	of := func(body string) Digest {
		return fingerprintOf(&Call{R: &http.Request{Method: "POST"}, Path: "/a", Body: []byte(body)})
	}
	assert.Equal(t, of(`{"a":1,"b":{"c":"\u0064","e":null}}`), of(` {"b":{"e":null,"c":"d"},"a":1} `))
	assert.NotEqual(t, of(`{"a":12345678901234567890}`), of(`{"a":12345678901234567891}`))
	assert.NotEqual(t, of(`{"a":[1,2]}`), of(`{"a":[2,1]}`))
	assert.NotEqual(t, of(`{`), of(`{ `), "what is no JSON is compared as it is")
}

func TestKeysAreBounded(t *testing.T) {
	t.Parallel()
	keys := NewIdempotency(http.StatusBadRequest)
	c := &Call{R: &http.Request{Method: "POST"}, Header: http.Header{}, Operation: &spectest.Operation{}}
	for n := range keyLimit + 10 {
		keys.Do(c, Scope{Key: strconv.Itoa(n)}, func() (Answer, bool) { return Answer{}, true })
	}
	assert.Len(t, keys.records.entries, keyLimit)
}
