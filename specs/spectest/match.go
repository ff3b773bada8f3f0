package spectest

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// node is a place in the tree of paths: what a path may go on with, segment by segment. A segment that is written out
// wins over one that is a parameter, as OpenAPI says.
type node struct {
	literals   map[string]*node
	parameters []*variable
	item       *item // of the path that ends here
}

// variable is a segment with a parameter in it.
type variable struct {
	text string         // as the template has it
	form *regexp.Regexp // nil where the parameter is the whole segment
	next *node
}

// item is a path and its operations by method.
type item struct {
	path    string
	names   []string // of the parameters, in the order of the path
	methods map[string]*entry
}

var (
	braces        = regexp.MustCompile(`\{([^{}]*)\}`)
	parameterName = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)
)

// add puts a path into the tree, and returns its item.
func (n *node) add(path string) (*item, error) {
	it := &item{path: path, methods: map[string]*entry{}}
	rest, ok := strings.CutPrefix(path, "/")
	if !ok || strings.ContainsAny(braces.ReplaceAllString(path, ""), "{}") {
		return nil, fmt.Errorf("path %s: must begin with a slash and have its braces in pairs", path)
	}
	for segment := range strings.SplitSeq(rest, "/") {
		for _, m := range braces.FindAllStringSubmatch(segment, -1) {
			if !parameterName.MatchString(m[1]) {
				return nil, fmt.Errorf("path %s: parameter %s: must be a name of letters, digits, dots, dashes and underscores", path, m[1])
			}
			it.names = append(it.names, m[1])
		}
		n = n.child(segment)
	}
	if n.item != nil {
		return nil, fmt.Errorf("path %s: must differ from %s in more than names", path, n.item.path)
	}
	n.item = it
	return it, nil
}

// child returns the node behind a segment.
func (n *node) child(segment string) *node {
	if !strings.Contains(segment, "{") {
		if n.literals[segment] == nil {
			if n.literals == nil {
				n.literals = map[string]*node{}
			}
			n.literals[segment] = &node{}
		}
		return n.literals[segment]
	}
	shape := braces.ReplaceAllString(segment, "{}") // names make no difference
	for _, v := range n.parameters {
		if v.text == shape {
			return v.next
		}
	}
	v := &variable{text: shape, next: &node{}}
	if shape != "{}" {
		literals := strings.Split(shape, "{}")
		for i, text := range literals {
			literals[i] = regexp.QuoteMeta(text)
		}
		v.form = regexp.MustCompile("^" + strings.Join(literals, "([^/]+)") + "$")
	}
	n.parameters = append(n.parameters, v)
	// The more is written out, the sooner a segment is tried.
	slices.SortStableFunc(n.parameters, func(a, b *variable) int { return cmp.Compare(len(b.text), len(a.text)) })
	return v.next
}

// find returns what a path leads to, with the values of the parameters as they are in the path: escaped.
func (n *node) find(path string, values []string) (*item, []string) {
	rest, ok := strings.CutPrefix(path, "/")
	if !ok {
		return nil, nil
	}
	segment, end := rest, ""
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		segment, end = rest[:i], rest[i:]
	}
	if next := n.literals[segment]; next != nil {
		if it, all := next.findEnd(end, values); it != nil {
			return it, all
		}
	}
	for _, v := range n.parameters {
		found, ok := v.values(segment, values)
		if !ok {
			continue
		}
		if it, all := v.next.findEnd(end, found); it != nil {
			return it, all
		}
	}
	return nil, nil
}

func (n *node) findEnd(path string, values []string) (*item, []string) {
	if path == "" {
		return n.item, values
	}
	return n.find(path, values)
}

// values appends the values that a segment gives to its parameters.
func (v *variable) values(segment string, values []string) ([]string, bool) {
	if segment == "" {
		return nil, false
	}
	if v.form == nil {
		return append(values, segment), true
	}
	m := v.form.FindStringSubmatch(segment)
	if m == nil {
		return nil, false
	}
	return append(values, m[1:]...), true
}

// inMatchingOrder sorts paths: those with fewer parameters first, and then from the last to the first.
func inMatchingOrder(paths []string) []string {
	slices.SortFunc(paths, func(a, b string) int {
		return cmp.Or(cmp.Compare(strings.Count(a, "}"), strings.Count(b, "}")), cmp.Compare(b, a))
	})
	return paths
}
