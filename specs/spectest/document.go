package spectest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime"
	"net/url"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/fintoken/fintoken-go/specs"
)

// document is a document that was read and validated. Nothing writes to it after that.
type document struct {
	name   string
	paths  []string
	spec   *openapi3.T
	router routers.Router
	quick  map[string]map[string]*quickOperation // by path and method
}

// documents keeps what was loaded: a load takes milliseconds and a test binary makes many Checkers.
var documents sync.Map // specs.Document to func() (*document, error)

func cached(doc specs.Document) (*document, error) {
	once, _ := documents.LoadOrStore(doc, sync.OnceValues(func() (*document, error) {
		return load(doc.Name(), doc.YAML())
	}))
	return once.(func() (*document, error))()
}

func load(name string, yaml []byte) (*document, error) {
	spec, err := parse(yaml)
	if err != nil {
		return nil, fmt.Errorf("spectest: document %q: %w", name, err)
	}
	// The servers are those of the providers; a test talks to its own.
	spec.Servers = nil
	for _, item := range spec.Paths.Map() {
		item.Servers = nil
	}
	router, err := gorillamux.NewRouter(spec)
	if err != nil {
		return nil, fmt.Errorf("spectest: document %q: %w", name, err)
	}
	return &document{name: name, paths: spec.Paths.InMatchingOrder(), spec: spec, router: router, quick: quickOperations(spec)}, nil
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

// checkSchemes refuses what checkSecurity cannot check: a check that passes everything is worse than none.
func checkSchemes(spec *openapi3.T) error {
	if spec.Components == nil {
		return nil
	}
	for name, ref := range spec.Components.SecuritySchemes {
		if ref.Value.Type != "http" || !strings.EqualFold(ref.Value.Scheme, "bearer") {
			return fmt.Errorf("security scheme %s: must be an HTTP bearer", name)
		}
	}
	return nil
}

// checkMediaTypes refuses what checkContent cannot read.
func checkMediaTypes(spec *openapi3.T) error {
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			for _, content := range contents(op) {
				for media := range content {
					if !isJSON(media) && !isForm(media) && media != "multipart/form-data" {
						return fmt.Errorf("%s %s: media type %s: must be JSON or a form", method, path, media)
					}
				}
			}
		}
	}
	return nil
}

func contents(op *openapi3.Operation) []openapi3.Content {
	var all []openapi3.Content
	if op.RequestBody != nil {
		all = append(all, op.RequestBody.Value.Content)
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

func isMethodError(err error) bool { return errors.Is(err, routers.ErrMethodNotAllowed) }

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
