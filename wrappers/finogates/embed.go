package finogates

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// EmbedToken lets one iframe act for one end user, on one page, for about ten minutes.
type EmbedToken struct {
	// Token is the embed token.
	Token secret.String
	// EmbedURL is the address of the iframe, without its fragment. Empty if the provider did not send it.
	EmbedURL string
	// Mode is the provider's word for sandbox or production. Empty if the provider did not send it.
	Mode string
	// ExpiresAt is when the token ends. Zero if the provider did not say.
	ExpiresAt time.Time
}

// IframeURL returns the src of the iframe: {embed_url}#token={token}&mode={mode}. The token stands in the fragment,
// which browsers do not send to servers. The result is a secret for as long as the token lives: hand it to the page
// and nobody else. It is empty if there is no EmbedURL.
func (t *EmbedToken) IframeURL() string {
	if t.EmbedURL == "" {
		return ""
	}
	address, _, _ := strings.Cut(t.EmbedURL, "#")
	fragment := "token=" + escape(t.Token.Reveal())
	if t.Mode != "" {
		fragment += "&mode=" + escape(t.Mode)
	}
	return address + "#" + fragment
}

// escape escapes a value of the fragment so that both ways of reading one in a browser give it back: decodeURIComponent,
// and URLSearchParams, which alone takes a plus for a space.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// Create makes an embed token for one end user and one page. Make one for each time the iframe is shown. It is not sent
// again when in doubt: no idempotency key is documented.
//
// body.UserID and body.CardProcessingID must be UUIDs. The latter is ignored unless the scope is add_card, which is also
// the scope of a body that names none; it is refused then, by a rule of ours. body.ParentOrigin must be a bare origin as browsers write it, at most 255
// characters: scheme, lower-case host, port unless it is the default, nothing else; plain http is for loopback hosts
// outside production.
//
// Source: Finogates, Embed tokens, create an embed token
// (https://developer.finogates.com/api-reference/embed-tokens/mint-embed-token).
func (s *EmbedTokensService) Create(ctx context.Context, body CreateEmbedTokenRequest, opts ...rest.Option) (*EmbedToken, error) {
	c := (*service)(s).of()
	t, err := rest.Call[embedToken](ctx, createEmbedToken, s.check(&body), opts, func(ctx context.Context) (*http.Response, error) {
		return c.API().CreateEmbedToken(ctx, body)
	})
	if err != nil {
		return nil, err
	}
	t.EmbedURL, _, _ = strings.Cut(t.EmbedURL, "#")
	return &t.EmbedToken, nil
}

// check refuses a body that breaks a rule of the document, or one that no document can say.
func (s *EmbedTokensService) check(body *CreateEmbedTokenRequest) error {
	return rest.First(
		s.checkCreate(body),
		checkOrigin("parent_origin", body.ParentOrigin, (*service)(s).of().cfg.Environment != Production),
		checkCard(body),
	)
}

// checkCard refuses a card account for another scope. It is a rule of ours.
func checkCard(body *CreateEmbedTokenRequest) error {
	if body.CardProcessingID != "" && body.Scope != "" && body.Scope != EmbedScopeAddCard {
		return rest.OurRule("card_processing_id", "is for the scope add_card only, as it is ignored with another one")
	}
	return nil
}

// embedToken is the payload of the answer. Only the token must be there: the pages leave the rest open.
type embedToken struct{ EmbedToken }

// UnmarshalJSON reads the members that are known.
func (t *embedToken) UnmarshalJSON(b []byte) error {
	return rest.Members(b, func(name, value []byte) error {
		switch string(name) {
		case "token":
			return rest.Secret("data.token", value, &t.Token)
		case "embed_url":
			return rest.Text("data.embed_url", value, &t.EmbedURL)
		case "mode":
			return rest.Text("data.mode", value, &t.Mode)
		case "expires_at":
			t.ExpiresAt = readTime(value)
		}
		return nil
	})
}

// Check refuses a payload without a usable token, or with an address that a token must not be sent to.
func (t *embedToken) Check() error {
	if err := rest.TokenText("data.token", t.Token); err != nil || t.EmbedURL == "" {
		return err
	}
	u, err := url.Parse(t.EmbedURL)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && !(u.Scheme == "http" && rest.IsLoopback(u.Hostname())) {
		return rest.BadField("data.embed_url", "is not an https address")
	}
	return nil
}
