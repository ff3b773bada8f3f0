package webhook_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/webhook"
)

// The worked example: what three other implementations of Standard Webhooks have signed.
const (
	key       = "whsec_ZmFjdHMtc2hlZXQtZXhhbXBsZS1rZXktMzItYnl0ZXM="
	id        = "msg_2facts0000000000000000001"
	stamp     = "1767225600"
	body      = `{"event_type":"charge.event.v1","event_id":"85df84c7-a298-44bc-8040-7bd2ae372cbf","account_id":"857c679a-8e80-47f1-9334-39dd08ea801f","data":{"id":"3f0c8a52-6d1e-4b7b-9a37-0d1f6b1c2e11","status":"paid","amount":10000}}`
	signature = "v1,UzKzCcAqoAzVn5ndfJ9QVy5LXQIZch/v2BbFSQHsVxY="
)

// signedAt is the time of the example.
var signedAt = time.Unix(1767225600, 0)

// note is the event of the scheme of these tests.
type note struct {
	ID   string `json:"-"`
	Type string `json:"event_type"`
}

// scheme signs as Standard Webhooks does, and knows no provider.
func scheme(secrets ...secret.String) *webhook.Scheme[note] {
	signed := webhook.NewStandard(secrets...)
	return &webhook.Scheme[note]{
		Provider: "lab", Verify: signed.Verify, Sign: signed.Sign, ID: func(n note) string { return n.ID },
		Read: func(m webhook.Message) (note, error) {
			n := note{ID: m.Header.Get(webhook.HeaderID)}
			body, err := rest.ParseJSON(m.Body)
			if err == nil {
				err = body.Into(&n)
			}
			return n, err
		},
	}
}

// headers are those of the example.
func headers() http.Header {
	return http.Header{webhook.HeaderID: {id}, webhook.HeaderTimestamp: {stamp}, webhook.HeaderSignature: {signature}}
}

// with returns the headers of the example with another value of one of them.
func with(name string, values ...string) http.Header {
	h := headers()
	h[name] = values
	return h
}

// resigned returns headers that are right for another body, id and time.
func resigned(t *testing.T, id string, at time.Time, body string) http.Header {
	t.Helper()
	h, err := scheme(secret.New(key)).Sign(id, at, []byte(body))
	require.NoError(t, err)
	return h
}

func zipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := io.WriteString(z, text)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.String()
}

func TestTheWorkedExample(t *testing.T) {
	t.Parallel()
	n, err := scheme(secret.New(key)).ParseMessage(webhook.Message{Header: headers(), Body: []byte(body), Now: signedAt})
	require.NoError(t, err)
	assert.Equal(t, note{id, "charge.event.v1"}, n)
	assert.Equal(t, headers(), resigned(t, id, signedAt, body))
	assert.Equal(t, headers(), resigned(t, id, signedAt.Add(999*time.Millisecond), body), "the time is cut to seconds")
}

// Hostile is every way in which a request is not the provider's, or is broken.
func TestHostile(t *testing.T) {
	t.Parallel()
	other := "whsec_" + base64.StdEncoding.EncodeToString([]byte("another key that has enough bytes"))
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(signature, "v1,"))
	require.NoError(t, err)
	bits := bytes.Clone(raw)
	bits[31] ^= 1
	encoded := base64.StdEncoding.EncodeToString
	late := signedAt.Add(webhook.DefaultTolerance)
	bytesOf := func(text string) []byte { return []byte(text) }
	for name, c := range map[string]struct {
		secrets []secret.String
		header  http.Header
		body    []byte
		now     time.Time
		check   error
		says    string
	}{
		"no headers":                          {header: http.Header{}, check: webhook.ErrSignature, says: "webhook-id is missing"},
		"no id":                               {header: with(webhook.HeaderID), check: webhook.ErrSignature, says: "webhook-id is missing"},
		"an empty id":                         {header: with(webhook.HeaderID, ""), check: webhook.ErrSignature, says: "webhook-id is missing"},
		"no time":                             {header: with(webhook.HeaderTimestamp), check: webhook.ErrSignature, says: "webhook-timestamp is missing"},
		"no signature":                        {header: with(webhook.HeaderSignature), check: webhook.ErrSignature, says: "webhook-signature is missing"},
		"the id twice":                        {header: with(webhook.HeaderID, id, id), check: webhook.ErrSignature, says: "webhook-id is there twice"},
		"the id twice, one other":             {header: with(webhook.HeaderID, id, "msg_2"), check: webhook.ErrSignature, says: "webhook-id is there twice"},
		"the time twice":                      {header: with(webhook.HeaderTimestamp, stamp, stamp), check: webhook.ErrSignature, says: "webhook-timestamp is there twice"},
		"the signature twice":                 {header: with(webhook.HeaderSignature, signature, signature), check: webhook.ErrSignature, says: "webhook-signature is there twice"},
		"another id":                          {header: with(webhook.HeaderID, "msg_2"), check: webhook.ErrSignature},
		"the id in capitals":                  {header: with(webhook.HeaderID, strings.ToUpper(id)), check: webhook.ErrSignature},
		"a newline smuggled into the id":      {header: with(webhook.HeaderID, id+"\n"), check: webhook.ErrSignature},
		"the id takes the time along":         {header: with(webhook.HeaderID, id+"."+stamp), check: webhook.ErrSignature},
		"another time":                        {header: with(webhook.HeaderTimestamp, "1767225601"), check: webhook.ErrSignature},
		"the time with a sign":                {header: with(webhook.HeaderTimestamp, "+"+stamp), check: webhook.ErrTime, says: "not in Unix seconds"},
		"the time below zero":                 {header: with(webhook.HeaderTimestamp, "-1"), check: webhook.ErrTime, says: "not in Unix seconds"},
		"the time with a space":               {header: with(webhook.HeaderTimestamp, stamp+" "), check: webhook.ErrTime, says: "not in Unix seconds"},
		"the time with a fraction":            {header: with(webhook.HeaderTimestamp, stamp+".0"), check: webhook.ErrTime, says: "not in Unix seconds"},
		"the time in hex":                     {header: with(webhook.HeaderTimestamp, "0x6955b900"), check: webhook.ErrTime, says: "not in Unix seconds"},
		"the time in RFC 3339":                {header: with(webhook.HeaderTimestamp, "2026-01-01T00:00:00Z"), check: webhook.ErrTime, says: "not in Unix seconds"},
		"the time in milliseconds":            {header: with(webhook.HeaderTimestamp, stamp+"000"), check: webhook.ErrTime, says: "not in Unix seconds"},
		"the time beyond int64":               {header: with(webhook.HeaderTimestamp, "99999999999999999999"), check: webhook.ErrTime, says: "not in Unix seconds"},
		"the time with another zero":          {header: with(webhook.HeaderTimestamp, "0"+stamp), check: webhook.ErrSignature},
		"a replay, a second too late":         {now: late.Add(time.Second), check: webhook.ErrTime, says: "too old"},
		"a replay, a nanosecond too late":     {now: late.Add(1), check: webhook.ErrTime, says: "too old"},
		"a replay after a year":               {now: signedAt.AddDate(1, 0, 0), check: webhook.ErrTime, says: "too old"},
		"a clock that is a second too fast":   {now: signedAt.Add(-webhook.DefaultTolerance - 1), check: webhook.ErrTime, says: "in the future"},
		"a replay with a new time":            {header: with(webhook.HeaderTimestamp, strconv.FormatInt(late.Unix()+60, 10)), now: late.Add(time.Minute), check: webhook.ErrSignature},
		"signed by another secret":            {secrets: []secret.String{secret.New(other)}, check: webhook.ErrSignature},
		"the body has a blank more":           {body: bytesOf(body + " "), check: webhook.ErrSignature},
		"the body has a byte less":            {body: bytesOf(body[:len(body)-1]), check: webhook.ErrSignature},
		"the body has another amount":         {body: bytesOf(strings.Replace(body, "10000", "90000", 1)), check: webhook.ErrSignature},
		"the body with its members reordered": {body: bytesOf(`{"event_id":"x","event_type":"charge.event.v1"}`), check: webhook.ErrSignature},
		"no body":                             {body: []byte{}, check: webhook.ErrSignature},
		"v0":                                  {header: with(webhook.HeaderSignature, "v0"+signature[2:]), check: webhook.ErrSignature},
		"V1":                                  {header: with(webhook.HeaderSignature, "V1"+signature[2:]), check: webhook.ErrSignature},
		"v1a, which is another algorithm":     {header: with(webhook.HeaderSignature, "v1a"+signature[2:]), check: webhook.ErrSignature},
		"no version":                          {header: with(webhook.HeaderSignature, signature[3:]), check: webhook.ErrSignature},
		"nothing but the version":             {header: with(webhook.HeaderSignature, "v1"), check: webhook.ErrSignature},
		"an empty signature":                  {header: with(webhook.HeaderSignature, "v1,"), check: webhook.ErrSignature},
		"the beginning of the signature":      {header: with(webhook.HeaderSignature, "v1,"+encoded(raw[:16])), check: webhook.ErrSignature},
		"a byte of it":                        {header: with(webhook.HeaderSignature, "v1,"+encoded(raw[:1])), check: webhook.ErrSignature},
		"more than the signature":             {header: with(webhook.HeaderSignature, "v1,"+encoded(append(bytes.Clone(raw), 0))), check: webhook.ErrSignature},
		"one bit of it":                       {header: with(webhook.HeaderSignature, "v1,"+encoded(bits)), check: webhook.ErrSignature},
		"without its padding":                 {header: with(webhook.HeaderSignature, strings.TrimSuffix(signature, "=")), check: webhook.ErrSignature},
		"with bits in its padding":            {header: with(webhook.HeaderSignature, strings.Replace(signature, "xY=", "xZ=", 1)), check: webhook.ErrSignature},
		"in the alphabet of URLs":             {header: with(webhook.HeaderSignature, strings.ReplaceAll(signature, "/", "_")), check: webhook.ErrSignature},
		"in hex":                              {header: with(webhook.HeaderSignature, "v1,5332b309c02aa00cd59f99dd7c9f50572e4b5d0219721fefd816c54901ec5716"), check: webhook.ErrSignature},
		"signatures with commas between them": {header: with(webhook.HeaderSignature, "v0,x,"+signature), check: webhook.ErrSignature},
		"behind a tab":                        {header: with(webhook.HeaderSignature, "v0,x\t"+signature), check: webhook.ErrSignature},
		"behind more than are looked at":      {header: with(webhook.HeaderSignature, strings.Repeat("v1,x ", webhook.MaxSignatures)+signature), check: webhook.ErrSignature},
		"signed, and not UTF-8":               {header: resigned(t, id, signedAt, "{\"a\":\"\xff\"}"), body: bytesOf("{\"a\":\"\xff\"}"), check: webhook.ErrShape, says: "not UTF-8"},
		"signed, and gzipped":                 {header: resigned(t, id, signedAt, zipped(t, body)), body: bytesOf(zipped(t, body)), check: webhook.ErrShape},
		"signed, and half of it":              {header: resigned(t, id, signedAt, body[:90]), body: bytesOf(body[:90]), check: webhook.ErrShape, says: "the body is not valid JSON"},
		"signed, and twice":                   {header: resigned(t, id, signedAt, body+body), body: bytesOf(body + body), check: webhook.ErrShape, says: "the body goes on after its end"},
		"signed, with a member twice":         {header: resigned(t, id, signedAt, `{"event_type":"a","event_type":"b"}`), body: bytesOf(`{"event_type":"a","event_type":"b"}`), check: webhook.ErrShape, says: "twice"},
		"signed, and too deep":                {header: resigned(t, id, signedAt, strings.Repeat("[", 100)), body: bytesOf(strings.Repeat("[", 100)), check: webhook.ErrShape, says: "nested"},
		"signed, and a list":                  {header: resigned(t, id, signedAt, `[]`), body: bytesOf(`[]`), check: webhook.ErrShape},
		"signed, and empty":                   {header: resigned(t, id, signedAt, ""), body: []byte{}, check: webhook.ErrShape},
		"signed, with a number as the type":   {header: resigned(t, id, signedAt, `{"event_type":7}`), body: bytesOf(`{"event_type":7}`), check: webhook.ErrShape, says: "event_type: has another JSON type"},
		"no secret":                           {secrets: []secret.String{}, check: webhook.ErrConfig, says: "a secret is required"},
		"an empty secret":                     {secrets: []secret.String{{}}, check: webhook.ErrConfig, says: "secret 1 must be"},
		"a secret without a key":              {secrets: []secret.String{secret.New(key), secret.New("whsec_")}, check: webhook.ErrConfig, says: "secret 2 must be"},
		"a secret that is no base64":          {secrets: []secret.String{secret.New("whsec_not base64 at all")}, check: webhook.ErrConfig, says: "secret 1 must be"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := webhook.Message{Header: headers(), Body: []byte(body), Now: signedAt}
			if c.header != nil {
				m.Header = c.header
			}
			if c.body != nil {
				m.Body = c.body
			}
			if !c.now.IsZero() {
				m.Now = c.now
			}
			if c.secrets == nil {
				c.secrets = []secret.String{secret.New(key)}
			}
			n, err := scheme(c.secrets...).ParseMessage(m)
			assert.Zero(t, n)
			requireRefused(t, err, c.check, c.says)
		})
	}
}

// requireRefused expects an error of one kind, which tells nothing of the request or the secret.
func requireRefused(t *testing.T, err error, check error, says string) {
	t.Helper()
	var e *webhook.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, "lab", e.Provider)
	for _, kind := range []error{webhook.ErrSignature, webhook.ErrTime, webhook.ErrSize, webhook.ErrShape, webhook.ErrConfig} {
		assert.Equal(t, kind == check, errors.Is(err, kind), "%v: %v", kind, err)
	}
	status := map[error]int{webhook.ErrSignature: 401, webhook.ErrTime: 401, webhook.ErrSize: 400, webhook.ErrShape: 400, webhook.ErrConfig: 500}
	assert.Equal(t, status[check], e.Status())
	assert.Contains(t, err.Error(), "lab: webhook: "+check.Error()+": ")
	assert.Contains(t, err.Error(), says)
	for _, text := range []string{key, id, stamp, signature, "paid", "another key", "not base64 at all"} {
		assert.NotContains(t, err.Error(), text)
	}
}

// Tolerated is what is odd, and the provider's all the same.
func TestTolerated(t *testing.T) {
	t.Parallel()
	other := secret.New("whsec_" + base64.StdEncoding.EncodeToString([]byte("the next key")))
	lower := http.Header{}
	for name, values := range maps.All(headers()) {
		for _, v := range values {
			lower.Add(strings.ToLower(name), v)
		}
	}
	for name, c := range map[string]struct {
		secrets []secret.String
		header  http.Header
		now     time.Time
	}{
		"headers in lower case":        {header: lower},
		"the last second":              {now: signedAt.Add(webhook.DefaultTolerance)},
		"the first second":             {now: signedAt.Add(-webhook.DefaultTolerance)},
		"the old secret":               {secrets: []secret.String{other, secret.New(key)}},
		"the new secret":               {secrets: []secret.String{secret.New(key), other}},
		"a secret without its prefix":  {secrets: []secret.String{secret.New(strings.TrimPrefix(key, "whsec_"))}},
		"two signatures, the second":   {header: with(webhook.HeaderSignature, "v1,AAAA "+signature)},
		"two signatures, the first":    {header: with(webhook.HeaderSignature, signature+" v1,AAAA")},
		"one of another version first": {header: with(webhook.HeaderSignature, "v1a,AAAA v0,AAAA "+signature)},
		"as many as are looked at":     {header: with(webhook.HeaderSignature, strings.Repeat("v1,x ", webhook.MaxSignatures-1)+signature)},
		"spaces between them":          {header: with(webhook.HeaderSignature, "v1,AAAA  "+signature+" ")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := webhook.Message{Header: headers(), Body: []byte(body), Now: signedAt}
			if c.header != nil {
				m.Header = c.header
			}
			if !c.now.IsZero() {
				m.Now = c.now
			}
			if c.secrets == nil {
				c.secrets = []secret.String{secret.New(key)}
			}
			n, err := scheme(c.secrets...).ParseMessage(m)
			require.NoError(t, err)
			assert.Equal(t, "charge.event.v1", n.Type)
		})
	}
}

func TestSignNeedsASecret(t *testing.T) {
	t.Parallel()
	_, err := scheme().Sign(id, signedAt, nil)
	require.ErrorIs(t, err, webhook.ErrConfig)
}

// Parse reads requests.
func TestParse(t *testing.T) {
	t.Parallel()
	now := time.Now()
	request := func(method string, content io.Reader) *http.Request {
		r := httptest.NewRequest(method, "/hook", content)
		r.Header = resigned(t, id, now, body)
		return r
	}
	s := scheme(secret.New(key))
	n, err := s.Parse(request(http.MethodPost, strings.NewReader(body)))
	require.NoError(t, err)
	assert.Equal(t, note{id, "charge.event.v1"}, n)

	_, err = s.Parse(request(http.MethodGet, strings.NewReader(body)))
	requireRefused(t, err, webhook.ErrShape, "must be POST")
	_, err = s.Parse(request(http.MethodPost, strings.NewReader(body)), webhook.MaxBody(int64(len(body))))
	require.NoError(t, err)
	_, err = s.Parse(request(http.MethodPost, strings.NewReader(body)), webhook.MaxBody(int64(len(body)-1)))
	requireRefused(t, err, webhook.ErrSize, "too large")
	unread := request(http.MethodPost, strings.NewReader(body))
	unread.Body = io.NopCloser(untouched{t})
	_, err = s.Parse(unread, webhook.MaxBody(int64(len(body)-1)))
	requireRefused(t, err, webhook.ErrSize, "too large")
	_, err = s.Parse(request(http.MethodPost, io.MultiReader(strings.NewReader(body))), webhook.MaxBody(int64(len(body)-1)))
	requireRefused(t, err, webhook.ErrSize, "too large")
	_, err = s.Parse(request(http.MethodPost, endless{}))
	requireRefused(t, err, webhook.ErrSize, "too large")
	_, err = s.Parse(request(http.MethodPost, io.MultiReader(strings.NewReader(body[:9]), broken{})))
	requireRefused(t, err, webhook.ErrSize, "broke off")
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	empty := request(http.MethodPost, nil)
	empty.Body = nil
	_, err = s.Parse(empty)
	requireRefused(t, err, webhook.ErrSignature, "")

	early := request(http.MethodPost, strings.NewReader(body))
	early.Header = resigned(t, id, now.Add(-time.Hour), body)
	_, err = s.Parse(early)
	requireRefused(t, err, webhook.ErrTime, "too old")
	early.Body = io.NopCloser(strings.NewReader(body))
	_, err = s.Parse(early, webhook.Tolerance(2*time.Hour))
	require.NoError(t, err)

	for name, o := range map[string]webhook.Option{
		"Tolerance must be positive": webhook.Tolerance(0), "MaxBody must be positive": webhook.MaxBody(-1), "Lease must be positive": webhook.Lease(0),
		"Deduplicate must not be nil": webhook.Deduplicate(nil), "Log must not be nil": webhook.Log(nil),
	} {
		_, err = s.Parse(request(http.MethodPost, strings.NewReader(body)), o)
		requireRefused(t, err, webhook.ErrConfig, name)
	}
}

// untouched is a body that must not be read.
type untouched struct{ t *testing.T }

func (u untouched) Read([]byte) (int, error) {
	u.t.Error("a body that says how large it is was read")
	return 0, io.EOF
}

// endless is a body of blanks.
type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

// broken is a body that breaks off.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// An error that is not of this package becomes one, without its words.
func TestErrorsOfASchemeAreRefusals(t *testing.T) {
	t.Parallel()
	cause := errors.New("text of " + id)
	s := scheme(secret.New(key))
	s.Verify = func(webhook.Message) error { return cause }
	_, err := s.ParseMessage(webhook.Message{})
	requireRefused(t, err, webhook.ErrSignature, "could not be verified")
	require.ErrorIs(t, err, cause)
	s.Verify = func(webhook.Message) error { return nil }
	s.Read = func(webhook.Message) (note, error) { return note{}, cause }
	_, err = s.ParseMessage(webhook.Message{})
	requireRefused(t, err, webhook.ErrShape, "could not be read")
	require.ErrorIs(t, err, cause)
}

// FuzzStandard: no headers make the check panic, and what it takes is what the secret signs.
func FuzzStandard(f *testing.F) {
	f.Add(id, stamp, signature, []byte(body))
	f.Add("", "", "", []byte(nil))
	f.Add(id, stamp, "v1,AAAA v0,x "+signature, []byte(body))
	s := scheme(secret.New(key))
	f.Fuzz(func(t *testing.T, id, stamp, signatures string, body []byte) {
		h := http.Header{webhook.HeaderID: {id}, webhook.HeaderTimestamp: {stamp}, webhook.HeaderSignature: {signatures}}
		at, err := webhook.UnixTime(stamp)
		if err != nil {
			at = signedAt
		}
		m := webhook.Message{Header: h, Body: body, Now: at}
		if s.Verify(m) == nil {
			right, err := s.Sign(id, at, body)
			require.NoError(t, err)
			assert.Contains(t, signatures, right.Get(webhook.HeaderSignature))
		}
		right, err := s.Sign("a"+id, at, body)
		require.NoError(t, err)
		m.Header = right
		m.Tolerance = webhook.DefaultTolerance
		require.NoError(t, s.Verify(m), "what is signed is taken")
		_, err = s.ParseMessage(m)
		if err == nil {
			assert.True(t, json.Valid(body))
		}
	})
}
