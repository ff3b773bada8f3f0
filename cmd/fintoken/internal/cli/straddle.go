package cli

import (
	"github.com/spf13/cobra"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/secrets"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/wire"
	"github.com/fintoken/fintoken-go/internal/operations"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
)

// straddleExample is what the help of Straddle begins with.
const straddleExample = "  fintoken straddle bridge initialize --customer-id 182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"

// aliases are the words that Straddle's older pages have for the last word of a command, by operation. Those of its newer
// pages follow from the operation's name.
var aliases = map[string][]string{
	"getUnmaskedCustomer":             {"unmasked"},
	"getUnmaskedPaykey":               {"unmasked"},
	"getUnmaskedCharge":               {"unmask"},
	"getUnmaskedPayout":               {"unmask"},
	"getUnmaskedRepresentative":       {"unmask"},
	"getUnmaskedLinkedBankAccount":    {"unmask"},
	"getCustomerReview":               {"review"},
	"getPaykeyReview":                 {"review"},
	"setCustomerVerificationDecision": {"decision"},
	"setPaykeyVerificationDecision":   {"decision"},
	"refreshPaykeyBalance":            {"update-balance"},
	"simulateAccountOnboarding":       {"simulate"},
	"createCustomerStatusTotals":      {"create-total-customers-by-status"},
	"createBankAccountPaykey":         {"bank-account"},
	"createPlaidPaykey":               {"plaid"},
	"createQuilttPaykey":              {"create-paykey"},
	"createTanPaykey":                 {"create-tan"},
}

// newStraddle returns the commands of Straddle.
func (a *app) newStraddle() *cobra.Command {
	cmd := group("straddle", "Customers, paykeys, payments and Bridge tokens of Straddle", straddleExample)
	cmd.Annotations = map[string]string{whole: ""}
	key := secrets.Add(cmd.PersistentFlags(), straddleKey)
	return a.later(cmd, func() {
		all := operationCommands(a, operations.Straddle, provider[*straddle.Client]{
			connect: func(cmd *cobra.Command) (*straddle.Client, func(), error) { return a.straddle(cmd, key) },
			token:   bridgeToken,
			rows:    dataOf,
		})
		cmd.AddCommand(a.tagGroups(operations.StraddleTags, all)...)
	})
}

// straddleKey is the credential.
var straddleKey = secrets.Spec{Provider: "straddle", Name: "api-key", Env: "STRADDLE_API_KEY", What: "the API key", Keyring: true}

// straddle returns a client, and what ends its use.
func (a *app) straddle(cmd *cobra.Command, key *secrets.Flag) (*straddle.Client, func(), error) {
	p, err := a.placeOf("STRADDLE")
	if err != nil {
		return nil, nil, err
	}
	apiKey, err := a.secret(cmd.Context(), key, p)
	if err != nil {
		return nil, nil, err
	}
	environment := straddle.Sandbox
	if p.production() {
		environment = straddle.Production
	}
	client, err := straddle.New(straddle.Config{
		APIKey: apiKey, Environment: environment, BaseURL: p.baseURL, HTTP: a.http(cmd, p, wire.First{}),
	})
	if err != nil {
		return nil, nil, a.made(cmd, err)
	}
	return client, client.CloseIdleConnections, nil
}

// bridgeToken returns the session token of the payload that is one.
func bridgeToken(payload any) (secret.String, bool) {
	t, ok := payload.(*straddle.BridgeToken)
	if !ok {
		return secret.String{}, false
	}
	return t.Token, true
}
