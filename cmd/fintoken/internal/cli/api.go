package cli

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/input"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/output"
	"github.com/fintoken/fintoken-go/internal/operations"
	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// signed sends requests with a provider's credential.
type signed struct {
	server string // the URL before the path
	do     func(*http.Request) (*http.Response, error)
	open   func(*http.Response, error) (*json.RawMessage, error) // makes errors of what is one
	end    func()
}

// apiMethods are the methods that a request can have.
var apiMethods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// newAPI returns the command that sends anything.
func (a *app) newAPI() *cobra.Command {
	flags := &apiFlags{}
	cmd := &cobra.Command{
		Use: "api METHOD PATH", Short: "Send a signed request of any kind to a provider",
		Example: `  fintoken api GET '/v1/customers?page_size=5'
  fintoken api PUT /v1/charges/0b7a4a4e-3c55-4c0e-8f5a-7d6d2f7a9b10/hold --field 'reason=Customer asked'
  fintoken api POST /v1/bridge/initialize --body '{customer_id: 182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e}'`,
		Long: `For what has no command. The request goes through the same chain as all others: it gets the credential, is bounded in time, and
is sent again only where that does no harm. What is known of the operation holds for that, else a GET is harmless and anything
else is sent again only if it certainly was not carried out. Nothing is checked before it is sent.

--field sets a member of the body, or of the query of a GET: name=value, with dots in the name for a member of a member. The
value is JSON or YAML, so a text that looks like a number needs quotes in it.`,
		Args:        func(cmd *cobra.Command, args []string) error { return nArgs(cmd, args, []string{"METHOD", "PATH"}) },
		Annotations: map[string]string{heeds: calling}, ValidArgs: apiMethods,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.api(cmd, flags, strings.ToUpper(args[0]), args[1])
		},
	}
	return a.later(cmd, func() { a.addAPIFlags(cmd, flags) })
}

// api sends a request and prints the answer.
func (a *app) api(cmd *cobra.Command, flags *apiFlags, method, path string) error {
	body, err := a.apiBody(cmd, flags)
	if err == nil && !slices.Contains(apiMethods, method) {
		err = errors.New("METHOD must be one of " + strings.Join(apiMethods, ", "))
	}
	if err == nil && (!strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//")) {
		err = errors.New("PATH must begin with one /: it is that of the provider's document")
	}
	opts, wrong := flags.options()
	if err = errors.Join(err, wrong); err != nil {
		return exit.UsageError(err, usageNext(cmd, err))
	}
	known := operationAt(flags.provider, method, path)
	a.call = exit.Call{Operation: method, Harmless: method == http.MethodGet || known.Repeat == "freely"}
	if known.Repeat == "by-key" && flags.key == "" {
		opts = append(opts, rest.IdempotencyKey(rand.Text()))
	}
	to, err := a.sign(cmd, flags)
	if err != nil {
		return err
	}
	defer to.end()
	req, err := newRequest(rest.WithOptions(cmd.Context(), a.options(opts...)...), to.server, method, path, body)
	if err != nil {
		return exit.UsageError(err, usageNext(cmd, err))
	}
	resp, err := to.do(req)
	if err == nil && resp.StatusCode/100 == 2 && resp.ContentLength == 0 {
		return resp.Body.Close() // there is nothing to print
	}
	if _, err = to.open(resp, err); err != nil {
		return err
	}
	return a.print(cmd, output.Answer{JSON: a.answers.Body(), Whole: true})
}

// apiBody reads --body and --field.
func (a *app) apiBody(cmd *cobra.Command, flags *apiFlags) (map[string]any, error) {
	body, err := a.body(cmd)
	if err != nil {
		return nil, err
	}
	for _, f := range flags.fields {
		name, text, ok := strings.Cut(f, "=")
		var value any
		if !ok || name == "" || yaml.Unmarshal([]byte(text), &value) != nil {
			return nil, errors.New("--field must be name=value, with a value in JSON or YAML")
		}
		input.Set(body, value, strings.Split(name, ".")...)
	}
	a.remember(body)
	return body, nil
}

// newRequest returns the request. What is given of the body of a GET goes into its query.
func newRequest(ctx context.Context, server, method, path string, body map[string]any) (*http.Request, error) {
	target, err := url.Parse(strings.TrimSuffix(server, "/") + path)
	if err != nil {
		return nil, errors.New("PATH is not that of a URL")
	}
	var text io.Reader
	if len(body) > 0 && method == http.MethodGet {
		query := target.Query()
		for name, value := range body {
			query.Set(name, fmt.Sprint(value))
		}
		target.RawQuery = query.Encode()
	} else if len(body) > 0 {
		encoded, err := json.Marshal(body)
		if err != nil {
			return nil, errors.New("the body has a value that JSON has not")
		}
		text = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(ctx, method, target.String(), text)
	if err != nil {
		return nil, err
	}
	if text != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// operationAt returns what is known of a request, or nothing.
func operationAt(provider, method, path string) operations.Info {
	path, _, _ = strings.Cut(path, "?")
	for _, op := range operations.All() {
		if op.Provider == provider && op.Method == method && matches(op.Path, path) {
			return *op
		}
	}
	return operations.Info{}
}

// matches reports whether a path is one of the template.
func matches(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i, part := range want {
		if part != got[i] && !strings.HasPrefix(part, "{") {
			return false
		}
	}
	return true
}
