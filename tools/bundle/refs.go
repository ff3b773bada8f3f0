package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// inside is what every reference begins with: it stays in the document.
const inside = "#/components/"

// named are the members of a document that are lists by name: what stands below them are names, and no keywords.
var named = words("callbacks content encoding examples headers links parameters paths properties requestBodies responses schemas securitySchemes variables")

// literal are the members whose value is data: nothing in it is a keyword.
var literal = words("default enum example mapping required scopes security value")

// silent are the members that say something to people alone.
var silent = words("description externalDocs summary")

func words(list string) map[string]bool {
	all := map[string]bool{}
	for word := range strings.FieldsSeq(list) {
		all[word] = true
	}
	return all
}

// isData reports whether a member is data and not a part of the document. Of the extensions only x-events has references.
func isData(name string) bool {
	return literal[name] || strings.HasPrefix(name, "x-") && name != "x-events"
}

// strip returns a value without what is for people alone. The value is that of the member called name; names says that its
// own members are names. The description of a response must be there, so it is empty.
func strip(value any, name string, names bool) any {
	switch v := value.(type) {
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = strip(item, "", false)
		}
		return items
	case object:
		members := object{}
		for key, one := range v {
			switch {
			case names && name == "responses":
				members[key] = response(strip(one, key, false))
			case names:
				members[key] = strip(one, key, false)
			case silent[key]:
			case isData(key):
				members[key] = one
			default:
				members[key] = strip(one, key, named[key])
			}
		}
		return members
	}
	return value
}

func response(value any) any {
	if members, ok := value.(object); ok && members["$ref"] == nil {
		members["description"] = ""
	}
	return value
}

// refs returns the references in a value; names says that its own members are names.
func refs(value any, names bool) []string {
	var all []string
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			all = append(all, refs(item, false)...)
		}
	case object:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			text, isText := v[key].(string)
			switch {
			case names:
				all = append(all, refs(v[key], false)...)
			case key == "$ref" && isText:
				all = append(all, text)
			case key == "mapping":
				all = append(all, targets(v[key])...)
			case !isData(key):
				all = append(all, refs(v[key], named[key] || key == "x-events")...)
			}
		}
	}
	return all
}

// targets returns the references of a discriminator's mapping.
func targets(mapping any) []string {
	var all []string
	values, _ := mapping.(object)
	for _, value := range slices.Sorted(maps.Keys(values)) {
		all = append(all, fmt.Sprint(values[value]))
	}
	return all
}

// linked refuses a reference that leads nowhere, or out of the document.
func linked(doc object, value any) error {
	for _, ref := range refs(value, false) {
		section, name, _ := strings.Cut(strings.TrimPrefix(ref, inside), "/")
		switch {
		case !strings.HasPrefix(ref, inside) || name == "" || strings.Contains(name, "/"):
			return fmt.Errorf("$ref %s: must be %sSECTION/NAME", ref, inside)
		case at(doc, "components", section, name) == nil:
			return fmt.Errorf("$ref %s: there is none", ref)
		}
	}
	return nil
}
