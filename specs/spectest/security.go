package spectest

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
)

// credential is a header that a scheme of the document wants.
type credential struct {
	header string // canonical
	holds  func(value string) bool
	rule   string // what must hold

	quickly func(value string) bool // holds for less than holds does
}

// credentials are the ways to be let in, any of which will do: of each, all credentials must be there. Without a way, the
// operation takes no credentials; an empty one says that they may be left out.
type credentials [][]credential

// authorization is the header of the schemes of HTTP.
const authorization = "Authorization"

// bearer is the word Bearer, in any case (RFC 9110, section 11.1), and a token of visible characters. RFC 6750, section
// 2.1, has a narrower alphabet; some providers call their keys opaque and show one with spaces in it.
var bearer = regexp.MustCompile(`^(?i:Bearer) +[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$`)

// isBasic knows the word Basic, in any case, and a name, a colon and a password in base64 (RFC 7617).
func isBasic(value string) bool {
	scheme, text, _ := strings.Cut(value, " ")
	plain, err := base64.StdEncoding.DecodeString(strings.TrimLeft(text, " "))
	return err == nil && strings.EqualFold(scheme, "Basic") && bytes.IndexByte(plain, ':') >= 0
}

// credentialOf returns what a scheme wants, and false for one that cannot be checked.
func credentialOf(scheme *openapi3.SecurityScheme) (credential, bool) {
	switch kind := strings.ToLower(scheme.Scheme); {
	case scheme.Type == "http" && kind == "bearer":
		return credential{authorization, bearer.MatchString, "must be the word Bearer, a space and a token", isBearer}, true
	case scheme.Type == "http" && kind == "basic":
		return credential{authorization, isBasic, "must be the word Basic, a space, and a name and a password in base64", isBasic}, true
	case scheme.Type == "apiKey" && scheme.In == openapi3.ParameterInHeader:
		return credential{http.CanonicalHeaderKey(scheme.Name), isKey, "must not be empty", isKey}, true
	}
	return credential{}, false
}

func isKey(value string) bool { return strings.TrimSpace(value) != "" }

// checkSchemes refuses what checkSecurity cannot check: a check that passes everything is worse than none. A key in a query
// is refused for what it is, too: what is in a URL ends in logs.
func checkSchemes(spec *openapi3.T) error {
	if spec.Components == nil {
		return nil
	}
	for name, ref := range spec.Components.SecuritySchemes {
		if _, ok := credentialOf(ref.Value); !ok {
			return fmt.Errorf("security scheme %s: must be an HTTP bearer, HTTP basic, or an API key in a header", name)
		}
	}
	for _, item := range spec.Paths.Map() {
		for _, op := range item.Operations() {
			if err := checkNeeds(spec, op); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkNeeds refuses a requirement of two schemes that stand in the same header.
func checkNeeds(spec *openapi3.T, op *openapi3.Operation) error {
	for _, need := range requirements(&routers.Route{Spec: spec, Operation: op}) {
		headers := map[string]string{}
		for _, scheme := range sortedKeys(need) {
			one, _ := credentialOf(spec.Components.SecuritySchemes[scheme].Value)
			if other := headers[one.header]; other != "" {
				return fmt.Errorf("%s: security: %s and %s stand in the same header", op.OperationID, other, scheme)
			}
			headers[one.header] = scheme
		}
	}
	return nil
}

func requirements(route *routers.Route) openapi3.SecurityRequirements {
	if own := route.Operation.Security; own != nil {
		return *own
	}
	return route.Spec.Security
}

func credentialsOf(route *routers.Route) credentials {
	var all credentials
	for _, need := range requirements(route) {
		way := []credential{}
		for _, scheme := range sortedKeys(need) {
			one, _ := credentialOf(route.Spec.Components.SecuritySchemes[scheme].Value)
			way = append(way, one)
		}
		all = append(all, way)
	}
	return all
}

// optional reports whether a call without credentials will do.
func (all credentials) optional() bool {
	return len(all) == 0 || slices.ContainsFunc(all, func(way []credential) bool { return len(way) == 0 })
}

// headers returns the headers that credentials may stand in, each once.
func (all credentials) headers() []string {
	var names []string
	for _, way := range all {
		for _, one := range way {
			if !slices.Contains(names, one.header) {
				names = append(names, one.header)
			}
		}
	}
	return names
}

// checkSecurity holds the credentials of a request against those that its operation wants.
func (f *findings) checkSecurity(needs credentials, header http.Header) {
	at := Violation{Kind: Security, In: "security"}
	names := needs.headers()
	given := header[authorization]
	switch {
	case slices.Contains(names, authorization):
	case len(given) > 1:
		at.Name, at.Rule = authorization, "must not be repeated"
		f.add(at)
	case len(given) > 0 && len(needs) == 0:
		at.Name, at.Rule, at.Note = authorization, "is not needed, as the operation takes no credentials", true
		f.add(at)
	case len(given) > 0:
		at.Name, at.Rule, at.Note = authorization, "is not needed, as the operation takes other credentials", true
		f.add(at)
	}
	at.Note = false
	some, repeated := false, false
	for _, name := range names {
		some = some || len(header[name]) > 0
		if len(header[name]) > 1 {
			at.Name, at.Rule, repeated = name, "must not be repeated", true
			f.add(at)
		}
	}
	if !repeated && (some || !needs.optional()) {
		f.checkWays(needs, header)
	}
}

// checkWays finds what is missing of the way that a request seems to take: the one that it comes nearest to.
func (f *findings) checkWays(needs credentials, header http.Header) {
	var nearest []credential
	most := -1
	for _, way := range needs {
		there, good := 0, 0
		for _, one := range way {
			if values := header[one.header]; len(values) > 0 {
				there++
				if one.holds(values[0]) {
					good++
				}
			}
		}
		if len(way) > 0 && good == len(way) {
			return
		}
		if score := there + good; len(way) > 0 && score > most {
			nearest, most = way, score
		}
	}
	for _, one := range nearest {
		at := Violation{Kind: Security, In: "security", Name: one.header}
		switch values := header[one.header]; {
		case len(values) == 0:
			at.Rule = "is required"
		case !one.holds(values[0]):
			at.Rule = needs.rule(one.header)
		default:
			continue
		}
		f.add(at)
	}
}

// rule says what must hold of a credential in a header, where several schemes may stand.
func (all credentials) rule(header string) string {
	var rules []string
	for _, way := range all {
		for _, one := range way {
			if one.header == header && !slices.Contains(rules, one.rule) {
				rules = append(rules, one.rule)
			}
		}
	}
	return strings.Join(rules, "; or ")
}

// inQuery returns the header of the credential that a parameter of the query is called like.
func (all credentials) inQuery(name string) (string, bool) {
	for _, header := range all.headers() {
		if strings.EqualFold(header, name) {
			return header, true
		}
	}
	return "", false
}
