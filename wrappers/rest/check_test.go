package rest

import (
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

const someUUID = "3c90c3cc-0d44-4b50-8888-8dd25736052a"

func TestChecks(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		rule string // "" passes
	}{
		{"required", Required("f", "x"), ""},
		{"required, empty", Required("f", ""), "is required"},
		{"length", Length("f", "äöü", 3, 3), ""},
		{"length, short", Length("f", "ab", 3, 4), "must have 3 to 4 characters, has 2"},
		{"length, long", Length("f", "abcde", 3, 4), "must have 3 to 4 characters, has 5"},
		{"uuid", UUID("f", someUUID), ""},
		{"uuid, upper case", UUID("f", strings.ToUpper(someUUID)), ""},
		{"uuid, empty", UUID("f", ""), "is required"},
		{"uuid, braces", UUID("f", "{"+someUUID+"}"), "must be a UUID"},
		{"uuid, dash elsewhere", UUID("f", "3c90c3cc00d44-4b50-8888-8dd25736052a"), "must be a UUID"},
		{"uuid, short", UUID("f", someUUID[:35]), "must be a UUID"},
		{"uuid, long", UUID("f", someUUID+"a"), "must be a UUID"},
		{"uuid, letter", UUID("f", "3c90c3cc-0d44-4b50-8888-8dd25736052g"), "must be a UUID"},
		{"uuid, nil", UUID("f", "00000000-0000-0000-0000-000000000000"), "must not be the nil UUID (a rule of this module, which rest.Unchecked lifts)"},
		{"one of", OneOf("f", "b", "a", "b"), ""},
		{"one of, none", OneOf("f", "c", "a", "b"), "must be one of a, b"},
		{"optional, empty", Optional("", func() error { return Invalid("f", "not reached") }), ""},
		{"optional", Optional("x", func() error { return Invalid("f", "reached") }), "reached"},
		{"first", First(nil, Invalid("f", "one"), Invalid("f", "two")), "one"},
		{"first, none", First(nil, nil), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.rule == "" {
				assert.NoError(t, c.err)
				return
			}
			e := failure(t, c.err)
			assert.Equal(t, "f", e.Field)
			assert.Equal(t, c.rule, e.Message)
			assert.ErrorIs(t, c.err, ErrInvalid)
		})
	}
}

// Requirements C26 and C27: a token is there and has the characters a token can have.
func TestTokenText(t *testing.T) {
	for _, c := range []struct{ name, text, rule string }{
		{"usual", "eyJ.a-b_c~d+e/f==", ""},
		{"the last character", "~", ""},
		{"with a space", "a b", ""},
		{"8 KiB", strings.Repeat("x", 8<<10), ""},
		{"empty", "", "is missing or empty"},
		{"newline", "abc\ndef", "holds characters that a token cannot have"},
		{"zero", "abc\x00", "holds characters that a token cannot have"},
		{"delete", "abc\x7f", "holds characters that a token cannot have"},
		{"not ASCII", "abcä", "holds characters that a token cannot have"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := TokenText("f", secret.New(c.text))
			if c.rule == "" {
				assert.NoError(t, err)
				return
			}
			assert.Equal(t, c.rule, failure(t, err).Message)
			assert.ErrorIs(t, err, ErrBadResponse)
			if c.text != "" {
				assert.NotContains(t, err.Error(), "abc")
			}
		})
	}
}

// Requirement C29: expires_in as a number or a numeric text, never negative, never too large.
func TestSeconds(t *testing.T) {
	for _, c := range []struct {
		raw  string
		want time.Duration
		rule string
	}{
		{``, 0, ""},
		{`null`, 0, ""},
		{`0`, 0, ""},
		{`3600`, time.Hour, ""},
		{`"3600"`, time.Hour, ""},
		{`""`, 0, ""},
		{`-1`, 0, "is negative"},
		{`"-1"`, 0, "is negative"},
		{`1.5`, 0, "is not a whole number of seconds"},
		{`true`, 0, "is not a whole number of seconds"},
		{`99999999999999999999`, 0, "is longer than a hundred years"},
		{`9223372036854775807`, 0, "is longer than a hundred years"},
		{`3162240000`, 3162240000 * time.Second, ""},
		{`3162240001`, 0, "is longer than a hundred years"},

		// However JSON writes it.
		{`3600.0`, time.Hour, ""},
		{`3600.000000000000000000000000000000`, time.Hour, ""},
		{`36e2`, time.Hour, ""},
		{`3.6E+3`, time.Hour, ""},
		{`0.00036e7`, time.Hour, ""},
		{`360000e-2`, time.Hour, ""},
		{`"3600.0"`, time.Hour, ""},
		{`-0`, 0, ""},
		{`0.0e99999999999999999999`, 0, ""},
		{`0e-99999999999999999999`, 0, ""},

		// Exactly: a float takes each of these for an hour, or for 0.
		{`3600.0000000000000000001`, 0, "is not a whole number of seconds"},
		{`3599.9999999999999999999`, 0, "is not a whole number of seconds"},
		{`1e-400`, 0, "is not a whole number of seconds"},
		{`-1e-400`, 0, "is not a whole number of seconds"},
		{`1e-99999999999999999999`, 0, "is not a whole number of seconds"},
		{`1e400`, 0, "is longer than a hundred years"},
		{`1e99999999999999999999`, 0, "is longer than a hundred years"},
		{`-1e99999999999999999999`, 0, "is negative"},
		{`-36e2`, 0, "is negative"},
		{`36e-1`, 0, "is not a whole number of seconds"},
		{`1e`, 0, "is not a whole number of seconds"},
		{`.5e1`, 0, "is not a whole number of seconds"},
		{`5.`, 0, "is not a whole number of seconds"},
		{`0x10`, 0, "is not a whole number of seconds"},
		{`1_000`, 0, "is not a whole number of seconds"},
	} {
		got, err := Seconds("expires_in", json.RawMessage(c.raw))
		assert.Equal(t, c.want, got, c.raw)
		if c.rule == "" {
			assert.NoError(t, err, c.raw)
		} else {
			assert.Equal(t, c.rule, failure(t, err).Message, c.raw)
		}
	}
}

// Requirement A11: header values that would split a request are refused.
func TestHeaderRules(t *testing.T) {
	for value, good := range map[string]bool{
		"": true, "abc": true, "a b\tc": true, "ä": true, "a\rb": false, "a\nb": false, "a\x00b": false, "a\x7fb": false,
		" a": false, "a ": false, "\xff": false,
	} {
		assert.Equal(t, good, headerValueRule(value) == "", "%q", value)
	}
	for name, good := range map[string]bool{
		"X-Thing": true, "": false, "a b": false, "a:b": false, "ä": false, "a\r\n": false, "(a)": false,
	} {
		assert.Equal(t, good, validHeaderName(name), "%q", name)
	}
}

// Requirement A13: User-Agent is a list of products, none of which looks like a path.
func TestProductRule(t *testing.T) {
	for list, good := range map[string]bool{
		"": true, "shop": true, "shop/2.1": true, "shop/2.1 lib/3": true, "/usr/bin/shop": false, "shop/": false,
		"a/b/c": false, "shop\r\n": false, "(comment)": false, "shop/v1@x": false,
	} {
		assert.Equal(t, good, productRule(list) == "", "%q", list)
	}
}

// FuzzSeconds holds the reading of a number against exact fractions.
func FuzzSeconds(f *testing.F) {
	for _, s := range []string{
		`3600`, `"3600"`, `-1`, `1e9`, `null`, ``, `""`, `9223372036854775807`, `" 1"`, `3600.0`, `3.6e3`, `360000e-2`, `1e-400`, `0.30e1`,
		`-0.0`, `3162240000`, `3162240001.0`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		d, err := Seconds("f", json.RawMessage(raw))
		if d < 0 || err != nil && (d != 0 || !errors.Is(err, ErrBadResponse)) {
			t.Errorf("%q: %v, %v", raw, d, err)
		}
		part := number.FindStringSubmatch(strings.Trim(raw, `"`))
		if part == nil {
			return
		}
		if len(part[4]) > 4 { // a fraction of that size takes a gigabyte
			return
		}
		exact, ok := new(big.Rat).SetString(strings.Trim(raw, `"`))
		good := ok && exact.IsInt() && exact.Sign() >= 0 && exact.Cmp(big.NewRat(maxSeconds, 1)) <= 0
		switch {
		case good != (err == nil):
			t.Errorf("%q: %v", raw, err)
		case good && exact.Cmp(big.NewRat(int64(d/time.Second), 1)) != 0:
			t.Errorf("%q: %v", raw, d)
		}
	})
}
