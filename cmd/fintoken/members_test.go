package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ann is a customer, without what must not be seen of her.
const ann = "straddle customers create --type individual --name Ann --email ann@example.com --phone +12125550123 --device.ip-address 203.0.113.7 " +
	"--compliance-profile.dob 1980-01-31 --compliance-profile.ssn"

// TestSecretMembers: a dry run shows a variable in place of what a document says is secret, and an error that repeats it is
// masked. It can be given in a file or on stdin.
func TestSecretMembers(t *testing.T) {
	const ssn = "123-45-6789"
	w := newWorld(t)
	file := filepath.Join(w.env["XDG_CACHE_HOME"], "ssn")
	require.NoError(t, os.WriteFile(file, []byte(ssn+"\n"), 0o600))
	for _, given := range []string{ssn, "@" + file, "-", "@-"} {
		r := w.run(ssn+"\n", append(strings.Fields(ann), given, "--dry-run")...)
		require.Equal(t, 0, r.code, r.stderr)
		assert.Contains(t, r.stdout, `"compliance_profile":{"dob":"'"$DOB"'","ssn":"'"$SSN"'"}`)
		for _, secret := range []string{ssn, "1980-01-31", "203.0.113.7"} {
			assert.NotContains(t, r.stdout+r.stderr, secret, given)
		}
	}
	var sent string
	w.server(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sent = string(body)
		rw.Header().Set("Content-Type", "application/json")
		rw.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = io.WriteString(rw, `{"response_type":"error","error":{"status":422,"detail":"`+ssn+` is taken","items":[{"reference":"x","detail":"`+ssn+`"}]},"meta":{}}`)
	})
	for _, format := range []string{"auto", "json", "raw"} {
		r := w.run("", append(strings.Fields(ann), ssn, "--format-error", format)...)
		assert.Equal(t, 5, r.code)
		assert.Contains(t, sent, ssn)
		assert.NotContains(t, r.stderr, ssn, format)
	}
	r := w.run("", strings.Fields("straddle payments list --paykey abcd1234.02.secret --dry-run")...)
	assert.Contains(t, r.stdout, `paykey='"$PAYKEY"`)
	assert.NotContains(t, r.stdout, "secret")
}

// TestMembers: --body, then the flags in it, then what is to be null; every wrong one is refused by name.
func TestMembers(t *testing.T) {
	w := newWorld(t)
	var sent string
	w.server(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sent = string(body)
		stub(rw, r)
	})
	r := w.run("", "straddle", "charges", "update", pageCustomer, "--body", "{amount: 1, description: a, payment_date: 2026-02-02, metadata: {a: b}}",
		"--amount", "2", "--metadata", `{"c": "d"}`, "--clear", "metadata")
	require.Equal(t, 0, r.code, r.stderr)
	assert.JSONEq(t, `{"amount":2,"description":"a","payment_date":"2026-02-02","metadata":null}`, sent)
	for line, want := range map[string]string{
		"charges update x --amount 1.5":                     `--amount must be a whole number, not "1.5"`,
		"charges create --config.auto-hold=maybe":           `--config.auto-hold must be true or false, not "maybe"`,
		"payments list --has-refund=7":                      `--has-refund must be true or false, not "7"`,
		"charges create --metadata [a]":                     "--metadata must be an object in JSON or YAML",
		"charges create --body {nothing:1}":                 `the body has no member "nothing:1"`,
		"charges create --description=":                     "--description is empty",
		"charges update x --clear description":              "--clear must be one of",
		"charges upload-authorization-proof x":              "--file is required",
		"charges create extra":                              "takes no argument",
		"charges create --body - --metadata -":              "cannot both read stdin",
		"accounts create --business-profile @nowhere":       "--business-profile: open nowhere",
		"representatives create --relationship.owner=false": "", // a boolean may be false
	} {
		r := w.run("{}", append([]string{"straddle"}, strings.Fields(line)...)...)
		assert.Equal(t, 2, r.code, line)
		assert.Contains(t, r.stderr, want, line)
	}
}
