// The answers of Finogates: one envelope for all of them.

package finogates

import (
	"net/http"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// fgEnvelope is the envelope of every answer.
type fgEnvelope struct {
	StatusCode         int   `json:"status_code"`
	Data               any   `json:"data"`
	QueryGeneratedTime int64 `json:"query_generated_time"`
}

// Envelope puts the envelope around an answer.
func (f *Fake) Envelope(c *engine.Call, status int, data any) any {
	return &fgEnvelope{status, data, c.Now.UnixMilli()}
}

func fgAnswer(status int, data any) engine.Answer {
	return engine.Answer{Status: status, Inferred: true, Data: data}
}

func fgError(status int, message string) engine.Answer {
	a := fgAnswer(status, map[string]any{"message": message})
	a.Refused = message
	return a
}

type fgFault struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

func fgInvalid(faults ...fgFault) engine.Answer {
	a := fgAnswer(http.StatusUnprocessableEntity, faults)
	a.Refused = faults[0].Field + ": " + faults[0].Message
	return a
}

// fgFaults lists what a request breaks in the spec.
func fgFaults(c *engine.Call) engine.Answer {
	var faults []fgFault
	for _, fault := range c.Violations {
		faults = append(faults, fgFault{engine.FieldOf(fault), fault.Rule})
	}
	a := fgInvalid(faults...)
	a.Refused = engine.SummaryOf(c.Violations)
	return a
}

// Refuse words what the door refuses.
func (f *Fake) Refuse(_ *engine.Call, status int, why string) engine.Answer {
	return fgError(status, why)
}

// Violated words what a request breaks in the document.
func (f *Fake) Violated(c *engine.Call) engine.Answer { return fgFaults(c) }

// Fail puts a code beside the message when one was asked for: the provider documents none.
func (f *Fake) Fail(_ *engine.Call, status int, code, message string) engine.Answer {
	a := fgError(status, message)
	if code != "" {
		a.Data = map[string]any{"code": code, "message": message}
	}
	return a
}
