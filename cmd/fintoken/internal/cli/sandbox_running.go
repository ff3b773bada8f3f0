package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// running is what a sandbox tells of itself. In JSON each provider is a member with its base URL and its credentials.
type running struct {
	credentials sandbox.Credentials
	providers   []servedProvider

	AdminURL string `json:"admin_url"`
	Socket   string `json:"socket,omitempty"` // the Unix socket that the host localhost above stands for
	// InsecureHosts are those above that are called over plain http and are not this machine's own.
	InsecureHosts []string `json:"insecure_hosts,omitempty"`
	CAFile        string   `json:"ca_file,omitempty"` // the authority that clients must trust
}

// servedProvider is a provider of the sandbox.
type servedProvider struct {
	*vendor

	url string
}

// served notes the providers and their credentials.
func (r *running) served(s *sandbox.Server) {
	r.credentials = s.Sandbox().Credentials()
	for _, v := range vendors() {
		r.providers = append(r.providers, servedProvider{&v, s.URL() + "/" + v.name})
	}
}

// expose gives each provider a port of its own.
func (r *running) expose(s *sandbox.Server, listen string) error {
	var errs []error
	for i := range r.providers {
		p := &r.providers[i]
		own, err := s.Expose(p.name, ownAddress(listen))
		p.url, errs = own, append(errs, err)
	}
	return exit.ConfigError(errors.Join(errs...), "")
}

// MarshalJSON writes the providers, and then the rest.
func (r *running) MarshalJSON() ([]byte, error) {
	type rest running // without this method
	var all []any
	for _, p := range r.providers {
		one, err := members(struct {
			BaseURL string `json:"base_url"`
		}{p.url}, p.of(r.credentials).Interface())
		if err != nil {
			return nil, err
		}
		all = append(all, map[string]json.RawMessage{p.name: one})
	}
	return members(append(all, (*rest)(r))...)
}

// members puts the members of objects into one object, in their order. None of the objects is empty.
func members(objects ...any) ([]byte, error) {
	var inner [][]byte
	for _, o := range objects {
		text, err := json.Marshal(o)
		if err != nil {
			return nil, err
		}
		inner = append(inner, text[1:len(text)-1])
	}
	return slices.Concat([]byte("{"), bytes.Join(inner, []byte(",")), []byte("}")), nil
}

// of returns the provider's part of the credentials.
func (v *vendor) of(c sandbox.Credentials) reflect.Value {
	all := reflect.ValueOf(c)
	for i := range all.NumField() {
		if all.Type().Field(i).Tag.Get("json") == v.name {
			return all.Field(i)
		}
	}
	return reflect.ValueOf(struct{}{})
}

// member returns a member of the provider's part of the credentials; empty where it has none.
func (v *vendor) member(c sandbox.Credentials, name string) string {
	part := v.of(c)
	for i := range part.NumField() {
		if part.Type().Field(i).Tag.Get("json") == name {
			return part.Field(i).String()
		}
	}
	return ""
}

// lines are what a person gets to see of the credentials: what is no secret, if the provider has nothing better.
func (v *vendor) lines(c sandbox.Credentials) []string {
	if v.shows != nil {
		return v.shows(c)
	}
	var words []string
	for part, i := v.of(c), 0; i < part.NumField(); i++ {
		if name := part.Type().Field(i).Tag.Get("json"); !slices.Contains(hidden, name) {
			words = append(words, strings.ReplaceAll(strings.TrimSuffix(name, "_id"), "_", " ")+" "+part.Field(i).String())
		}
	}
	return []string{strings.Join(words, ", ")}
}

// variables are those that lead the other commands to the sandbox.
func (r *running) variables() (list [][2]string) {
	for i := range r.providers {
		p := &r.providers[i]
		list = append(list, [2]string{p.prefix() + "_BASE_URL", r.reach(p.url)})
		for _, c := range append(p.credentials, p.more...) {
			list = append(list, [2]string{p.variable(c), p.member(r.credentials, strings.ReplaceAll(c.name, "-", "_"))})
		}
	}
	list = append(list, [2]string{"FINTOKEN_SANDBOX_URL", strings.TrimSuffix(r.reach(r.AdminURL), adminPath)})
	if r.InsecureHosts != nil {
		list = append(list, [2]string{insecureVariable, strings.Join(r.InsecureHosts, ",")})
	}
	if r.CAFile != "" {
		list = append(list, [2]string{caVariable, r.CAFile}, [2]string{"NODE_EXTRA_CA_CERTS", r.CAFile})
	}
	return list
}

// redact takes the secrets out.
func (r *running) redact() { redactIn(reflect.ValueOf(&r.credentials).Elem()) }

// redactIn takes out the texts that a document says are secret by the names that they have in JSON.
func redactIn(v reflect.Value) {
	for i := range v.NumField() {
		field, name := v.Field(i), v.Type().Field(i).Tag.Get("json")
		switch {
		case field.Kind() == reflect.Struct:
			redactIn(field)
		case field.Kind() == reflect.String && slices.Contains(hidden, name):
			field.SetString(secret.Redacted)
		}
	}
}

// reach returns the address by which fintoken reaches a URL of the sandbox.
func (r *running) reach(url string) string {
	if r.Socket != "" && strings.HasPrefix(url, socketHost+"/") {
		return socketPrefix + r.Socket
	}
	return url
}
