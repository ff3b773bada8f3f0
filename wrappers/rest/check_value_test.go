package rest

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// word is a type of texts, as the generated types of enums are.
type word string

var nineDigits = &Regexp{Expr: "^[0-9]{9}$"}

// checkCase is a check and the rule that it is to name; "" passes.
type checkCase struct {
	name string
	err  error
	rule string
}

func runChecks(t *testing.T, cases []checkCase) {
	t.Helper()
	for _, c := range cases {
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

func TestChecksOfPresence(t *testing.T) {
	runChecks(t, []checkCase{
		{"pointer", Required("f", new(int)), ""},
		{"nil pointer", Required[*int]("f", nil), "is required"},
		{"given", Given("f", true), ""},
		{"not given", Given("f", false), "is required"},
		{"optional number, zero", Optional(0, func() error { return Min("f", 0, 1) }), ""},
		{"optional number", Optional(-1, func() error { return Min("f", -1, 1) }), "must be at least 1"},
	})
}

func TestChecksOfSize(t *testing.T) {
	const half = 0.5
	runChecks(t, []checkCase{
		{"between, low", Between("f", 1, 1, 1000), ""},
		{"between, high", Between("f", int32(1000), 1, 1000), ""},
		{"between, under", Between("f", int64(0), 1, 1000), "must be from 1 to 1000"},
		{"between, over", Between("f", 1001, 1, 1000), "must be from 1 to 1000"},
		{"between, fraction", Between("f", 1.01, half, 1), "must be from 0.5 to 1"},
		{"between, no number", Between("f", math.NaN(), 0, 1), "must be from 0 to 1"},
		{"min", Min("f", 1, 1), ""},
		{"min, under", Min("f", int64(math.MinInt64), -1), "must be at least -1"},
		{"min, fraction", Min("f", 0.25, half), "must be at least 0.5"},
		{"min, no number", Min("f", math.NaN(), 0), "must be at least 0"},
		{"max", Max("f", int64(math.MaxInt64), math.MaxInt64), ""},
		{"max, over", Max("f", 1e300, 1e21), "must be at most 1000000000000000000000"},
		{"max, no number", Max("f", math.NaN(), 0), "must be at most 0"},
		{"length, from zero", Length("f", word("abc"), 0, 2), "must have at most 2 characters, has 3"},
		{"length, exact", Length("f", word("abc"), 4, 4), "must have 4 characters, has 3"},
		{"map", Map("f", map[string]string{"äö": "üß"}, 1, 2, 2), ""},
		{"map, none", Map[map[string]string]("f", nil, 1, 2, 2), ""},
		{"map, no limits", Map("f", map[string]word{"abc": "def", "g": "h"}, 0, 0, 0), ""},
		{"map, pairs", Map("f", map[string]string{"a": "", "b": ""}, 1, 2, 2), "must have at most 1 pair, has 2"},
		{"map, key", Map("f", map[string]string{"abc": ""}, 1, 2, 2), "must have keys of at most 2 characters"},
		{"map, value", Map("f", map[string]string{"a": "abc"}, 1, 2, 2), "must have values of at most 2 characters"},
	})
}

func TestChecksOfText(t *testing.T) {
	const (
		date     = "must be a date such as 2026-01-31"
		dateTime = "must be a date and time such as 2026-01-31T12:30:00Z"
		email    = "must be an e-mail address"
		uri      = "must be an absolute URI such as https://www.example.com/about"
		ipv4     = "must be an IPv4 address"
	)
	var all []checkCase
	check := func(of string, check func(string, word) error, rule string, good, bad []word) {
		for _, v := range good {
			all = append(all, checkCase{of + " " + string(v), check("f", v), ""})
		}
		for _, v := range bad {
			all = append(all, checkCase{of + ", not " + string(v), check("f", v), rule})
		}
	}
	check("pattern", func(f string, v word) error { return Pattern(f, v, nineDigits) }, "must match ^[0-9]{9}$",
		[]word{"123456789"}, []word{"", "12345678", "1234567890", "12345678\n9", "123456789\n"})
	check("date", Date[word], date,
		[]word{"2026-01-31", "2024-02-29"}, []word{"", "2026-02-29", "2026-1-31", "26-01-31", "2026-01-31T00:00:00Z", "****-**-**", "31.01.2026"})
	check("date-time", DateTime[word], dateTime, []word{
		"2026-01-31T12:30:00Z", "2026-01-31T23:59:59.123456789+14:00", "2026-01-31t12:30:00z", "2016-12-31T23:59:60Z", "2026-01-31T00:00:00-00:00",
	}, []word{
		"", "2026-01-31", "2026-01-31T12:30:00", "2026-02-30T12:30:00Z", "2026-01-31 12:30:00Z", "2026-01-31T24:00:00Z",
		"2026-01-31T1:30:00Z", "2026-01-31T12:30:00,5Z", "2026-01-31T12:30:00.Z", "2026-01-31T12:30:00+0100", "2026-01-31T12:30:00+24:00", "2026-01-31T12:30:61Z",
	})
	check("e-mail", Email[word], email,
		[]word{"a@b", "first.last+tag@mail.example.com", "ä@ö.example"}, []word{"", "a", "@b", "a@", "a@b@c"})
	check("URI", URI[word], uri,
		[]word{"https://www.example.com", "https://example.com/a?b=c#d", "mailto:a@example.com", "x+y-z.1:a", "https://exämple.com/ä"},
		[]word{"", "example.com", "www.example.com/a:b", "//example.com", ":a", "1a:b", "+a:b", "é:a", "https:", "https://", "https://a b", "https://a\n", "a\x7f:b", "a:b\x7f"})
	check("IPv4", IPv4[word], ipv4,
		[]word{"192.0.2.1", "0.0.0.0"}, []word{"", "192.0.2", "192.0.2.256", "192.0.2.01", "2001:db8::1", "::ffff:192.0.2.1", "192.0.2.1:80"})
	runChecks(t, all)
}
