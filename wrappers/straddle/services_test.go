package straddle_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/internal/wiretest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
)

// found is the response to a read of a customer.
var found = reply{Status: 200, Body: `{"data":{"id":"` + customer + `","status":"verified"},` + meta + `,"response_type":"object"}`}

// The account of the Config is named in every call that can be made for one, ForAccount names another one, and the option
// has the last word.
func TestAccounts(t *testing.T) {
	const other, third = "acct_other", "acct_third"
	w := wiretest.Script(found, found, found, found)
	c := client(t, w, func(c *straddle.Config) { c.AccountID = stranger })
	for _, call := range []struct {
		by   *straddle.Client
		opts []rest.Option
		want string
	}{
		{c, nil, stranger},
		{c.ForAccount(other), nil, other},
		{c, []rest.Option{rest.AccountID(third)}, third},
		{c.ForAccount(""), nil, ""},
	} {
		got, err := call.by.Customers.Get(t.Context(), customer, call.opts...)
		require.NoError(t, err)
		assert.Equal(t, straddle.CustomerStatusVerified, got.Status)
		sent := w.Requests()
		assert.Equal(t, call.want, sent[len(sent)-1].Header.Get("Straddle-Account-Id"))
	}
}

func TestAccountIsAHeader(t *testing.T) {
	for _, id := range []string{" " + customer, "a\nb", "ä"} {
		_, err := straddle.New(straddle.Config{APIKey: secret.New(apiKey), AccountID: id})
		provider.RequireRefusal(t, err, "AccountID", "must be visible ASCII")
	}
}

// deadline keeps how long a request may take.
type deadline struct{ left time.Duration }

func (d *deadline) RoundTrip(req *http.Request) (*http.Response, error) {
	end, _ := req.Context().Deadline()
	d.left = time.Until(end)
	_, _ = io.Copy(io.Discard, req.Body)
	_ = req.Body.Close()
	return &http.Response{
		StatusCode: 201, Header: http.Header{"Content-Type": {"application/json"}}, Request: req,
		Body: io.NopCloser(strings.NewReader(`{"data":{"id":"` + customer + `"},` + meta + `}`)),
	}, nil
}

// An upload may take longer than other calls, as long as the option says.
func TestUploadsTakeTheirTime(t *testing.T) {
	var d deadline
	file := rest.FileOf("proof.pdf", []byte("%PDF-1.7"))
	c := client(t, &d)
	_, err := c.Charges.UploadAuthorizationProof(t.Context(), customer, file)
	require.NoError(t, err)
	assert.Greater(t, d.left, rest.DefaultTimeout)
	_, err = c.Payouts.UploadAuthorizationProof(t.Context(), customer, file, rest.Timeout(time.Hour))
	require.NoError(t, err)
	assert.Greater(t, d.left, 11*time.Minute)

	_, err = c.Charges.UploadAuthorizationProof(t.Context(), "no id", file)
	require.ErrorIs(t, err, rest.ErrInvalid)
	assert.ErrorContains(t, err, "id: must be a UUID")
	_, err = c.Charges.UploadAuthorizationProof(t.Context(), customer, nil)
	assert.ErrorContains(t, err, "File: is required")
}
