package straddle

import (
	"context"
	"net/http"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// BridgeToken is a session token for the Bridge widget.
type BridgeToken struct {
	// Token goes to the browser, as the widget's option "token". Its life is not published; get one for each time
	// the widget is shown.
	Token secret.String
}

// bridgeToken is the payload of the answer.
type bridgeToken struct{ BridgeToken }

// UnmarshalJSON reads the member that is known.
func (t *bridgeToken) UnmarshalJSON(b []byte) error {
	return rest.Members(b, func(name, value []byte) error {
		if string(name) == "bridge_token" {
			return rest.Secret("data.bridge_token", value, &t.Token)
		}
		return nil
	})
}

// Check refuses a payload without a usable token.
func (t *bridgeToken) Check() error { return rest.TokenText("data.bridge_token", t.Token) }

// createBridgeToken repeats under its idempotency key.
var createBridgeToken = &rest.Operation{
	API: straddle, Name: "createBridgeToken", Method: http.MethodPost, Path: "/v1/bridge/initialize",
	Repeat: rest.RepeatByKey, MaxBody: rest.TokenMaxBody,
}

// InitializeBridge gets a session token for the Bridge widget, for one customer that exists already. It takes the
// options IdempotencyKey (10 to 40 characters), RequestID, CorrelationID and AccountID; without a key it makes one.
//
// body.CustomerID must be a UUID. body.Config.SandboxOutcome is refused in production.
//
// Source: Straddle, Bridge, initialize (https://sdk.straddle.com/api/cli/resources/bridge).
func (c *Client) InitializeBridge(ctx context.Context, body straddleapi.CreateBridgeTokenRequest, opts ...rest.Option) (*BridgeToken, error) {
	t, err := rest.Call[bridgeToken](ctx, createBridgeToken, c.check(body), opts, func(ctx context.Context) (*http.Response, error) {
		return c.API().CreateBridgeToken(ctx, nil, body)
	})
	if err != nil {
		return nil, err
	}
	return &t.BridgeToken, nil
}

// check refuses a body that breaks a rule.
func (c *Client) check(body straddleapi.CreateBridgeTokenRequest) error {
	if err := rest.UUID("customer_id", body.CustomerID); err != nil || body.Config == nil {
		return err
	}
	method, outcome := body.Config.ProcessingMethod, body.Config.SandboxOutcome
	return rest.First(
		rest.Optional(method, func() error {
			return rest.OneOf("config.processing_method", method, straddleapi.ProcessingMethodInline, straddleapi.ProcessingMethodBackground, straddleapi.ProcessingMethodSkip)
		}),
		rest.Optional(outcome, func() error {
			if c.cfg.Environment == Production {
				return rest.Invalid("config.sandbox_outcome", "is for the sandbox only")
			}
			return rest.OneOf("config.sandbox_outcome", outcome, straddleapi.SandboxOutcomeStandard, straddleapi.SandboxOutcomeActive, straddleapi.SandboxOutcomeRejected, straddleapi.SandboxOutcomeReview)
		}),
	)
}
