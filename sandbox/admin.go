// The admin API: everything that steers a Sandbox, over HTTP, checked on both sides against its own document.

package sandbox

import (
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/specs/spectest"
)

const adminPrefix = "/_sandbox/v1"

//go:embed admin.yaml
var adminYAML string

// AdminDocument is the OpenAPI document of the admin API.
func AdminDocument() specs.Document { return specs.NewDocument("sandbox-admin.yaml", adminYAML) }

// admin serves what is not a provider's: the admin API, its document, and the page for a person.
type admin struct {
	sandbox *Sandbox
	spec    func() (*spectest.Checker, error) // read at the first call: most worlds have none
	cross   *http.CrossOriginProtection
	largest int64 // how large a snapshot may be that is put back, in bytes
	routes  adminRoutes
}

// adminCall is a call of the admin API that holds to its document.
type adminCall struct {
	*http.Request
	sandbox *Sandbox
	body    []byte
}

func newAdmin(s *Sandbox) http.Handler {
	a := &admin{
		sandbox: s, cross: http.NewCrossOriginProtection(), largest: snapshotLimit, routes: maps.Clone(generalRoutes),
		spec: sync.OnceValues(func() (*spectest.Checker, error) {
			return spectest.New(AdminDocument(), spectest.BasePath(adminPrefix))
		}),
	}
	maps.Copy(a.routes, webhookRoutes)
	for _, p := range s.config.providers() {
		maps.Copy(a.routes, p.admin)
	}
	return a
}

func (a *admin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	if why := a.barred(r); why != "" && !asksHealth(r) {
		a.send(w, http.StatusForbidden, adminError{Error: why})
		return
	}
	switch r.URL.Path {
	case "/", engine.PageStyle:
		a.page(w, r)
	case engine.PageSend:
		a.button(w, r)
	case adminPrefix + "/openapi.yaml":
		header.Set("Content-Type", "application/yaml")
		_, _ = w.Write([]byte(adminYAML))
	case adminPrefix + "/snapshot":
		a.snapshot(w, r)
	case healthPath:
		a.operate(w, asGet(r))
	default:
		a.operate(w, r)
	}
}

// healthPath is what watches over a server asks.
const healthPath = adminPrefix + "/health"

// asksHealth reports whether a call only asks whether the sandbox serves. Everybody may, by any name: it tells nothing
// else, and what watches over a container has names of its own.
func asksHealth(r *http.Request) bool {
	return r.URL.Path == healthPath && asGet(r).Method == http.MethodGet
}

// asGet returns a HEAD as the GET whose answer it is about.
func asGet(r *http.Request) *http.Request {
	if r.Method == http.MethodHead {
		r = r.WithContext(r.Context())
		r.Method = http.MethodGet
	}
	return r
}

// barred says why a caller may not be here. A page of the web that a person looks at may neither send nor, under a name
// that it has made to point here, read anything; that holds on every machine, also for those who were let in. A form
// that is sent without a browser's word on where it comes from is caught by the document, which takes JSON alone.
func (a *admin) barred(r *http.Request) string {
	if r.RemoteAddr == "" || r.RemoteAddr == "@" {
		return "" // in memory, or through a Unix socket
	}
	config := &a.sandbox.config
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	switch {
	case !config.remoteAdmin && (err != nil || !remote.Addr().Unmap().IsLoopback()):
		return "the admin API and the page are for this machine only"
	case !config.admits(engine.HostOf(r)):
		return "the admin API and the page are at a loopback host, and at those that were named at the start, only"
	case a.cross.Check(r) != nil:
		return "the admin API is not for pages of the web"
	}
	return ""
}

// admits reports whether the admin API answers under a host: a loopback one, an address, which no page can make point
// here, where others are let in, or a name that was given at the start.
func (c *config) admits(host string) bool {
	if engine.LoopbackName(host) || slices.Contains(c.adminHosts, engine.Lower(host)) || slices.Contains(c.hosts, engine.Lower(host)) {
		return true
	}
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return c.remoteAdmin && err == nil
}

// listensAt notes the host name in an address, which is one that was given at the start.
func (c *config) listensAt(addr string) {
	host, _, err := net.SplitHostPort(addr)
	if err == nil && host != "" && !strings.HasPrefix(addr, socketPrefix) {
		c.adminHosts = append(c.adminHosts, engine.Lower(host))
	}
}

type adminError struct {
	Error string `json:"error"`
	Field string `json:"field,omitempty"`
}

// operate checks a call, makes it, checks what came out and sends that.
func (a *admin) operate(w http.ResponseWriter, r *http.Request) {
	body, err := engine.ReadBody(r, spectest.MaxBody)
	if err != nil {
		a.send(w, http.StatusBadRequest, adminError{Error: "the body broke off"})
		return
	}
	spec, operation := a.admitted(w, r, body)
	if operation == nil {
		return
	}
	status, result, err := a.routes[operation.ID](&adminCall{
		Request: r, sandbox: a.sandbox, body: body,
	})
	if err != nil {
		status, result = statusOf(err)
	}
	answer, err := encodedAdmin(result)
	if err == nil && len(answer) <= spectest.MaxBody { // a larger one cannot be checked, which is no reason to keep it back
		err = spec.Response(operation, r, status, adminHeader(result), answer)
	}
	if err != nil {
		a.send(w, http.StatusInternalServerError, adminError{Error: "the admin API drifted from its document: " + err.Error()})
		return
	}
	a.write(w, status, answer)
}

// admitted holds a call against the document. The operation is nil when the call was refused.
func (a *admin) admitted(w http.ResponseWriter, r *http.Request, body []byte) (*spectest.Checker, *spectest.Operation) {
	spec, err := a.spec()
	if err != nil {
		a.send(w, http.StatusInternalServerError, adminError{Error: err.Error()})
		return nil, nil
	}
	operation, err := spec.Request(r, body)
	var violations spectest.Violations
	errors.As(err, &violations)
	if status, refusal := adminRefusal(violations); status != 0 {
		a.send(w, status, refusal)
		return nil, nil
	}
	return spec, operation
}

// snapshotLimit is how large a snapshot may be that comes over HTTP, in bytes.
const snapshotLimit = 256 << 20

// snapshotHead stands for a snapshot where the document is asked about the rest of a call: the body itself may be larger
// than what is checked, and holds to rules of its own.
var snapshotHead = []byte(`{"format":"` + engine.SnapshotFormat + `","version":` + strconv.Itoa(engine.SnapshotVersion) + `}`)

// snapshot writes a snapshot out while it is made, or takes one in while it is read.
func (a *admin) snapshot(w http.ResponseWriter, r *http.Request) {
	var head []byte
	if r.Method == http.MethodPut {
		head = snapshotHead
	}
	_, operation := a.admitted(w, r, head)
	if operation == nil {
		return
	}
	if operation.ID == "getSnapshot" {
		w.Header().Set("Content-Type", "application/json")
		_ = a.sandbox.SnapshotTo(w) // a caller who has left is not ours to report
		return
	}
	err := a.sandbox.RestoreFrom(http.MaxBytesReader(w, r.Body, a.largest))
	var large *http.MaxBytesError
	var bad *InvalidError
	switch {
	case err == nil:
		a.write(w, http.StatusNoContent, nil)
	case errors.As(err, &large):
		a.send(w, http.StatusRequestEntityTooLarge, adminError{Error: "must have at most 256 MiB", Field: "snapshot"})
	case errors.As(err, &bad):
		a.send(w, http.StatusUnprocessableEntity, adminError{Error: bad.Rule, Field: bad.Field})
	default:
		a.send(w, http.StatusBadRequest, adminError{Error: "the body broke off"})
	}
}

// adminRefusal words what a call breaks in the document; the status is 0 when it breaks nothing of account.
func adminRefusal(violations spectest.Violations) (int, adminError) {
	for _, v := range violations {
		status := http.StatusBadRequest
		switch v.Kind {
		case spectest.Header, spectest.Security:
			continue // whatever a client adds by itself
		case spectest.UnknownPath:
			return http.StatusNotFound, adminError{Error: "there is no such path"}
		case spectest.Method:
			return http.StatusMethodNotAllowed, adminError{Error: "the path has no such method"}
		case spectest.MediaType:
			status = http.StatusUnsupportedMediaType
		case spectest.Size:
			status = http.StatusRequestEntityTooLarge
		}
		return status, adminError{Error: v.Rule, Field: engine.FieldOf(v)}
	}
	return 0, adminError{}
}

// errNotThere is about what a path names.
var errNotThere = errors.New("is not there")

func statusOf(err error) (int, any) {
	var bad *InvalidError
	switch {
	case errors.Is(err, errTimeout):
		return http.StatusRequestTimeout, adminError{Error: err.Error()}
	case errors.Is(err, errNotThere):
		return http.StatusNotFound, adminError{Error: err.Error()}
	case errors.As(err, &bad):
		return http.StatusBadRequest, adminError{Error: bad.Rule, Field: bad.Field}
	default:
		return http.StatusInternalServerError, adminError{Error: err.Error()}
	}
}

func encodedAdmin(result any) ([]byte, error) {
	if result == nil {
		return nil, nil
	}
	return json.Marshal(result)
}

func adminHeader(result any) http.Header {
	if result == nil {
		return http.Header{}
	}
	return http.Header{"Content-Type": {"application/json"}}
}

func (a *admin) send(w http.ResponseWriter, status int, body any) {
	text, _ := encodedAdmin(body) // an error in words
	a.write(w, status, text)
}

func (a *admin) write(w http.ResponseWriter, status int, body []byte) {
	if body != nil {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// pagePolicy lets the page load its own style and use its own button, and nothing else: no script, no frame, no other host.
const pagePolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

func (a *admin) page(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		a.send(w, http.StatusMethodNotAllowed, adminError{Error: "the page can only be read"})
		return
	}
	header := w.Header()
	header.Set("Content-Security-Policy", pagePolicy)
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	if r.URL.Path == engine.PageStyle {
		header.Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write(engine.PageCSS)
		return
	}
	header.Set("Content-Type", "text/html; charset=utf-8")
	base := "http://" + r.Host
	if r.TLS != nil {
		base = "https://" + r.Host
	}
	_, _ = io.WriteString(w, a.sandbox.engine.Page(base, []engine.Command{ //nolint:gosec // text escapes what a caller chose
		{Title: "Let the next call fail", Text: engine.Curl(base+adminPrefix+"/faults", "--json", `{"provider":"*","kind":"error","status":503,"times":1}`)},
		{Title: "Move the clock an hour on", Text: engine.Curl(base+adminPrefix+"/clock", "-X", "PUT", "--json", `{"advance":"1h"}`)},
		{Title: "Begin again", Text: engine.Curl(base+adminPrefix+"/reset", "--json", "{}")},
	}...))
}
