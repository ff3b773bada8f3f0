package webhook_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
	"github.com/fintoken/fintoken-go/wrappers/webhook"
)

// signed is a request as Straddle sends it.
func signed(id, event string) *http.Request {
	header, err := straddle.Webhook(secret.New(key)).Sign(id, time.Now(), []byte(event))
	if err != nil {
		panic(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/hooks/straddle", strings.NewReader(event))
	r.Header = header
	return r
}

// One line makes an endpoint. The event that comes twice is handed out once.
func ExampleHandler() {
	mux := http.NewServeMux()
	mux.Handle("POST /hooks/straddle", webhook.Handler(straddle.Webhook(secret.New(key)), func(_ context.Context, ev straddle.Event) error {
		switch data := ev.Data.(type) {
		case *straddle.ChargeEvent:
			fmt.Println("charge", data.Amount, data.Status)
		default:
			fmt.Println("another event:", ev.Type)
		}
		return nil
	}))
	for _, id := range []string{"msg_1", "msg_1", "msg_2"} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, signed(id, `{"event_type":"charge.event.v1","event_id":"e","account_id":"a","data":{"amount":2500,"status":"paid"}}`))
		fmt.Println(w.Code)
	}
	// Output:
	// charge 2500 paid
	// 200
	// 200
	// charge 2500 paid
	// 200
}

// A function that reads requests in its own way. It sees each event as often as it comes.
func ExampleScheme_Parse() {
	scheme := straddle.Webhook(secret.New(key))
	ev, err := scheme.Parse(signed("msg_1", `{"event_type":"customer.created.v1","event_id":"e","data":{"id":"c","status":"verified"}}`))
	if err != nil {
		panic(err)
	}
	fmt.Println(ev.ID, ev.Type, ev.Data.(*straddle.CustomerEvent).Status)
	_, err = scheme.Parse(httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{}`)))
	fmt.Println(err)
	// Output:
	// msg_1 customer.created.v1 verified
	// straddle: webhook: signature: the header webhook-id is missing
}

// The note that an event was handled, and what came of it, are committed together.
func ExampleInTx() {
	var db *sql.DB // of PostgreSQL or SQLite, with the table of webhook.CreateTable
	_ = func(ctx context.Context, ev straddle.Event) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }()
		if fresh, err := webhook.InTx(ctx, tx, ev.ID); err != nil || !fresh {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE orders SET paid = TRUE WHERE charge = $1", ev.Data.(*straddle.ChargeEvent).ID); err != nil {
			return err
		}
		return tx.Commit()
	}
}

// Replicas share what they know through a Claims of their own.
func ExampleNewMemory() {
	shared := webhook.NewMemory(webhook.MemoryConfig{Max: 10_000, Keep: 48 * time.Hour})
	scheme := straddle.Webhook(secret.New(key))
	handle := func(_ context.Context, ev straddle.Event) error {
		fmt.Println(ev)
		return nil
	}
	for range 2 {
		webhook.Handler(scheme, handle, webhook.Deduplicate(shared)).ServeHTTP(httptest.NewRecorder(), signed("msg_1", `{"event_type":"a.b"}`))
	}
	// Output:
	// straddle event msg_1 (a.b)
}
