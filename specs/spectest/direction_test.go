package spectest

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
)

// An asterisk in a listed media type stands for what is between its beginning and its end.
func TestListedJSONTypes(t *testing.T) {
	t.Parallel()
	spec := &openapi3.T{Extensions: map[string]any{jsonTypes: map[string]any{"requests": []any{"application/vnd.*+json", "text/json"}}}}
	for media, want := range map[string]bool{
		"application/vnd.shop+json": true, "text/json": true,
		"application/shop+json": false, "application/vnd.shop": false, "text/plain": false, "application/json": false,
	} {
		assert.Equal(t, want, asRequest.declares(spec, media), media)
		assert.False(t, asAnswer.declares(spec, media), "%s in answers", media)
	}
}
