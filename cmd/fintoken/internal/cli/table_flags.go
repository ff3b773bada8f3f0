package cli

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/input"
	"github.com/fintoken/fintoken-go/internal/operations"
)

// addFlags defines the flags.
func (c *command) addFlags() {
	flags := c.cmd.Flags()
	var names []string
	for _, f := range slices.Concat(c.query(), c.body()) {
		m := &member{field: f}
		flag := flags.VarPF(m, flagName(f.Name), "", usageOf(f))
		if f.Type == "boolean" {
			flag.NoOptDefVal = "true"
		}
		c.members, names = append(c.members, m), append(names, flag.Name)
		if len(f.Values) > 0 {
			complete(c.cmd, flag.Name, f.Values...)
		}
	}
	for _, header := range c.Headers {
		name := strings.ToLower(header)
		flags.String(name, "", headerFlags[name])
	}
	c.addOwn(flags)
	spellings(flags, names)
}

// addOwn defines the flags that are not of the document.
func (c *command) addOwn(flags *pflag.FlagSet) {
	switch {
	case c.upload():
		flags.StringVar(&c.file, "file", "", "`path` of the file to send (required)")
		offer(c.cmd, "file", completeFiles)
	case c.Media != "":
		bodyFlag(c.cmd)
	}
	if names := c.nullable(); names != nil {
		flags.StringArrayVar(&c.clear, "clear", nil, "send null for this `member`, which clears it; may be repeated")
		complete(c.cmd, "clear", names...)
	}
	if c.Paged {
		flags.BoolVar(&c.all, "all", false, "print the rows of all pages, one a line, as they come")
		flags.IntVar(&c.limit, "limit", 0, "end after so many `rows` of --all")
	}
}

// query and body are the fields that have flags.
func (c *command) query() []operations.Field {
	return slices.DeleteFunc(slices.Clone(c.Params), func(f operations.Field) bool { return f.In != "query" })
}

func (c *command) body() []operations.Field {
	if c.upload() {
		return nil
	}
	return c.Body
}

// nullable are the members that may be null.
func (c *command) nullable() (names []string) {
	for _, f := range c.body() {
		if f.Nullable && input.TakesNull(c.newBody(), strings.Split(f.Name, ".")...) {
			names = append(names, f.Name)
		}
	}
	return names
}

// usageOf is what the help says of a flag.
func usageOf(f operations.Field) string {
	text := strings.TrimSuffix(plainText(f.Description), ".")
	switch {
	case f.Type == "object":
		text += "; JSON or YAML, @file, or - for stdin"
	case f.Type == "array":
		text += "; once for each, or a list as JSON or YAML, @file, or - for stdin"
	case f.Secret && f.In == "":
		text += "; text, @file, or - for stdin: other programs can see the flag"
	}
	if len(f.Values) > 0 {
		text += ": " + strings.Join(f.Values, ", ")
	}
	if parent, _, nested := cutLast(f.Name, "."); f.Required && nested {
		text += " (required in " + flagName(parent) + ")"
	} else if f.Required {
		text += " (required)"
	}
	return text
}

// cutLast cuts text at the last separator.
func cutLast(text, separator string) (before, after string, found bool) {
	i := strings.LastIndex(text, separator)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(separator):], true
}
