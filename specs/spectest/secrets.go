package spectest

import (
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/fintoken/fintoken-go/specs"
)

// Secrets returns the names of the members, fields of forms and parameters that a document says are secret, sorted: those
// of the format password, and those with x-secret: true.
func Secrets(doc specs.Document) ([]string, error) {
	spec, err := parse(doc.YAML())
	if err != nil {
		return nil, fmt.Errorf("spectest: document %q: %w", doc.Name(), err)
	}
	w := secretWalk{names: map[string]bool{}, seen: map[*openapi3.Schema]bool{}}
	for _, item := range spec.Paths.Map() {
		w.parameters(item.Parameters)
		for _, op := range item.Operations() {
			w.parameters(op.Parameters)
			for _, content := range contents(op) {
				for _, media := range content {
					w.schema(media.Schema)
				}
			}
			for _, ref := range op.Responses.Map() {
				for name, header := range ref.Value.Headers {
					w.named(name, header.Value.Schema)
				}
			}
		}
	}
	return sortedKeys(w.names), nil
}

// secretWalk goes through schemas, each once: they may hold themselves.
type secretWalk struct {
	names map[string]bool
	seen  map[*openapi3.Schema]bool
}

func (w secretWalk) parameters(all openapi3.Parameters) {
	for _, ref := range all {
		w.named(ref.Value.Name, ref.Value.Schema)
		if marked, _ := ref.Value.Extensions["x-secret"].(bool); marked {
			w.names[ref.Value.Name] = true
		}
	}
}

// named notes the name of a schema that is secret. A list of secrets is one.
func (w secretWalk) named(name string, ref *openapi3.SchemaRef) {
	if ref == nil || ref.Value == nil {
		return
	}
	marked, _ := ref.Value.Extensions["x-secret"].(bool)
	if marked || ref.Value.Format == "password" {
		w.names[name] = true
	}
	if ref.Value.Items != nil {
		w.named(name, ref.Value.Items)
	}
	w.schema(ref)
}

func (w secretWalk) schema(ref *openapi3.SchemaRef) {
	if ref == nil || ref.Value == nil || w.seen[ref.Value] {
		return
	}
	w.seen[ref.Value] = true
	for name, member := range ref.Value.Properties {
		w.named(name, member)
	}
	for _, parts := range []openapi3.SchemaRefs{ref.Value.AllOf, ref.Value.OneOf, ref.Value.AnyOf} {
		for _, part := range parts {
			w.schema(part)
		}
	}
	w.schema(ref.Value.Items)
	w.schema(ref.Value.Not)
	w.schema(ref.Value.AdditionalProperties.Schema)
}
