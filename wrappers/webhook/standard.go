package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// The headers of Standard Webhooks.
const (
	HeaderID        = "Webhook-Id"
	HeaderTimestamp = "Webhook-Timestamp"
	HeaderSignature = "Webhook-Signature"
)

// Standard is the signatures of Standard Webhooks (https://www.standardwebhooks.com), version v1: an HMAC-SHA256 of id,
// time and body in the header webhook-signature. A [Scheme] takes its methods.
type Standard struct {
	keys [][]byte
	err  error
}

// NewStandard returns the signatures by any of the secrets, each "whsec_" and base64. The first one signs. A secret that
// is not one fails every request, with [ErrConfig].
func NewStandard(secrets ...secret.String) *Standard {
	s := &Standard{}
	if len(secrets) == 0 {
		s.err = Config("a secret is required")
	}
	for i, one := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(one.Reveal(), "whsec_"))
		if err != nil || len(key) == 0 {
			s.err = Config(fmt.Sprintf("secret %d must be whsec_ and the key in base64", i+1))
		}
		s.keys = append(s.keys, key)
	}
	return s
}

// Verify is the Verify of a [Scheme]. Each of the three headers must be there once. Of several signatures one must match,
// by any of the secrets.
func (s *Standard) Verify(m Message) error {
	if s.err != nil {
		return s.err
	}
	id, err := OneHeader(m.Header, HeaderID)
	if err != nil {
		return err
	}
	stamp, err := OneHeader(m.Header, HeaderTimestamp)
	if err != nil {
		return err
	}
	signatures, err := OneHeader(m.Header, HeaderSignature)
	if err != nil {
		return err
	}
	at, err := UnixTime(stamp)
	if err != nil {
		return err
	}
	if !s.match(signatures, id, stamp, m.Body) {
		return Signature("none of those in webhook-signature matches")
	}
	return m.Fresh(at)
}

// MaxSignatures is how many signatures of one request are looked at.
const MaxSignatures = 16

func (s *Standard) match(signatures, id, stamp string, body []byte) bool {
	list := strings.SplitN(signatures, " ", MaxSignatures+1)
	for _, key := range s.keys {
		want := s.sum(key, id, stamp, body)
		for _, one := range list[:min(len(list), MaxSignatures)] {
			version, value, _ := strings.Cut(one, ",")
			got, err := base64.StdEncoding.Strict().DecodeString(value)
			if version == "v1" && err == nil && hmac.Equal(got, want) {
				return true
			}
		}
	}
	return false
}

func (*Standard) sum(key []byte, id, stamp string, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(id + "." + stamp + "."))
	h.Write(body)
	return h.Sum(nil)
}

// Sign is the Sign of a [Scheme].
func (s *Standard) Sign(id string, at time.Time, body []byte) (http.Header, error) {
	if s.err != nil {
		return nil, s.err
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	return http.Header{
		HeaderID: {id}, HeaderTimestamp: {stamp},
		HeaderSignature: {"v1," + base64.StdEncoding.EncodeToString(s.sum(s.keys[0], id, stamp, body))},
	}, nil
}

// OneHeader returns the value of a header that must be there once: of two, nobody knows which one was signed.
func OneHeader(h http.Header, name string) (string, error) {
	values := h.Values(name)
	switch {
	case len(values) > 1:
		return "", Signature("the header " + strings.ToLower(name) + " is there twice")
	case len(values) == 0 || values[0] == "":
		return "", Signature("the header " + strings.ToLower(name) + " is missing")
	}
	return values[0], nil
}

// UnixTime reads a time in whole seconds, digits and nothing else.
func UnixTime(text string) (time.Time, error) {
	const longest = len("253402300799") // the year 9999
	if len(text) == 0 || len(text) > longest || strings.Trim(text, "0123456789") != "" {
		return time.Time{}, Time("is not in Unix seconds")
	}
	seconds, _ := strconv.ParseInt(text, 10, 64) // it has digits, and few of them
	return time.Unix(seconds, 0), nil
}
