package engine_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tellingShop is a shop that tells of its events.
func tellingShop() engine.Provider {
	p := shopProvider(shopDocument)
	p.Webhooks = &engine.WebhookScheme{
		Events: []string{"shop.closed", "thing.made"},
		Sample: func(kind string) json.RawMessage {
			return map[string]json.RawMessage{"thing.made": json.RawMessage(`{"name":"sample"}`)}[kind]
		},
		Account: func(engine.Fake) string { return "all" },
		Body:    func(e engine.Event) any { return map[string]any{"id": e.ID, "type": e.Type, "data": e.Data} },
		Sign: func(secrets []string, e engine.Event, at time.Time, body []byte) http.Header {
			sum := sha256.Sum256(body)
			return http.Header{
				"Shop-Id": {e.ID}, "Shop-Time": {strconv.FormatInt(at.Unix(), 10)},
				"Shop-Signature": {strings.Join(secrets, " ") + " " + hex.EncodeToString(sum[:])},
			}
		},
		Secret:      func(f engine.Fake) string { return f.(*shop).creds.Key },
		ValidSecret: func(secret string) bool { return secret != "" },
		Waits:       []time.Duration{time.Second, time.Minute, time.Hour},
		Timeout:     15 * time.Second,
		OffAfter:    24 * time.Hour,
	}
	return p
}

// hook is a receiver in memory.
type hook struct {
	t      *testing.T
	e      *engine.Engine
	mu     sync.Mutex
	status int // of the next answers
	got    []received
}

// received is what has come, and when by the clock of the sandbox.
type received struct {
	at               time.Duration
	id, name, signed string
	signature        bool // holds
	body             string
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var event struct {
		ID   string
		Type string
		Data thing
	}
	assert.NoError(h.t, json.Unmarshal(body, &event))
	sum := sha256.Sum256(body)
	h.mu.Lock()
	defer h.mu.Unlock()
	seconds, _ := strconv.ParseInt(r.Header.Get("Shop-Time"), 10, 64)
	h.got = append(h.got, received{
		at: h.e.Clock().Now().Sub(began), id: r.Header.Get("Shop-Id"), name: event.Data.Name, signed: time.Unix(seconds, 0).Sub(began).String(),
		signature: strings.HasSuffix(r.Header.Get("Shop-Signature"), hex.EncodeToString(sum[:])), body: string(body),
	})
	w.WriteHeader(h.status)
}

func (h *hook) answer(status int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status = status
}

// taken returns what has come since the last time, after all that is due was sent.
func (h *hook) taken() (got []received) {
	synctest.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	got, h.got = h.got, nil
	return got
}

// names are those of the things in what has come.
func (h *hook) names() (names []string) {
	for _, r := range h.taken() {
		names = append(names, r.name)
	}
	return names
}

// times are when it has come.
func (h *hook) times() (times []string) {
	for _, r := range h.taken() {
		times = append(times, r.at.String())
	}
	return times
}

// began is when the clock of a bubble begins.
var began = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// hooked runs a test with a shop in a bubble whose events go to a receiver.
func hooked(t *testing.T, test func(t *testing.T, e *engine.Engine, h *hook)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e, err := engine.New(engine.Config{Providers: []engine.Provider{tellingShop()}, Now: time.Now})
		require.NoError(t, err)
		h := &hook{t: t, e: e, status: http.StatusNoContent}
		_, err = e.AddWebhook(engine.Webhook{Provider: "shop", Handler: h})
		require.NoError(t, err)
		test(t, e, h)
		e.Close()
	})
}

func makeThing(t *testing.T, e *engine.Engine, name string) {
	t.Helper()
	require.Equal(t, http.StatusCreated, call(t, e, "POST", "/shop/things", `{"name":"`+name+`"}`).status)
}

// closeShop lets the shop close by itself.
func closeShop(t *testing.T, e *engine.Engine, in time.Duration) {
	t.Helper()
	require.NoError(t, e.Change("shop", func(f engine.Fake) error {
		f.(*shop).late = e.Clock().Now().Add(in)
		return nil
	}))
}

// TestWebhookDelivers: an event comes at once, signed with the real time whatever the clock of the sandbox shows.
func TestWebhookDelivers(t *testing.T) {
	t.Parallel()
	hooked(t, func(t *testing.T, e *engine.Engine, h *hook) {
		require.NoError(t, e.Clock().Advance(48*time.Hour))
		makeThing(t, e, "lamp")
		event := e.Events()[0]
		got := h.taken()
		require.Len(t, got, 1)
		assert.Equal(t, received{
			at: 48 * time.Hour, id: event.ID, name: "lamp", signed: "0s", signature: true,
			body: `{"data":{"name":"lamp"},"id":"` + event.ID + `","type":"thing.made"}`,
		}, got[0])
		assert.Equal(t, []engine.Delivery{{
			ID: "delivery-1", Seq: 2, Webhook: "webhook-1", Provider: "shop", EventID: event.ID, Type: "thing.made",
			State: engine.DeliveryDone, Attempts: 1, Status: http.StatusNoContent, Time: e.Clock().Now().UTC(),
		}}, e.FindDeliveries(engine.DeliveryFilter{}))
		counts := e.State(e.Clock().Now(), func(string, any) {})
		assert.Equal(t, 1, counts.Now["deliveries"])
		assert.Equal(t, 1, counts.Now["webhooks"])
	})
}

// TestWebhookSchedule: what fails is tried again by the schedule, whether the clock runs or is set, and then no more.
func TestWebhookSchedule(t *testing.T) {
	t.Parallel()
	want := []string{"0s", "1s", "1m1s", "1h1m1s"}
	last := func(e *engine.Engine) engine.Delivery { return e.FindDeliveries(engine.DeliveryFilter{})[0] }
	hooked(t, func(t *testing.T, e *engine.Engine, h *hook) {
		h.answer(http.StatusInternalServerError)
		makeThing(t, e, "lamp")
		synctest.Wait()
		assert.Equal(t, engine.DeliveryPending, last(e).State)
		assert.Equal(t, began.Add(time.Second), last(e).Next)
		assert.Equal(t, "the answer was 500, and not 2xx", last(e).Error)
		time.Sleep(3 * time.Hour)
		got := h.taken()
		var times []string
		for _, r := range got {
			times = append(times, r.at.String())
			assert.Equal(t, got[0].id, r.id, "the same id")
			assert.Equal(t, r.at.String(), r.signed, "signed anew")
		}
		assert.Equal(t, want, times)
		assert.Equal(t, engine.DeliveryFailed, last(e).State)
		assert.Equal(t, 4, last(e).Attempts)
		assert.Zero(t, last(e).Next)
	})
	hooked(t, func(t *testing.T, e *engine.Engine, h *hook) {
		e.Clock().Freeze()
		h.answer(http.StatusInternalServerError)
		makeThing(t, e, "lamp")
		time.Sleep(3 * time.Hour)
		assert.Equal(t, want[:1], h.times(), "a frozen clock does not get there")
		require.NoError(t, e.Clock().Advance(999*time.Millisecond))
		assert.Empty(t, h.taken())
		require.NoError(t, e.Clock().Advance(time.Millisecond))
		assert.Equal(t, want[1:2], h.times())
		require.NoError(t, e.Clock().Advance(3*time.Hour))
		assert.Len(t, h.taken(), 2, "both that were due meanwhile")
		assert.Equal(t, engine.DeliveryFailed, last(e).State)
	})
	hooked(t, func(t *testing.T, e *engine.Engine, h *hook) {
		h.answer(http.StatusBadGateway)
		makeThing(t, e, "lamp")
		synctest.Wait()
		h.answer(http.StatusOK)
		time.Sleep(3 * time.Hour)
		assert.Equal(t, want[:2], h.times(), "no more once it is delivered")
		assert.Equal(t, engine.DeliveryDone, last(e).State)
		assert.Empty(t, last(e).Error)
	})
}

// TestWebhookByItself: what happens by itself is told when the clock gets there, and nobody has to look.
func TestWebhookByItself(t *testing.T) {
	t.Parallel()
	hooked(t, func(t *testing.T, e *engine.Engine, h *hook) {
		closeShop(t, e, time.Minute)
		time.Sleep(59 * time.Second)
		assert.Empty(t, h.taken())
		time.Sleep(time.Second)
		assert.Equal(t, []string{"1m0s"}, h.times())

		closeShop(t, e, time.Hour)
		require.NoError(t, e.Clock().Advance(2*time.Hour))
		assert.Equal(t, []string{"2h1m0s"}, h.times(), "and at once when it is set")
	})
	hooked(t, func(t *testing.T, e *engine.Engine, h *hook) {
		require.True(t, e.RemoveWebhook("webhook-1"))
		closeShop(t, e, time.Minute)
		require.NoError(t, e.Clock().Advance(time.Hour))
		_, err := e.AddWebhook(engine.Webhook{Provider: "shop", Handler: h})
		require.NoError(t, err)
		assert.Empty(t, h.taken(), "what was due before there was an endpoint is not sent")
	})
}

// TestWaitForEvent: it waits for what happens by itself as for what a call does, and needs no webhook.
func TestWaitForEvent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, err := engine.New(engine.Config{Providers: []engine.Provider{tellingShop()}, Now: time.Now})
		require.NoError(t, err)
		closeShop(t, e, time.Minute)
		got, err := e.WaitForEvent(t.Context(), engine.EventFilter{Provider: "shop", Type: "shop.closed"})
		require.NoError(t, err)
		assert.Equal(t, began.Add(time.Minute), got.Time)
		assert.Equal(t, began.Add(time.Minute), time.Now().UTC(), "not before")

		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, err = e.WaitForEvent(ctx, engine.EventFilter{After: got.ID})
		require.ErrorIs(t, err, context.DeadlineExceeded)

		time.AfterFunc(time.Second, func() {
			for _, name := range []string{"lamp", "chair"} {
				_, err := e.SendEvent("shop", "thing.made", json.RawMessage(`{"name":"`+name+`"}`))
				assert.NoError(t, err)
			}
		})
		chair := func(e engine.Event) bool { return strings.Contains(string(e.Data), "chair") }
		got, err = e.WaitForEvent(t.Context(), engine.EventFilter{Type: "thing.made", Match: chair})
		require.NoError(t, err)
		assert.JSONEq(t, `{"name":"chair"}`, string(got.Data))
		assert.Len(t, e.FindEvents(engine.EventFilter{}), 3)
		assert.Len(t, e.FindEvents(engine.EventFilter{Type: "thing.made"}), 2)
		assert.Empty(t, e.FindEvents(engine.EventFilter{Provider: "other"}))
	})
}

// TestWebhookFailures: what counts as a failure besides a status, and what it is called.
func TestWebhookFailures(t *testing.T) {
	t.Parallel()
	for says, handler := range map[string]http.HandlerFunc{
		"there was no answer in time": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"the handler panicked":        func(http.ResponseWriter, *http.Request) { panic("lamp") },
		"the answer was 302, and not 2xx": func(w http.ResponseWriter, r *http.Request) {
			assert.Equal(t, "/", r.URL.Path, "a redirect is not followed")
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		},
	} {
		hooked(t, func(t *testing.T, e *engine.Engine, _ *hook) {
			added, err := e.AddWebhook(engine.Webhook{Provider: "shop", Handler: handler})
			require.NoError(t, err)
			makeThing(t, e, "lamp")
			got, err := e.WaitForDeliveries(t.Context(), engine.DeliveryFilter{Webhook: added.ID, Answered: true}, 1)
			require.NoError(t, err)
			assert.Equal(t, says, got[0].Error)
			assert.Equal(t, engine.DeliveryPending, got[0].State)
			assert.LessOrEqual(t, time.Since(began), 15*time.Second)
		})
	}
}

// TestWebhookOff: an endpoint at which nothing succeeds is switched off, a success begins the count again, and it can be
// switched on.
func TestWebhookOff(t *testing.T) {
	t.Parallel()
	hooked(t, func(t *testing.T, e *engine.Engine, h *hook) {
		fail := func() {
			h.answer(http.StatusInternalServerError)
			makeThing(t, e, "lamp")
			time.Sleep(12 * time.Hour)
			h.taken()
		}
		fail()
		h.answer(http.StatusOK)
		makeThing(t, e, "chair")
		synctest.Wait()
		fail()
		fail()
		assert.False(t, e.Webhooks()[0].Off, "not for a day since the chair")
		makeThing(t, e, "table")
		synctest.Wait()
		assert.True(t, e.Webhooks()[0].Off)
		failed := e.FindDeliveries(engine.DeliveryFilter{State: engine.DeliveryFailed})
		assert.Len(t, failed, 4)
		assert.Equal(t, "the endpoint was switched off", failed[3].Error)
		h.taken()
		makeThing(t, e, "sofa")
		assert.Empty(t, h.taken(), "nothing is sent there")
		_, err := e.SendAgain(failed[3].ID)
		require.ErrorContains(t, err, "switched off")
		h.answer(http.StatusOK)
		require.True(t, e.SwitchWebhook("webhook-1", false))
		makeThing(t, e, "bed")
		assert.Equal(t, []string{"bed"}, h.names())
		assert.False(t, e.SwitchWebhook("webhook-9", true))
	})
}

// TestWebhookFaults: what a rule does to the attempts of an endpoint, and to none of the calls.
func TestWebhookFaults(t *testing.T) {
	t.Parallel()
	made := func(t *testing.T, e *engine.Engine, names ...string) {
		for _, name := range names {
			makeThing(t, e, name)
			synctest.Wait()
		}
	}
	add := func(t *testing.T, e *engine.Engine, f engine.Fault) {
		f.Provider = "shop"
		_, err := e.AddFault(f)
		require.NoError(t, err)
	}
	for name, test := range map[string]func(t *testing.T, e *engine.Engine, h *hook){
		"twice": func(t *testing.T, e *engine.Engine, h *hook) {
			add(t, e, engine.Fault{Kind: engine.FaultWebhookTwice, Event: "thing.made", Nth: 2})
			made(t, e, "a", "b", "c")
			got := h.taken()
			require.Len(t, got, 4)
			assert.Equal(t, got[1], got[2])
			assert.Equal(t, "b", got[1].name)
			assert.Equal(t, "fault-1", e.FindDeliveries(engine.DeliveryFilter{})[1].Fault)
			assert.Empty(t, e.Faults(), "it is used up")
		},
		"late": func(t *testing.T, e *engine.Engine, h *hook) {
			add(t, e, engine.Fault{Kind: engine.FaultWebhookLate, Delay: engine.FixedDelay(26 * time.Hour)})
			made(t, e, "a")
			time.Sleep(26*time.Hour - 1)
			assert.Empty(t, h.taken())
			time.Sleep(time.Nanosecond)
			assert.Equal(t, []string{"a"}, h.names(), "once, although the rule stays")
		},
		"out of order": func(t *testing.T, e *engine.Engine, h *hook) {
			add(t, e, engine.Fault{Kind: engine.FaultWebhookOutOfOrder, Times: 1})
			made(t, e, "a", "b", "c")
			assert.Equal(t, []string{"b", "a", "c"}, h.names())
			add(t, e, engine.Fault{Kind: engine.FaultWebhookOutOfOrder, Times: 1})
			made(t, e, "d")
			time.Sleep(time.Minute)
			assert.Equal(t, []string{"d"}, h.names(), "without another one, after a minute")
		},
		"wrong signature": func(t *testing.T, e *engine.Engine, h *hook) {
			add(t, e, engine.Fault{Kind: engine.FaultWebhookWrongSignature, Times: 1})
			made(t, e, "a", "b")
			got := h.taken()
			assert.False(t, got[0].signature)
			assert.True(t, got[1].signature)
		},
		"old timestamp": func(t *testing.T, e *engine.Engine, h *hook) {
			add(t, e, engine.Fault{Kind: engine.FaultWebhookOldTimestamp, Times: 1})
			made(t, e, "a", "b")
			got := h.taken()
			assert.Equal(t, "-1h0m0s", got[0].signed)
			assert.True(t, got[0].signature)
			assert.Equal(t, "0s", got[1].signed)
		},
		"huge": func(t *testing.T, e *engine.Engine, h *hook) {
			add(t, e, engine.Fault{Kind: engine.FaultWebhookHuge, Nth: 1})
			add(t, e, engine.Fault{Kind: engine.FaultWebhookHuge, Size: 1000, Nth: 1})
			made(t, e, "a", "b", "c")
			got := h.taken()
			assert.Len(t, got[0].body, 10<<20)
			assert.Len(t, got[1].body, 1000)
			assert.Less(t, len(got[2].body), 200)
			assert.True(t, got[0].signature)
		},
		"by the type": func(t *testing.T, e *engine.Engine, h *hook) {
			add(t, e, engine.Fault{Kind: engine.FaultWebhookTwice, Event: "shop.closed"})
			made(t, e, "a")
			assert.Len(t, h.taken(), 1)
		},
		"of calls": func(t *testing.T, e *engine.Engine, h *hook) {
			add(t, e, engine.Fault{Kind: engine.FaultError, Status: 503, Nth: 2})
			made(t, e, "a")
			assert.Len(t, h.taken(), 1)
			assert.Equal(t, 1, e.Faults()[0].Seen, "the delivery is no call")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hooked(t, test)
		})
	}
}

// TestWebhookFaultRefusals: a field that would do nothing is refused.
func TestWebhookFaultRefusals(t *testing.T) {
	t.Parallel()
	e, err := engine.New(engine.Config{Providers: []engine.Provider{tellingShop()}, Now: fixed})
	require.NoError(t, err)
	quiet := newShop(t)
	for says, f := range map[string]engine.Fault{
		"event: does nothing with the kind error":                         {Kind: engine.FaultError, Status: 500, Event: "thing.made"},
		"event: must be shop.closed or thing.made":                        {Kind: engine.FaultWebhookTwice, Event: "thing.lost"},
		"operation: does nothing with the kind webhook_twice":             {Kind: engine.FaultWebhookTwice, Operation: "makeThing"},
		"header: does nothing with the kind webhook_twice":                {Kind: engine.FaultWebhookTwice, Header: map[string]string{"A": "b"}},
		"status: does nothing with the kind webhook_twice":                {Kind: engine.FaultWebhookTwice, Status: 500},
		"size: does nothing with the kind webhook_late":                   {Kind: engine.FaultWebhookLate, Size: 1, Delay: engine.FixedDelay(1)},
		"delay: is required with the kind webhook_late":                   {Kind: engine.FaultWebhookLate},
		"delay: does nothing with the kind webhook_huge":                  {Kind: engine.FaultWebhookHuge, Delay: engine.FixedDelay(1)},
		"delay: must have no phase":                                       {Kind: engine.FaultWebhookLate, Delay: engine.FixedDelay(1).Before()},
		"delay: must be between 0 and 48h0m0s":                            {Kind: engine.FaultWebhookLate, Delay: engine.FixedDelay(49 * time.Hour)},
		"delay: must be between 0 and 5m0s":                               {Delay: engine.FixedDelay(6 * time.Minute)},
		"size: must be between 0 and 67108864 with the kind webhook_huge": {Kind: engine.FaultWebhookHuge, Size: 64<<20 + 1},
	} {
		f.Provider = "shop"
		_, err := e.AddFault(f)
		require.ErrorContains(t, err, says)
	}
	_, err = quiet.AddFault(engine.Fault{Provider: "shop", Kind: engine.FaultWebhookTwice})
	require.ErrorContains(t, err, "provider: ")
}

// TestWebhookRefusals: where nothing may be sent to, and what an endpoint must not have.
func TestWebhookRefusals(t *testing.T) {
	t.Parallel()
	e, err := engine.New(engine.Config{Providers: []engine.Provider{tellingShop()}, Now: fixed, WebhookHosts: []string{"app"}})
	require.NoError(t, err)
	for _, good := range []string{
		"http://127.0.0.1:3000/hook", "http://localhost/", "http://LOCALHOST", "https://[::1]:1/a?b=c", "http://a.localhost", "http://127.9.9.9", "http://app:80/x", "https://APP",
	} {
		added, err := e.AddWebhook(engine.Webhook{Provider: "shop", URL: good})
		require.NoError(t, err, good)
		require.True(t, e.RemoveWebhook(added.ID))
	}
	for says, bad := range map[string][]string{
		"url: is required": {""},
		"url: must be an absolute URL with http or https":         {"/hook", "localhost:3000/hook", "ftp://localhost", "http:///hook", "http://local host", "unix:/tmp/x"},
		"url: must not have a user":                               {"http://a:b@localhost/"},
		"url: must not have a fragment":                           {"http://localhost/#a"},
		"url: must have at most 2048 characters":                  {"http://localhost/" + strings.Repeat("a", 2048)},
		"url: must be at a loopback host, such as localhost, or ": {"http://example.com", "http://10.0.0.1", "http://app.example.com", "http://0.0.0.0", "http://[::]", "http://localhost.example.com", "http://169.254.169.254/"},
	} {
		for _, target := range bad {
			_, err := e.AddWebhook(engine.Webhook{Provider: "shop", URL: target})
			require.ErrorContains(t, err, says, target)
			_, err = engine.New(engine.Config{
				Providers: []engine.Provider{tellingShop()}, Now: fixed, WebhookHosts: []string{"app"}, Webhooks: []engine.Webhook{{Provider: "shop", URL: target}},
			})
			require.ErrorContains(t, err, says, target)
		}
	}
	fine := engine.Webhook{Provider: "shop", Handler: http.NotFoundHandler()}
	for says, change := range map[string]func(w *engine.Webhook){
		"id: must be empty":                            func(w *engine.Webhook) { w.ID = "webhook-1" },
		"off: must be false":                           func(w *engine.Webhook) { w.Off = true },
		"provider: must be shop":                       func(w *engine.Webhook) { w.Provider = "acme" },
		"url: must be empty where a handler is called": func(w *engine.Webhook) { w.URL = "http://localhost" },
		"events: must be of shop.closed or thing.made": func(w *engine.Webhook) { w.Events = []string{"thing.made", "x"} },
		"secrets: must have the form":                  func(w *engine.Webhook) { w.Secrets = []string{""} },
		"secrets: must be at most 5":                   func(w *engine.Webhook) { w.Secrets = make([]string, 6) },
	} {
		w := fine
		change(&w)
		_, err := e.AddWebhook(w)
		require.ErrorContains(t, err, says)
	}
	for range 20 {
		_, err := e.AddWebhook(fine)
		require.NoError(t, err)
	}
	_, err = e.AddWebhook(fine)
	require.ErrorContains(t, err, "webhooks: must be at most 20")
	e.Close()
	_, err = e.AddWebhook(fine)
	require.ErrorContains(t, err, "closed")
}

// TestWebhookChoices: an endpoint has the events that it asks for, and its own secrets, which nobody sees again.
func TestWebhookChoices(t *testing.T) {
	t.Parallel()
	hooked(t, func(t *testing.T, e *engine.Engine, h *hook) {
		signatures := make(chan string, 10)
		own := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { signatures <- r.Header.Get("Shop-Signature") })
		added, err := e.AddWebhook(engine.Webhook{Provider: "shop", Handler: own, Events: []string{"shop.closed"}, Secrets: []string{"new", "old"}})
		require.NoError(t, err)
		assert.Nil(t, added.Secrets)
		assert.Nil(t, e.Webhooks()[1].Secrets)
		closeShop(t, e, 0)
		makeThing(t, e, "lamp")
		assert.Len(t, h.taken(), 2)
		require.Len(t, signatures, 1)
		assert.True(t, strings.HasPrefix(<-signatures, "new old "))
	})
}

// TestSendEvent: an event that nothing has led to, with the data of an example or one's own.
func TestSendEvent(t *testing.T) {
	t.Parallel()
	hooked(t, func(t *testing.T, e *engine.Engine, h *hook) {
		made, err := e.SendEvent("shop", "thing.made", nil)
		require.NoError(t, err)
		assert.Equal(t, engine.Event{ID: made.ID, Provider: "shop", Account: "all", Type: "thing.made", Time: began, Data: json.RawMessage(`{"name":"sample"}`)}, made)
		_, err = e.SendEvent("shop", "thing.lost", json.RawMessage(`{"name":"other"}`))
		require.NoError(t, err)
		assert.Equal(t, []string{"sample", "other"}, h.names())
		assert.Len(t, e.Events(), 2)
		for says, bad := range map[string][3]string{
			"provider: must be shop":                           {"acme", "thing.made", ""},
			"type: must be shop.closed or thing.made, or come": {"shop", "thing.lost", ""},
			"type: must have 1 to 100":                         {"shop", "thing lost", "{}"},
			"data: must be JSON":                               {"shop", "thing.made", "{"},
		} {
			_, err := e.SendEvent(bad[0], bad[1], json.RawMessage(bad[2]))
			require.ErrorContains(t, err, says)
		}
	})
}

// TestSendAgain: the same event comes once more, under its id, with the schedule from its beginning.
func TestSendAgain(t *testing.T) {
	t.Parallel()
	hooked(t, func(t *testing.T, e *engine.Engine, h *hook) {
		makeThing(t, e, "lamp")
		first := h.taken()
		again, err := e.SendAgain("delivery-1")
		require.NoError(t, err)
		assert.Equal(t, engine.DeliveryPending, again.State)
		assert.Equal(t, first, h.taken())
		h.answer(http.StatusInternalServerError)
		_, err = e.SendAgain("delivery-1")
		require.NoError(t, err)
		synctest.Wait()
		_, err = e.SendAgain("delivery-1")
		require.ErrorContains(t, err, "waits for an attempt already")
		time.Sleep(3 * time.Hour)
		assert.Len(t, h.taken(), 4, "as often as the first time")
		_, err = e.SendAgain("delivery-7")
		require.ErrorContains(t, err, engine.NoDelivery)
		require.True(t, e.RemoveWebhook("webhook-1"))
		_, err = e.SendAgain("delivery-1")
		require.ErrorContains(t, err, "its endpoint was removed")
	})
}

// TestWebhooksEnd: what removes an endpoint, or all of them, breaks off what is running and drops what waits.
func TestWebhooksEnd(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(e *engine.Engine){
		"removed": func(e *engine.Engine) { e.RemoveWebhook("webhook-1") },
		"reset":   func(e *engine.Engine) { e.Reset() },
		"closed":  func(e *engine.Engine) { e.Close() },
	} {
		synctest.Test(t, func(t *testing.T) {
			e, err := engine.New(engine.Config{Providers: []engine.Provider{tellingShop()}, Now: time.Now})
			require.NoError(t, err)
			calls, ended := 0, 0
			_, err = e.AddWebhook(engine.Webhook{Provider: "shop", Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				calls++
				<-r.Context().Done()
				ended++
			})})
			require.NoError(t, err)
			makeThing(t, e, "lamp")
			makeThing(t, e, "chair")
			synctest.Wait()
			assert.Equal(t, 1, calls, "one at a time")
			end(e)
			synctest.Wait()
			assert.Equal(t, 1, ended, name)
			makeThing(t, e, "table")
			time.Sleep(time.Hour)
			assert.Equal(t, 1, calls, name)
			switch name {
			case "removed":
				assert.Len(t, e.FindDeliveries(engine.DeliveryFilter{State: engine.DeliveryDropped}), 2)
			case "reset":
				assert.Empty(t, e.FindDeliveries(engine.DeliveryFilter{}))
				assert.Empty(t, e.Webhooks())
			}
			e.Close()
		})
	}
}

// TestWebhooksOfTheStart: those that were named at the start are there again after a reset, and switched on.
func TestWebhooksOfTheStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &hook{t: t, status: http.StatusOK}
		e, err := engine.New(engine.Config{
			Providers: []engine.Provider{tellingShop()}, Now: time.Now, Webhooks: []engine.Webhook{{Provider: "shop", Handler: h}},
		})
		require.NoError(t, err)
		h.e = e
		makeThing(t, e, "lamp")
		assert.Equal(t, []string{"lamp"}, h.names())
		e.SwitchWebhook("webhook-1", true)
		e.Reset()
		require.Len(t, e.Webhooks(), 1)
		makeThing(t, e, "chair")
		assert.Equal(t, []string{"chair"}, h.names())
		e.Close()
	})
}

// TestWebhooksAndSnapshots: endpoints are of the sandbox and not of the state, but what waits for one was of the state.
func TestWebhooksAndSnapshots(t *testing.T) {
	t.Parallel()
	hooked(t, func(t *testing.T, e *engine.Engine, h *hook) {
		makeThing(t, e, "lamp")
		assert.Equal(t, []string{"lamp"}, h.names())
		h.answer(http.StatusInternalServerError)
		makeThing(t, e, "chair")
		synctest.Wait()
		taken, err := e.Snapshot()
		require.NoError(t, err)
		assert.NotContains(t, string(taken), "webhook")
		assert.NotContains(t, string(taken), "delivery")
		h.taken()
		h.answer(http.StatusOK)
		require.NoError(t, e.Restore(taken))
		time.Sleep(time.Hour)
		assert.Empty(t, h.names(), "its events were sent before")
		assert.Len(t, e.FindDeliveries(engine.DeliveryFilter{State: engine.DeliveryDropped}), 1)
		makeThing(t, e, "table")
		assert.Equal(t, []string{"table"}, h.names())

		h.answer(http.StatusInternalServerError)
		makeThing(t, e, "sofa")
		synctest.Wait()
		require.NoError(t, e.Restore(taken))
		time.Sleep(25 * time.Hour)
		makeThing(t, e, "bed")
		synctest.Wait()
		assert.False(t, e.Webhooks()[0].Off, "the failures before were those of another clock")
	})
}

// TestWebhooksOfAnEarlierState: what a call does to a state that was replaced meanwhile is told to nobody.
func TestWebhooksOfAnEarlierState(t *testing.T) {
	t.Parallel()
	hooked(t, func(t *testing.T, e *engine.Engine, h *hook) {
		taken, err := e.Snapshot()
		require.NoError(t, err)
		before := e.Fake("shop").(*shop)
		require.NoError(t, e.Restore(taken))
		before.Record(began, "", "thing.made", thing{"lamp"})
		assert.Empty(t, h.taken())
	})
}

// TestWebhooksAreBounded: a receiver that is away for long costs no more memory than the last deliveries.
func TestWebhooksAreBounded(t *testing.T) {
	t.Parallel()
	hooked(t, func(t *testing.T, e *engine.Engine, h *hook) {
		h.answer(http.StatusInternalServerError)
		e.Clock().Freeze()
		for i := range 4010 {
			_, err := e.SendEvent("shop", "thing.made", json.RawMessage(fmt.Sprintf(`{"name":"%d"}`, i)))
			require.NoError(t, err)
		}
		synctest.Wait()
		assert.Len(t, e.FindDeliveries(engine.DeliveryFilter{}), 4000)
		assert.Len(t, e.FindDeliveries(engine.DeliveryFilter{State: engine.DeliveryPending}), 4000)
		h.taken()
		h.answer(http.StatusOK)
		require.NoError(t, e.Clock().Advance(time.Second))
		assert.Len(t, h.names(), 4000)
		assert.Equal(t, 10, e.State(e.Clock().Now(), func(string, any) {}).Evicted["deliveries"])
	})
}

// TestWebhookOverHTTP: over a connection it is as in memory: no proxy, no redirect, and no name that points elsewhere.
func TestWebhookOverHTTP(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	var mu sync.Mutex
	var paths []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		paths = append(paths, r.Method+" "+r.URL.String()+" "+r.Header.Get("Content-Type")+" "+r.UserAgent())
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}
	}))
	defer server.Close()
	e, err := engine.New(engine.Config{Providers: []engine.Provider{tellingShop()}, Now: time.Now})
	require.NoError(t, err)
	defer e.Close()
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
	for _, target := range []string{server.URL + "/hook?a=b", "http://localhost:" + port + "/named", server.URL + "/moved", "http://127.0.0.1:1/"} {
		_, err := e.AddWebhook(engine.Webhook{Provider: "shop", URL: target})
		require.NoError(t, err)
	}
	makeThing(t, e, "lamp")
	got, err := e.WaitForDeliveries(t.Context(), engine.DeliveryFilter{Answered: true}, 4)
	require.NoError(t, err)
	slices.SortFunc(got, func(a, b engine.Delivery) int { return strings.Compare(a.Webhook, b.Webhook) })
	assert.Equal(t, []int{200, 200, 307, 0}, []int{got[0].Status, got[1].Status, got[2].Status, got[3].Status})
	assert.Contains(t, got[3].Error, "connection refused")
	assert.NotContains(t, got[3].Error, "http://")
	mu.Lock()
	defer mu.Unlock()
	slices.Sort(paths)
	assert.Equal(t, []string{
		"POST /hook?a=b application/json fintoken-sandbox", "POST /moved application/json fintoken-sandbox", "POST /named application/json fintoken-sandbox",
	}, paths)
}
