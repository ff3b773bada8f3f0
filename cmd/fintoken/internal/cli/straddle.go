package cli

import (
	"encoding/json"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/internal/operations"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/wrappers/rest"
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

// straddleVendor is Straddle.
func straddleVendor() vendor {
	return tabled[*straddle.Client]{
		vendor: vendor{
			name: "straddle", sandbox: straddleapi.ServerURLSandbox, production: straddleapi.ServerURLProduction,
			credentials: []credential{{name: "api-key", what: "the API key", field: "APIKey"}},
			samples: func(c sandbox.Credentials) []string {
				return []string{"straddle bridge initialize --customer-id " + c.Straddle.CustomerID}
			},
		},
		short: "Customers, paykeys, payments and Bridge tokens of Straddle", example: straddleExample,
		tags: operations.StraddleTags, calls: operations.Straddle,
		open: func(at place, of map[string]secret.String, calls rest.Config) (*straddle.Client, error) {
			cfg := straddle.Config{APIKey: of["APIKey"], BaseURL: at.baseURL, HTTP: calls}
			if at.production() {
				cfg.Environment = straddle.Production
			}
			return straddle.New(cfg)
		},
		raw: func(client *straddle.Client) (string, doer) {
			api := client.API().(*straddleapi.Client) //nolint:forcetypeassert // of a client that New made it is no other
			return api.Server, api.Client
		},
		unwrap: straddle.Unwrap[json.RawMessage],
	}.done()
}
