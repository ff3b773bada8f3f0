package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/wire"
	"github.com/fintoken/fintoken-go/internal/operations"
)

// headerFlags are the flags for the headers of a call, and what the help says of them.
var headerFlags = map[string]string{
	"correlation-id":      "your own `id` of a series of requests",
	"idempotency-key":     "makes a repeat of the same request safe: `key` of 10 to 40 characters; without one, one is made",
	"request-id":          "your own `id` of this request",
	"straddle-account-id": "`id` of the embedded account to act for",
}

// command is the command of an operation.
type command struct {
	*operations.Info

	newBody func() any
	cmd     *cobra.Command
	members []*member // of the query and of the body, in their order
	all     bool      // every page
	limit   int
	file    string
	clear   []string
}

// tagGroups returns a group for each tag, with the commands below them.
func (a *app) tagGroups(tags []operations.Tag, all []*command) []*cobra.Command {
	var groups []*cobra.Command
	for _, tag := range tags {
		var below []*cobra.Command
		for _, c := range all {
			if c.Command[0] == tag.Name {
				below = append(below, c.cmd)
			}
		}
		if below != nil {
			groups = append(groups, group(tag.Name, strings.TrimSuffix(tag.Description, "."), below[0].Example, below...))
		}
	}
	return groups
}

// newCommand returns the command of an operation. Its flags are made when it is asked for.
func (a *app) newCommand(info *operations.Info, newBody func() any, run func(c *command, args []string) error) *command {
	c := &command{Info: info, newBody: newBody}
	use := []string{info.Command[len(info.Command)-1]}
	for _, p := range c.path() {
		use = append(use, strings.ToUpper(p.Name))
	}
	c.cmd = &cobra.Command{
		Use: strings.Join(use, " "), Aliases: slices.Concat(info.Aliases, aliases[info.ID]), Short: c.short(), Long: c.long(), Example: c.example(),
		Annotations: map[string]string{heeds: calling}, Args: c.checkArgs, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(_ *cobra.Command, args []string) error { return run(c, args) },
	}
	a.later(c.cmd, c.addFlags)
	return c
}

// path are the parameters in the path, which are the arguments.
func (c *command) path() []operations.Field {
	return slices.DeleteFunc(slices.Clone(c.Params), func(f operations.Field) bool { return f.In != "path" })
}

// checkArgs refuses another number of arguments. It does not repeat them: one may be a secret.
func (c *command) checkArgs(cmd *cobra.Command, args []string) error {
	want := c.path()
	if len(want) == 0 {
		return noArgs(cmd, args)
	}
	var names []string
	for _, p := range want {
		names = append(names, strings.ToUpper(p.Name))
	}
	return nArgs(cmd, args, names)
}

// short is the line in a list.
func (c *command) short() string {
	if c.Deprecated != "" {
		return c.Summary + " (deprecated)"
	}
	return c.Summary
}

// long is what the help says beyond that.
func (c *command) long() string {
	var parts []string
	if c.Description != "" {
		parts = append(parts, c.Description)
	}
	for _, p := range c.path() {
		parts = append(parts, strings.ToUpper(p.Name)+": "+plainText(p.Description))
	}
	if c.Deprecated != "" {
		parts = append(parts, "Deprecated: "+c.Deprecated+".")
	}
	return strings.Join(append(parts, fmt.Sprintf("%s %s; evidence: %s.\nSource: %s", c.Method, c.Path, c.Evidence, c.Source)), "\n\n")
}

// plainText is a description in one line, without the quotes that a flag's help would take for the name of its value.
func plainText(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "`", "")
}

// example is a command line that a sandbox understands.
func (c *command) example() string {
	words := []string{"fintoken"}
	for _, arg := range c.exampleArgs() {
		words = append(words, wire.Word(arg))
	}
	line := "  " + strings.Join(words, " ")
	if c.Paged {
		line += "\n" + line + " --all --limit 100"
	}
	return line
}

// exampleArgs makes a command line from the examples of the document.
func (c *command) exampleArgs() []string {
	args := append([]string{c.Provider}, c.Command...)
	for _, p := range c.path() {
		args = append(args, p.Example)
	}
	if c.upload() {
		return append(args, "--file", "proof.pdf")
	}
	if c.Example == "" {
		return args
	}
	var body any
	d := json.NewDecoder(strings.NewReader(c.Example))
	d.UseNumber()
	_ = d.Decode(&body) // it was written by the generator
	for _, f := range c.Body {
		if value, ok := at(body, strings.Split(f.Name, ".")...); ok && !c.isNested(f) {
			args = append(args, c.exampleFlag(f, value)...)
		}
	}
	return args
}

// exampleFlag gives a value to a flag.
func (c *command) exampleFlag(f operations.Field, value any) []string {
	name := "--" + flagName(f.Name)
	switch v := value.(type) {
	case nil:
		return []string{"--clear", f.Name}
	case bool:
		return []string{name + "=" + fmt.Sprint(v)}
	case string:
		return []string{name, v}
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	_ = e.Encode(value) //nolint:errchkjson // it was JSON
	return []string{name, strings.TrimSpace(out.String())}
}

// isNested reports whether the members of f have flags of their own.
func (c *command) isNested(f operations.Field) bool {
	return slices.ContainsFunc(c.Body, func(other operations.Field) bool { return strings.HasPrefix(other.Name, f.Name+".") })
}

// at returns the value at a path of members.
func at(v any, path ...string) (any, bool) {
	for _, name := range path {
		object, _ := v.(map[string]any)
		inner, ok := object[name]
		if !ok {
			return nil, false
		}
		v = inner
	}
	return v, true
}

// upload reports whether a file is sent.
func (c *command) upload() bool { return c.Media == "multipart/form-data" }
