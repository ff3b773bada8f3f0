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

// Initialize gets a session token for the Bridge widget, for one customer that exists already. It takes the options
// IdempotencyKey (10 to 40 characters), RequestID, CorrelationID and AccountID; without a key it makes one.
//
// body.CustomerID must be a UUID. body.Config.SandboxOutcome is refused in production.
//
// Source: Straddle, Bridge, initialize (https://sdk.straddle.com/api/cli/resources/bridge).
func (s *BridgeService) Initialize(ctx context.Context, body CreateBridgeTokenRequest, opts ...rest.Option) (*BridgeToken, error) {
	t, err := call[bridgeToken](ctx, (*service)(s), createBridgeToken, s.checkInitialize(&body), opts, func(ctx context.Context, api straddleapi.ClientInterface) (*http.Response, error) {
		return api.CreateBridgeToken(ctx, nil, body)
	})
	if err != nil {
		return nil, err
	}
	return &t.BridgeToken, nil
}
