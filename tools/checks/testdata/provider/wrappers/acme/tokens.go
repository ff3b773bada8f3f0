package acme

import (
	"context"
	"net/http"

	"github.com/fintoken/fintoken-go/gen/acmeapi"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// LinkToken opens the widget for one user.
type LinkToken struct {
	// Token goes to the browser.
	Token secret.String
	// Expiration is when it ends, as Acme writes it.
	Expiration string
}

type linkToken struct{ LinkToken }

// UnmarshalJSON reads the members that are known.
func (t *linkToken) UnmarshalJSON(b []byte) error {
	return rest.Members(b, func(name, value []byte) error {
		switch string(name) {
		case "link_token":
			return rest.Secret("link_token", value, &t.Token)
		case "expiration":
			return rest.Text("expiration", value, &t.Expiration)
		}
		return nil
	})
}

// Check refuses a payload without a usable token.
func (t *linkToken) Check() error { return rest.TokenText("link_token", t.Token) }

// CreateToken creates a token that opens the widget for one user.
//
// Source: Acme, link tokens (https://acme.example/docs/link).
func (s *LinkService) CreateToken(ctx context.Context, body CreateLinkTokenRequest, opts ...rest.Option) (*LinkToken, error) {
	t, err := call[linkToken](ctx, (*service)(s), createLinkToken, s.checkCreateToken(&body), opts, func(ctx context.Context, api acmeapi.ClientInterface) (*http.Response, error) {
		return api.CreateLinkToken(ctx, body)
	})
	if err != nil {
		return nil, err
	}
	return &t.LinkToken, nil
}

// AccessToken is for the calls of an item.
type AccessToken struct {
	// Token stays on the server.
	Token secret.String
	// ItemID is the login of the user at the bank.
	ItemID string
}

type accessToken struct{ AccessToken }

// UnmarshalJSON reads the members that are known.
func (t *accessToken) UnmarshalJSON(b []byte) error {
	return rest.Members(b, func(name, value []byte) error {
		switch string(name) {
		case "access_token":
			return rest.Secret("access_token", value, &t.Token)
		case "item_id":
			return rest.Text("item_id", value, &t.ItemID)
		}
		return nil
	})
}

// Check refuses a payload without a usable token.
func (t *accessToken) Check() error { return rest.TokenText("access_token", t.Token) }

// ExchangePublicToken exchanges the public token of the widget, which works once. In doubt it is sent again; a refusal then
// may mean that the first one worked, and stays in doubt.
//
// Source: Acme, items (https://acme.example/docs/item).
func (s *ItemService) ExchangePublicToken(ctx context.Context, body ExchangePublicTokenRequest, opts ...rest.Option) (*AccessToken, error) {
	t, err := call[accessToken](ctx, (*service)(s), exchangePublicToken, s.checkExchangePublicToken(&body), opts, func(ctx context.Context, api acmeapi.ClientInterface) (*http.Response, error) {
		return api.ExchangePublicToken(ctx, body)
	})
	if err != nil {
		return nil, err
	}
	return &t.AccessToken, nil
}
