// Everything random: ids, secrets, tokens, and how secrets are compared.

package engine

import (
	"bufio"
	crand "crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"time"
)

// issuer is the mark in every token that looks like a JWT.
const issuer = "fintoken-sandbox"

// alphabet has 32 letters, so a letter is worth 5 bits and 26 of them 130.
var alphabet = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// IDs is a source of ids and secrets, safe for many goroutines.
type IDs struct {
	mu     sync.Mutex
	src    io.Reader
	seeded *rand.ChaCha8 // what src is, when it has a seed
}

// source returns the ids for one purpose. Each purpose has its own, so that with a seed the calls at one provider do
// not move the tokens of another.
func (e *Engine) source(purpose string) *IDs {
	if e.config.Seed == nil {
		return unseeded()
	}
	return sourceOf(sha256.Sum256(fmt.Appendf(nil, "%s %d %s", issuer, *e.config.Seed, purpose)))
}

// unseeded returns ids that nobody can foresee.
func unseeded() *IDs { return &IDs{src: bufio.NewReaderSize(crand.Reader, 512)} } // one system call for many ids

// sourceOf returns the ids that a key stands for.
func sourceOf(key [32]byte) *IDs {
	seeded := rand.NewChaCha8(key)
	return &IDs{src: seeded, seeded: seeded}
}

// state returns where a seeded source is, and nil for one without a seed.
func (i *IDs) state() []byte {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.seeded == nil {
		return nil
	}
	state, _ := i.seeded.MarshalBinary() // never fails
	return state
}

// restore lets the ids go on from a state.
func (i *IDs) restore(state []byte) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	seeded := &rand.ChaCha8{}
	if err := seeded.UnmarshalBinary(state); err != nil {
		return err
	}
	i.src, i.seeded = seeded, seeded
	return nil
}

func (i *IDs) fill(b []byte) {
	i.mu.Lock()
	defer i.mu.Unlock()
	// Neither of the two sources can fail: crypto/rand ends the process instead.
	_, _ = io.ReadFull(i.src, b)
}

// chance returns a number from 0 up to, but not including, 1.
func (i *IDs) chance() float64 {
	var b [8]byte
	i.fill(b[:])
	return float64(binary.LittleEndian.Uint64(b[:])>>11) / (1 << 53)
}

// Marked returns the mark followed by n random letters, 5 bits each.
func (i *IDs) Marked(mark string, n int) string {
	random := make([]byte, (n*5+7)/8)
	i.fill(random)
	return mark + alphabet.EncodeToString(random)[:n]
}

// UUID returns a random UUID (version 4).
func (i *IDs) UUID() string {
	var b [16]byte
	i.fill(b[:])
	return uuidOf(b)
}

// UUIDOf returns the UUID that belongs to a text: always the same.
func UUIDOf(text string) string {
	digest := DigestOf(text)
	return uuidOf([16]byte(digest[:16]))
}

func uuidOf(b [16]byte) string {
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	text := make([]byte, 0, 36)
	for n, part := range [][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:]} {
		if n > 0 {
			text = append(text, '-')
		}
		text = hex.AppendEncode(text, part)
	}
	return string(text)
}

// Claims are those of every token that looks like a JWT; fake widgets read the rest.
type Claims struct {
	Issuer  string `json:"iss"`
	Subject string `json:"sub"`
	ID      string `json:"jti"`
	Issued  int64  `json:"iat"`
	Ends    int64  `json:"exp"`
	Outcome string `json:"sandbox_outcome,omitempty"`
}

// jwtHeader says what the token is not: a JWT of anyone's but the sandbox's.
var jwtHeader = base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"sandbox+jwt"}`)) + "."

// JWT returns what looks like a JWT and is none: its signature is 32 random bytes, which no key verifies, and its
// header and issuer say sandbox.
func (i *IDs) JWT(of Claims, now time.Time, life time.Duration) string {
	of.Issuer, of.ID, of.Issued, of.Ends = issuer, i.UUID(), now.Unix(), now.Add(life).Unix()
	payload, _ := json.Marshal(of) //nolint:errchkjson // texts and numbers
	var signature [32]byte
	i.fill(signature[:])
	token := make([]byte, 0, 384)
	token = append(token, jwtHeader...)
	token = append(base64.RawURLEncoding.AppendEncode(token, payload), '.')
	return string(base64.RawURLEncoding.AppendEncode(token, signature[:]))
}

// Digest stands for a secret as a key of a map, so that looking one up takes a time that says nothing about others.
type Digest [sha256.Size]byte

// DigestOf returns what stands for a secret.
func DigestOf(secret string) Digest { return sha256.Sum256([]byte(secret)) }

// MarshalText writes a digest into a snapshot.
func (d Digest) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, d[:]), nil }

// UnmarshalText reads a digest out of a snapshot.
func (d *Digest) UnmarshalText(text []byte) error {
	if len(text) != 2*len(d) {
		return fmt.Errorf("a digest has %d letters", 2*len(d))
	}
	_, err := hex.Decode(d[:], text)
	return err
}

// Same compares two secrets in a time that depends on neither.
func Same(a, b string) bool {
	x, y := DigestOf(a), DigestOf(b)
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
