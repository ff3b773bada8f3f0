// What the tests of customers and paykeys share: a sandbox whose clock stands until it is moved, and a client of it.

package straddle

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/specs/spectest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	api "github.com/fintoken/fintoken-go/wrappers/straddle"
)

var noon = time.Date(2026, time.January, 5, 12, 0, 0, 0, time.UTC)

// Two accounts that there are, besides the one of the demo credentials.
const (
	acctA = "aaaaaaaa-0000-4000-8000-000000000001"
	acctB = "bbbbbbbb-0000-4000-8000-000000000001"
)

type town struct {
	*api.Client
	t   *testing.T
	ctx context.Context
	e   *engine.Engine

	seen int // events
}

func newTown(t *testing.T) *town {
	t.Helper()
	w := unconnected(t)
	w.connect()
	return w
}

func unconnected(t *testing.T) *town {
	t.Helper()
	e, err := engine.New(engine.Config{Providers: []engine.Provider{Provider()}, Now: func() time.Time { return noon }, Strict: true})
	require.NoError(t, err)
	w := &town{t: t, ctx: t.Context(), e: e}
	w.add(Fixtures{Accounts: []string{acctA, acctB}})
	return w
}

// connect makes a client with the demo key, whose calls are checked on both sides.
func (w *town) connect() {
	w.t.Helper()
	checked := spectest.Transport(w.t, specs.Straddle, engine.RoundTripper(w.e), spectest.BasePath("/straddle"))
	var err error
	w.Client, err = api.New(api.Config{
		APIKey: secret.New(w.fake().credentials.APIKey), BaseURL: "http://localhost/straddle",
		HTTP: rest.Config{HTTPClient: &http.Client{Transport: checked}},
	})
	require.NoError(w.t, err)
	w.t.Cleanup(w.Close)
}

func (w *town) fake() *Fake { return w.e.Fake(Name).(*Fake) }

func (w *town) add(f Fixtures) { require.NoError(w.t, w.e.Add(func(string) any { return f })) }

func (w *town) advance(d time.Duration) { require.NoError(w.t, w.e.Clock().Advance(d)) }

// events returns what has happened since the last time it was asked, by type and status, after everything due has happened.
func (w *town) events() (list []string) {
	w.e.State(w.e.Clock().Now(), func(string, any) {})
	all := w.e.Events()
	for _, event := range all[w.seen:] {
		var data struct {
			Status string `json:"status"`
		}
		require.NoError(w.t, json.Unmarshal(event.Data, &data))
		list = append(list, event.Type+" "+data.Status+" "+event.Time.Sub(noon).String())
	}
	w.seen = len(all)
	return list
}

// refused requires that a call was refused with a status and some words, and that nothing came of it.
func (w *town) refused(err error, status int, says string) {
	w.t.Helper()
	var failed *rest.Error
	require.ErrorAs(w.t, err, &failed)
	assert.Equal(w.t, status, failed.Status)
	assert.Contains(w.t, err.Error(), says)
	assert.Empty(w.t, w.events())
}

// fits requires that JSON has what a type has and nothing else.
func fits[T any](t *testing.T, data json.RawMessage) (value T) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(&value), string(data))
	again, err := json.Marshal(value)
	require.NoError(t, err)
	require.JSONEq(t, string(data), string(again))
	return value
}

func somebody(email string) straddleapi.CreateCustomerRequest {
	return straddleapi.CreateCustomerRequest{
		Name: "Example Person", Type: api.CustomerTypeIndividual, Email: email, Phone: "+12025550123",
		Device: straddleapi.CustomerDevice{IPAddress: "203.0.113.7"},
	}
}

// customer makes one with an outcome.
func (w *town) customer(email string, outcome straddleapi.SimulatedCustomerOutcome) *straddleapi.Customer {
	w.t.Helper()
	request := somebody(email)
	request.Config = &straddleapi.CustomerConfiguration{SandboxOutcome: outcome}
	made, err := w.Customers.Create(w.ctx, request)
	require.NoError(w.t, err)
	return made
}

// paykey makes one of a customer with an outcome.
func (w *town) paykey(customer, number string, outcome straddleapi.SimulatedPaykeyOutcome) *straddleapi.Paykey {
	w.t.Helper()
	made, err := w.Bridge.CreateBankAccountPaykey(w.ctx, straddleapi.CreateBankAccountPaykeyRequest{
		CustomerID: customer, RoutingNumber: "021000021", AccountNumber: number, AccountType: api.AccountTypeChecking,
		Config: &straddleapi.PaykeyConfiguration{SandboxOutcome: outcome},
	})
	require.NoError(w.t, err)
	return made
}

// restored is the town after its snapshot was put into another one.
func (w *town) restored() *town {
	w.t.Helper()
	taken, err := w.e.Snapshot()
	require.NoError(w.t, err)
	other := unconnected(w.t)
	require.NoError(w.t, other.e.Restore(taken))
	again, err := other.e.Snapshot()
	require.NoError(w.t, err)
	require.JSONEq(w.t, string(taken), string(again))
	other.connect()
	return other
}

// under names an account for a call, or none.
func under(account string) []rest.Option {
	if account == "" {
		return nil
	}
	return []rest.Option{rest.AccountID(account)}
}
