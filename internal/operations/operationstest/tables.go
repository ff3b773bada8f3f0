package operationstest

import (
	"context"
	"net/http"

	"github.com/fintoken/fintoken-go/internal/operations"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
)

// Table is the calls of a provider, with a client that makes them.
type Table struct {
	Name       string
	Operations []Operation
	// Client returns a client that calls a base URL, or without one the host of its environment.
	Client func(baseURL string, production bool, calls rest.Config) (any, error)
	// Zero is a client that New did not make.
	Zero any
	// Signed are the headers that every call has.
	Signed map[string]string
	// Failure is an error of the provider, with a text of its own.
	Failure func(status int, text string) any
}

// Operation is a call whose client is of any type.
type Operation = operations.Operation[any]

// Tables are those of all providers whose calls are generated. A new one needs an entry here.
var Tables = []Table{
	{
		Name: "straddle", Operations: of(operations.Straddle),
		Client: func(baseURL string, production bool, calls rest.Config) (any, error) {
			cfg := straddle.Config{APIKey: secret.New(SomeSecret), BaseURL: baseURL, HTTP: calls}
			if production {
				cfg.Environment = straddle.Production
			}
			return straddle.New(cfg)
		},
		Zero:   &straddle.Client{},
		Signed: map[string]string{"Authorization": "Bearer " + SomeSecret},
		Failure: func(status int, text string) any {
			return map[string]any{
				"response_type": "error", "meta": map[string]any{"api_request_id": SomeID, "api_request_timestamp": "x"},
				"error": map[string]any{"type": "/bad", "title": "bad", "status": status, "detail": text},
			}
		},
	},
}

const (
	// SomeSecret is what the clients sign with. It must be seen nowhere but on the wire.
	SomeSecret = "canary-ak-2e8c5d91f746"
	// SomeID is an id that nothing depends on.
	SomeID = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
)

// Close closes a client of a table.
func Close(client any) { client.(interface{ Close() }).Close() }

// Over is how the calls of a client end at a transport.
func Over(rt http.RoundTripper) rest.Config {
	return rest.Config{HTTPClient: &http.Client{Transport: rt}}
}

// of makes the calls of a table take a client of any type.
func of[C any](table []operations.Operation[C]) (list []Operation) {
	for _, op := range table {
		list = append(list, Operation{
			Info: op.Info, NewBody: op.NewBody, NewQuery: op.NewQuery,
			Call: func(ctx context.Context, client any, in *operations.Input, opts ...rest.Option) (any, error) {
				return op.Call(ctx, client.(C), in, opts...)
			},
		})
	}
	return list
}
