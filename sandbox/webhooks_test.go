package sandbox_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
)

// receiver is a program that receives webhooks and checks their signatures by itself.
type receiver struct {
	t      *testing.T
	secret string
	mu     sync.Mutex
	got    []string // types
	ids    []string
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(r.secret, "whsec_"))
	assert.NoError(r.t, err)
	mac := hmac.New(sha256.New, key)
	h := request.Header
	_, _ = fmt.Fprintf(mac, "%s.%s.%s", h.Get("webhook-id"), h.Get("webhook-timestamp"), body)
	assert.Equal(r.t, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)), h.Get("webhook-signature"))
	var event struct {
		Type    string `json:"event_type"`
		Account string `json:"account_id"`
		Data    struct{ Status string }
	}
	assert.NoError(r.t, json.Unmarshal(body, &event))
	assert.NotEmpty(r.t, event.Account)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got, r.ids = append(r.got, strings.TrimSuffix(event.Type, ".v1")+" "+event.Data.Status), append(r.ids, h.Get("webhook-id"))
	w.WriteHeader(http.StatusNoContent)
}

func (r *receiver) taken() (got []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	got, r.got = r.got, nil
	return got
}

// What Straddle's flow does comes to a URL, signed with the demo secret, and what is due later comes when the clock gets there.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	r := &receiver{t: t}
	at := httptest.NewServer(r)
	defer at.Close()
	w := inMemory(t, sandbox.WebhookURL("straddle", at.URL+"/hook"))
	defer w.sand.Close()
	r.secret = w.creds.Straddle.WebhookSecret
	st := w.straddle()
	customer, err := st.Customers.Create(t.Context(), straddle.CreateCustomerRequest{
		Type: straddle.CustomerTypeIndividual, Name: "Example", Email: "a@example.com", Phone: "+12025550123",
		Device: straddle.CustomerDevice{IPAddress: "203.0.113.7"}, Config: &straddle.CustomerConfiguration{ProcessingMethod: "background", SandboxOutcome: "verified"},
	})
	require.NoError(t, err)
	done := sandbox.DeliveryFilter{State: sandbox.DeliveryDone}
	_, err = w.sand.WaitForDeliveries(t.Context(), done, 2)
	require.NoError(t, err)
	assert.Equal(t, []string{"customer.created pending", "customer.event pending"}, r.taken())

	require.NoError(t, w.sand.Clock().Advance(time.Minute))
	event, err := w.sand.WaitForEvent(t.Context(), sandbox.EventFilter{Type: "customer.event.v1", Match: func(e sandbox.Event) bool {
		return strings.Contains(string(e.Data), `"status":"verified"`)
	}})
	require.NoError(t, err)
	assert.Contains(t, string(event.Data), customer.ID)
	found, err := w.sand.WaitForDeliveries(t.Context(), done, 3)
	require.NoError(t, err)
	assert.Equal(t, []string{"customer.event verified"}, r.taken())

	again, err := w.sand.SendAgain(found[0].ID)
	require.NoError(t, err)
	_, err = w.sand.WaitForDeliveries(t.Context(), sandbox.DeliveryFilter{State: sandbox.DeliveryDone, After: again.Seq}, 1)
	require.NoError(t, err)
	assert.Equal(t, []string{"customer.created pending"}, r.taken())
	assert.Equal(t, r.ids[0], r.ids[3], "under the id that it had")

	assert.Len(t, sandbox.EventTypes("straddle"), 20)
	for _, kind := range sandbox.EventTypes("straddle") {
		made, err := w.sand.SendEvent("straddle", kind, nil)
		require.NoError(t, err)
		_, err = w.sand.WaitForDeliveries(t.Context(), sandbox.DeliveryFilter{State: sandbox.DeliveryDone, EventID: made.ID}, 1)
		require.NoError(t, err)
	}
	assert.Nil(t, sandbox.EventTypes("finapi"))
}

// In a bubble a day of retries takes no time, and a handler needs no port.
func TestWebhooksInABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, err := sandbox.New()
		require.NoError(t, err)
		defer s.Close()
		began, times := time.Now(), []string{}
		_, err = s.AddWebhook(sandbox.Webhook{Provider: "straddle", Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			times = append(times, time.Since(began).String())
			w.WriteHeader(http.StatusInternalServerError)
		})})
		require.NoError(t, err)
		_, err = s.SendEvent("straddle", "charge.event.v1", nil)
		require.NoError(t, err)
		time.Sleep(48 * time.Hour)
		synctest.Wait()
		assert.Equal(t, []string{"0s", "5s", "5m5s", "35m5s", "2h35m5s", "7h35m5s", "17h35m5s", "27h35m5s"}, times, "as Straddle publishes it")
		assert.Equal(t, sandbox.DeliveryFailed, s.FindDeliveries(sandbox.DeliveryFilter{})[0].State)
	})
}

// Endpoints and deliveries over the admin API.
func TestAdminWebhooks(t *testing.T) {
	t.Parallel()
	for way, open := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			status := http.StatusOK
			var mu sync.Mutex
			set := func(to int) {
				mu.Lock()
				defer mu.Unlock()
				status = to
			}
			at := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				rw.WriteHeader(status)
			}))
			defer at.Close()
			w := open(t)
			defer w.sand.Close()
			hooks, deliveries := adminPath+"/webhooks", adminPath+"/deliveries"
			own := "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 24))

			added := w.json(hooks, nil, object{"provider": "straddle", "url": at.URL, "secrets": []string{own}, "events": []string{"charge.event.v1"}})
			require.Equal(t, http.StatusCreated, added.status, added.text)
			id := added.at("id").(string)
			for _, text := range []string{added.text, w.do(http.MethodGet, hooks, nil, "").text, w.do(http.MethodGet, "/", nil, "").text} {
				assert.Contains(t, text, at.URL)
				assert.NotContains(t, text, own)
			}
			for says, bad := range map[string]object{
				"loopback host":          {"provider": "straddle", "url": "http://example.com"},
				"must be straddle":       {"provider": "finapi", "url": at.URL},
				"form of a signing":      {"provider": "straddle", "url": at.URL, "secrets": []string{"whsec_x"}},
				"is required":            {"provider": "straddle"},
				"must be of account.cre": {"provider": "straddle", "url": at.URL, "events": []string{"x"}},
			} {
				refused := w.json(hooks, nil, bad)
				assert.Equal(t, http.StatusBadRequest, refused.status)
				assert.Contains(t, refused.text, says)
			}

			sent := w.json(adminPath+"/events", nil, object{"provider": "straddle", "type": "charge.event.v1"})
			require.Equal(t, http.StatusCreated, sent.status, sent.text)
			assert.Equal(t, w.creds.Straddle.AccountID, sent.at("account"))
			assert.Nil(t, sent.at("data"), "no paykey is told")
			assert.Equal(t, http.StatusBadRequest, w.json(adminPath+"/events", nil, object{"provider": "straddle", "type": "x"}).status)
			assert.Equal(t, http.StatusCreated, w.json(adminPath+"/events", nil, object{"provider": "straddle", "type": "x", "data": object{"a": 1}}).status)

			list := w.do(http.MethodGet, deliveries+"?count=1&state=delivered&webhook="+id+"&event_id="+sent.at("id").(string), nil, "")
			require.Equal(t, http.StatusOK, list.status, list.text)
			all := list.body["deliveries"].([]any)
			require.Len(t, all, 1)
			delivery := all[0].(map[string]any)
			assert.EqualValues(t, http.StatusOK, delivery["status"])
			assert.Equal(t, http.StatusRequestTimeout, w.do(http.MethodGet, deliveries+"?count=1&timeout=1ms&type=x", nil, "").status)
			assert.Equal(t, http.StatusBadRequest, w.do(http.MethodGet, deliveries+"?timeout=1h", nil, "").status)
			assert.Contains(t, w.do(http.MethodGet, deliveries+"?after="+fmt.Sprint(delivery["seq"]), nil, "").text, `"deliveries":[]`)

			set(http.StatusTeapot)
			send := deliveries + "/" + delivery["id"].(string) + "/send"
			again := w.json(send, nil, object{})
			require.Equal(t, http.StatusAccepted, again.status, again.text)
			w.do(http.MethodGet, deliveries+"?count=1&answered=true&after="+fmt.Sprint(again.at("seq")), nil, "")
			assert.Contains(t, w.json(send, nil, object{}).text, "waits for an attempt already")
			assert.Equal(t, http.StatusNotFound, w.json(deliveries+"/delivery-9/send", nil, object{}).status)

			typed := headers{"Content-Type": "application/json"}
			assert.Equal(t, http.StatusNoContent, w.do(http.MethodPatch, hooks+"/"+id, typed, `{"off":true}`).status)
			assert.Contains(t, w.do(http.MethodGet, deliveries+"?state=failed", nil, "").text, "switched off")
			assert.Equal(t, http.StatusNotFound, w.do(http.MethodPatch, hooks+"/webhook-9", typed, `{"off":true}`).status)
			assert.Equal(t, http.StatusNoContent, w.do(http.MethodDelete, hooks+"/"+id, nil, "").status)
			assert.Equal(t, http.StatusNotFound, w.do(http.MethodDelete, hooks+"/"+id, nil, "").status)
		})
	}
}

// Another machine that was let in may have events sent to hosts that were named, and to nothing that listens here alone.
func TestWebhooksOfOtherMachines(t *testing.T) {
	t.Parallel()
	s, err := sandbox.New(sandbox.AllowRemote("sandbox"), sandbox.AllowRemoteAdmin(), sandbox.WebhookHosts("app"))
	require.NoError(t, err)
	for remote, targets := range map[string]map[string]int{
		"192.0.2.1:1": {"http://localhost:5432": 400, "http://127.0.0.1": 400, "http://app:3000": 201, "http://example.com": 400, ":": 400},
		"127.0.0.1:1": {"http://localhost:5432": 201, "http://app:3000": 201},
		"":            {"http://localhost:5432": 201},
	} {
		for target, status := range targets {
			r := httptest.NewRequest(http.MethodPost, adminPath+"/webhooks", strings.NewReader(`{"provider":"straddle","url":"`+target+`"}`))
			r.RemoteAddr, r.Host = remote, "sandbox"
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			assert.Equal(t, status, w.Code, "%s %s %s", remote, target, w.Body)
		}
	}
}

func TestWebhookOptions(t *testing.T) {
	t.Parallel()
	for says, options := range map[string][]sandbox.Option{
		"WebhookURL: must be at a loopback host":   {sandbox.WebhookURL("straddle", "http://app/hook")},
		"WebhookURL: provider: must be straddle":   {sandbox.WebhookURL("acme", "http://localhost")},
		"WebhookHosts: must have names or address": {sandbox.WebhookHosts("app:80")},
	} {
		_, err := sandbox.New(options...)
		require.ErrorContains(t, err, says)
		var bad *sandbox.InvalidError
		require.ErrorAs(t, err, &bad)
	}
	s, err := sandbox.New(sandbox.WebhookHosts("App"), sandbox.WebhookURL("straddle", "http://app/hook"), sandbox.WebhookHosts("10.0.0.1"),
		sandbox.WebhookURL("straddle", "http://10.0.0.1/hook"))
	require.NoError(t, err)
	assert.Len(t, s.Webhooks(), 2)
}

// The end of a server ends what it sends, however long the receiver takes.
func TestCloseEndsWebhooks(t *testing.T) {
	t.Parallel()
	began := make(chan struct{})
	at := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(began)
		<-r.Context().Done()
	}))
	defer at.Close()
	server, err := sandbox.Listen("127.0.0.1:0", sandbox.WebhookURL("straddle", at.URL))
	require.NoError(t, err)
	_, err = server.Sandbox().SendEvent("straddle", "charge.event.v1", nil)
	require.NoError(t, err)
	<-began
	require.NoError(t, server.Close())
	_, err = server.Sandbox().AddWebhook(sandbox.Webhook{Provider: "straddle", URL: at.URL})
	require.ErrorContains(t, err, "closed")
}

// The button of the page sends again; no other page can press it.
func TestPageSendsAgain(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	defer w.sand.Close()
	w.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	assert.Contains(t, w.do(http.MethodGet, "/", nil, "").text, "events are sent nowhere")
	added, err := w.sand.AddWebhook(sandbox.Webhook{Provider: "straddle", Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})})
	require.NoError(t, err)
	assert.Contains(t, w.do(http.MethodGet, "/", nil, "").text, "Nothing was sent yet")
	_, err = w.sand.SendEvent("straddle", "charge.<b>.v1", json.RawMessage(`{}`))
	require.ErrorContains(t, err, "type: ")
	_, err = w.sand.SendEvent("straddle", "charge.event.v1", nil)
	require.NoError(t, err)
	done := func() int {
		found, err := w.sand.WaitForDeliveries(t.Context(), sandbox.DeliveryFilter{State: sandbox.DeliveryDone}, 1)
		require.NoError(t, err)
		return int(found[0].Seq)
	}
	first := done()
	page := w.do(http.MethodGet, "/", nil, "")
	assert.Contains(t, page.text, `<form method="post" action="/_sandbox/page/send-again"><button name="delivery" value="delivery-1"`)
	assert.Contains(t, page.header.Get("Content-Security-Policy"), "form-action 'self'")
	press := func(h headers, delivery string) reply {
		return w.form("/_sandbox/page/send-again", h, "delivery", delivery)
	}
	for name, h := range map[string]headers{
		"another site":       {"Sec-Fetch-Site": "cross-site"},
		"the site next door": {"Sec-Fetch-Site": "same-site"},
		"another origin":     {"Origin": "http://evil.example"},
		"no origin":          {"Origin": "null"},
		"no browser":         {},
	} {
		assert.Equal(t, http.StatusForbidden, press(h, "delivery-1").status, name)
	}
	assert.Equal(t, first, done(), "nothing was sent")
	ours := headers{"Sec-Fetch-Site": "same-origin"}
	assert.Equal(t, http.StatusMethodNotAllowed, w.do(http.MethodGet, "/_sandbox/page/send-again?delivery=delivery-1", ours, "").status)
	assert.Equal(t, http.StatusBadRequest, press(ours, "delivery-7").status)
	for _, h := range []headers{ours, {"Origin": w.base}} {
		pressed := press(h, "delivery-1")
		assert.Equal(t, http.StatusSeeOther, pressed.status, pressed.text)
		assert.Equal(t, "/#webhooks", pressed.header.Get("Location"))
		assert.Greater(t, done(), first)
		first = done()
	}
	require.True(t, w.sand.RemoveWebhook(added.ID))
	assert.NotContains(t, w.do(http.MethodGet, "/", nil, "").text, "<button", "there is nowhere to send it to")
}
