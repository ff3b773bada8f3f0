package token_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// fetch stands for a call to a token endpoint.
func fetch(_ context.Context, last *token.Token) (*token.Token, error) {
	if last != nil && !last.Refresh.IsZero() {
		return &token.Token{Access: secret.New("second"), ExpiresIn: time.Hour}, nil
	}
	return &token.Token{Access: secret.New("first"), Refresh: secret.New("refresh"), ExpiresIn: time.Hour}, nil
}

func quiet(context.Context, token.Event) {}

func ExampleNew() {
	source, err := token.New(fetch, token.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer source.Close()
	for range 3 { // as often as you like, from any number of goroutines
		t, err := source.Token(context.Background())
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(t.Access, t.Access.Reveal())
	}
	// Output:
	// [redacted] first
	// [redacted] first
	// [redacted] first
}

func ExampleStatic() {
	source := token.Static(secret.New("api-key"))
	t, err := source.Token(context.Background())
	fmt.Println(t.Access.Reveal(), err)
	// Output: api-key <nil>
}

func ExampleSource_Invalidate() {
	source, _ := token.New(fetch, token.Config{OnEvent: quiet})
	defer source.Close()
	t, _ := source.Token(context.Background())
	fmt.Println(source.Invalidate(t)) // somebody answered 401
	t, _ = source.Token(context.Background())
	fmt.Println(t.Access.Reveal())
	// Output:
	// true
	// second
}

func ExampleSource_Forget() {
	source, _ := token.New(fetch, token.Config{OnEvent: quiet})
	defer source.Close()
	t, _ := source.Token(context.Background())
	fmt.Println(source.Forget(t.Refresh)) // then revoke it
	// Output: true
}

func ExampleSource_ForgetAccess() {
	source, _ := token.New(fetch, token.Config{OnEvent: quiet})
	defer source.Close()
	t, _ := source.Token(context.Background())
	fmt.Println(source.ForgetAccess(t.Access)) // then revoke it; the refresh token lives on
	t, _ = source.Token(context.Background())
	fmt.Println(t.Access.Reveal())
	// Output:
	// true
	// second
}

func ExampleSource_ForgetContext() {
	source, _ := token.New(fetch, token.Config{OnEvent: quiet, Store: &token.MemoryStore{}, Key: "alice"})
	defer source.Close()
	t, _ := source.Token(context.Background())
	ctx, cancel := context.WithTimeout(context.Background(), time.Second) // for the Store
	defer cancel()
	fmt.Println(source.ForgetContext(ctx, t.Refresh))
	// Output: true
}

func ExampleSource_ForgetAccessContext() {
	source, _ := token.New(fetch, token.Config{OnEvent: quiet, Store: &token.MemoryStore{}, Key: "alice"})
	defer source.Close()
	t, _ := source.Token(context.Background())
	ctx, cancel := context.WithTimeout(context.Background(), time.Second) // for the Store
	defer cancel()
	fmt.Println(source.ForgetAccessContext(ctx, t.Access))
	// Output: true
}

func ExampleSource_Reset() {
	password := "wrong"
	source, _ := token.New(func(context.Context, *token.Token) (*token.Token, error) {
		if password != "right" {
			return nil, token.Final(errors.New("wrong password"), token.ErrBadUser)
		}
		return &token.Token{Access: secret.New("access"), ExpiresIn: time.Hour}, nil
	}, token.Config{OnEvent: quiet})
	defer source.Close()
	_, err := source.Token(context.Background())
	fmt.Println(err)

	password = "right"
	_, err = source.Token(context.Background())
	fmt.Println(err) // it did not ask again

	source.Reset()
	t, err := source.Token(context.Background())
	fmt.Println(t.Access.Reveal(), err)
	// Output:
	// wrong password
	// wrong password
	// access <nil>
}

func ExampleSource_Stats() {
	source, _ := token.New(fetch, token.Config{OnEvent: quiet})
	defer source.Close()
	for range 3 {
		_, _ = source.Token(context.Background())
	}
	stats := source.Stats()
	fmt.Println(stats.Fetches, stats.Failures, stats.GaveUp, time.Until(stats.Expiry).Round(time.Minute))
	// Output: 1 0 false 1h0m0s
}

func ExampleFinal() {
	asked := 0
	source, _ := token.New(func(context.Context, *token.Token) (*token.Token, error) {
		asked++
		return nil, token.Final(errors.New("wrong password"), token.ErrBadUser)
	}, token.Config{OnEvent: quiet})
	defer source.Close()
	for range 3 {
		_, err := source.Token(context.Background())
		fmt.Println(err, errors.Is(err, token.ErrBadUser))
	}
	fmt.Println("asked", asked)
	source.Reset() // the password was corrected
	// Output:
	// wrong password true
	// wrong password true
	// wrong password true
	// asked 1
}

func ExampleLater() {
	err := token.Later(errors.New("rate limited"), 30*time.Second) // from a Fetch
	fmt.Println(err)
	// Output: rate limited
}

func ExampleSource_Client() {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Header.Get("Authorization"))
	}))
	defer api.Close()

	source, _ := token.New(fetch, token.Config{})
	defer source.Close()
	client, err := source.Client(nil, api.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	resp, err := client.Get(api.URL + "/accounts")
	if err != nil {
		fmt.Println(token.WithoutQuery(err))
		return
	}
	defer func() { _ = resp.Body.Close() }()
	body, _ := io.ReadAll(resp.Body)
	fmt.Println(string(body))
	// Output: Bearer first
}

func ExampleWithoutQuery() {
	client, err := token.Static(secret.New("api-key")).Client(nil, "https://api.example.com")
	if err != nil {
		fmt.Println(err)
		return
	}
	resp, err := client.Get("https://elsewhere.example.com/accounts?iban=DE02120300000000202051")
	if err == nil {
		_ = resp.Body.Close()
	}
	fmt.Println(token.WithoutQuery(err), errors.Is(token.WithoutQuery(err), token.ErrOrigin))
	// Output: Get "https://elsewhere.example.com/accounts": token: the request is not for the origin of its client: URL must be of the origin https://api.example.com true
}

func ExampleAdapt() {
	source, _ := token.New(fetch, token.Config{})
	defer source.Close()
	// Another library's type; *oauth2.Token of golang.org/x/oauth2, for one.
	type theirs struct{ AccessToken string }
	adapter := token.Adapt(source, func(t *token.Token) *theirs { return &theirs{t.Access.Reveal()} })
	t, err := adapter.Token()
	fmt.Println(t.AccessToken, err)
	// Output: first <nil>
}

func ExampleNewFileStore() {
	dir, _ := os.MkdirTemp("", "")
	defer func() { _ = os.RemoveAll(dir) }()
	key := token.NewKey() // once, then from where secrets are kept
	for range 2 {         // the second time after a restart
		store, err := token.NewFileStore(filepath.Join(dir, "tokens"), key)
		if err != nil {
			fmt.Println(err)
			return
		}
		source, _ := token.New(fetch, token.Config{Store: store, Key: "alice"})
		t, err := source.Token(context.Background())
		fmt.Println(t.Access.Reveal(), err, source.Stats().Fetches)
		source.Close()
	}
	// Output:
	// first <nil> 1
	// first <nil> 0
}

func ExampleNewKey() {
	key := token.NewKey() // for a FileStore; it belongs where secrets are kept
	fmt.Println(key, len(key.Reveal()), key.Equal(token.NewKey()))
	// Output: [redacted] 44 false
}

func ExampleFileStore_Reseal() {
	dir, _ := os.MkdirTemp("", "")
	defer func() { _ = os.RemoveAll(dir) }()
	before, after := token.NewKey(), token.NewKey()
	store, _ := token.NewFileStore(filepath.Join(dir, "tokens"), before)
	_ = store.Save(context.Background(), "alice", 0, token.Record{Generation: 1})

	store, _ = token.NewFileStore(filepath.Join(dir, "tokens"), after, before)
	fmt.Println(store.Reseal(context.Background()))
	_, err := token.NewFileStore(filepath.Join(dir, "tokens"), after)
	fmt.Println(err)
	// Output:
	// 1 <nil>
	// <nil>
}

func ExampleMemoryStore() {
	store := &token.MemoryStore{}
	err := store.Save(context.Background(), "alice", 0, token.Record{Generation: 1})
	fmt.Println(err)
	err = store.Save(context.Background(), "alice", 0, token.Record{Generation: 1}) // too late
	fmt.Println(err)
	// Output:
	// <nil>
	// token: the record was changed meanwhile
}

func ExampleLogEvents() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "took" {
				return slog.Attr{}
			}
			return a
		},
	}))
	source, _ := token.New(func(context.Context, *token.Token) (*token.Token, error) {
		return nil, token.Final(errors.New("with details"), token.ErrBadClient)
	}, token.Config{Name: "ledger", OnEvent: token.LogEvents(logger)})
	_, _ = source.Token(context.Background())
	source.Close()
	// Output: level=ERROR msg="token gave up" source=ledger error="the client is not accepted"
}
