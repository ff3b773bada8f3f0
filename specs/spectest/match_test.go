package spectest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/specs"
)

// moreTemplates are paths as the documents do not have them.
var moreTemplates = []string{
	"/", "/a", "/a/", "/a/b", "/a/{x}", "/a/{x}/c", "/a/{x}/{y}", "/a/{x}.json", "/f/{x}-{y}/d", "/b/{x}", "/b/c/d", "/b/{x}/e", "/c.d/{x}", "/{x}/z/z/z", "/e%20f/{x}",
}

// The matcher finds for every path what the router of kin-openapi finds.
func TestMatchAgreesWithTheRouter(t *testing.T) {
	t.Parallel()
	all := map[string][]string{"more": moreTemplates}
	for _, doc := range specs.All() {
		for _, op := range doc.Operations() {
			all[doc.Name()] = append(all[doc.Name()], op.Path)
		}
	}
	found := 0
	for name, templates := range all {
		root, spec := &node{}, &openapi3.T{Paths: openapi3.NewPaths()}
		slices.Sort(templates)
		templates = slices.Compact(templates)
		for _, template := range templates {
			it, err := root.add(template)
			require.NoError(t, err)
			it.methods[http.MethodPost] = &entry{}
			spec.Paths.Set(template, &openapi3.PathItem{Post: &openapi3.Operation{}})
		}
		router, err := gorillamux.NewRouter(spec)
		require.NoError(t, err)
		for _, target := range targetsOf(templates) {
			for _, method := range []string{http.MethodPost, http.MethodGet, "post"} {
				at, err := url.ParseRequestURI("https://a.example" + target)
				if err != nil {
					at = &url.URL{Path: target}
				}
				route, params, err := router.FindRoute(&http.Request{Method: method, URL: at})
				it, values := root.find(at.EscapedPath(), nil)
				switch {
				case err == nil:
					found++
					require.NotNil(t, it, "%s: %s %s is %s", name, method, target, route.Path)
					assert.Equal(t, route.Path, it.path, target)
					assert.NotNil(t, it.methods[method], target)
					got := map[string]string{}
					for i, name := range it.names {
						got[name] = values[i]
					}
					assert.Len(t, got, len(params), target)
					for name, value := range params {
						assert.Equal(t, value, got[name], "%s: %s", target, name)
					}
				case it != nil:
					require.ErrorContains(t, err, "method not allowed", "%s: %s %s is %s", name, method, target, it.path)
					assert.Nil(t, it.methods[method], target)
				default:
					require.ErrorContains(t, err, "no matching operation", "%s: %s %s", name, method, target)
				}
			}
		}
	}
	assert.Greater(t, found, 40)
}

// targetsOf makes paths that are like the templates.
func targetsOf(templates []string) []string {
	var all []string
	for _, template := range templates {
		for _, value := range []string{"v", "a%2Fb", "x.json", "1-2", "c", "%C3%A9", "b"} {
			path := braces.ReplaceAllString(template, value)
			all = append(all, path, path+"/", path+"/more", "/"+path, strings.ToUpper(path), strings.TrimSuffix(path, "/"), path+"%20", strings.Replace(path, "/", "%2F", 2))
		}
	}
	return append(all, "/", "//", "", "*", "/nothing")
}

// A segment that is written out wins, and one that is written out in part comes before one that is a parameter as a whole.
func TestMatchPrefersWhatIsWrittenOut(t *testing.T) {
	t.Parallel()
	root := &node{}
	for _, path := range []string{"/a/{x}/c", "/a/b/{y}", "/a/{x}/{y}", "/a/{x}.json", "/a/{x}"} {
		_, err := root.add(path)
		require.NoError(t, err)
	}
	for path, want := range map[string]string{
		"/a/b/c": "/a/b/{y}", "/a/d/c": "/a/{x}/c", "/a/d/d": "/a/{x}/{y}", "/a/d.json": "/a/{x}.json", "/a/d.yaml": "/a/{x}", "/a/b": "/a/{x}",
	} {
		it, _ := root.find(path, nil)
		require.NotNil(t, it, path)
		assert.Equal(t, want, it.path, path)
	}
	it, values := root.find("/a/d/e", nil)
	assert.Equal(t, []string{"x", "y"}, it.names)
	assert.Equal(t, []string{"d", "e"}, values)
	for path, rule := range map[string]string{
		"a": "must begin with a slash", "/{a": "braces in pairs", "/a}": "braces in pairs", "/{}": "must be a name", "/{a b}": "must be a name", "/a/{z}/{y}": "must differ from /a/{x}/{y} in more than names",
	} {
		_, err := root.add(path)
		require.ErrorContains(t, err, rule, path)
	}
}

func TestMatchingOrder(t *testing.T) {
	t.Parallel()
	paths := openapi3.NewPaths()
	for _, path := range moreTemplates {
		paths.Set(path, &openapi3.PathItem{})
	}
	assert.Equal(t, paths.InMatchingOrder(), inMatchingOrder(slices.Clone(moreTemplates)))
}
