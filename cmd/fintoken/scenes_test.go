package main

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zalando/go-keyring"
)

// scene is a command and how it goes in each of the ways. The lines are without the format.
type scene struct {
	name                           string
	good, refused, misuse, offline []string
	fetch                          string   // the command line that prints what goes to stdin
	local                          bool     // calls nobody: nobody can refuse, and there is no network to be missing
	plain                          bool     // has no --format: prints nothing, or a text for another program
	formats                        []string // of --format, where they are not the usual ones
	serves                         bool     // runs until it is told to end
	secret                         bool     // prints secrets, which is what it is for
	live                           bool     // calls a host by its name: a process of its own can be led astray

	prepare func(w *world, way int)
}

// with returns a command line with more arguments.
func with(line []string, more ...string) []string {
	return append(append([]string{}, line...), more...)
}

// unknownCustomer is a customer that a sandbox does not know unless it is told.
const unknownCustomer = "7d1b0f3e-52c4-4a8e-9f60-3c5d8e2a1b94"

// scenes returns them all. Where a way is left out, a comment says why.
func scenes(w *world) []scene {
	all := append(providerScenes(w), sandboxScenes(w)...)
	return slices.Concat(all, localScenes(w), tableScenes())
}

func providerScenes(w *world) []scene {
	straddle := strings.Fields("straddle bridge initialize --customer-id")
	embed := strings.Fields("finogates embed-token create --parent-origin https://app.example.com --user-id")
	exchange := strings.Fields("finogates auth token")
	token, password := strings.Fields("finapi token"), strings.Fields("finapi token --grant-type password")
	v2 := []string{"--client-id", w.c.FinAPI.V2ClientID, "--client-secret", w.c.FinAPI.V2ClientSecret}
	return []scene{
		{
			name: "straddle-bridge-initialize", good: with(straddle, w.c.Straddle.CustomerID),
			refused: with(straddle, unknownCustomer), misuse: with(straddle, "7"),
		},
		{
			name: "finogates-auth-token", good: exchange,
			refused: with(exchange, "--client-secret", "a wrong secret"), misuse: strings.Fields("finogates auth tokens"),
		},
		{
			name: "finogates-embed-token-create", good: with(embed, w.c.Finogates.UserID),
			refused: with(embed, unknownCustomer), misuse: with(embed, w.c.Finogates.UserID, "--scope", "add_cards"),
		},
		{
			name: "finapi-token", good: token,
			refused: with(token, "--client-secret", "a wrong secret"), misuse: with(token, "--grant-type", "implicit"),
		},
		{
			name: "finapi-token-password", good: password,
			refused: with(password, "--password", "a wrong password"), misuse: with(password, "--user", "jane"),
		},
		{
			name: "finapi-token-v2", good: with(with(password, v2...), "--api-version", "V2"),
			refused: with(token, v2...), misuse: with(token, "--api-version", "V3"), // the client is not for V1
		},
		{
			name: "finapi-revoke", good: strings.Fields("finapi revoke --token - --token-type-hint access_token"),
			refused: strings.Fields("finapi revoke --token x --client-secret wrong-secret"),
			misuse:  strings.Fields("finapi revoke --token x --token-type-hint both"),
			fetch:   "finapi token --grant-type password --format raw",
		},
		{
			name: "finapi-revoke-in-query", good: strings.Fields("finapi revoke --token - --in-query"),
			refused: strings.Fields("finapi revoke --token x --in-query --client-secret wrong-secret"),
			misuse:  strings.Fields("finapi revoke --token x --in-query --api-version V2"),
			fetch:   "finapi token --grant-type password --format raw",
		},
	}
}

func sandboxScenes(w *world) []scene {
	const customer = "{straddle: {customers: [{customer_id: " + unknownCustomer + "}]}}"
	// What answers at this address is a sandbox, but not what steers it.
	elsewhere := func(line string) []string {
		return with(strings.Fields("sandbox "+line), "--base-url", w.s.URL()+"/straddle")
	}
	verb := func(line string) []string { return strings.Fields("sandbox " + line) }
	return []scene{
		{
			// It asks nobody who could refuse. What stands for the network is the address that cannot be had.
			name: "sandbox", good: []string{"sandbox"}, serves: true, secret: true, misuse: verb("--listen 4010"),
			offline: with([]string{"sandbox", "--listen"}, strings.TrimPrefix(w.s.URL(), "http://")),
		},
		{name: "sandbox-redact", good: verb("--redact"), serves: true, misuse: verb("--login-attempts -1"), local: true},
		{
			name: "sandbox-add", good: []string{"sandbox", "add", customer}, misuse: verb("add"),
			refused: []string{"sandbox", "add", "{straddle: {customers: [{customer_id: seven}]}}"},
		},
		{name: "sandbox-clock", good: verb("clock"), refused: elsewhere("clock"), misuse: verb("clock stop")},
		{
			name: "sandbox-clock-advance", good: verb("clock advance 1h"), refused: elsewhere("clock advance 1h"),
			misuse: verb("clock advance soon"),
		},
		{name: "sandbox-clock-freeze", good: verb("clock freeze"), refused: elsewhere("clock freeze"), misuse: verb("clock freeze now")},
		{name: "sandbox-clock-real", good: verb("clock real"), refused: elsewhere("clock real"), misuse: verb("clock real now")},
		{name: "sandbox-clock-run", good: verb("clock run"), refused: elsewhere("clock run"), misuse: verb("clock run now")},
		{
			name: "sandbox-clock-set", good: verb("clock set 2090-01-01T00:00:00Z"), refused: verb("clock set 2001-01-01T00:00:00Z"),
			misuse: verb("clock set tomorrow"),
		},
		{name: "sandbox-credentials", good: verb("credentials --redact"), refused: elsewhere("credentials"), misuse: verb("credentials all")},
		{name: "sandbox-faults", good: verb("faults"), refused: elsewhere("faults"), misuse: verb("faults lst")},
		{
			name: "sandbox-faults-add", good: verb("faults add --provider straddle --status 503"),
			refused: verb("faults add --provider nobody --status 503"), misuse: verb("faults add --nth first"),
		},
		{name: "sandbox-faults-clear", good: verb("faults clear"), refused: elsewhere("faults clear"), misuse: verb("faults clear all")},
		{
			name: "sandbox-faults-remove", good: verb("faults remove fault-1"), refused: verb("faults remove nope"), misuse: verb("faults remove"),
			fetch: "sandbox faults add --provider straddle --status 503",
		},
		{name: "sandbox-health", good: verb("health"), refused: elsewhere("health"), misuse: verb("health check")},
		{name: "sandbox-journal", good: verb("journal"), refused: elsewhere("journal"), misuse: verb("journal --count some")},
		{name: "sandbox-journal-calls", good: verb("journal --provider finapi"), misuse: verb("journal --provider stradle"), fetch: "finapi token"},
		{name: "sandbox-reset", good: verb("reset --redact"), refused: elsewhere("reset"), misuse: verb("reset --seed one")},
		{
			name: "sandbox-restore", good: verb("restore -"), refused: []string{"sandbox", "restore", "{format: fintoken-sandbox, version: 99}"},
			misuse: verb("restore before.json"), fetch: "sandbox snapshot",
		},
		{name: "sandbox-snapshot", good: verb("snapshot"), refused: elsewhere("snapshot"), misuse: verb("snapshot before.json"), secret: true, prepare: seeded},
		{name: "sandbox-state", good: verb("state"), refused: elsewhere("state"), misuse: verb("state all"), prepare: seeded},
		{
			name: "webhooks-listen", good: strings.Fields("webhooks listen --forward-to http://127.0.0.1:1/hook"), serves: true,
			refused: strings.Fields("webhooks listen --forward-to http://example.com/hook"), misuse: strings.Fields("webhooks listen"),
		},
		{
			name: "webhooks-send", good: strings.Fields("webhooks send charge.event.v1"),
			refused: strings.Fields("webhooks send charge.event.v1 --provider acme"), misuse: strings.Fields("webhooks send"),
		},
	}
}

func localScenes(w *world) []scene {
	set, remove := strings.Fields("keyring set straddle/sandbox/api-key"), strings.Fields("keyring delete straddle/sandbox/api-key")
	all := []scene{
		{
			// A call that is refused, or not answered, makes the demo fail like any other check: with 1.
			name: "demo", good: []string{"demo"}, formats: []string{"table", "jsonl", "json"}, live: true, prepare: prepareDemo,
			refused: strings.Fields("demo --live --provider straddle"), misuse: strings.Fields("demo --provider nobody"),
			offline: strings.Fields("demo --live --provider straddle --format json"),
		},
		{
			// The doctor asks for nothing that could be refused.
			name: "doctor", good: strings.Fields("doctor --offline"), misuse: strings.Fields("doctor --offlin"),
			offline: strings.Fields("doctor --base-url http://127.0.0.1:1"),
		},
		{name: "help", good: strings.Fields("help exit-codes"), misuse: strings.Fields("help sandbx"), local: true, plain: true},
		{
			name: "keyring-delete", good: remove, refused: strings.Fields("keyring delete straddle/production/api-key"),
			misuse: strings.Fields("keyring delete straddle/sandbox"), local: true, plain: true, prepare: openKeyring,
		},
		{
			name: "keyring-set", good: set, refused: set, misuse: strings.Fields("keyring set straddle/sandbox/api_key"),
			fetch: "sandbox credentials --transform straddle.api_key --format raw", local: true, plain: true, prepare: lockKeyring,
		},
		{name: "keyring-off", refused: remove, local: true},
		{
			name: "keyring-without-bus", refused: set, local: true, prepare: func(w *world, _ int) { delete(w.env, "FINTOKEN_KEYRING") },
			fetch: "sandbox credentials --transform straddle.api_key --format raw",
		},
		{
			// The system refuses to make a directory below a file. There is no network in it.
			name: "man", good: []string{"man", filepath.Join(w.env["XDG_CACHE_HOME"], "man1")}, refused: strings.Fields("man main.go/man1"), misuse: []string{"man"}, local: true, plain: true,
		},
		{name: "spec-list", good: strings.Fields("spec list"), misuse: strings.Fields("spec lst"), local: true},
		{name: "spec-show", good: strings.Fields("spec show straddle --transform info"), misuse: strings.Fields("spec show stradle"), local: true},
		{
			name: "spec-validate", good: strings.Fields("spec validate ../../specs/bundle/straddle.yaml"),
			refused: strings.Fields("spec validate ../../tools/oapi-codegen/straddle.yaml"), misuse: strings.Fields("spec validate"), local: true,
		},
		{name: "webhooks-sign", good: signExample, misuse: strings.Fields("webhooks sign"), local: true, prepare: withSigningSecret},
		{
			name: "webhooks-verify", good: verifyExample, refused: with(verifyExample, "--header", "webhook-id: another"),
			misuse: strings.Fields("webhooks verify"), local: true, prepare: withSigningSecret,
		},
	}
	for _, shell := range []string{"bash", "fish", "powershell", "zsh"} {
		line := []string{"completion", shell}
		all = append(all, scene{name: "completion-" + shell, good: line, misuse: with(line, "fintoken"), local: true, plain: true})
	}
	return all
}

// The worked example of Standard Webhooks: a body, its headers, and the secret that signs it.
const signedBody = `{"event_type":"charge.event.v1","event_id":"85df84c7-a298-44bc-8040-7bd2ae372cbf","account_id":"857c679a-8e80-47f1-9334-39dd08ea801f","data":{"id":"3f0c8a52-6d1e-4b7b-9a37-0d1f6b1c2e11","status":"paid","amount":10000}}`

var (
	signExample   = []string{"webhooks", "sign", "--id", "msg_2facts0000000000000000001", "--time", "1767225600", "--body", signedBody}
	verifyExample = []string{
		"webhooks", "verify", "--tolerance", "876000h", "--body", signedBody, "--header", "webhook-id: msg_2facts0000000000000000001",
		"--header", "Webhook-Timestamp:1767225600", "--header", "webhook-signature: v1,UzKzCcAqoAzVn5ndfJ9QVy5LXQIZch/v2BbFSQHsVxY=",
	}
)

func withSigningSecret(w *world, _ int) {
	w.env["FINTOKEN_WEBHOOK_SECRET"] = "whsec_ZmFjdHMtc2hlZXQtZXhhbXBsZS1rZXktMzItYnl0ZXM="
}

// seeded makes what is random the same each time, and with it the order of what is sorted by it.
func seeded(w *world, _ int) { w.run("", "sandbox", "reset", "--seed", "7") }

// openKeyring puts a keyring in memory in place of the system's, with an entry in it.
func openKeyring(w *world, _ int) {
	delete(w.env, "FINTOKEN_KEYRING")
	w.env["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nowhere"
	keyring.MockInit()
	if err := keyring.Set("fintoken", "straddle/sandbox/api-key", "x"); err != nil {
		w.t.Fatal(err)
	}
}

// lockKeyring does the same; the keyring does not open where it is to refuse.
func lockKeyring(w *world, way int) {
	openKeyring(w, way)
	if way == refused {
		w.t.Cleanup(keyring.MockInit)
		keyring.MockInitWithError(errors.New("locked"))
	}
}

// prepareDemo leads the provider's own host to the sandbox, with a key that it does not know, or nowhere.
func prepareDemo(w *world, way int) {
	if way == refused {
		w.proxy("sandbox.straddle.com", "/straddle")
	} else {
		w.env["HTTPS_PROXY"] = "http://127.0.0.1:1"
	}
	w.env["STRADDLE_API_KEY"], w.env["STRADDLE_CUSTOMER_ID"] = "a wrong key", w.c.Straddle.CustomerID
}
