// The demo credentials.

package sandbox

// What the examples on the providers' pages name is there in every new Sandbox, so that they work as they are printed.
const (
	pageFinogatesID = "3c90c3cc-0d44-4b50-8888-8dd25736052a" // of the end user and of the card-processing account
	pageStraddleID  = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e" // of the customer and of the account
	pageStraddleKey = "My API Key"                           // works beside the demo key
)

// Credentials are the demo credentials that a Sandbox accepts. They open nothing but that one Sandbox. Secrets, and the
// ids that clients log in with, are its own; the ids of Finogates and Straddle are those of the providers' pages.
type Credentials struct {
	FinAPI    FinAPICredentials    `json:"finapi"`
	Finogates FinogatesCredentials `json:"finogates"`
	Straddle  StraddleCredentials  `json:"straddle"`
}

// FinAPICredentials are two clients, one bound to each version of the API, and a user whom both know.
type FinAPICredentials struct {
	ClientID       string `json:"client_id"` // bound to V1
	ClientSecret   string `json:"client_secret"`
	V2ClientID     string `json:"v2_client_id"` // bound to V2
	V2ClientSecret string `json:"v2_client_secret"`
	Username       string `json:"username"`
	Password       string `json:"password"`
}

// FinogatesCredentials are a client, an end user of that client, and the user's approved card-processing account.
type FinogatesCredentials struct {
	ClientID         string `json:"client_id"`
	ClientSecret     string `json:"client_secret"`
	UserID           string `json:"user_id"`
	CardProcessingID string `json:"card_processing_id"`
}

// StraddleCredentials are an API key, a customer, and the embedded account that the key may act for.
type StraddleCredentials struct {
	APIKey     string `json:"api_key"`
	CustomerID string `json:"customer_id"`
	AccountID  string `json:"account_id"`
}

func newCredentials(ids *ids) Credentials {
	return Credentials{
		FinAPI: FinAPICredentials{
			ClientID:       ids.uuid(),
			ClientSecret:   ids.marked("sandbox-", 28), // 36 characters, as long as the provider's
			V2ClientID:     ids.uuid(),
			V2ClientSecret: ids.marked("sandbox-", 28),
			Username:       ids.marked("sandbox-user-", 8),
			Password:       ids.marked("sandbox-", 28),
		},
		Finogates: FinogatesCredentials{
			ClientID:         ids.marked("fg_test_cl_", 22),
			ClientSecret:     ids.marked("fg_test_sk_sandbox", 45),
			UserID:           pageFinogatesID,
			CardProcessingID: pageFinogatesID,
		},
		Straddle: StraddleCredentials{
			APIKey:     ids.marked("sk_test_sandbox_", 32),
			CustomerID: pageStraddleID,
			AccountID:  pageStraddleID,
		},
	}
}
