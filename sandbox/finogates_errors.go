// The answers of Finogates: one envelope for all of them.

package sandbox

import "net/http"

// fgEnvelope is the envelope of every answer.
type fgEnvelope struct {
	StatusCode         int   `json:"status_code"`
	Data               any   `json:"data"`
	QueryGeneratedTime int64 `json:"query_generated_time"`
}

func fgAnswer(c *call, status int, data any) answer {
	return answer{status: status, inferred: true, body: &fgEnvelope{status, data, c.now.UnixMilli()}}
}

func fgError(c *call, status int, message string) answer {
	a := fgAnswer(c, status, map[string]any{"message": message})
	a.refused = message
	return a
}

type fgFault struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

func fgInvalid(c *call, faults ...fgFault) answer {
	a := fgAnswer(c, http.StatusUnprocessableEntity, faults)
	a.refused = faults[0].Field + ": " + faults[0].Message
	return a
}

// fgFaults lists what a request breaks in the spec.
func fgFaults(c *call) answer {
	var faults []fgFault
	for _, fault := range c.violations {
		faults = append(faults, fgFault{fieldOf(fault), fault.Rule})
	}
	a := fgInvalid(c, faults...)
	a.refused = summaryOf(c.violations)
	return a
}

func (f *finogatesFake) refuse(c *call, status int, why string) answer {
	return fgError(c, status, why)
}

// fail puts a code beside the message when one was asked for: the provider documents none.
func (f *finogatesFake) fail(c *call, status int, code, message string) answer {
	a := fgError(c, status, message)
	if code != "" {
		a = fgAnswer(c, status, map[string]any{"code": code, "message": message})
		a.refused = message
	}
	return a
}
