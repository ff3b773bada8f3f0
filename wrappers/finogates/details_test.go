package finogates_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/wrappers/internal/wiretest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// failure returns the error of an embed token that was refused with body.
func failure(t *testing.T, body string) *rest.Error {
	t.Helper()
	_, err := client(t, wiretest.Script(bearer("b"), reply{Status: 422, Body: body})).EmbedTokens.Create(t.Context(), minimal)
	var e *rest.Error
	require.ErrorAs(t, err, &e)
	return e
}

// The words of an error are looked for four levels deep, in lists and in objects, and no deeper.
func TestWordsOfNestedDetails(t *testing.T) {
	for data, found := range map[string]bool{
		`"No such user"`:           true,
		`[[[["No such user"]]]]`:   true,
		`[[[[["No such user"]]]]]`: false,
		`{"message":{"msg":{"error":{"detail":"No such user"}}}}`:          true,
		`{"error":{"error":{"error":{"error":{"error":"No such user"}}}}}`: false,
	} {
		if text := failure(t, `{"status_code":422,"data":`+data+`}`).Message; found {
			assert.Equal(t, "No such user", text, data)
		} else {
			assert.Equal(t, "unprocessable entity", text, data)
		}
	}
}

// The detail has the status that the envelope names, and none where it names none.
func TestStatusOfDetails(t *testing.T) {
	status := func(body string) *finogatesapi.StatusCode {
		detail, ok := failure(t, body).Detail.(*finogatesapi.ValidationErrorResponse)
		require.True(t, ok, body)
		return detail.StatusCode
	}
	if got := status(`{"status_code":422,"data":"No such user"}`); assert.NotNil(t, got) {
		assert.Equal(t, finogatesapi.StatusCode(422), *got)
	}
	if got := status(`{"status_code":422}`); assert.NotNil(t, got) {
		assert.Equal(t, finogatesapi.StatusCode(422), *got)
	}
	assert.Nil(t, status(`{"data":"No such user"}`))
}

// Requirement C34: an envelope whose own status is a failure, from 400 on, is an error under a 200.
func TestStatusOfTheEnvelope(t *testing.T) {
	for status, fails := range map[string]bool{"200": false, "399": false, "400": true, "500": true} {
		w := wiretest.Script(bearer("b"), reply{Status: 200, Body: `{"status_code":` + status + `,"data":{"token":"t"}}`})
		_, err := client(t, w).EmbedTokens.Create(t.Context(), minimal)
		if fails {
			provider.RequireFault(t, err, fault{Kind: rest.ErrBadResponse, Status: 200, Attempts: 1, Says: "an error under a status that says success"})
		} else {
			assert.NoError(t, err, status)
		}
	}
}
