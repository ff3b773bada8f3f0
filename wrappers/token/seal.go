package token

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// What can be wrong with a sealed record.
var (
	// ErrUnknownKey: a record is sealed with a key that the store was not given. It is left as it is.
	ErrUnknownKey = errors.New("token: the record is sealed with a key that is not known here")
	// ErrBadRecord: a record is not what was written under its name: cut off, altered, moved, of an older format, or
	// not sealed although there are keys. It is left as it is; see [FileStore.RemoveUnreadable].
	ErrBadRecord = errors.New("token: the record is damaged or not from here")
	// ErrNewerRecord: a record is of a newer format than this version of the package knows, and good for one that
	// does. It is left as it is.
	ErrNewerRecord = errors.New("token: the record is of a newer format than is known here")
	// ErrWornKey: a record was sealed as often as a key may be used with random nonces (NIST SP 800-38D §8.3, 2³²
	// times). The store needs a new key.
	ErrWornKey = errors.New("token: the key was used too often")
)

// keySize is the size of a key, for AES-256.
const keySize = 32

// maxSeals is how often one key seals with random nonces at most.
const maxSeals = 1 << 32

// NewKey returns a new random key for a [FileStore].
func NewKey() secret.String {
	b := make([]byte, keySize)
	_, _ = rand.Read(b) // never fails
	return secret.New(base64.StdEncoding.EncodeToString(b))
}

// sealer seals records with AES-256-GCM. The first key seals, all open.
type sealer struct {
	ids  []string
	keys [][]byte
}

// newSealer returns a sealer, or nil if there are no keys.
func newSealer(keys []secret.String) (*sealer, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	s := &sealer{}
	for i, k := range keys {
		b, err := base64.StdEncoding.DecodeString(k.Reveal())
		if err != nil || len(b) != keySize {
			return nil, fmt.Errorf("token: key %d must be 32 bytes in base64", i+1) // not err: it would quote the key
		}
		id, err := hkdf.Key(sha256.New, b, nil, "fintoken key id", 4)
		if err != nil {
			return nil, err
		}
		s.ids, s.keys = append(s.ids, hex.EncodeToString(id)), append(s.keys, b)
	}
	return s, nil
}

// seal seals data under the first key. name and generation are bound to it: under others it does not open.
func (s *sealer) seal(name string, generation uint64, data []byte) (envelope, error) {
	if generation >= maxSeals {
		return envelope{}, ErrWornKey
	}
	aead, err := aeadFor(s.keys[0], name)
	if err != nil {
		return envelope{}, err
	}
	nonce := make([]byte, aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	return envelope{
		Version: version, Generation: generation, SealedWith: s.ids[0], Nonce: nonce,
		Data: aead.Seal(nil, nonce, data, bound(name, generation)),
	}, nil
}

// open returns what was sealed.
func (s *sealer) open(name string, e envelope) ([]byte, error) {
	if e.SealedWith == "" {
		return nil, ErrBadRecord
	}
	for i, id := range s.ids {
		if id != e.SealedWith {
			continue
		}
		aead, err := aeadFor(s.keys[i], name)
		if err != nil {
			return nil, err
		}
		if len(e.Nonce) != aead.NonceSize() {
			return nil, ErrBadRecord
		}
		data, err := aead.Open(nil, e.Nonce, e.Data, bound(name, e.Generation))
		if err != nil {
			return nil, ErrBadRecord
		}
		return data, nil
	}
	return nil, ErrUnknownKey
}

// aeadFor returns the cipher of a record. Each record has a key of its own, derived from the store's, so that the
// record's generation tells how often it has sealed.
func aeadFor(key []byte, name string) (cipher.AEAD, error) {
	own, err := hkdf.Key(sha256.New, key, nil, "fintoken record "+name, keySize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(own)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// bound returns the additional data of a record.
func bound(name string, generation uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte("fintoken 1 "+name+" "), generation)
}
