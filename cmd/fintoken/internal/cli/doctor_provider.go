package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/secrets"
	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/finogates"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
)

// patient is a provider that the doctor looks at.
type patient struct {
	name, prefix        string
	sandbox, production string
	versions            []string // of its API, if there are several
	credentials         []credential
	// try makes the client that a command would make, of credentials by their fields.
	try func(at place, of map[string]string) error
}

// credential is what a client is made of.
type credential struct {
	secrets.Spec

	field string // of the client's Config
	open  bool   // it is no secret
}

// line is what the doctor calls the credential.
func (c credential) line() string {
	if c.open {
		return c.Env
	}
	return c.Name
}

var patients = []patient{
	{
		name: "finapi", prefix: "FINAPI", sandbox: finapiaccess.ServerURLSandbox, production: finapiaccess.ServerURLProduction,
		versions: []string{"V1", "V2"},
		credentials: []credential{
			{Spec: secrets.Spec{Name: "client-id", Env: "FINAPI_CLIENT_ID"}, field: "ClientID", open: true},
			{Spec: secrets.Spec{Provider: "finapi", Name: "client-secret", Env: "FINAPI_CLIENT_SECRET", Keyring: true}, field: "ClientSecret"},
		},
		try: func(at place, of map[string]string) error {
			_, err := finapi.New(finapi.Config{ClientID: of["ClientID"], ClientSecret: secret.New(of["ClientSecret"]), BaseURL: at.baseURL})
			return err
		},
	},
	{
		name: "finogates", prefix: "FINOGATES", sandbox: finogatesapi.ServerURLSandbox, production: finogatesapi.ServerURLProduction,
		credentials: []credential{
			{Spec: secrets.Spec{Name: "client-id", Env: "FINOGATES_CLIENT_ID"}, field: "ClientID", open: true},
			{Spec: secrets.Spec{Provider: "finogates", Name: "client-secret", Env: "FINOGATES_CLIENT_SECRET", Keyring: true}, field: "ClientSecret"},
		},
		try: func(at place, of map[string]string) error {
			c := finogates.Config{ClientID: of["ClientID"], ClientSecret: secret.New(of["ClientSecret"]), BaseURL: at.baseURL}
			if at.production() {
				c.Environment = finogates.Production
			}
			_, err := finogates.New(c)
			return err
		},
	},
	{
		name: "straddle", prefix: "STRADDLE", sandbox: straddleapi.ServerURLSandbox, production: straddleapi.ServerURLProduction,
		credentials: []credential{
			{Spec: secrets.Spec{Provider: "straddle", Name: "api-key", Env: "STRADDLE_API_KEY", Keyring: true}, field: "APIKey"},
		},
		try: func(at place, of map[string]string) error {
			_, err := straddle.New(straddle.Config{APIKey: secret.New(of["APIKey"]), BaseURL: at.baseURL})
			return err
		},
	},
}

// examine looks at one provider.
func (a *app) examine(ctx context.Context, p patient, offline bool) []check {
	at, err := a.placeOf(p.prefix)
	if at.environment != sandboxEnvironment && at.environment != productionEnvironment {
		return []check{{p.name, "environment", bad, err.Error(), "set it to one of them, or unset it"}}
	}
	out := []check{{Topic: p.name, Check: "environment", State: good, Detail: at.environment}}
	if p.versions != nil {
		if version := a.Getenv(p.prefix + "_API_VERSION"); version != "" {
			out = append(out, versionCheck(p, version))
		}
	}
	out = append(out, a.credentials(ctx, p, at)...)
	if at.baseURL == "" {
		at.baseURL = map[bool]string{false: p.sandbox, true: p.production}[at.production()]
	}
	line, ok := a.address(p.name, at, err, "correct --base-url or "+p.prefix+"_BASE_URL")
	out = append(out, line)
	if offline || !ok {
		return out
	}
	return append(out, a.reach(ctx, p.name, at, "check the address, the network and the proxy; --timeout gives the host more time")...)
}

// versionCheck looks at the version of the API.
func versionCheck(p patient, version string) check {
	variable := p.prefix + "_API_VERSION"
	if !slices.Contains(p.versions, strings.ToUpper(version)) {
		options := strings.Join(p.versions, " or ")
		return check{p.name, variable, bad, "must be " + options, "set it to " + options + ", or unset it"}
	}
	return check{Topic: p.name, Check: variable, State: good, Detail: strings.ToUpper(version)}
}

// address looks at where a host is. err is what is known to be wrong with it.
func (a *app) address(name string, at place, err error, next string) (check, bool) {
	if err == nil {
		_, err = rest.ParseBaseURL("the base URL", at.baseURL, a.trust.insecure...)
	}
	if err != nil {
		return check{name, "address", bad, describe(err), next}, false
	}
	text := at.baseURL
	if at.socket != "" {
		text = socketPrefix + at.socket
	}
	return check{Topic: name, Check: "address", State: good, Detail: text}, true
}

// examineSandbox looks at the sandbox that the verbs of `fintoken sandbox` talk to, if one is named.
func (a *app) examineSandbox(ctx context.Context, offline bool) []check {
	const variable, next = "FINTOKEN_SANDBOX_URL", "start `fintoken sandbox`, which prints what to set FINTOKEN_SANDBOX_URL to, or unset it"
	at := place{environment: sandboxEnvironment, baseURL: a.Getenv(variable)}
	if at.baseURL == "" {
		return nil
	}
	err := at.dial("")
	at.baseURL = strings.TrimSuffix(strings.TrimSuffix(at.baseURL, "/"), adminPath)
	line, ok := a.address("sandbox", at, err, next)
	line.Check = variable
	if offline || !ok {
		return []check{line}
	}
	return append([]check{line}, a.reach(ctx, "sandbox", at, next)...)
}

// standIn stands for a credential that is missing, so that the others can be looked at. Every provider would take it.
const standIn = "stand-in-of-a-credential"

// credentials looks for what a client is made of, and whether a client can be made of it.
func (a *app) credentials(ctx context.Context, p patient, at place) []check {
	found := map[string]string{}
	var out []check
	for _, c := range p.credentials {
		value, line := a.present(ctx, c, at)
		line.Topic, line.Check = p.name, c.line()
		if value == "" {
			value = standIn
		}
		found[c.field], out = value, append(out, line)
	}
	for range p.credentials { // each round finds one that is wrong
		var e *rest.Error
		if !errors.As(p.try(at, found), &e) {
			break
		}
		for i, c := range p.credentials {
			if c.field == e.Field {
				found[c.field] = standIn
				out[i].State, out[i].Detail, out[i].Next = bad, out[i].Detail+", but "+e.Message, mend(c)
			}
		}
	}
	return out
}

// mend says what to do about a credential that no command takes.
func mend(c credential) string { return "set " + c.Env + " to what the provider gave you" }

// present looks for a credential and tells where it is.
func (a *app) present(ctx context.Context, c credential, at place) (value string, line check) {
	if c.open {
		if value = a.Getenv(c.Env); value == "" {
			return "", check{State: warn, Detail: "not set"}
		}
		return value, check{State: good, Detail: "set"}
	}
	finder := a.finder()
	if finder.Keyring != nil {
		finder.Keyring.Slow = nil // the doctor tells once, for all
	}
	s, origin, err := finder.Find(ctx, secrets.Add(pflag.NewFlagSet("", pflag.ContinueOnError), c.Spec), at.environment)
	var missing *secrets.Missing
	switch {
	case err == nil:
		return s.Reveal(), check{State: good, Detail: "in " + origin}
	case !errors.As(err, &missing):
		return "", check{State: bad, Detail: err.Error(), Next: mend(c)}
	case missing.Keyring == nil:
		return "", check{State: warn, Detail: "not in " + c.Env + "; the keyring is switched off"}
	}
	return "", check{State: warn, Detail: "not in " + c.Env + ", and in the keyring: " + missing.Keyring.Error()}
}
