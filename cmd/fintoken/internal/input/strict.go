package input

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"

	"go.yaml.in/yaml/v3"
)

// readJSON reads a value of a kind from text that is JSON. A member that comes twice is an error, as in YAML.
func readJSON[T any](what, kind string, text []byte) (out T, err error) {
	if name, found := twice(json.NewDecoder(bytes.NewReader(text))); found {
		return out, fmt.Errorf("%s has the member %q twice in an object", what, name)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // a long number stays what it is
	if err := d.Decode(&out); err != nil || reflect.ValueOf(out).IsNil() {
		return out, other(what, kind, err)
	}
	return out, nil
}

// twice returns the name of a member that an object in the next value has twice. The text is known to be JSON.
func twice(d *json.Decoder) (string, bool) {
	open, err := d.Token()
	if err != nil || open != json.Delim('{') && open != json.Delim('[') {
		return "", false
	}
	seen := map[string]bool{}
	for d.More() {
		if open == json.Delim('{') {
			t, _ := d.Token()
			name, _ := t.(string)
			if seen[name] {
				return name, true
			}
			seen[name] = true
		}
		if name, found := twice(d); found {
			return name, true
		}
	}
	_, _ = d.Token() // the closing bracket
	return "", false
}

// readYAML reads a value of a kind from YAML: one document, of what JSON has as well.
func readYAML[T any](what, kind string, text []byte) (out T, err error) {
	var node, more yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&node); err != nil {
		return out, other(what, kind, err)
	}
	if err := d.Decode(&more); !errors.Is(err, io.EOF) {
		return out, fmt.Errorf("%s has more than one YAML document, or something behind it", what)
	}
	if err := plainYAML(what, &node); err != nil {
		return out, err
	}
	if err := node.Decode(&out); err != nil || reflect.ValueOf(out).IsNil() {
		return out, other(what, kind, err)
	}
	return out, nil
}

// plainYAML refuses tags that JSON has no value for, which would silently become another text, and keeps what looks like
// a time as the text that it is.
func plainYAML(what string, n *yaml.Node) error {
	switch tag := n.ShortTag(); {
	case tag == "!!timestamp" && n.Style&yaml.TaggedStyle == 0:
		n.Tag = "!!str"
	case n.Kind == yaml.AliasNode, n.Kind == yaml.DocumentNode:
	case tag != "" && !plainTags[tag]:
		return fmt.Errorf("%s has a YAML tag that JSON has no value for; see line %d", what, n.Line)
	}
	for _, inner := range n.Content {
		if err := plainYAML(what, inner); err != nil {
			return err
		}
	}
	return nil
}

// plainTags are those of the values that JSON has too, and of the key that merges a mapping into another one.
var plainTags = map[string]bool{
	"!!str": true, "!!int": true, "!!float": true, "!!bool": true, "!!null": true, "!!map": true, "!!seq": true, "!!merge": true,
}

// other is the error of what is of another kind.
func other(what, kind string, err error) error {
	line := ""
	if err != nil {
		line = where(err)
	}
	return fmt.Errorf("%s must be %s in JSON or YAML%s", what, kind, line)
}
