package engine_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/specs/spectest"
)

// The shop is a provider of this test's own, with two documents.
const shopDocument = `openapi: 3.0.3
info: {title: shop, version: '1'}
paths:
  /things:
    post:
      operationId: makeThing
      parameters:
        - {name: Idempotency-Key, in: header, schema: {type: string}}
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Thing'}
      responses:
        '201': {description: Made., content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
        default: {description: Refused., content: {application/json: {schema: {type: object}}}}
    get:
      operationId: listThings
      parameters:
        - {name: size, in: query, schema: {type: integer, minimum: 1}}
      responses:
        '200':
          description: Things.
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Thing'}}
              examples:
                none: {value: []}
                full: {value: [{name: lamp}]}
        default: {description: Refused., content: {application/json: {schema: {type: object}}}}
  /things/{name}:
    get:
      operationId: getThing
      parameters:
        - {name: name, in: path, required: true, schema: {type: string}}
      responses:
        '200': {description: A thing., content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
        default: {description: Refused., content: {application/json: {schema: {type: object}}}}
    put:
      operationId: sendThing
      parameters:
        - {name: name, in: path, required: true, schema: {type: string}}
        - {name: Idempotency-Key, in: header, schema: {type: string}}
      responses:
        '202':
          description: On its way.
          content:
            application/json:
              schema: {type: object, required: [way], properties: {way: {type: string}}}
              examples: {sent: {value: {way: mail}}}
        default: {description: Refused., content: {application/json: {schema: {type: object}}}}
    delete:
      operationId: dropThing
      parameters:
        - {name: name, in: path, required: true, schema: {type: string}}
      responses:
        '204': {description: Gone.}
components:
  schemas:
    Thing:
      type: object
      required: [name]
      properties: {name: {type: string, maxLength: 20}}
`

const backDocument = `openapi: 3.0.3
info: {title: back, version: '1'}
paths:
  /open:
    get:
      operationId: isOpen
      responses:
        '204': {description: It is.}
`

type thing struct {
	Name string `json:"name"`
}

// shop is the fake: what it needs and nothing else.
type shop struct {
	engine.Base
	creds   struct{ Key string }
	things  map[string]thing
	late    time.Time // when something happens by itself; zero for never
	repeats *engine.Idempotency
}

func shopProvider(documents ...string) engine.Provider {
	p := engine.Provider{Name: "shop", Title: "The Shop", New: func(ids *engine.IDs) engine.Fake {
		return &shop{Base: engine.Base{IDs: ids}, things: map[string]thing{}, repeats: engine.NewIdempotency(400)}
	}}
	for _, text := range documents {
		p.Documents = append(p.Documents, specs.NewDocument("shop.yaml", text))
	}
	return p
}

func (s *shop) Handlers() map[string]engine.Handler {
	return map[string]engine.Handler{"makeThing": s.make, "getThing": s.get, "isOpen": func(*engine.Call) engine.Verdict {
		return engine.Accepted(func() engine.Answer { return engine.Answer{Status: http.StatusNoContent} })
	}}
}

func (s *shop) Serve(c *engine.Call, handle engine.Handler) engine.Answer {
	run := func() (engine.Answer, bool) { return c.Decide(handle) }
	if key := c.R.Header.Get("Idempotency-Key"); key != "" && c.Declares("Idempotency-Key") {
		first, outcome := s.repeats.Do(c, engine.Scope{Key: key}, run)
		switch outcome {
		case engine.Fresh:
			return first
		case engine.Replayed:
			return c.Replay(first, "Again")
		default:
			return s.Refuse(c, http.StatusConflict, "the key is of another request")
		}
	}
	a, _ := run()
	return a
}

func (s *shop) make(c *engine.Call) engine.Verdict {
	if len(c.Violations) > 0 {
		return engine.Refused(s.Violated(c))
	}
	var made thing
	c.Decode(&made)
	return engine.Accepted(func() engine.Answer {
		s.things[made.Name] = made
		s.Record(c.Now, "", "thing.made", made)
		return engine.Answer{Status: http.StatusCreated, Data: made}
	})
}

func (s *shop) Advance(now time.Time) {
	if !s.late.IsZero() && !now.Before(s.late) {
		s.Record(s.late, "", "shop.closed", nil)
		s.late = time.Time{}
	}
}

func (s *shop) Next() time.Time { return s.late }

// watched is data that tells whether the state was locked while it became JSON.
type watched struct{ s *shop }

func (w watched) MarshalJSON() ([]byte, error) {
	if w.s.TryLock() {
		w.s.Unlock()
		return []byte(`{"name":"free"}`), nil
	}
	return []byte(`{"name":"locked"}`), nil
}

func (s *shop) get(c *engine.Call) engine.Verdict {
	if c.Param("name") == "watched" {
		return engine.Accepted(func() engine.Answer { return engine.Answer{Status: http.StatusOK, Data: watched{s}} })
	}
	found, ok := s.things[c.Param("name")]
	if !ok {
		return engine.Refused(s.Refuse(c, http.StatusNotFound, "there is no such thing"))
	}
	return engine.Accepted(func() engine.Answer { return engine.Answer{Status: http.StatusOK, Data: found} })
}

func (s *shop) Refuse(_ *engine.Call, status int, why string) engine.Answer {
	return engine.Answer{Status: status, Refused: why, Body: map[string]string{"why": why}}
}

func (s *shop) Violated(c *engine.Call) engine.Answer {
	return s.Refuse(c, http.StatusBadRequest, engine.SummaryOf(c.Violations))
}

func (s *shop) Fail(c *engine.Call, status int, _, message string) engine.Answer {
	return s.Refuse(c, status, message)
}

func (s *shop) Furnish(draw *engine.IDs) { s.creds.Key = draw.UUID() }
func (s *shop) Credentials() any         { return &s.creds }

func (s *shop) Add(a *engine.Adding, fixtures any) {
	for _, one := range fixtures.([]thing) {
		engine.Put(a, s.things, one.Name, one, "shop."+one.Name)
	}
}

func (s *shop) Save() []engine.Part {
	var all []thing
	for _, name := range engine.First(s.things) {
		all = append(all, s.things[name])
	}
	return []engine.Part{engine.ListOf("things", &all, engine.FixtureLimit), s.repeats.Save("repeats")}
}

func (s *shop) Restore() ([]engine.Part, func(*engine.Restoring)) {
	var all []thing
	repeats, put := s.repeats.Restore("repeats", spectest.Operation{})
	return []engine.Part{engine.ListOf("things", &all, engine.FixtureLimit), repeats}, func(r *engine.Restoring) {
		r.Add(func(a *engine.Adding) { s.Add(a, all) })
		put(r, "shop")
	}
}

func (s *shop) Dump(_ time.Time, counts engine.Counts) any {
	counts.Count("shop.things", len(s.things))
	return engine.First(s.things)
}

func (s *shop) Page(base string, _ time.Time) engine.Page {
	return engine.Page{
		Issued:   engine.Table([]string{"Thing"}, "No <things>.", engine.First(s.things), func(name string) engine.Markup { return engine.Row(engine.Text(name)) }),
		Commands: []engine.Command{{Title: "List", Text: engine.Curl(base + "/things")}}, Credentials: []engine.Opener{{What: "key", Values: []string{s.creds.Key}}},
	}
}

// noon is the time of the tests.
var noon = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

func fixed() time.Time { return noon }

func newShop(t *testing.T, more ...engine.Provider) *engine.Engine {
	t.Helper()
	e, err := engine.New(engine.Config{
		Providers: append([]engine.Provider{shopProvider(shopDocument, backDocument)}, more...), Now: fixed,
	})
	require.NoError(t, err)
	return e
}

// reply is an answer in short.
type reply struct {
	status int
	header http.Header
	text   string
}

// call makes a call in memory; headers come in pairs.
func call(t *testing.T, e *engine.Engine, method, path, body string, headers ...string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://sandbox"+path, strings.NewReader(body))
	require.NoError(t, err)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := engine.RoundTripper(e).RoundTrip(r)
	require.NoError(t, err)
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return reply{response.StatusCode, response.Header, string(text)}
}
