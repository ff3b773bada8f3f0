package main

import (
	"context"
	"sync/atomic"
	"time"

	"cloud.google.com/go/auth"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/auth/bearer"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
	"golang.org/x/oauth2"
)

// fetch stands for the call of a token endpoint. It returns when the token ends.
type fetch func(ctx context.Context) (time.Time, error)

// get gets a token from a cache.
type get func(ctx context.Context) error

// peer is a cache over a fetch, with the settings it has by default.
type peer struct {
	name string
	make func(fetch) get
	// checkOnly: it can do nothing but the hit.
	checkOnly bool
}

const (
	bare = "atomic.Pointer + time.Now"
	ours = "**fintoken**"
)

var peers = []peer{
	{bare, makeBare, true},
	{ours, makeFintoken, false},
	{"x/oauth2 ReuseTokenSource", makeOAuth2, false},
	{"cloud.google.com/go/auth CachedTokenProvider", makeCloud, false},
	{"aws-sdk-go-v2 CredentialsCache", makeAWS, false},
	{"smithy-go bearer TokenCache", makeSmithy, false},
}

// makeBare is the least a cache can do: nothing but a look at the clock.
func makeBare(f fetch) get {
	type held struct {
		access string
		end    time.Time
	}
	var current atomic.Pointer[held]
	end, _ := f(context.Background())
	current.Store(&held{"access", end})
	return func(context.Context) error {
		if h := current.Load(); time.Now().Before(h.end) {
			return nil
		}
		return context.DeadlineExceeded
	}
}

func makeFintoken(f fetch) get {
	s, err := token.New(func(ctx context.Context, _ *token.Token) (*token.Token, error) {
		sent := time.Now()
		end, err := f(ctx)
		if err != nil {
			return nil, err
		}
		return &token.Token{Access: secret.New("access"), ExpiresIn: end.Sub(sent)}, nil
	}, token.Config{OnEvent: func(context.Context, token.Event) {}})
	if err != nil {
		panic(err)
	}
	return func(ctx context.Context) error {
		_, err := s.Token(ctx)
		return err
	}
}

type oauth2Source fetch

func (f oauth2Source) Token() (*oauth2.Token, error) {
	end, err := f(context.Background())
	return &oauth2.Token{AccessToken: "access", Expiry: end}, err
}

func makeOAuth2(f fetch) get {
	s := oauth2.ReuseTokenSource(nil, oauth2Source(f))
	return func(context.Context) error {
		_, err := s.Token()
		return err
	}
}

type cloudProvider fetch

func (f cloudProvider) Token(ctx context.Context) (*auth.Token, error) {
	end, err := f(ctx)
	if err != nil {
		return nil, err
	}
	return &auth.Token{Value: "access", Expiry: end}, nil
}

func makeCloud(f fetch) get {
	p := auth.NewCachedTokenProvider(cloudProvider(f), nil)
	return func(ctx context.Context) error {
		_, err := p.Token(ctx)
		return err
	}
}

func makeAWS(f fetch) get {
	c := aws.NewCredentialsCache(aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		end, err := f(ctx)
		return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "access", CanExpire: true, Expires: end}, err
	}))
	return func(ctx context.Context) error {
		_, err := c.Retrieve(ctx)
		return err
	}
}

func makeSmithy(f fetch) get {
	c := bearer.NewTokenCache(bearer.TokenProviderFunc(func(ctx context.Context) (bearer.Token, error) {
		end, err := f(ctx)
		return bearer.Token{Value: "access", CanExpire: true, Expires: end}, err
	}))
	return func(ctx context.Context) error {
		_, err := c.RetrieveBearerToken(ctx)
		return err
	}
}
