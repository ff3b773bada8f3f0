package demo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/finogates"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// finapiAccount is a client of finAPI and one of its users.
type finapiAccount struct {
	version            finapi.APIVersion
	id, secret         string
	username, password string // empty: no user
}

// errNoToken is the outcome of a step whose token never came.
var errNoToken = errors.New("an earlier call got no token")

// finapiSteps gets a token for the client; then for the user: gets, refreshes and revokes one. withQuery also revokes
// as the documented page of V1 shows it, with the token in the query; that is for the sandbox alone.
func finapiSteps(c *finapi.Client, a finapiAccount, ch *checks, withQuery bool) []step {
	var user token.Token
	get := func(variant string, body func() finapiaccess.GetTokenRequest) step {
		return step{variant, ch, func(ctx context.Context, row *Row, opts ...rest.Option) error {
			t, err := c.GetToken(ctx, body(), append(opts, requestID())...)
			if err != nil {
				return err
			}
			row.ExpiresIn = &t.ExpiresIn
			if body().GrantType != finapiaccess.GrantTypeClientCredentials {
				kept := user.Refresh
				if user = *t; user.Refresh.IsZero() {
					user.Refresh = kept
				}
			}
			return nil
		}}
	}
	revoke := func(variant string, hint finapi.Hint, t func() secret.String) step {
		return step{variant, ch, func(ctx context.Context, _ *Row, opts ...rest.Option) error {
			if t().IsZero() {
				return errNoToken
			}
			return c.RevokeToken(ctx, t(), hint, append(opts, requestID())...)
		}}
	}

	steps := []step{get("client_credentials", func() finapiaccess.GetTokenRequest {
		return finapiaccess.GetTokenRequest{GrantType: finapiaccess.GrantTypeClientCredentials}
	})}
	if a.username == "" {
		return steps
	}
	steps = append(steps,
		get("password", func() finapiaccess.GetTokenRequest {
			return finapiaccess.GetTokenRequest{GrantType: finapiaccess.GrantTypePassword, Username: a.username, Password: a.password}
		}),
		get("refresh_token", func() finapiaccess.GetTokenRequest {
			return finapiaccess.GetTokenRequest{GrantType: finapiaccess.GrantTypeRefreshToken, RefreshToken: user.Refresh.Reveal()}
		}),
	)
	if withQuery && a.version == finapi.V1 {
		steps = append(steps, revokeByQuery(c, ch, func() secret.String { return user.Access }))
	}
	return append(steps,
		revoke("access_token", finapi.HintAccessToken, func() secret.String { return user.Access }),
		revoke("refresh_token", finapi.HintRefreshToken, func() secret.String { return user.Refresh }),
	)
}

// revokeByQuery revokes with the generated client, in the form of the documented page.
func revokeByQuery(c *finapi.Client, ch *checks, t func() secret.String) step {
	return step{"query", ch, func(ctx context.Context, row *Row, _ ...rest.Option) error {
		if t().IsZero() {
			return errNoToken
		}
		text, hint, id := t().Reveal(), finapi.HintAccessToken, newRequestID()
		resp, err := c.API().RevokeTokenWithBody(ctx, &finapiaccess.RevokeTokenParams{Token: &text, TokenTypeHint: &hint, XRequestID: &id}, "", nil)
		row.Operation, row.Method, row.Path = "revokeToken", "POST", "/oauth/revoke"
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		row.Status, row.RequestID = resp.StatusCode, resp.Header.Get("X-Request-Id")
		if resp.StatusCode != http.StatusOK {
			return errors.New(resp.Status)
		}
		return nil
	}}
}

// finogatesSteps exchanges the credentials and gets an embed token, with the fields of the documented page.
func finogatesSteps(c *finogates.Client, ch *checks, user, page, card string) []step {
	return []step{
		{"client credentials", ch, func(ctx context.Context, row *Row, opts ...rest.Option) error {
			t, err := c.ExchangeClientToken(ctx, opts...)
			if err == nil && t.ExpiresIn > 0 {
				row.ExpiresIn = &t.ExpiresIn
			}
			return err
		}},
		{"add_card", ch, func(ctx context.Context, row *Row, opts ...rest.Option) error {
			t, err := c.EmbedTokens.Create(ctx, finogates.CreateEmbedTokenRequest{
				UserID: user, ParentOrigin: page, Scope: finogates.EmbedScopeAddCard, CardProcessingID: card,
			}, opts...)
			if err != nil {
				return err
			}
			if !t.ExpiresAt.IsZero() {
				left := time.Until(t.ExpiresAt).Round(time.Second)
				row.ExpiresIn = &left
			}
			row.Note = "iframe src: " + t.EmbedURL + "#token=" + t.Token.String() + "&mode=" + t.Mode
			return nil
		}},
	}
}

// straddleSteps gets a session token as the documented page does, and another with every field and header there is.
func straddleSteps(c *straddle.Client, ch *checks, customer, account string) []step {
	get := func(variant string, body straddleapi.CreateBridgeTokenRequest, more ...rest.Option) step {
		return step{variant, ch, func(ctx context.Context, _ *Row, opts ...rest.Option) error {
			_, err := c.Bridge.Initialize(ctx, body, append(opts, more...)...)
			return err
		}}
	}
	all := []rest.Option{
		rest.CorrelationID("fintoken-demo"), rest.IdempotencyKey("fintoken-demo-" + newRequestID()[:16]), requestID(),
	}
	if account != "" {
		all = append(all, rest.AccountID(account))
	}
	return []step{
		get("customer", straddleapi.CreateBridgeTokenRequest{CustomerID: customer}),
		get("every field", straddleapi.CreateBridgeTokenRequest{
			CustomerID: customer,
			Config: &straddleapi.PaykeyConfiguration{
				ProcessingMethod: straddleapi.PaykeyProcessingModeInline, SandboxOutcome: straddleapi.SimulatedPaykeyOutcomeActive,
			},
			ExternalID: "fintoken-demo",
		}, all...),
	}
}

// paymentSteps lead from a customer to a paid charge. later moves the clock of the sandbox to when the bank is done.
func paymentSteps(c *straddle.Client, ch *checks, later func() error) []step {
	var customer straddle.Customer
	var paykey straddle.Paykey
	var charge straddle.Charge
	device := straddle.PaymentDevice{IPAddress: "203.0.113.7"}
	return []step{
		{"a new one", ch, made(&customer, func(ctx context.Context, opts ...rest.Option) (*straddle.Customer, error) {
			return c.Customers.Create(ctx, straddle.CreateCustomerRequest{
				Name: "Example Person", Type: straddleapi.CustomerTypeIndividual, Email: "person@example.com", Phone: "+12025550123",
				Device: straddle.CustomerDevice(device), Config: &straddle.CustomerConfiguration{SandboxOutcome: straddleapi.SimulatedCustomerOutcomeVerified},
			}, opts...)
		})},
		{"bank account", ch, made(&paykey, func(ctx context.Context, opts ...rest.Option) (*straddle.Paykey, error) {
			return c.Bridge.CreateBankAccountPaykey(ctx, straddle.CreateBankAccountPaykeyRequest{
				CustomerID: customer.ID, RoutingNumber: "021000021", AccountNumber: "123456789", AccountType: straddleapi.AccountTypeChecking,
				Config: &straddle.PaykeyConfiguration{SandboxOutcome: straddleapi.SimulatedPaykeyOutcomeActive},
			}, opts...)
		})},
		{"25 dollars", ch, made(&charge, func(ctx context.Context, opts ...rest.Option) (*straddle.Charge, error) {
			return c.Charges.Create(ctx, straddle.CreateChargeRequest{
				Paykey: paykey.Paykey, Amount: 2500, Currency: "USD", Description: "Order 77", ExternalID: "order-77", Device: device,
				PaymentDate: straddleapi.DateOf(time.Now().AddDate(0, 0, 1)), ConsentType: straddleapi.ConsentTypeInternet,
				Config: straddle.ChargeConfiguration{
					BalanceCheck: straddleapi.BalanceCheckModeDisabled, SandboxOutcome: straddleapi.SimulatedPaymentOutcomePaid,
				},
			}, opts...)
		})},
		{"paid", ch, func(ctx context.Context, row *Row, opts ...rest.Option) error {
			if err := later(); err != nil {
				return err
			}
			done, err := c.Charges.Get(ctx, charge.ID, opts...)
			if err != nil {
				return err
			}
			row.Note = fmt.Sprintf("charge: %d cents, %s", done.Amount, done.Status)
			if done.Status != straddleapi.PaymentStatusPaid {
				return fmt.Errorf("the charge is %s and not paid", done.Status)
			}
			return nil
		}},
	}
}

// made is a call whose result is for later steps.
func made[T any](into *T, call func(ctx context.Context, opts ...rest.Option) (*T, error)) func(context.Context, *Row, ...rest.Option) error {
	return func(ctx context.Context, _ *Row, opts ...rest.Option) error {
		got, err := call(ctx, opts...)
		if err == nil {
			*into = *got
		}
		return err
	}
}

// requestID returns the option for a fresh id of a request.
func requestID() rest.Option { return rest.RequestID(newRequestID()) }

func newRequestID() string { return rand.Text() }
