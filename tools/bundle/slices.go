package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// slice is one operation as a document by itself.
type slice struct {
	id, method, path string
	tags             []string
	text             []byte
}

var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// fileName is what an operationId must look like, as it becomes the name of a file, and of things in Go.
var fileName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*$`)

// cut cuts a document into slices, ordered by operationId.
func cut(doc object) ([]slice, error) {
	if err := linked(doc, doc); err != nil {
		return nil, err
	}
	var all []slice
	paths, _ := doc["paths"].(object)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item, _ := paths[path].(object)
		for _, method := range methods {
			operation, given := item[method].(object)
			if !given {
				continue
			}
			s, err := cutOne(doc, path, method, operation)
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", strings.ToUpper(method), path, err)
			}
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, func(a, b slice) int { return cmp.Compare(a.id, b.id) })
	for i := 1; i < len(all); i++ {
		if a, b := all[i-1], all[i]; strings.EqualFold(a.id, b.id) { // some file systems know no difference
			return nil, fmt.Errorf("operationId %s: %s and %s have it", b.id, a.path, b.path)
		}
	}
	return all, nil
}

func cutOne(doc object, path, method string, operation object) (slice, error) {
	s := slice{method: strings.ToUpper(method), path: path}
	s.id, _ = operation["operationId"].(string)
	if !fileName.MatchString(s.id) {
		return s, errors.New("operationId: must be letters and digits, a letter first")
	}
	tags, _ := operation["tags"].([]any)
	for _, tag := range tags {
		s.tags = append(s.tags, fmt.Sprint(tag))
	}
	item := object{}
	for name, value := range at(doc, "paths", path).(object) {
		if name == method || !slices.Contains(methods, name) {
			item[name] = value
		}
	}
	own := object{"paths": object{path: item}}
	for name, value := range doc {
		switch {
		case name == "openapi", name == "servers", name == "security" && operation["security"] == nil:
			own[name] = value
		case strings.HasPrefix(name, "x-") && name != "x-events": // events are sent to the caller, and by no operation
			own[name] = value
		}
	}
	own["info"] = object{"title": at(doc, "info", "title"), "version": at(doc, "info", "version")}
	if components := reached(doc, own, operation); len(components) > 0 {
		own["components"] = components
	}
	var out bytes.Buffer
	err := spread(&out, strip(own, "", false), 0)
	s.text = out.Bytes()
	return s, err
}

// reached returns the components that a part of a document leads to, and those that these lead to.
func reached(doc, own, operation object) object {
	components := object{}
	add := func(section, name string) bool {
		if at(components, section, name) != nil {
			return false
		}
		if components[section] == nil {
			components[section] = object{}
		}
		components[section].(object)[name] = at(doc, "components", section, name)
		return true
	}
	for open := []any{own}; len(open) > 0; open = open[1:] {
		for _, ref := range refs(open[0], false) {
			section, name, _ := strings.Cut(strings.TrimPrefix(ref, inside), "/")
			if add(section, name) {
				open = append(open, at(doc, "components", section, name))
			}
		}
	}
	needs := operation["security"]
	if needs == nil {
		needs = doc["security"]
	}
	list, _ := needs.([]any)
	for _, need := range list {
		schemes, _ := need.(object)
		for scheme := range schemes {
			if at(doc, "components", "securitySchemes", scheme) != nil {
				add("securitySchemes", scheme)
			}
		}
	}
	return components
}

// spread writes JSON with a line for each path, operation and component, so that a change shows where it is.
func spread(out *bytes.Buffer, value any, depth int) error {
	members, ok := value.(object)
	if !ok || depth == 3 || len(members) == 0 {
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		err := enc.Encode(value)
		out.Truncate(len(bytes.TrimRight(out.Bytes(), "\n")))
		return err
	}
	out.WriteString("{\n")
	for i, name := range slices.Sorted(maps.Keys(members)) {
		if i > 0 {
			out.WriteString(",\n")
		}
		fmt.Fprintf(out, "%q:", name)
		if err := spread(out, members[name], depth+1); err != nil {
			return err
		}
	}
	out.WriteString("\n}")
	if depth == 0 {
		out.WriteByte('\n')
	}
	return nil
}
