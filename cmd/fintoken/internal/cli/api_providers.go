package cli

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// apiFlags are the flags of `api`.
type apiFlags struct {
	provider, key   string
	fields, headers []string
	credentials     credentialFlags
}

// addAPIFlags defines the flags.
func (a *app) addAPIFlags(cmd *cobra.Command, flags *apiFlags) {
	f := cmd.Flags()
	f.StringVar(&flags.provider, "provider", "straddle", "`name` of the provider: "+strings.Join(vendorNames(), ", "))
	f.StringArrayVar(&flags.fields, "field", nil, "`name=value` of a member of the body; may be repeated")
	f.StringArrayVar(&flags.headers, "header", nil, "a `name: value` to send; may be repeated")
	f.StringVar(&flags.key, "idempotency-key", "", headerFlags["idempotency-key"])
	f.String("api-version", "", "`version` that the client of finAPI is bound to: V1 or V2 (FINAPI_API_VERSION; default V1)")
	flags.credentials = addCredentials(f, vendors()...)
	bodyFlag(cmd)
	complete(cmd, "provider", vendorNames()...)
	complete(cmd, "api-version", "V1", "V2")
}

// options are the options of the call.
func (f *apiFlags) options() (opts []rest.Option, err error) {
	for _, h := range f.headers {
		name, value, ok := strings.Cut(h, ":")
		if !ok {
			return nil, errors.New("--header must be a name, a colon and a value")
		}
		opts = append(opts, rest.Header(strings.TrimSpace(name), strings.TrimSpace(value)))
	}
	if f.key != "" {
		opts = append(opts, rest.IdempotencyKey(f.key))
	}
	return opts, nil
}

// sign returns what sends requests with the credential of the provider.
func (a *app) sign(cmd *cobra.Command, flags *apiFlags) (*signed, error) {
	v, known := named(flags.provider)
	if !known {
		return nil, exit.UsageError(errors.New("--provider must be one of "+strings.Join(vendorNames(), ", ")), "leave it out for straddle")
	}
	return v.sign(a, cmd, v, flags.credentials)
}
