package straddle_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/specs/spectest"
	"github.com/fintoken/fintoken-go/wrappers/internal/wiretest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
)

// against returns a client of a sandbox. Each of its calls is checked against the document.
func against(t *testing.T, opts ...sandbox.Option) (*straddle.Client, sandbox.StraddleCredentials, *sandbox.Sandbox) {
	t.Helper()
	server := sandbox.Start(t, opts...)
	creds := server.Sandbox().Credentials().Straddle
	return dial(t, server, creds.APIKey), creds, server.Sandbox()
}

func dial(t *testing.T, server *sandbox.Server, key string) *straddle.Client {
	t.Helper()
	checked := spectest.Transport(t, specs.Straddle, &http.Transport{}, spectest.BasePath("/straddle"))
	c := client(t, checked, func(c *straddle.Config) { c.BaseURL, c.APIKey = server.Straddle(), secret.New(key) })
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func TestInitializeBridge(t *testing.T) {
	for name, body := range map[string]straddleapi.CreateBridgeTokenRequest{
		"minimal": {},
		"empty configuration": {
			Config: &straddleapi.PaykeyConfiguration{},
		},
		"complete": {
			ExternalID: "wallet-77",
			Config: &straddleapi.PaykeyConfiguration{
				ProcessingMethod: straddleapi.PaykeyProcessingModeInline, SandboxOutcome: straddleapi.SimulatedPaykeyOutcomeActive,
			},
		},
		"background, review": {Config: &straddleapi.PaykeyConfiguration{
			ProcessingMethod: straddleapi.PaykeyProcessingModeBackground, SandboxOutcome: straddleapi.SimulatedPaykeyOutcomeReview,
		}},
		"skip, rejected": {Config: &straddleapi.PaykeyConfiguration{
			ProcessingMethod: straddleapi.PaykeyProcessingModeSkip, SandboxOutcome: straddleapi.SimulatedPaykeyOutcomeRejected,
		}},
		"standard": {Config: &straddleapi.PaykeyConfiguration{SandboxOutcome: straddleapi.SimulatedPaykeyOutcomeStandard}},
	} {
		t.Run(name, func(t *testing.T) {
			c, creds, sand := against(t)
			body.CustomerID = creds.CustomerID
			var info rest.Info
			token, err := c.Bridge.Initialize(t.Context(), body, rest.Capture(&info))
			require.NoError(t, err)
			assert.Len(t, strings.Split(token.Token.Reveal(), "."), 3, "a JWT")

			call := sand.Calls()[0]
			assert.Equal(t, "createBridgeToken", call.Operation)
			assert.Equal(t, rest.Info{
				Provider: "straddle", Operation: "createBridgeToken", Method: http.MethodPost, Path: "/v1/bridge/initialize",
				RequestID: call.RequestID, IdempotencyKey: info.IdempotencyKey, Status: 201, Attempts: 1,
				Duration: info.Duration, Header: info.Header,
				Meta: rest.Meta{RequestID: call.RequestID, Time: info.Meta.Time, Type: "object"},
			}, info)
			assert.Positive(t, info.Duration)
			assert.Equal(t, "no-store", info.Header.Get("Cache-Control"))
			assert.WithinDuration(t, call.Time, info.Meta.Time, time.Minute)
			require.NoError(t, rest.UUID("made", info.IdempotencyKey), "Requirement F61")
		})
	}
}

// The provider takes a customer id in either case.
func TestUpperCaseCustomer(t *testing.T) {
	c, creds, _ := against(t)
	_, err := c.Bridge.Initialize(t.Context(), straddleapi.CreateBridgeTokenRequest{CustomerID: strings.ToUpper(creds.CustomerID)})
	require.NoError(t, err)
}

// The four headers carry what the options say, and nothing is sent for an option that is not there.
func TestHeaders(t *testing.T) {
	c, creds, _ := against(t)
	body := straddleapi.CreateBridgeTokenRequest{CustomerID: creds.CustomerID}
	_, err := c.Bridge.Initialize(t.Context(), body, rest.AccountID(creds.AccountID), rest.RequestID("req-2026-0042"),
		rest.CorrelationID("order-2026-0042"), rest.IdempotencyKey("0123456789"))
	require.NoError(t, err)

	w := wiretest.Script(created("token"))
	c = client(t, w)
	_, err = c.Bridge.Initialize(t.Context(), minimal, rest.AccountID(customer), rest.RequestID("req-2026-0042"),
		rest.CorrelationID("order-2026-0042"), rest.IdempotencyKey("0123456789"), rest.Header("X-Trace", "on"))
	require.NoError(t, err)
	_, err = c.Bridge.Initialize(t.Context(), minimal)
	require.NoError(t, err)

	all, none := w.Requests()[0].Header, w.Requests()[1].Header
	assert.Equal(t, http.Header{
		"Straddle-Account-Id": {customer}, "Request-Id": {"req-2026-0042"}, "Correlation-Id": {"order-2026-0042"},
		"Idempotency-Key": {"0123456789"}, "X-Trace": {"on"}, "Authorization": {"Bearer " + apiKey},
		"Accept": {"application/json"}, "Content-Type": {"application/json"}, "User-Agent": all["User-Agent"],
	}, all)
	assert.Equal(t, http.Header{
		"Idempotency-Key": none["Idempotency-Key"], "Authorization": {"Bearer " + apiKey},
		"Accept": {"application/json"}, "Content-Type": {"application/json"}, "User-Agent": all["User-Agent"],
	}, none)
	assert.JSONEq(t, `{"customer_id":"`+customer+`"}`, w.Requests()[1].Body)
}

// What the caller passes is checked before it is sent: the error names field and rule, and no byte leaves.
func TestRefusedBeforeSending(t *testing.T) {
	with := func(c straddleapi.PaykeyConfiguration) straddleapi.CreateBridgeTokenRequest {
		return straddleapi.CreateBridgeTokenRequest{CustomerID: customer, Config: &c}
	}
	one := func(o rest.Option) []rest.Option { return []rest.Option{o} }
	for name, c := range map[string]struct {
		body        straddleapi.CreateBridgeTokenRequest
		opts        []rest.Option
		field, rule string
	}{
		"no customer":        {straddleapi.CreateBridgeTokenRequest{}, nil, "customer_id", "is required"},
		"malformed customer": {straddleapi.CreateBridgeTokenRequest{CustomerID: "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26"}, nil, "customer_id", "must be a UUID"},
		"customer in braces": {straddleapi.CreateBridgeTokenRequest{CustomerID: "{82bd5e5-6e1a-4fe4-a799-aa6d9a6ab26}"}, nil, "customer_id", "must be a UUID"},
		"misplaced hyphens":  {straddleapi.CreateBridgeTokenRequest{CustomerID: "182bd5e56-e1a-4fe4-a799-aa6d9a6ab26e"}, nil, "customer_id", "must be a UUID"},
		"nil customer": {
			straddleapi.CreateBridgeTokenRequest{CustomerID: "00000000-0000-0000-0000-000000000000"}, nil, "customer_id", "must not be the nil UUID",
		},
		"unknown method":  {with(straddleapi.PaykeyConfiguration{ProcessingMethod: "later"}), nil, "config.processing_method", "one of inline, background, skip"},
		"unknown outcome": {with(straddleapi.PaykeyConfiguration{SandboxOutcome: "won"}), nil, "config.sandbox_outcome", "one of standard, active, rejected, review"},

		"short key":             {minimal, one(rest.IdempotencyKey("123456789")), "IdempotencyKey", "must have 10 to 40 characters"},
		"long key":              {minimal, one(rest.IdempotencyKey(strings.Repeat("k", 41))), "IdempotencyKey", "must have 10 to 40 characters"},
		"empty key":             {minimal, one(rest.IdempotencyKey("")), "IdempotencyKey", "must have 10 to 40 characters"},
		"key with CR LF":        {minimal, one(rest.IdempotencyKey("0123456789\r\nA: b")), "IdempotencyKey", "control characters"},
		"key with a space":      {minimal, one(rest.IdempotencyKey("0123456789 ")), "IdempotencyKey", "must not begin or end with a space"},
		"no request id":         {minimal, one(rest.RequestID("")), "RequestID", "must not be empty"},
		"request id, CR":        {minimal, one(rest.RequestID("a\rb")), "RequestID", "control characters"},
		"request id, LF":        {minimal, one(rest.RequestID("a\nb")), "RequestID", "control characters"},
		"correlation, LF":       {minimal, one(rest.CorrelationID("a\r\nb")), "CorrelationID", "control characters"},
		"account, beyond ASCII": {minimal, one(rest.AccountID("acct_ü")), "AccountID", "must be ASCII"},
		"header with LF":        {minimal, one(rest.Header("X-Trace", "a\nb")), "Header", "control characters"},
		"bad header name":       {minimal, one(rest.Header("X Trace", "a")), "Header", "not a header name"},
		"reserved header":       {minimal, one(rest.Header("authorization", "Bearer x")), "Header", "Authorization is not for this option"},
		"header of option":      {minimal, one(rest.Header("straddle-account-id", customer)), "Header", "is not for this option"},
		"key as header":         {minimal, one(rest.Header("Idempotency-Key", "1")), "Header", "is not for this option"},
		"no time":               {minimal, one(rest.Timeout(0)), "Timeout", "must be positive"},
		"negative retries":      {minimal, one(rest.Retries(-1)), "Retries", "must not be negative"},
		"nil capture":           {minimal, one(rest.Capture(nil)), "Capture", "needs an Info"},
		"second option bad":     {minimal, []rest.Option{rest.RequestID("fine"), rest.IdempotencyKey("no")}, "IdempotencyKey", "10 to 40"},
	} {
		t.Run(name, func(t *testing.T) {
			w := wiretest.Script(created("token"))
			var info rest.Info
			opts := append([]rest.Option{rest.Capture(&info)}, c.opts...)
			token, err := client(t, w).Bridge.Initialize(t.Context(), c.body, opts...)
			assert.Nil(t, token)
			provider.RequireFault(t, err, fault{Kind: rest.ErrInvalid, Field: c.field, Says: c.rule})
			wiretest.RequireKinds(t, err, rest.ErrInvalid)
			assert.ErrorContains(t, err, c.field)
			assert.Empty(t, w.Requests())
			assert.Zero(t, info.Attempts)
			assert.Equal(t, "createBridgeToken", info.Operation)
		})
	}
}

func TestSandboxOutcomeIsNotForProduction(t *testing.T) {
	w := wiretest.Script(created("token"))
	c := client(t, w, func(c *straddle.Config) { c.Environment = straddle.Production })
	body := straddleapi.CreateBridgeTokenRequest{CustomerID: customer, Config: &straddleapi.PaykeyConfiguration{
		SandboxOutcome: straddleapi.SimulatedPaykeyOutcomeActive,
	}}
	_, err := c.Bridge.Initialize(t.Context(), body)
	provider.RequireFault(t, err, fault{Kind: rest.ErrInvalid, Field: "config.sandbox_outcome", Says: "is for the sandbox only"})
	assert.Empty(t, w.Requests())

	body.Config = &straddleapi.PaykeyConfiguration{ProcessingMethod: straddleapi.PaykeyProcessingModeSkip}
	_, err = c.Bridge.Initialize(t.Context(), body)
	require.NoError(t, err)
}

// Refusals of the provider, as the sandbox words them.
func TestRefusals(t *testing.T) {
	server := sandbox.Start(t)
	creds := server.Sandbox().Credentials().Straddle
	for name, c := range map[string]struct {
		key, customer string
		opts          []rest.Option
		want          fault
		code          string
	}{
		"wrong key": {apiKey, creds.CustomerID, nil, fault{Kind: rest.ErrUnauthenticated, Status: 401, Says: "The API key is not valid"}, "authentication_error"},
		"foreign account": {
			creds.APIKey, creds.CustomerID,
			[]rest.Option{rest.AccountID(stranger)},
			fault{Kind: rest.ErrForbidden, Status: 403, Says: "no access to this account"},
			"authentication_error",
		},
		"unknown customer": {
			creds.APIKey, stranger, nil,
			fault{Kind: rest.ErrInvalid, Status: 422, Field: "customer_id", Says: "customer_id is unknown [customer_id: no such customer]"},
			"validation_error",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var info rest.Info
			token, err := dial(t, server, c.key).Bridge.Initialize(t.Context(),
				straddleapi.CreateBridgeTokenRequest{CustomerID: c.customer}, append(c.opts, rest.Capture(&info))...)
			assert.Nil(t, token)
			calls := server.Sandbox().Calls()
			c.want.RequestID, c.want.Attempts = calls[len(calls)-1].RequestID, 1
			e := provider.RequireFault(t, err, c.want)
			wiretest.RequireKinds(t, err, c.want.Kind)
			assert.Equal(t, c.code, e.Code)
			assert.Equal(t, "createBridgeToken", e.Operation)
			assert.IsType(t, &straddleapi.APIError{}, e.Detail)
			assert.Equal(t, c.want.Status, info.Status)
			assert.NotEmpty(t, info.IdempotencyKey)
		})
	}
}

// What Straddle's documents leave open passes: ids of any length, accounts of either form, JSON that calls itself text. And
// what breaks a rule goes out unchecked, if that is asked for.
func TestWhatIsLeftOpen(t *testing.T) {
	long := strings.Repeat("r", 300)
	w := wiretest.Script(reply{Status: 201, Body: created("token").Body, MIME: "text/plain"}, created("token"))
	c := client(t, spectest.Transport(t, specs.Straddle, w))
	got, err := c.Bridge.Initialize(t.Context(), minimal, rest.RequestID(long), rest.CorrelationID(long), rest.AccountID("acct_0123456789"))
	require.NoError(t, err)
	assert.Equal(t, "token", got.Token.Reveal())
	assert.Equal(t, long, w.Requests()[0].Header.Get("Request-Id"))
	assert.Equal(t, "acct_0123456789", w.Requests()[0].Header.Get("Straddle-Account-Id"))

	w = wiretest.Script(created("token"))
	body := straddleapi.CreateBridgeTokenRequest{CustomerID: "cus_1", Config: &straddleapi.PaykeyConfiguration{SandboxOutcome: "new"}}
	_, err = client(t, w).Bridge.Initialize(t.Context(), body, rest.IdempotencyKey("short"), rest.Unchecked())
	require.NoError(t, err)
	assert.JSONEq(t, `{"customer_id":"cus_1","config":{"sandbox_outcome":"new"}}`, w.Requests()[0].Body)
}
