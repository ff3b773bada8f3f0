// The demo credentials.

package sandbox

// Credentials are the demo credentials that a Sandbox accepts. They open nothing but that one Sandbox.
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
			UserID:           ids.uuid(),
			CardProcessingID: ids.uuid(),
		},
		Straddle: StraddleCredentials{
			APIKey:     ids.marked("sk_test_sandbox_", 32),
			CustomerID: ids.uuid(),
			AccountID:  ids.uuid(),
		},
	}
}
