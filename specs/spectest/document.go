package spectest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"mime"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"

	"github.com/fintoken/fintoken-go/specs"
)

// document is a document whose operations can be found. Nothing writes to it once it is made.
type document struct {
	name    string
	paths   []string // in matching order
	tree    node
	entries []*entry // ordered by id
}

// entry is an operation that is read at its first call.
type entry struct {
	id, method, path string
	load             func() *loaded
}

// loaded is an operation that was read. Nothing writes to it after that.
type loaded struct {
	route *routers.Route
	needs credentials
	quick *quickOperation
}

// documents keeps what was loaded: a load takes milliseconds and a test binary makes many Checkers.
var documents sync.Map // specs.Document to func() (*document, error)

func cached(doc specs.Document) (*document, error) {
	once, _ := documents.LoadOrStore(doc, sync.OnceValues(func() (*document, error) {
		if doc.Indexed() {
			return index(doc)
		}
		return load(doc.Name(), doc.YAML())
	}))
	return once.(func() (*document, error))()
}

// index makes a document whose operations are read one by one, from slices that were validated before the program was
// built: reading a whole document takes a hundred times longer, and most programs call few of its operations.
func index(doc specs.Document) (*document, error) {
	d := &document{name: doc.Name()}
	items := map[string]*item{}
	for _, op := range doc.Operations() {
		if items[op.Path] == nil {
			it, err := d.tree.add(op.Path)
			if err != nil {
				return nil, fmt.Errorf("spectest: document %q: %w", doc.Name(), err)
			}
			items[op.Path], d.paths = it, append(d.paths, op.Path)
		}
		d.add(items[op.Path], op.ID, op.Method, sync.OnceValue(func() *loaded { return slice(doc, op) }))
	}
	return d.sorted(), nil
}

// slice reads the slice of an operation. That it can be read a test has shown.
func slice(doc specs.Document, op specs.Operation) *loaded {
	text, ok := doc.Slice(op.ID)
	spec, err := openapi3.NewLoader().LoadFromData(text)
	if !ok {
		err = errors.New("must be there")
	}
	if err != nil {
		panic(fmt.Sprintf("spectest: document %q: slice %s: %v", doc.Name(), op.ID, err))
	}
	return loadedOf(spec, op.Path, op.Method)
}

// load reads and validates a whole document.
func load(name string, yaml []byte) (*document, error) {
	d, err := loadWhole(name, yaml)
	if err != nil {
		return nil, fmt.Errorf("spectest: document %q: %w", name, err)
	}
	return d, nil
}

func loadWhole(name string, yaml []byte) (*document, error) {
	spec, err := parse(yaml)
	if err != nil {
		return nil, err
	}
	d := &document{name: name, paths: spec.Paths.Keys()}
	for _, path := range d.paths {
		it, err := d.tree.add(path)
		if err != nil {
			return nil, err
		}
		for method, op := range spec.Paths.Value(path).Operations() {
			one := loadedOf(spec, path, method)
			d.add(it, op.OperationID, method, func() *loaded { return one })
		}
	}
	return d.sorted(), nil
}

func (d *document) add(it *item, id, method string, load func() *loaded) {
	e := &entry{id: id, method: method, path: it.path, load: load}
	it.methods[method] = e
	d.entries = append(d.entries, e)
}

func (d *document) sorted() *document {
	d.paths = inMatchingOrder(d.paths)
	slices.SortFunc(d.entries, func(a, b *entry) int { return cmp.Compare(a.id, b.id) })
	return d
}

func loadedOf(spec *openapi3.T, path, method string) *loaded {
	at := spec.Paths.Value(path)
	openResponses(at.GetOperation(method))
	route := &routers.Route{Spec: spec, Path: path, PathItem: at, Method: method, Operation: at.GetOperation(method)}
	l := &loaded{route: route, needs: credentialsOf(route)}
	l.quick = quickOperationOf(l)
	return l
}

// entry returns the operation of that id, or nil.
func (d *document) entry(id string) *entry {
	for _, e := range d.entries {
		if e.id == id {
			return e
		}
	}
	return nil
}

func parse(yaml []byte) (*openapi3.T, error) {
	spec, err := openapi3.NewLoader().LoadFromData(yaml)
	if err != nil {
		return nil, err
	}
	// A 3.1 document would be checked by another engine, with other rules and other error texts.
	if !strings.HasPrefix(spec.OpenAPI, "3.0.") {
		return nil, errors.New("openapi: must be 3.0.x")
	}
	if err := spec.Validate(context.Background()); err != nil {
		return nil, err
	}
	return spec, errors.Join(checkSchemes(spec), checkMediaTypes(spec), checkJSONTypes(spec))
}

// checkMediaTypes refuses what checkContent cannot read.
func checkMediaTypes(spec *openapi3.T) error {
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			for i, content := range contents(op) {
				for media, declared := range content {
					if err := checkMediaType(media, declared, i == 0); err != nil {
						return fmt.Errorf("%s %s: media type %s: %w", method, path, media, err)
					}
				}
			}
		}
	}
	return nil
}

func checkMediaType(media string, declared *openapi3.MediaType, ofRequest bool) error {
	switch {
	case isJSON(media), isForm(media):
		return nil
	case isMultipart(media) && ofRequest:
		return checkParts(declared)
	}
	return errors.New("must be JSON or a form")
}

// contents returns the bodies of an operation: first that of the request.
func contents(op *openapi3.Operation) []openapi3.Content {
	all := []openapi3.Content{nil}
	if op.RequestBody != nil {
		all[0] = op.RequestBody.Value.Content
	}
	for _, ref := range op.Responses.Map() {
		all = append(all, ref.Value.Content)
	}
	return all
}

func isJSON(media string) bool {
	return media == "application/json" || strings.HasPrefix(media, "application/") && strings.HasSuffix(media, "+json")
}

// formMedia is the media type of a form.
const formMedia = "application/x-www-form-urlencoded"

func isForm(media string) bool { return media == formMedia }

// formats are those that kin-openapi knows by name but does not check by itself, and those that it checks too loosely: it
// has a day 31 in every month and offsets of up to 99:99. They are passed with each check and not registered in the
// package, where they would hold for everyone in the process.
var formats = openapi3.WithStringFormatValidators(map[string]openapi3.StringFormatValidator{
	"uuid":      openapi3.NewCallbackValidator(formatOf(isUUID)),
	"uri":       openapi3.NewCallbackValidator(formatOf(isURI)),
	"date":      openapi3.NewCallbackValidator(formatOf(isDate)),
	"date-time": openapi3.NewCallbackValidator(formatOf(isDateTime)),
})

// isURI knows absolute URIs.
func isURI(text []byte) bool {
	u, err := url.Parse(string(text))
	return err == nil && u.IsAbs() && !bytes.ContainsAny(text, " \t\r\n")
}

// mediaType returns the media type in a Content-Type header.
func mediaType(contentType string) (media string, ok bool) {
	media, params, err := mime.ParseMediaType(contentType)
	charset, given := params["charset"]
	return media, err == nil && (!given || strings.EqualFold(charset, "utf-8"))
}
