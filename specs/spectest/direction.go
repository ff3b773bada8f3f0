package spectest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// direction is which way a body goes.
type direction int

const (
	asRequest direction = iota
	asAnswer
)

// jsonTypes is the extension at the root of a document that lists, for "requests" and "answers", other media types than
// application/json under which the provider takes and sends the same. Written out for every body they would be most of
// the document.
const jsonTypes = "x-json-media-types"

func (d direction) String() string { return [...]string{asRequest: "requests", asAnswer: "answers"}[d] }

// option tells the check of a schema the direction.
func (d direction) option() openapi3.SchemaValidationOption {
	if d == asRequest {
		return openapi3.VisitAsRequest()
	}
	return openapi3.VisitAsResponse()
}

// isJSON reports whether a body of the media type is JSON, or can be: servers send it as text/plain, too.
func (d direction) isJSON(media string) bool {
	return isJSON(media) || media == "text/json" || d == asAnswer && media == "text/plain"
}

// declares reports whether the document lists the media type.
func (d direction) declares(spec *openapi3.T, media string) bool {
	lists, _ := spec.Extensions[jsonTypes].(map[string]any)
	list, _ := lists[d.String()].([]any)
	return slices.ContainsFunc(list, func(one any) bool {
		begin, end, wild := strings.Cut(fmt.Sprint(one), "*")
		return media == one || wild && strings.HasPrefix(media, begin) && strings.HasSuffix(media, end)
	})
}

// checkJSONTypes refuses a list that would be read as none.
func checkJSONTypes(spec *openapi3.T) error {
	given := spec.Extensions[jsonTypes]
	lists, ok := given.(map[string]any)
	if given != nil && !ok {
		return fmt.Errorf("%s: must have requests and answers", jsonTypes)
	}
	for name, value := range lists {
		list, ok := value.([]any)
		d := slices.IndexFunc([]direction{asRequest, asAnswer}, func(d direction) bool { return d.String() == name })
		if d < 0 || !ok || slices.ContainsFunc(list, func(one any) bool { return !direction(d).isJSON(fmt.Sprint(one)) }) {
			return fmt.Errorf("%s: %s: must be a list of media types of JSON, for requests or answers", jsonTypes, name)
		}
	}
	return nil
}
