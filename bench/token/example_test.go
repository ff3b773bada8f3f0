package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// A source of fintoken where a library asks for an oauth2.TokenSource. The module does not need golang.org/x/oauth2 for
// it: token.Adapt gives the method, the program gives the type.
func Example_asOAuth2() {
	source, _ := token.New(func(context.Context, *token.Token) (*token.Token, error) {
		return &token.Token{Access: secret.New("access"), ExpiresIn: time.Hour}, nil
	}, token.Config{})
	defer source.Close()

	var tokens oauth2.TokenSource = token.Adapt(source, func(t *token.Token) *oauth2.Token {
		return &oauth2.Token{AccessToken: t.Access.Reveal(), TokenType: t.Type, Expiry: t.Expiry}
	})
	t, err := tokens.Token()
	fmt.Println(t.AccessToken, t.Type(), t.Valid(), err)
	// Output: access Bearer true <nil>
}

// The other way round: a grant of golang.org/x/oauth2 as a Fetch.
func Example_fromOAuth2() {
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, `{"access_token":"access","token_type":"bearer","expires_in":3600}`)
	}))
	defer endpoint.Close()
	cfg := clientcredentials.Config{ClientID: "id", ClientSecret: "secret", TokenURL: endpoint.URL}

	source, _ := token.New(func(ctx context.Context, _ *token.Token) (*token.Token, error) {
		t, err := cfg.Token(ctx) // with the source's deadline
		if err != nil {
			return nil, err
		}
		return &token.Token{Access: secret.New(t.AccessToken), Type: t.TokenType, ExpiresIn: time.Until(t.Expiry)}, nil
	}, token.Config{})
	defer source.Close()
	t, err := source.Token(context.Background())
	fmt.Println(t.Access.Reveal(), err)
	// Output: access <nil>
}
