package rest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/rest"
)

var digits = rest.Regexp{Expr: "^[0-9]{3}$"}

// Each check takes what keeps its rule and what is left out, and refuses the rest; the error names the member and the rule,
// and not the value.
func TestChecksOfMembers(t *testing.T) {
	for name, c := range map[string]struct {
		check       func(c *rest.Checks, value string)
		good, wrong []string
		rule        string
	}{
		"UUID": {
			func(c *rest.Checks, v string) { c.UUID("m", v) },
			[]string{"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"},
			[]string{"182bd5e5", "182bd5e56-e1a-4fe4-a799-aa6d9a6ab26e"},
			"must be a UUID",
		},
		"the nil UUID": {
			func(c *rest.Checks, v string) { c.UUID("m", v) }, nil,
			[]string{"00000000-0000-0000-0000-000000000000"},
			"must not be the nil UUID (a rule of this module",
		},
		"Date": {
			func(c *rest.Checks, v string) { c.Date("m", v) },
			[]string{"2026-01-31", "2024-02-29"},
			[]string{"2026-02-29", "2026-1-31", "31.01.2026", "2026-01-31T00:00:00Z"},
			"must be a date",
		},
		"DateTime": {
			func(c *rest.Checks, v string) { c.DateTime("m", v) },
			[]string{"2026-01-31T15:04:05Z", "2026-01-31T15:04:05.25+02:00"},
			[]string{"2026-03-31", "2026-03-31T15:04:05", "2026-02-31T15:04:05Z"},
			"must be a date and time",
		},
		"Email": {
			func(c *rest.Checks, v string) { c.Email("m", v) },
			[]string{"a@b", "first.last+tag@example.com", "ä@exämple.com"},
			[]string{"nobody", "@b", "a@", "a@b@c"},
			"must be an e-mail address",
		},
		"URI": {
			func(c *rest.Checks, v string) { c.URI("m", v) },
			[]string{"https://example.com", "mailto:a@b"},
			[]string{"www.test", "/path", "https://a b"},
			"must be an absolute URI",
		},
		"IPv4": {
			func(c *rest.Checks, v string) { c.IPv4("m", v) },
			[]string{"203.0.113.7", "0.0.0.0"},
			[]string{"::1", "300.0.0.1", "1.2.3"},
			"must be an IPv4 address",
		},
		"Pattern": {
			func(c *rest.Checks, v string) { c.Pattern("m", v, &digits) },
			[]string{"123"},
			[]string{"12", "abc"},
			"must match ^[0-9]{3}$",
		},
		"OneOf": {
			func(c *rest.Checks, v string) { c.OneOf("m", v, "red", "blue") },
			[]string{"red", "blue"},
			[]string{"green", "re"},
			"must be one of red, blue",
		},
		"Length": {
			func(c *rest.Checks, v string) { c.Length("m", v, 2, 3) },
			[]string{"äö", "abc"},
			[]string{"a", "abcd"},
			"must have 2 to 3 characters, has ",
		},
		"Length, one": {
			func(c *rest.Checks, v string) { c.Length("m", v, 9, 9) },
			[]string{"021000021"},
			[]string{"02100002"},
			"must have 9 characters, has 8",
		},
		"Length, no upper limit": {
			func(c *rest.Checks, v string) { c.Length("m", v, 2, rest.NoLimit) },
			[]string{"ab", strings.Repeat("a", 500)},
			[]string{"a"},
			"must have at least 2 characters, has 1",
		},
		"Length, no lower limit": {
			func(c *rest.Checks, v string) { c.Length("m", v, rest.NoLimit, 2) },
			[]string{"ab"},
			[]string{"abc"},
			"must have at most 2 characters, has 3",
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, v := range append(c.good, "") {
				var checks rest.Checks
				c.check(&checks, v)
				assert.NoError(t, checks.Err(), v)
			}
			for _, v := range c.wrong {
				var checks rest.Checks
				c.check(&checks, v)
				err := checks.Err()
				require.ErrorIs(t, err, rest.ErrInvalid, v)
				assert.ErrorContains(t, err, "m: "+c.rule)
				assert.False(t, len(v) > 4 && strings.Contains(err.Error(), v), err.Error())
			}
		})
	}
}

func TestChecksOfNumbers(t *testing.T) {
	for rule, run := range map[string]func(c *rest.Checks){
		"":                                 func(c *rest.Checks) { c.Min("m", 1, 1); c.Max("m", 3, 3); c.Items("m", 2, 1, 2) },
		"must be at least 1":               func(c *rest.Checks) { c.Min("m", 0, 1) },
		"must be at most 3":                func(c *rest.Checks) { c.Max("m", 4, 3) },
		"must have 1 to 2 items, has 0":    func(c *rest.Checks) { c.Items("m", 0, 1, 2) },
		"must have at least 1 item, has 0": func(c *rest.Checks) { c.Items("m", 0, 1, rest.NoLimit) },
	} {
		var checks rest.Checks
		run(&checks)
		if rule == "" {
			assert.NoError(t, checks.Err())
			continue
		}
		assert.ErrorContains(t, checks.Err(), "m: "+rule)
	}
}

func TestChecksOfPairs(t *testing.T) {
	const canary = "s3cret"
	for rule, pairs := range map[string]map[string]string{
		"":                                       {"a": "1234", "abcd": ""},
		"must have at most 2 pairs, has 3":       {"a": "", "b": "", "c": ""},
		"must have keys of at most 4 characters": {canary: ""},
		"must have values of at most 4 characters": {"a": canary},
	} {
		var checks rest.Checks
		checks.Pairs("metadata", pairs, 2, 4)
		if rule == "" {
			assert.NoError(t, checks.Err())
			continue
		}
		assert.ErrorContains(t, checks.Err(), "metadata: "+rule)
		assert.NotContains(t, checks.Err().Error(), canary)
	}
}

// A name says where the member is, and the first fault counts.
func TestChecksOfMembersInMembers(t *testing.T) {
	field := func(run func(c *rest.Checks)) string {
		var checks rest.Checks
		run(&checks)
		var e *rest.Error
		require.ErrorAs(t, checks.Err(), &e)
		return e.Field
	}
	assert.Equal(t, "a.b.c", field(func(c *rest.Checks) {
		c.In("a")
		c.In("b")
		c.Required("c", false)
		c.Out()
		c.Out()
		c.Required("d", false)
	}))
	assert.Equal(t, "d", field(func(c *rest.Checks) {
		c.In("a")
		c.Required("c", true)
		c.Out()
		c.Required("d", false)
	}))
	assert.Equal(t, "items[3].name", field(func(c *rest.Checks) {
		c.InItem("items", 3)
		c.Required("name", false)
		c.Out()
	}))
	assert.Equal(t, "1.2.3.4.5.6.7.8.m", field(func(c *rest.Checks) {
		for _, name := range strings.Split("1 2 3 4 5 6 7 8 9 10", " ") { // deeper than names are kept
			c.In(name)
		}
		c.Required("m", false)
	}))
	assert.Equal(t, "sandbox_outcome", field(func(c *rest.Checks) {
		c.SandboxOnly("sandbox_outcome", true)
		c.Production = true
		c.SandboxOnly("sandbox_outcome", false)
		c.SandboxOnly("sandbox_outcome", true)
	}))
}

// What is right costs nothing.
func TestChecksAllocateNothing(t *testing.T) {
	n := testing.AllocsPerRun(100, func() {
		var c rest.Checks
		c.In("a")
		c.Required("id", true)
		c.UUID("id", "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e")
		c.Date("date", "2026-01-31")
		c.Email("email", "a@example.com")
		c.IPv4("ip", "203.0.113.7")
		c.OneOf("color", "red", "blue", "red")
		c.Length("name", "name", 1, 9)
		c.Min("amount", 5, 1)
		c.Pattern("digits", "123", &digits)
		c.InItem("items", 3)
		c.Out()
		c.Out()
		if c.Err() != nil {
			t.Error(c.Err())
		}
	})
	assert.LessOrEqual(t, n, 1.0, "the name of an item")
}
