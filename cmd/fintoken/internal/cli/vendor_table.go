package cli

import (
	"encoding/json"
	"net/http"
	"reflect"

	"github.com/spf13/cobra"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/wire"
	"github.com/fintoken/fintoken-go/internal/operations"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// tabled is a provider whose commands all come from its table of calls.
type tabled[C interface{ Close() }] struct {
	vendor

	short, example string // of the help; without an example it is that of its first group
	tags           []operations.Tag
	calls          []operations.Operation[C]
	// open makes a client.
	open func(at place, of map[string]secret.String, calls rest.Config) (C, error)
	// raw returns where the generated client behind it sends requests to, and by what.
	raw func(client C) (server string, by doer)
	// unwrap makes an error of an answer that is one.
	unwrap func(resp *http.Response, err error) (*json.RawMessage, error)
}

// doer sends requests.
type doer interface {
	Do(req *http.Request) (*http.Response, error)
}

// done returns the vendor.
func (t tabled[C]) done() vendor {
	v := t.vendor
	v.try = func(at place, of map[string]secret.String) error {
		_, err := t.open(at, of, rest.Config{})
		return err
	}
	v.commands = func(a *app) *cobra.Command { return t.group(a, &v) }
	v.sign = func(a *app, cmd *cobra.Command, v *vendor, flags credentialFlags) (*signed, error) {
		client, end, err := t.connect(a, cmd, v, flags)
		if err != nil {
			return nil, err
		}
		server, by := t.raw(client)
		return &signed{server, by.Do, t.unwrap, end}, nil
	}
	return v
}

// group returns the commands.
func (t tabled[C]) group(a *app, v *vendor) *cobra.Command {
	cmd := group(v.name, t.short, t.example)
	cmd.Annotations = map[string]string{whole: ""}
	flags := addCredentials(cmd.PersistentFlags(), *v)
	return a.later(cmd, func() {
		all := operationCommands(a, t.calls, provider[C]{
			connect: func(cmd *cobra.Command) (C, func(), error) { return t.connect(a, cmd, v, flags) },
			token:   tokenOf,
			rows:    dataOf,
		})
		groups := a.tagGroups(t.tags, all)
		if cmd.Example == "" {
			cmd.Example = groups[0].Example
		}
		cmd.AddCommand(groups...)
	})
}

// connect returns a client of the credentials that are given, and what ends its use.
func (t tabled[C]) connect(a *app, cmd *cobra.Command, v *vendor, flags credentialFlags) (client C, end func(), err error) {
	p, err := a.placeOf(v.prefix())
	if err != nil {
		return client, nil, err
	}
	of, err := a.given(cmd.Context(), cmd, v, flags, p)
	if err != nil {
		return client, nil, err
	}
	if client, err = t.open(p, of, a.http(cmd, p, wire.First{})); err != nil {
		return client, nil, a.made(cmd, err)
	}
	return client, client.Close, nil
}

// tokenOf returns the token in a payload that has one: its first member that is a secret.
func tokenOf(payload any) (secret.String, bool) {
	v := reflect.Indirect(reflect.ValueOf(payload))
	if v.Kind() != reflect.Struct {
		return secret.String{}, false
	}
	for i := range v.NumField() {
		if f := v.Field(i); f.CanInterface() {
			if t, ok := f.Interface().(secret.String); ok {
				return t, true
			}
		}
	}
	return secret.String{}, false
}
