package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/secrets"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// examine looks at one provider.
func (a *app) examine(ctx context.Context, p *vendor, offline bool) []check {
	at, err := a.placeOf(p.prefix())
	if at.environment != sandboxEnvironment && at.environment != productionEnvironment {
		return []check{{p.name, "environment", bad, err.Error(), "set it to one of them, or unset it"}}
	}
	out := []check{{Topic: p.name, Check: "environment", State: good, Detail: at.environment}}
	if p.versions != nil {
		if version := a.Getenv(p.prefix() + "_API_VERSION"); version != "" {
			out = append(out, versionCheck(p, version))
		}
	}
	out = append(out, a.credentials(ctx, p, at)...)
	if at.baseURL == "" {
		at.baseURL = map[bool]string{false: p.sandbox, true: p.production}[at.production()]
	}
	line, ok := a.address(p.name, at, err, "correct --base-url or "+p.prefix()+"_BASE_URL")
	out = append(out, line)
	if offline || !ok {
		return out
	}
	return append(out, a.reach(ctx, p.name, at, "check the address, the network and the proxy; --timeout gives the host more time")...)
}

// versionCheck looks at the version of the API.
func versionCheck(p *vendor, version string) check {
	variable := p.prefix() + "_API_VERSION"
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
var standIn = secret.New("stand-in-of-a-credential")

// credentials looks for what a client is made of, and whether a client can be made of it.
func (a *app) credentials(ctx context.Context, p *vendor, at place) []check {
	found := map[string]secret.String{}
	var out []check
	for _, c := range p.credentials {
		value, line := a.present(ctx, p, c, at)
		line.Topic, line.Check = p.name, p.line(c)
		if value.IsZero() {
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
				out[i].State, out[i].Detail, out[i].Next = bad, out[i].Detail+", but "+e.Message, p.mend(c)
			}
		}
	}
	return out
}

// line is what the doctor calls a credential.
func (v *vendor) line(c credential) string {
	if c.open {
		return v.variable(c)
	}
	return c.name
}

// mend says what to do about a credential that no command takes.
func (v *vendor) mend(c credential) string {
	return "set " + v.variable(c) + " to what the provider gave you"
}

// present looks for a credential and tells where it is.
func (a *app) present(ctx context.Context, v *vendor, c credential, at place) (value secret.String, line check) {
	if c.open {
		text := a.Getenv(v.variable(c))
		if text == "" {
			return value, check{State: warn, Detail: "not set"}
		}
		return secret.New(text), check{State: good, Detail: "set"}
	}
	finder := a.finder()
	if finder.Keyring != nil {
		finder.Keyring.Slow = nil // the doctor tells once, for all
	}
	value, origin, err := finder.Find(ctx, secrets.Add(pflag.NewFlagSet("", pflag.ContinueOnError), v.secret(c)), at.environment)
	var missing *secrets.Missing
	switch {
	case err == nil:
		return value, check{State: good, Detail: "in " + origin}
	case !errors.As(err, &missing):
		return secret.String{}, check{State: bad, Detail: err.Error(), Next: v.mend(c)}
	case missing.Keyring == nil:
		return secret.String{}, check{State: warn, Detail: "not in " + v.variable(c) + "; the keyring is switched off"}
	}
	return secret.String{}, check{State: warn, Detail: "not in " + v.variable(c) + ", and in the keyring: " + missing.Keyring.Error()}
}
