package compat

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/wrappers/finogates"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
	"github.com/fintoken/fintoken-go/wrappers/webhook"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// message is an event for other libraries.
type message struct {
	ID      string            `json:"id"`
	Time    int64             `json:"time"`
	Body    string            `json:"body"`
	Headers map[string]string `json:"headers"`
}

// messageOf returns a message with these headers.
func messageOf(id string, at time.Time, body string, header http.Header) message {
	m := message{ID: id, Time: at.Unix(), Body: body, Headers: map[string]string{}}
	for name := range header {
		m.Headers[strings.ToLower(name)] = header.Get(name)
	}
	return m
}

// verdict is what other libraries say of a message, and how they sign it.
type verdict struct {
	Checks, Signatures map[string]string
	Finogates          string
}

// judge asks the libraries for Node.
func judge(t *testing.T, secret string, messages []message) (all []verdict) {
	t.Helper()
	in, err := json.Marshal(map[string]any{"secret": secret, "messages": messages})
	require.NoError(t, err)
	node := exec.CommandContext(t.Context(), "node", "webhooks.mjs")
	node.Dir, node.Stdin, node.Stderr = "node", bytes.NewReader(in), os.Stderr
	out, err := node.Output()
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(out, &all))
	require.Len(t, all, len(messages))
	return all
}

// Finogates' signature is that of a second implementation, both ways.
func TestFinogatesSignature(t *testing.T) {
	const body = `{"event":"card.added","id":"i","data":{"card_id":"c"},"eventGeneratedTime":1767225599.5}`
	now := time.Now()
	scheme := finogates.Webhook(secret.New(hookSecret))
	ours, err := scheme.Sign("", now, []byte(body))
	require.NoError(t, err)
	theirs := judge(t, hookSecret, []message{{ID: "i", Time: now.Unix(), Body: body}})
	assert.Equal(t, theirs[0].Finogates, ours.Get("Finogates-Signature"))
	ev, err := scheme.ParseMessage(webhook.Message{Header: http.Header{"Finogates-Signature": {theirs[0].Finogates}}, Body: []byte(body)})
	require.NoError(t, err)
	assert.Equal(t, "card.added", ev.Type)
}

// What an application does with each fault of the sandbox: it takes none for an event that is not one.
func TestFaultsOfWebhooks(t *testing.T) {
	for kind, want := range map[sandbox.FaultKind]int{
		sandbox.FaultWebhookWrongSignature: http.StatusUnauthorized, sandbox.FaultWebhookOldTimestamp: http.StatusUnauthorized,
		sandbox.FaultWebhookHuge: http.StatusBadRequest, sandbox.FaultWebhookTwice: http.StatusOK,
	} {
		t.Run(string(kind), func(t *testing.T) {
			world := sandbox.Start(t).Sandbox()
			statuses := make(chan int, 10)
			handle := webhook.Handler(straddle.Webhook(secret.New(world.Credentials().Straddle.WebhookSecret)),
				func(context.Context, straddle.Event) error { return nil }, webhook.Log(slog.New(slog.DiscardHandler)))
			_, err := world.AddWebhook(sandbox.Webhook{Provider: "straddle", Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				answer := httptest.NewRecorder()
				handle.ServeHTTP(answer, r)
				w.WriteHeader(answer.Code)
				statuses <- answer.Code
			})})
			require.NoError(t, err)
			_, err = world.AddFault(sandbox.Fault{Provider: "straddle", Kind: kind, Times: 1})
			require.NoError(t, err)
			_, err = world.SendEvent("straddle", straddle.EventChargeEventV1, nil)
			require.NoError(t, err)
			assert.Equal(t, want, <-statuses)
		})
	}
}

// What the sandbox sends, all libraries take, and so does the endpoint of an application: every event of a flow, once.
func TestSandboxSendsWebhooks(t *testing.T) {
	server := sandbox.Start(t)
	world := server.Sandbox()
	key := world.Credentials().Straddle.WebhookSecret
	var mu sync.Mutex
	var messages []message
	var events []straddle.Event
	handle := webhook.Handler(straddle.Webhook(secret.New(key)), func(_ context.Context, ev straddle.Event) error {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, ev)
		return nil
	})
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		mu.Lock()
		messages = append(messages, messageOf(r.Header.Get(webhook.HeaderID), time.Now(), string(body), r.Header))
		mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		handle.ServeHTTP(w, r)
	}))
	t.Cleanup(app.Close)
	_, err := world.AddWebhook(sandbox.Webhook{Provider: "straddle", URL: app.URL})
	require.NoError(t, err)
	_, err = world.AddFault(sandbox.Fault{Provider: "straddle", Kind: sandbox.FaultWebhookTwice})
	require.NoError(t, err)

	st := server.Clients().Straddle
	_, err = st.Customers.Create(t.Context(), straddle.CreateCustomerRequest{
		Name: "Example Person", Type: "individual", Email: "person@example.com", Phone: "+12025550123",
		Device: straddle.CustomerDevice{IPAddress: "203.0.113.7"}, Config: &straddle.CustomerConfiguration{SandboxOutcome: "verified"},
	})
	require.NoError(t, err)
	known := world.FindEvents(sandbox.EventFilter{Provider: "straddle"})
	require.NotEmpty(t, known)
	done, err := world.WaitForDeliveries(t.Context(), sandbox.DeliveryFilter{State: sandbox.DeliveryDone}, len(known))
	require.NoError(t, err)
	require.Len(t, done, len(known))

	mu.Lock()
	defer mu.Unlock()
	assert.GreaterOrEqual(t, len(messages), 2*len(known), "each came twice")
	assert.Len(t, events, len(known), "each was handed out once")
	for _, ev := range events {
		customer, ok := ev.Data.(*straddle.CustomerEvent)
		require.True(t, ok)
		assert.Equal(t, straddle.CustomerStatusVerified, customer.Status)
	}
	foreign, err := standardwebhooks.NewWebhook(key)
	require.NoError(t, err)
	for i, v := range judge(t, key, messages) {
		assert.Equal(t, map[string]string{"standardwebhooks": "", "svix": ""}, v.Checks)
		header := http.Header{}
		for name, value := range messages[i].Headers {
			header.Set(name, value)
		}
		require.NoError(t, foreign.Verify([]byte(messages[i].Body), header))
	}
}

const hookSecret = "whsec_ZmFjdHMtc2hlZXQtZXhhbXBsZS1rZXktMzItYnl0ZXM="

// What is signed here, three other libraries take; what they sign is taken here. What is wrong, nobody takes.
func TestStandardWebhooks(t *testing.T) {
	now := time.Now()
	scheme := straddle.Webhook(secret.New(hookSecret))
	foreign, err := standardwebhooks.NewWebhook(hookSecret)
	require.NoError(t, err)
	bodies := []string{
		`{"event_type":"charge.event.v1","event_id":"e","account_id":"a","data":{"amount":1}}`, `{"event_type":"a.b"}`,
		`{"event_type":"a.b","data":"äöü € 🙂 ` + strings.Repeat("x", 100_000) + `"}`, "{\n\t\"event_type\": \"a.b\"\r\n}\n",
	}
	var messages []message
	for i, body := range bodies {
		id := "msg_" + string(rune('a'+i))
		header, err := scheme.Sign(id, now, []byte(body))
		require.NoError(t, err)
		messages = append(messages, messageOf(id, now, body, header))
	}
	for _, change := range []func(*message){
		func(m *message) { m.Body += " " },
		func(m *message) { m.Headers["webhook-id"] = "msg_other" },
		func(m *message) { m.Headers["webhook-timestamp"] += "0" },
		func(m *message) { m.Headers["webhook-signature"] = "v1,AAAA" },
		func(m *message) { delete(m.Headers, "webhook-signature") },
	} {
		header, err := scheme.Sign("msg_1", now, []byte(bodies[0]))
		require.NoError(t, err)
		bad := messageOf("msg_1", now, bodies[0], header)
		change(&bad)
		messages = append(messages, bad)
	}
	for _, late := range []time.Duration{-10 * time.Minute, 10 * time.Minute} {
		header, err := scheme.Sign("msg_1", now.Add(late), []byte(bodies[0]))
		require.NoError(t, err)
		messages = append(messages, messageOf("msg_1", now.Add(late), bodies[0], header))
	}

	for i, v := range judge(t, hookSecret, messages) {
		m := messages[i]
		right := i < len(bodies)
		header := http.Header{}
		for name, value := range m.Headers {
			header.Set(name, value)
		}
		_, err := scheme.ParseMessage(webhook.Message{Header: header, Body: []byte(m.Body)})
		assert.Equal(t, right, err == nil, "ours: message %d: %v", i, err)
		assert.Equal(t, right, foreign.Verify([]byte(m.Body), header) == nil, "standardwebhooks for Go: message %d", i)
		require.Len(t, v.Checks, 2)
		for library, fault := range v.Checks {
			assert.Equal(t, right, fault == "", "%s: message %d: %s", library, i, fault)
		}
		changed := i >= len(bodies) && i < len(messages)-2
		if changed {
			continue // nobody signed that
		}
		signed, err := foreign.Sign(m.ID, time.Unix(m.Time, 0), []byte(m.Body))
		require.NoError(t, err)
		v.Signatures["standardwebhooks for Go"] = signed
		for library, signature := range v.Signatures {
			header.Set(webhook.HeaderSignature, signature)
			_, err := scheme.ParseMessage(webhook.Message{Header: header, Body: []byte(m.Body)})
			assert.Equal(t, right, err == nil, "signed by %s: message %d: %v", library, i, err)
		}
	}
}
