package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/input"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/output"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/specs"
)

// newSpec returns the commands about the OpenAPI documents.
func (a *app) newSpec() *cobra.Command {
	cmd := group("spec", "The OpenAPI documents of the providers and of the sandbox",
		"  fintoken spec list\n  fintoken spec show straddle > straddle.yaml\n  fintoken spec validate straddle.yaml")
	prints := map[string]string{heeds: printing}
	show := &cobra.Command{
		Use: "show NAME", Short: "Print a document", Args: oneArg("the name of a document"), Annotations: prints,
		Example: "  fintoken spec show straddle\n  fintoken spec show finapi-access --format json --transform info.version",
		RunE:    func(cmd *cobra.Command, args []string) error { return a.specShow(cmd, args[0]) },
	}
	for _, d := range documents() {
		show.ValidArgs = append(show.ValidArgs, short(d))
	}
	validate := &cobra.Command{
		Use: "validate FILE", Short: "Check an OpenAPI document, a file or - for stdin: its structure, examples and defaults", Args: oneArg("a file"),
		Example: "  fintoken spec validate specs/straddle.yaml", Annotations: prints,
		Long: "The exit code is 1 if the document is not valid. References to other files and hosts are not followed.",
		RunE: func(cmd *cobra.Command, args []string) error { return a.specValidate(cmd, args[0]) }, ValidArgsFunction: completeFiles,
	}
	cmd.AddCommand(&cobra.Command{
		Use: "list", Short: "List the documents", Args: noArgs, Annotations: prints,
		Example: "  fintoken spec list\n  fintoken spec list --format json",
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.specList(cmd) },
	}, show, validate, a.newSpecOperations())
	return cmd
}

// documents are those of the providers and the one of the sandbox's own API.
func documents() []specs.Document { return append(specs.All(), sandbox.AdminDocument()) }

func short(d specs.Document) string { return strings.TrimSuffix(d.Name(), filepath.Ext(d.Name())) }

// summary is what a list tells of a document.
type summary struct {
	Name       string `json:"name"`
	Title      string `json:"title"`
	Version    string `json:"version"`
	Operations int    `json:"operations"`
}

// methods are the members of a path that are operations.
var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// summarize returns what a list tells of a document: from its index, or else by reading it.
func summarize(d specs.Document) (summary, error) {
	if d.Indexed() {
		return summary{d.Name(), d.Title(), d.Version(), len(d.Operations())}, nil
	}
	var doc struct {
		Info  struct{ Title, Version string }
		Paths map[string]map[string]any
	}
	s := summary{Name: d.Name()}
	if err := yaml.Unmarshal(d.YAML(), &doc); err != nil {
		return s, err
	}
	s.Title, s.Version = doc.Info.Title, doc.Info.Version
	for _, item := range doc.Paths {
		for method := range item {
			if slices.Contains(methods, method) {
				s.Operations++
			}
		}
	}
	return s, nil
}

// specList lists the documents.
func (a *app) specList(cmd *cobra.Command) error {
	var all []summary
	var table strings.Builder
	t := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NAME\tVERSION\tOPERATIONS\tTITLE")
	for _, d := range documents() {
		s, err := summarize(d)
		if err != nil {
			return err
		}
		all = append(all, s)
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\n", s.Name, s.Version, s.Operations, s.Title)
	}
	_ = t.Flush() // into memory
	text, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return a.printTable(cmd, output.Answer{JSON: text, Raw: strings.TrimRight(table.String(), "\n")})
}

// specShow prints a document: as it stands, or as JSON.
func (a *app) specShow(cmd *cobra.Command, name string) error {
	for _, d := range documents() {
		if name != d.Name() && name != short(d) {
			continue
		}
		if a.flags.transform == "" && (a.flags.format == output.Auto || a.flags.format == output.Raw || a.flags.format == output.YAML) {
			_, err := cmd.OutOrStdout().Write(d.YAML())
			return err
		}
		var tree any
		if err := yaml.Unmarshal(d.YAML(), &tree); err != nil {
			return err
		}
		text, err := json.Marshal(tree)
		if err != nil {
			return err
		}
		return a.print(cmd, output.Answer{JSON: text})
	}
	next := "see `fintoken spec list`"
	if near := nearest(name, cmd.ValidArgs); near != "" {
		next = "did you mean " + near + "?"
	}
	return exit.UsageError(fmt.Errorf("there is no document %q", name), next)
}

// document reads the document to check.
func (a *app) document(file string) ([]byte, error) {
	if file == "-" {
		return a.stdin.Take("FILE")
	}
	return input.ReadFile("FILE", file)
}

// specValidate checks a document.
func (a *app) specValidate(cmd *cobra.Command, file string) error {
	text, err := a.document(file)
	if err != nil {
		return exit.UsageError(err, "see `fintoken spec validate --help`")
	}
	loader := openapi3.NewLoader() // follows no reference out of the document unless told to
	doc, err := loader.LoadFromData(text)
	if err == nil && doc.OpenAPI == "" {
		err = errors.New("it is no OpenAPI document")
	}
	if err == nil {
		err = doc.Validate(cmd.Context(), openapi3.EnableExamplesValidation(), openapi3.EnableSchemaFormatValidation())
	}
	result := map[string]any{"file": file, "valid": err == nil}
	raw := file + ": valid"
	if err != nil {
		result["error"] = err.Error()
		raw = file + ": not valid: " + err.Error()
	}
	answer, failed := json.Marshal(result)
	if failed != nil {
		return failed
	}
	if printed := a.printTable(cmd, output.Answer{JSON: answer, Raw: raw}); printed != nil || err == nil {
		return printed
	}
	return exit.ErrFailed
}
