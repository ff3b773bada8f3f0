package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/fintoken/fintoken-go/internal/operations"
)

// The commands that are made from tables all work alike, so a scene stands for all commands of a shape, and their number
// does not grow with that of the operations. What differs from command to command, package cli has tests of.

// shape returns what a command of a table has in common with those that it is tested with, or the command itself.
func shape(path []string) string {
	for _, op := range operations.All() {
		switch {
		case op.Service == "" || !slices.Equal(path, append([]string{op.Provider}, op.Command...)):
		case op.Media == "multipart/form-data":
			return "an upload"
		case op.Paged:
			return "a list"
		case op.Media != "":
			return op.Method + " with a body"
		default:
			return op.Method
		}
	}
	return strings.Join(path, " ")
}

// stub stands for Straddle. It sends back what it got, in what the type of the answer does not know, and refuses what
// names the unknown customer.
func stub(rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	const meta = `"meta":{"api_request_id":"4d2d5e0c-2a1b-4b0e-8a4e-0f6d1c2b3a45","api_request_timestamp":"2026-01-05T10:00:00Z"`
	rw.Header().Set("Content-Type", "application/json")
	switch page := cmp.Or(r.URL.Query().Get("page_number"), "1"); {
	case strings.Contains(r.URL.String()+string(body), unknownCustomer):
		rw.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprintf(rw, `{%s},"response_type":"error","error":{"status":422,"type":"/invalid_request","title":"Not that one","detail":"Nobody knows it","items":[]}}`, meta)
	case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/payments"):
		fmt.Fprintf(rw, `{%s,"page_number":%s,"page_size":2,"total_pages":2,"total_items":4},"response_type":"array","data":[{"id":"a%s","amount":1},{"id":"b%s","amount":2}]}`, meta, page, page, page)
	default:
		if !json.Valid(body) {
			body, _ = json.Marshal(fmt.Sprintf("%d bytes", len(body)))
		}
		fmt.Fprintf(rw, `{%s},"response_type":"object","data":{"id":%q,"request":"%s %s","sent":%s}}`, meta, pageCustomer, r.Method, r.URL, body)
	}
}

// tableScenes has one scene of each shape, and of what some of a shape have.
func tableScenes() []scene {
	straddle := func(line string) []string { return strings.Fields("straddle " + line) }
	charge := straddle("charges create --amount 10000 --config.balance-check enabled --consent-type internet --currency USD --description Order " +
		"--device.ip-address 203.0.113.7 --payment-date 2026-02-02 --paykey abcd1234.02.0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0")
	update := " --name Ann --email ann@example.com --phone +12125550123 --status verified --device.ip-address 203.0.113.7 --clear external_id"
	upload := straddle("charges upload-authorization-proof " + pageCustomer + " --file")
	all := []scene{
		{
			name: "straddle-get", good: straddle("customers get " + pageCustomer),
			refused: straddle("customers get " + unknownCustomer), misuse: straddle("customers get 7"),
		},
		{
			name: "straddle-list", good: straddle("payments list --page-size 2 --payment-status paid --payment-status [failed,on_hold] --include-metadata"),
			refused: straddle("payments list --customer-id " + unknownCustomer), misuse: straddle("payments list --page-size two"),
		},
		{
			name: "straddle-list-all", good: straddle("payments list --all --limit 3"), formats: []string{"auto", "jsonl"},
			refused: straddle("payments list --all --customer-id " + unknownCustomer), misuse: straddle("payments list --limit 3"),
		},
		{
			name: "straddle-create", good: with(charge, "--external-id", "order-77", "--metadata", `{order: "77"}`),
			refused: with(charge, "--external-id", unknownCustomer), misuse: with(charge, "--amount", "ten"),
		},
		{
			name: "straddle-update-null", good: straddle("customers update " + pageCustomer + update),
			refused: straddle("customers update " + unknownCustomer + update), misuse: straddle("customers update " + pageCustomer + " --clear name"),
		},
		{
			name: "straddle-decide", good: straddle("customers set-verification-decision " + pageCustomer + " --status verified"),
			refused: straddle("customers set-verification-decision " + unknownCustomer + " --status verified"), misuse: straddle("customers set-verification-decision " + pageCustomer + " --status sold"),
		},
		{
			name: "straddle-delete", good: straddle("customers delete " + pageCustomer),
			refused: straddle("customers delete " + unknownCustomer), misuse: straddle("customers delete"),
		},
		{
			name: "straddle-refresh", good: straddle("customers refresh-review " + pageCustomer),
			refused: straddle("customers refresh-review " + unknownCustomer), misuse: straddle("customers refresh-review one two"),
		},
		{
			name: "straddle-cancel", good: straddle("linked-bank-accounts cancel " + pageCustomer),
			refused: straddle("linked-bank-accounts cancel " + unknownCustomer), misuse: straddle("linked-bank-accounts cancel x"),
		},
		{
			name: "straddle-upload", good: with(upload, "testdata/proof.pdf"),
			refused: with(straddle("charges upload-authorization-proof "+unknownCustomer+" --file"), "testdata/proof.pdf"), misuse: with(upload, "nowhere.pdf"),
		},
		{
			name: "straddle-sandbox-only", good: straddle("accounts simulate-onboarding " + pageCustomer),
			refused: straddle("accounts simulate " + unknownCustomer), misuse: straddle("accounts simulate " + pageCustomer + " --environment production"),
		},
		{
			name: "api", good: strings.Fields("api put /v1/charges/" + pageCustomer + "/hold --field reason=why --field deep.er=[1,true]"),
			refused: strings.Fields("api GET /v1/customers/" + unknownCustomer), misuse: strings.Fields("api FETCH /v1/customers"),
		},
	}
	for i := range all {
		all[i].prepare = func(w *world, _ int) { w.server(stub) }
	}
	return append(all, scene{
		name: "spec-operations", good: strings.Fields("spec operations --transform 0"), misuse: strings.Fields("spec operations straddle"), local: true,
	})
}
