package token

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// version is the version of the format of records. A reader refuses any other one and so never rewrites it.
const version = 2

// envelope is a record as it lies in a file.
type envelope struct {
	Version    int    `json:"version"`
	Generation uint64 `json:"generation"`
	// SealedWith is the id of the key; empty if Data is clear text.
	SealedWith string `json:"sealed_with,omitempty"`
	Nonce      []byte `json:"nonce,omitempty"`
	Data       []byte `json:"data"`
}

// decodeEnvelope reads an envelope strictly.
func decodeEnvelope(b []byte) (envelope, error) {
	var e envelope
	err := strictly(b, &e)
	switch {
	case err == nil && e.Version == version && e.Generation != 0:
		return e, nil
	case newer(b):
		return envelope{}, ErrNewerRecord
	}
	return envelope{}, ErrBadRecord
}

// newer reports whether b is of a newer format, of which nothing is known but that it says so.
func newer(b []byte) bool {
	var its struct {
		Version uint64 `json:"version"`
	}
	return json.Unmarshal(b, &its) == nil && its.Version > version
}

// storedToken is a token as a record holds it: in clear text.
type storedToken struct {
	Access    string        `json:"access,omitempty"`
	Refresh   string        `json:"refresh,omitempty"`
	Type      string        `json:"type,omitempty"`
	Scope     string        `json:"scope,omitempty"`
	ExpiresIn time.Duration `json:"expires_in,omitempty"`
	Expiry    time.Time     `json:"expiry,omitzero"`
}

// storedRecord is what a record seals besides its generation.
type storedRecord struct {
	Token   *storedToken `json:"token"`
	InDoubt bool         `json:"in_doubt,omitempty"`
	Fence   uint64       `json:"fence,omitempty"`
}

// encodeRecord writes a record.
func encodeRecord(r Record) ([]byte, error) {
	out := storedRecord{InDoubt: r.InDoubt, Fence: r.Fence}
	if t := r.Token; t != nil {
		out.Token = &storedToken{
			Access: t.Access.Reveal(), Refresh: t.Refresh.Reveal(), Type: t.Type, Scope: t.Scope,
			ExpiresIn: t.ExpiresIn, Expiry: t.Expiry.UTC(),
		}
	}
	b, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("token: the expiry cannot be written") // not err: it may quote
	}
	return b, nil
}

// decodeRecord reads a record.
func decodeRecord(generation uint64, b []byte) (Record, error) {
	var in *storedRecord
	if err := strictly(b, &in); err != nil || in == nil || in.Token != nil && in.Token.ExpiresIn < 0 {
		return Record{}, ErrBadRecord
	}
	out := Record{Generation: generation, InDoubt: in.InDoubt, Fence: in.Fence}
	if t := in.Token; t != nil {
		out.Token = &Token{
			Access: secret.New(t.Access), Refresh: secret.New(t.Refresh), Type: t.Type, Scope: t.Scope,
			ExpiresIn: t.ExpiresIn, Expiry: t.Expiry,
		}
	}
	return out, nil
}

// strictly decodes one JSON value without unknown members and with nothing after it.
func strictly(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return ErrBadRecord
	}
	return nil
}
