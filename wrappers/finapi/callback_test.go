package finapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/webhook"
)

const callbackKey = "key-0123456789_ABC"

func TestCallback(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]any{
		`{"webFormId":"form","status":"COMPLETED"}`:                              &finapi.WebFormCompletedCallback{WebFormID: "form", Status: "COMPLETED"},
		`{"taskId":"task","status":"COMPLETED_WITH_ERROR"}`:                      &finapi.TaskCallback{TaskID: "task", Status: "COMPLETED_WITH_ERROR"},
		`{"taskId":"task","status":"WEB_FORM_REQUIRED","webForm":{"id":"form"}}`: &finapi.TaskCallback{TaskID: "task", Status: "WEB_FORM_REQUIRED", WebForm: &finapi.TaskWebForm{ID: "form"}},
		`{"userId":"user","event":"DELETED"}`:                                    &finapi.UserDeletedCallback{UserID: "user", Event: "DELETED"},
		`{"notificationRuleId":9007199254740993,"triggerEvent":"NEW_TRANSACTIONS","callbackHandle":"mine","newTransactions":[]}`: &finapi.NotificationCallback{
			NotificationRuleID: rest.OrNil(int64(9007199254740993)), TriggerEvent: "NEW_TRANSACTIONS", CallbackHandle: "mine",
		},
		`{"other":1}`: nil, `{}`: nil,
	} {
		hint, err := finapi.Callback(secret.New(callbackKey)).ParseMessage(webhook.Message{Path: "/hooks/finapi/" + callbackKey, Body: []byte(body)})
		require.NoError(t, err, body)
		assert.Equal(t, want, hint.Data, body)
		assert.Equal(t, body, string(hint.Raw))
		types := map[string]string{
			"webFormId": finapi.EventWebFormCompleted, "WEB_FORM_R": finapi.EventTaskWebFormRequired, "ED_WITH_ERROR": finapi.EventTaskCompleted,
			"userId": finapi.EventUserDeleted, "notification": finapi.EventNotification,
		}
		for mark, typ := range types {
			assert.Equal(t, strings.Contains(body, mark), hint.Type == typ, body)
		}
		assert.Equal(t, want == nil, hint.Type == "", body)
		assert.Empty(t, finapi.Callback().ID(hint), "nothing tells whether it came before")
	}
	assert.Nil(t, finapi.Callback().Sign, "finAPI signs nothing")
}

func TestHostileCallbacks(t *testing.T) {
	t.Parallel()
	good := secret.New(callbackKey)
	for name, c := range map[string]struct {
		path, body string
		keys       []secret.String
		check      error
		says       string
	}{
		"no key in the path":       {path: "/hooks/finapi", keys: []secret.String{good}, check: webhook.ErrSignature, says: "does not end with the key"},
		"nothing after the slash":  {path: "/hooks/finapi/", keys: []secret.String{good}, check: webhook.ErrSignature},
		"no path":                  {path: "", keys: []secret.String{good}, check: webhook.ErrSignature},
		"another key":              {path: "/key-0123456789_ABD", keys: []secret.String{good}, check: webhook.ErrSignature},
		"the beginning of the key": {path: "/key-0123456789_AB", keys: []secret.String{good}, check: webhook.ErrSignature},
		"more than the key":        {path: "/" + callbackKey + "x", keys: []secret.String{good}, check: webhook.ErrSignature},
		"the key in capitals":      {path: "/" + strings.ToUpper(callbackKey), keys: []secret.String{good}, check: webhook.ErrSignature},
		"the key is not the last":  {path: "/" + callbackKey + "/", keys: []secret.String{good}, check: webhook.ErrSignature},
		"no key":                   {path: "/", check: webhook.ErrConfig, says: "a key is required"},
		"an empty key":             {path: "/", keys: []secret.String{{}}, check: webhook.ErrConfig, says: "key 1 must be"},
		"a key to be guessed":      {path: "/abc", keys: []secret.String{good, secret.New("abc")}, check: webhook.ErrConfig, says: "key 2 must be"},
		"a key with a slash":       {path: "/d", keys: []secret.String{secret.New("0123456789abcde/d")}, check: webhook.ErrConfig, says: "key 1 must be"},
		"no JSON":                  {path: "/" + callbackKey, body: "x", keys: []secret.String{good}, check: webhook.ErrShape},
		"no object":                {path: "/" + callbackKey, body: "[]", keys: []secret.String{good}, check: webhook.ErrShape},
		"a number as an id":        {path: "/" + callbackKey, body: `{"webFormId":7}`, keys: []secret.String{good}, check: webhook.ErrShape, says: "webFormId"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.body == "" {
				c.body = `{"webFormId":"canary-form"}`
			}
			_, err := finapi.Callback(c.keys...).ParseMessage(webhook.Message{Path: c.path, Body: []byte(c.body)})
			require.ErrorIs(t, err, c.check)
			assert.Contains(t, err.Error(), "finapi: webhook: "+c.check.Error()+": ")
			assert.Contains(t, err.Error(), c.says)
			assert.NotContains(t, err.Error(), callbackKey)
			assert.NotContains(t, err.Error(), "canary")
		})
	}
}

func TestCallbackURL(t *testing.T) {
	t.Parallel()
	key := finapi.NewCallbackKey()
	assert.NotEqual(t, key.Reveal(), finapi.NewCallbackKey().Reveal())
	for base, want := range map[string]string{
		"https://app.example.com":              "https://app.example.com/KEY",
		"https://app.example.com/hooks/finapi": "https://app.example.com/hooks/finapi/KEY",
		"https://app.example.com/hooks/?a=b":   "https://app.example.com/hooks/KEY?a=b",
		"http://localhost:8080/":               "http://localhost:8080/KEY",
	} {
		url, err := finapi.CallbackURL(base, key)
		require.NoError(t, err, base)
		assert.Equal(t, strings.ReplaceAll(want, "KEY", key.Reveal()), url.Reveal())
	}
	for _, base := range []string{"", "app.example.com", "/hooks", "ftp://app.example.com", "https://a:b@app.example.com", "https://app.example.com/#x", "https://%"} {
		_, err := finapi.CallbackURL(base, key)
		require.ErrorIs(t, err, rest.ErrInvalid, base)
		assert.Contains(t, err.Error(), "base")
	}
	for _, bad := range []string{"", "0123456789abcde", "0123456789abcdef/", "0123456789abcdeä", "0123456789abcde."} {
		_, err := finapi.CallbackURL("https://app.example.com", secret.New(bad))
		require.ErrorIs(t, err, rest.ErrInvalid, bad)
	}
}

// An endpoint for callbacks, from the key to the request, prints no id.
func TestCallbackHandler(t *testing.T) {
	t.Parallel()
	key := finapi.NewCallbackKey()
	mux := http.NewServeMux()
	var hints []finapi.CallbackHint
	mux.Handle("POST /hooks/finapi/{key}", webhook.Handler(finapi.Callback(key), func(_ context.Context, h finapi.CallbackHint) error {
		hints = append(hints, h)
		return nil
	}, webhook.Log(slog.New(slog.DiscardHandler))))
	url, err := finapi.CallbackURL("https://app.example.com/hooks/finapi", key)
	require.NoError(t, err)
	for target, want := range map[string]int{url.Reveal(): 200, url.Reveal() + "x": 401} {
		for range 2 {
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(`{"webFormId":"canary-form","status":"COMPLETED"}`)))
			assert.Equal(t, want, w.Code)
		}
	}
	require.Len(t, hints, 2)
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "hint", hints[0])
	for _, text := range []string{fmt.Sprintf("%v %+v %#v %s", hints[0], hints[0], hints[0], hints[0]), fmt.Sprintf("%+v", hints[0].Data), log.String()} {
		assert.NotContains(t, text, "canary")
	}
	assert.Equal(t, "finapi callback (web_form.completed)", fmt.Sprint(hints[0]))
}

// FuzzCallback: no body makes the decoder panic.
func FuzzCallback(f *testing.F) {
	f.Add([]byte(`{"webFormId":"form","status":"COMPLETED"}`))
	f.Add([]byte(`{"taskId":"task","status":"WEB_FORM_REQUIRED","webForm":{"id":"form"}}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		hint, err := finapi.Callback(secret.New(callbackKey)).ParseMessage(webhook.Message{Path: "/" + callbackKey, Body: body})
		if err != nil {
			require.ErrorIs(t, err, webhook.ErrShape)
			return
		}
		assert.True(t, json.Valid(body))
		assert.Equal(t, hint.Type == "", hint.Data == nil)
	})
}
