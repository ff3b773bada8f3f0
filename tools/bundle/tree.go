package main

import (
	"encoding/json"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// object is a part of a document.
type object = map[string]any

// parse reads a document as JSON has it: with numbers as they are written, and dates as text.
func parse(text []byte) (object, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	if len(doc.Content) != 1 {
		return nil, fmt.Errorf("it must hold one object")
	}
	value, err := plain(doc.Content[0])
	if err != nil {
		return nil, err
	}
	whole, ok := value.(object)
	if !ok {
		return nil, fmt.Errorf("it must be an object")
	}
	return whole, nil
}

// plain makes a value of JSON out of a node of YAML.
func plain(node *yaml.Node) (any, error) {
	switch node.Kind {
	case yaml.AliasNode:
		return plain(node.Alias)
	case yaml.MappingNode:
		members := object{}
		for i := 0; i < len(node.Content); i += 2 {
			name := node.Content[i].Value
			if _, given := members[name]; given {
				return nil, fmt.Errorf("line %d: %s comes twice", node.Content[i].Line, name)
			}
			value, err := plain(node.Content[i+1])
			if err != nil {
				return nil, err
			}
			members[name] = value
		}
		return members, nil
	case yaml.SequenceNode:
		items := make([]any, len(node.Content))
		for i, item := range node.Content {
			value, err := plain(item)
			if err != nil {
				return nil, err
			}
			items[i] = value
		}
		return items, nil
	}
	return scalar(node)
}

func scalar(node *yaml.Node) (any, error) {
	switch node.ShortTag() {
	case "!!null":
		return nil, nil
	case "!!bool":
		var truth bool
		err := node.Decode(&truth)
		return truth, err
	case "!!int", "!!float":
		if !json.Valid([]byte(node.Value)) {
			return nil, fmt.Errorf("line %d: %s: must be a number as JSON has them, or quoted", node.Line, node.Value)
		}
		return json.Number(node.Value), nil
	case "!!str", "!!timestamp":
		return node.Value, nil
	}
	return nil, fmt.Errorf("line %d: %s: a value of this type has no place in a document", node.Line, node.ShortTag())
}

// at returns what stands in a document behind some names, or nil.
func at(value any, names ...string) any {
	for _, name := range names {
		members, _ := value.(object)
		value = members[name]
	}
	return value
}
