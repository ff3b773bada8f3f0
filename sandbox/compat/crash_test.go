package compat

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
	"github.com/fintoken/fintoken-go/wrappers/webhook"
	_ "github.com/mattn/go-sqlite3" // the database of the receiver
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) {
	if path := os.Getenv("RECEIVER_DATABASE"); path != "" {
		receive(path, os.Getenv("RECEIVER_STOP"), os.Getenv("RECEIVER_IN_TX") != "")
	}
	os.Exit(m.Run())
}

// stages are where a receiver can be killed.
var stages = []string{"before the effect", "after the effect", "after the commit", ""}

// receive is the receiver: it notes each charge that was paid in the database. It prints its address, and at a stage it
// prints that it is there and waits to be killed.
func receive(path, stop string, inTx bool) {
	db, err := sql.Open("sqlite3", "file:"+path+"?_busy_timeout=10000&_txlock=immediate")
	if err != nil {
		panic(err)
	}
	at := func(stage string) {
		if stage == stop {
			fmt.Println("at the stage")
			select {}
		}
	}
	handle := func(ctx context.Context, ev straddle.Event) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }()
		if inTx {
			if fresh, err := webhook.InTx(ctx, tx, ev.ID); err != nil || !fresh {
				return err
			}
		}
		at("before the effect")
		if _, err := tx.ExecContext(ctx, "INSERT INTO paid (charge) VALUES ($1)", ev.Data.(*straddle.ChargeEvent).ID); err != nil {
			return err
		}
		at("after the effect")
		if err := tx.Commit(); err != nil {
			return err
		}
		at("after the commit")
		return nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println("http://" + l.Addr().String())
	server := &http.Server{Handler: webhook.Handler(straddle.Webhook(secret.New(hookSecret)), handle), ReadHeaderTimeout: time.Minute}
	panic(server.Serve(l))
}

// startReceiver starts a receiver and returns its URL, its further lines, and what kills it.
func startReceiver(t *testing.T, path, stop string, inTx bool) (url string, lines *bufio.Scanner, kill func()) {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	child := exec.CommandContext(t.Context(), program)
	child.Env = append(os.Environ(), "RECEIVER_DATABASE="+path, "RECEIVER_STOP="+stop, "RECEIVER_IN_TX="+map[bool]string{true: "1"}[inTx])
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	kill = func() {
		_ = child.Process.Kill()
		_ = child.Wait()
	}
	t.Cleanup(kill)
	lines = bufio.NewScanner(out)
	require.True(t, lines.Scan())
	url = lines.Text()
	return url, lines, kill
}

// A receiver that is killed at any moment gets the event again. With InTx its effect is there exactly once; without, at
// least once.
func TestEffectsAfterACrash(t *testing.T) {
	for _, inTx := range []bool{true, false} {
		for _, stop := range stages {
			t.Run(fmt.Sprintf("InTx %t, killed %s", inTx, stop), func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "paid.db")
				db, err := sql.Open("sqlite3", path)
				require.NoError(t, err)
				t.Cleanup(func() { assert.NoError(t, db.Close()) })
				for _, statement := range []string{webhook.CreateTable, webhook.CreateTable, "CREATE TABLE paid (charge TEXT)"} {
					_, err = db.ExecContext(t.Context(), statement)
					require.NoError(t, err)
				}

				if stop != "" {
					url, lines, kill := startReceiver(t, path, stop, inTx)
					sent := make(chan error, 1)
					go func() { sent <- deliver(t.Context(), url) }()
					require.True(t, lines.Scan())
					kill()
					require.Error(t, <-sent, "nobody answered")
				}
				url, _, kill := startReceiver(t, path, "nowhere", inTx)
				for range 3 { // the provider may send again even what was answered
					require.NoError(t, deliver(t.Context(), url))
				}
				kill()
				url, _, _ = startReceiver(t, path, "nowhere", inTx)
				require.NoError(t, deliver(t.Context(), url), "another process, which has handled nothing yet")

				var n int
				require.NoError(t, db.QueryRowContext(t.Context(), "SELECT count(*) FROM paid").Scan(&n))
				if inTx {
					assert.Equal(t, 1, n)
				} else {
					assert.GreaterOrEqual(t, n, 2, "the processes do not know of each other")
				}
			})
		}
	}
}

// deliver sends the event, and fails unless it is taken.
func deliver(ctx context.Context, url string) error {
	const body = `{"event_type":"charge.event.v1","event_id":"e","account_id":"a","data":{"id":"charge-1","status":"paid","amount":2500}}`
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	if r.Header, err = straddle.Webhook(secret.New(hookSecret)).Sign("msg_1", time.Now(), []byte(body)); err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", response.StatusCode)
	}
	return nil
}
