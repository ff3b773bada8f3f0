package output

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// yaml returns v as YAML text.
func (v value) yaml() (string, error) {
	var b strings.Builder
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(v.node()); err != nil {
		return "", err
	}
	return b.String(), e.Close()
}

// node returns v as a node of YAML. Numbers and literals are the same in both languages; the library quotes the strings
// that could be taken for one.
func (v value) node() *yaml.Node {
	switch v.kind {
	case '{':
		n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		for i, key := range v.keys {
			n.Content = append(n.Content, text(key), v.items[i].node())
		}
		return n
	case '[':
		n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for _, item := range v.items {
			n.Content = append(n.Content, item.node())
		}
		return n
	case '"':
		return text(v.text)
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Value: v.text}
}

func text(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	if other.MatchString(s) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// other is text that readers of YAML 1.1 take for something else: its booleans, and numbers to the base of 60.
var other = regexp.MustCompile(`^(?i:y|yes|no?|on|off)$|^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$`)
