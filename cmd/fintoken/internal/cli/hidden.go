package cli

// hidden are the members that a document says are secret, and id_token. The test TestHidden writes the list.
var hidden = []string{
	"access_token",
	"api_key",
	"bridge_token",
	"client_secret",
	"id_token",
	"live_client_secret",
	"password",
	"refresh_token",
	"token",
	"v2_client_secret",
}
