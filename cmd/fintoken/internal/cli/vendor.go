package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/secrets"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// vendors are the providers, in the order of the sandbox. A new one needs a line here. What else there is of a provider,
// its commands, its flags and variables, its entries in the keyring, what the doctor and a sandbox say of it, follows from
// its vendor.
func vendors() []vendor {
	return []vendor{finapiVendor(), finogatesVendor(), straddleVendor()}
}

// vendor is a provider as the program knows it, beside the calls of its documents.
type vendor struct {
	// name is that of its commands and of its part of a sandbox, and in capital letters the beginning of its variables.
	name                string
	sandbox, production string       // its hosts
	versions            []string     // of its API, if there are several
	credentials         []credential // what a client is made of
	more                []credential // what some of its commands take
	variables           [][2]string  // further variables, and what they are
	// commands returns its commands.
	commands func(a *app) *cobra.Command
	// try makes the client that a command would make, of credentials by their fields.
	try func(at place, of map[string]secret.String) error
	// sign returns what sends requests of any kind.
	sign func(a *app, cmd *cobra.Command, v *vendor, flags credentialFlags) (*signed, error)
	// shows returns what a person gets to see of the credentials of a sandbox, line by line; nil is all that is no secret.
	shows func(c sandbox.Credentials) []string
	// samples are commands that a sandbox understands; nil is none.
	samples func(c sandbox.Credentials) []string
}

// credential is what a client is made of.
type credential struct {
	name  string // of its flag, such as api-key, and with underlines that in the credentials of a sandbox
	what  string // for the help
	field string // of the client's Config
	open  bool   // it is no secret
}

// prefix begins the variables.
func (v *vendor) prefix() string { return strings.ToUpper(v.name) }

// variable returns the variable of a credential.
func (v *vendor) variable(c credential) string {
	return v.prefix() + "_" + variableName(strings.ReplaceAll(c.name, "-", "_"))
}

// secret returns how a secret is looked for.
func (v *vendor) secret(c credential) secrets.Spec {
	return secrets.Spec{Provider: v.name, Name: c.name, Env: v.variable(c), What: c.what, Keyring: true}
}

// named returns the vendor of a name.
func named(name string) (*vendor, bool) {
	for _, v := range vendors() {
		if v.name == name {
			return &v, true
		}
	}
	return nil, false
}

// vendorNames are the names of all.
func vendorNames() (names []string) {
	for _, v := range vendors() {
		names = append(names, v.name)
	}
	return names
}

// fieldFlags are the flags of what a constructor may refuse, by the field of its Config. The variable of a flag is called the
// same, behind the name of its provider.
func fieldFlags() map[string]string {
	flags := map[string]string{"BaseURL": "base-url", "APIVersion": "api-version", "RevokeInQuery": "in-query"}
	for _, v := range vendors() {
		for _, c := range v.credentials {
			flags[c.field] = c.name
		}
	}
	return flags
}

// kept are the secrets that the keyring can hold.
func kept() (list []secrets.Spec) {
	for _, v := range vendors() {
		for _, c := range append(v.credentials, v.more...) {
			if !c.open {
				list = append(list, v.secret(c))
			}
		}
	}
	return list
}

// credentialFlags are the flags of secrets, by their names.
type credentialFlags map[string]*secrets.Flag

// addCredentials defines the flags of the credentials of several providers: those that are called the same are one.
func addCredentials(flags *pflag.FlagSet, list ...vendor) credentialFlags {
	all, env := credentialFlags{}, map[string][]string{}
	for _, v := range list {
		for _, c := range v.credentials {
			env[c.name] = append(env[c.name], v.variable(c))
		}
	}
	for _, v := range list {
		for _, c := range v.credentials {
			if flags.Lookup(c.name) != nil {
				continue
			}
			if c.open {
				flags.String(c.name, "", c.what+" ("+strings.Join(env[c.name], ", ")+")")
				continue
			}
			spec := v.secret(c)
			spec.Env = strings.Join(env[c.name], " or ")
			all[c.name] = secrets.Add(flags, spec)
		}
	}
	return all
}

// of returns the flag of a secret as that of one provider.
func (f credentialFlags) of(v *vendor, c credential) *secrets.Flag {
	flag := f[c.name]
	flag.Spec = v.secret(c)
	return flag
}

// given returns the credentials that the command line, the environment and the keyring have, by their fields.
func (a *app) given(ctx context.Context, cmd *cobra.Command, v *vendor, flags credentialFlags, p place) (map[string]secret.String, error) {
	all := map[string]secret.String{}
	for _, c := range v.credentials {
		if c.open {
			value, err := a.setting(cmd, c.name, v.variable(c))
			if err != nil {
				return nil, err
			}
			all[c.field] = secret.New(value)
			continue
		}
		value, err := a.secret(ctx, flags.of(v, c), p)
		if err != nil {
			return nil, err
		}
		all[c.field] = value
	}
	return all, nil
}

// whose says in the help what the credentials are.
func (v *vendor) whose() string {
	if len(v.credentials) == 1 {
		return v.credentials[0].what
	}
	return "the client"
}

// environment lists the variables.
func (v *vendor) environment() string {
	var names []string
	for _, c := range v.credentials {
		names = append(names, v.variable(c))
	}
	var b strings.Builder
	for _, row := range append(append([][2]string{{strings.Join(names, ", "), v.whose()}}, v.variables...),
		[2]string{v.prefix() + "_BASE_URL, " + v.prefix() + "_ENVIRONMENT", "where to call"}) {
		fmt.Fprintf(&b, "  %-49s %s\n", row[0], row[1])
	}
	return b.String()
}
