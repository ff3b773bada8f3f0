package token

import "context"

// Adapter gives the tokens of a [Source] in the type of another library, through the method that many of them ask for:
// Token() (T, error). With T as *oauth2.Token it is an oauth2.TokenSource of golang.org/x/oauth2, without that module
// being needed here:
//
//	var tokens oauth2.TokenSource = token.Adapt(source, func(t *token.Token) *oauth2.Token {
//		return &oauth2.Token{AccessToken: t.Access.Reveal(), TokenType: t.Type, Expiry: t.Expiry}
//	})
//
// Do not put a cache in front of it, as oauth2.ReuseTokenSource is and oauth2.NewClient adds one: it would go on handing
// out a token that was dropped. oauth2.Transport adds none; better still is [Source.Client].
type Adapter[T any] struct {
	source  *Source
	convert func(*Token) T
}

// Adapt returns an Adapter. convert is called for each token that is handed out; it must not keep or change the token
// it is given. A refresh token is better left out: the other library would use it behind the Source's back.
func Adapt[T any](s *Source, convert func(*Token) T) *Adapter[T] {
	return &Adapter[T]{source: s, convert: convert}
}

// Token returns the token that is good now. There is no context to leave by; the longest wait is that for a fetch, and
// so Config.Timeout. Errors: those of [Source.Token].
func (a *Adapter[T]) Token() (T, error) {
	t, err := a.source.Token(context.Background())
	if err != nil {
		var none T
		return none, err
	}
	return a.convert(t), nil
}
