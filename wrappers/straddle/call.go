package straddle

import (
	"context"
	"net/http"
	"slices"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// service is what the calls of all services are made with.
type service struct{ client *Client }

// sender is a method of the generated client.
type sender func(ctx context.Context, api straddleapi.ClientInterface) (*http.Response, error)

// call makes one call.
func call[T any](ctx context.Context, s *service, op *rest.Operation, check error, opts []rest.Option, send sender) (*T, error) {
	c := s.of()
	return rest.Call[T](ctx, op, check, c.scoped(op, opts), func(ctx context.Context) (*http.Response, error) {
		return send(ctx, c.API())
	})
}

// page gets one page.
func page[T any](ctx context.Context, s *service, op *rest.Operation, check error, opts []rest.Option, send sender) (*rest.Page[T], error) {
	c := s.of()
	return rest.CallPage[T](ctx, op, check, c.scoped(op, opts), func(ctx context.Context) (*http.Response, error) {
		return send(ctx, c.API())
	})
}

// of returns the client of s, or one whose calls fail where s is of none.
func (s *service) of() *Client {
	if s == nil {
		return &Client{}
	}
	return s.client
}

// scoped puts the account of c before the options of a call that can be made for an account.
func (c *Client) scoped(op *rest.Operation, opts []rest.Option) []rest.Option {
	if c.cfg.AccountID == "" || !slices.Contains(op.Headers, api.AccountID.Name) {
		return opts
	}
	return slices.Insert(slices.Clone(opts), 0, rest.AccountID(c.cfg.AccountID))
}

// checks begins the checks of a call.
func (s *service) checks() rest.Checks {
	return rest.Checks{Production: s.of().cfg.Environment == Production}
}
