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
	"runtime"
	"testing"
	"time"

	"github.com/fintoken/fintoken-go/sandbox"
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
var stages = []string{"before the effect", "after the effect", "after the commit", "nowhere"}

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
	l, err := net.Listen("tcp", os.Getenv("RECEIVER_ADDRESS"))
	if err != nil {
		panic(err)
	}
	fmt.Println(l.Addr())
	server := &http.Server{Handler: webhook.Handler(straddle.Webhook(secret.New(os.Getenv("RECEIVER_KEY"))), handle), ReadHeaderTimeout: time.Minute}
	panic(server.Serve(l))
}

// receiver is a process that takes events.
type receiver struct {
	path, key, address, url string
	inTx                    bool
	lines                   *bufio.Scanner
	kill                    func()
}

// start starts the process, at the address that it had before.
func (r *receiver) start(t *testing.T, stop string) {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	child := exec.CommandContext(t.Context(), program)
	child.Env = append(os.Environ(), "RECEIVER_DATABASE="+r.path, "RECEIVER_STOP="+stop, "RECEIVER_ADDRESS="+r.address, "RECEIVER_KEY="+r.key,
		"RECEIVER_IN_TX="+map[bool]string{true: "1"}[r.inTx])
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	r.kill = func() {
		_ = child.Process.Kill()
		_ = child.Wait()
	}
	t.Cleanup(r.kill)
	r.lines = bufio.NewScanner(out)
	require.True(t, r.lines.Scan())
	r.address = r.lines.Text()
	r.url = "http://" + r.address
}

// A receiver that is killed at any moment gets the event again, from the sandbox. With InTx its effect is there exactly once;
// without, at least once.
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
				world := sandbox.Start(t).Sandbox()
				receiver := &receiver{path: path, key: world.Credentials().Straddle.WebhookSecret, address: "127.0.0.1:0", inTx: inTx}
				receiver.start(t, stop)
				_, err = world.AddWebhook(sandbox.Webhook{Provider: "straddle", URL: receiver.url})
				require.NoError(t, err)
				_, err = world.SendEvent("straddle", straddle.EventChargeEventV1, nil)
				require.NoError(t, err)
				if stop != "nowhere" {
					require.True(t, receiver.lines.Scan(), "it is there")
					receiver.kill()
					requireAttempts(t, world, 1)
					receiver.start(t, "nowhere")
					require.NoError(t, world.Clock().Advance(5*time.Second))
				}
				done := requireDone(t, world)
				for range 2 { // the provider may send again even what was answered
					_, err = world.SendAgain(done.ID)
					require.NoError(t, err)
					requireDone(t, world)
				}
				receiver.kill()
				receiver.start(t, "nowhere") // another process, which has handled nothing yet
				_, err = world.SendAgain(done.ID)
				require.NoError(t, err)
				requireDone(t, world)

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

// requireDone waits until the one delivery has arrived.
func requireDone(t *testing.T, world *sandbox.Sandbox) sandbox.Delivery {
	t.Helper()
	done, err := world.WaitForDeliveries(t.Context(), sandbox.DeliveryFilter{State: sandbox.DeliveryDone}, 1)
	require.NoError(t, err)
	return done[0]
}

// requireAttempts waits until that many attempts of the delivery have failed.
func requireAttempts(t *testing.T, world *sandbox.Sandbox, n int) {
	t.Helper()
	for {
		all, err := world.WaitForDeliveries(t.Context(), sandbox.DeliveryFilter{}, 1)
		require.NoError(t, err)
		if all[0].Attempts >= n {
			return
		}
		runtime.Gosched()
	}
}
