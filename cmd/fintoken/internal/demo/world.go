package demo

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/finogates"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
)

// parentOrigin is the page of the Finogates iframe in the demo.
const parentOrigin = "https://app.example.com"

// threeDays are enough for a charge of tomorrow to be paid, wherever tomorrow is.
const threeDays = 72 * time.Hour

// credentials are those of one provider, by the names of the environment.
type credentials map[string]string

// world is where the calls go.
type world struct {
	server    *sandbox.Server // nil in a live run
	getenv    func(string) string
	transport http.RoundTripper
}

// newWorld starts the sandbox, or prepares a live run.
func newWorld(o Options) (*world, error) {
	if o.Live {
		return &world{getenv: o.Getenv, transport: o.Transport}, nil
	}
	s, err := sandbox.Listen("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return &world{server: s, transport: o.Transport}, nil
}

func (w *world) close() {
	if w.server != nil {
		_ = w.server.Close()
	}
}

// steps returns the calls of a provider.
func (w *world) steps(provider string) ([]step, error) {
	switch provider {
	case "finapi":
		return w.finapi()
	case "finogates":
		return w.finogates()
	}
	return w.straddle()
}

// place is where a provider is and how to check what goes there.
type place struct {
	url    string
	checks *checks
}

// place returns where the provider of doc is: below prefix in the sandbox, or at its own host.
func (w *world) place(doc specs.Document, prefix string) (place, error) {
	p := place{}
	if w.server == nil {
		prefix = ""
	} else {
		p.url = w.server.URL() + prefix
	}
	var err error
	p.checks, err = newChecks(w.transport, doc, prefix)
	return p, err
}

// http returns the configuration that sends calls through the check.
func (p place) http() rest.Config {
	return rest.Config{HTTPClient: &http.Client{Transport: p.checks.transport}}
}

// env reads the variables that a live run needs; those that begin with "?" may be missing.
func (w *world) env(names ...string) (credentials, error) {
	out := credentials{}
	var missing []string
	for _, name := range names {
		name, optional := strings.CutPrefix(name, "?")
		out[name] = w.getenv(name)
		if out[name] == "" && !optional {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("a live run needs %s in the environment", strings.Join(missing, ", "))
	}
	return out, nil
}

// finapi returns the calls to both versions of finAPI Access; live, to the one that the client is bound to.
func (w *world) finapi() ([]step, error) {
	var accounts []finapiAccount
	if w.server != nil {
		c := w.server.Sandbox().Credentials().FinAPI
		accounts = []finapiAccount{
			{version: finapi.V1, id: c.ClientID, secret: c.ClientSecret, username: c.Username, password: c.Password},
			{version: finapi.V2, id: c.V2ClientID, secret: c.V2ClientSecret, username: c.Username, password: c.Password},
		}
	} else {
		env, err := w.env("FINAPI_CLIENT_ID", "FINAPI_CLIENT_SECRET", "?FINAPI_USERNAME", "?FINAPI_PASSWORD", "?FINAPI_API_VERSION")
		if err != nil {
			return nil, err
		}
		version, ok := map[string]finapi.APIVersion{"": finapi.V1, "V1": finapi.V1, "V2": finapi.V2}[strings.ToUpper(env["FINAPI_API_VERSION"])]
		if !ok {
			return nil, errors.New("FINAPI_API_VERSION must be V1 or V2")
		}
		accounts = []finapiAccount{{
			version: version, id: env["FINAPI_CLIENT_ID"], secret: env["FINAPI_CLIENT_SECRET"],
			username: env["FINAPI_USERNAME"], password: env["FINAPI_PASSWORD"],
		}}
	}
	p, err := w.place(specs.FinAPIAccess, "/finapi")
	if err != nil {
		return nil, err
	}
	var all []step
	for _, a := range accounts {
		client, err := finapi.New(finapi.Config{
			ClientID: a.id, ClientSecret: secret.New(a.secret), APIVersion: a.version, BaseURL: p.url, HTTP: p.http(),
		})
		if err != nil {
			return nil, err
		}
		all = append(all, finapiSteps(client, a, p.checks, w.server != nil)...)
	}
	return all, nil
}

// finogates returns the calls to Finogates.
func (w *world) finogates() ([]step, error) {
	var id, key, user, card, page string
	if w.server != nil {
		c := w.server.Sandbox().Credentials().Finogates
		id, key, user, card, page = c.ClientID, c.ClientSecret, c.UserID, c.CardProcessingID, parentOrigin
	} else {
		env, err := w.env("FINOGATES_CLIENT_ID", "FINOGATES_CLIENT_SECRET", "FINOGATES_USER_ID", "FINOGATES_PARENT_ORIGIN", "?FINOGATES_CARD_PROCESSING_ID")
		if err != nil {
			return nil, err
		}
		id, key, user = env["FINOGATES_CLIENT_ID"], env["FINOGATES_CLIENT_SECRET"], env["FINOGATES_USER_ID"]
		page, card = env["FINOGATES_PARENT_ORIGIN"], env["FINOGATES_CARD_PROCESSING_ID"]
	}
	p, err := w.place(specs.Finogates, "/finogates")
	if err != nil {
		return nil, err
	}
	client, err := finogates.New(finogates.Config{ClientID: id, ClientSecret: secret.New(key), BaseURL: p.url, HTTP: p.http()})
	if err != nil {
		return nil, err
	}
	return finogatesSteps(client, p.checks, user, page, card), nil
}

// straddle returns the calls to Straddle.
func (w *world) straddle() ([]step, error) {
	var key, customer, account string
	if w.server != nil {
		c := w.server.Sandbox().Credentials().Straddle
		key, customer, account = c.APIKey, c.CustomerID, c.AccountID
	} else {
		env, err := w.env("STRADDLE_API_KEY", "STRADDLE_CUSTOMER_ID", "?STRADDLE_ACCOUNT_ID")
		if err != nil {
			return nil, err
		}
		key, customer, account = env["STRADDLE_API_KEY"], env["STRADDLE_CUSTOMER_ID"], env["STRADDLE_ACCOUNT_ID"]
	}
	p, err := w.place(specs.Straddle, "/straddle")
	if err != nil {
		return nil, err
	}
	client, err := straddle.New(straddle.Config{APIKey: secret.New(key), BaseURL: p.url, HTTP: p.http()})
	if err != nil {
		return nil, err
	}
	steps := straddleSteps(client, p.checks, customer, account)
	if w.server != nil { // a bank takes its time
		steps = append(steps, paymentSteps(client, p.checks, func() error { return w.server.Sandbox().Clock().Advance(threeDays) })...)
	}
	return steps, nil
}
