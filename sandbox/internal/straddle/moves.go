// Tables of what may become of a resource: the statuses it goes between, and by what.

package straddle

import (
	"cmp"
	"slices"
	"time"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
)

// What moves come by, besides operations: the creation of the resource, and time.
const (
	byCreation = "creation"
	byTime     = "time"
)

// move is a row of such a table: by an operation, or by time, a resource goes from one of some statuses to one of others.
type move[S ~string] struct {
	from    []S    // nil: any
	by      string // an operationId, or one of the above
	to      []S
	reason  straddleapi.PaymentStatusReason // this and the next are empty where the resource has no details of its status
	source  straddleapi.PaymentStatusSource
	message string
}

// find returns the row by which a resource may go, or nil.
func find[S ~string](table []move[S], from S, by string, to S) *move[S] {
	for i := range table {
		if m := &table[i]; m.by == by && slices.Contains(m.to, to) && (m.from == nil || slices.Contains(m.from, from)) {
			return m
		}
	}
	return nil
}

// details says why a resource has the status that it has got by a move.
func (m *move[S]) details(at time.Time, code string) *straddleapi.PaymentStatusDetails {
	return &straddleapi.PaymentStatusDetails{Reason: m.reason, Source: m.source, Message: m.message, Code: code, ChangedAt: straddleapi.TimestampOf(at.UTC())}
}

// eventReasons are the words of events for reasons that they do not have. Nothing is published about them.
var eventReasons = map[straddleapi.PaymentStatusReason]straddleapi.PaymentEventStatusReason{
	straddleapi.PaymentStatusReasonCancelRequest:      straddleapi.PaymentEventStatusReasonUserRequest,
	straddleapi.PaymentStatusReasonFailedVerification: straddleapi.PaymentEventStatusReasonInvalidBankAccount,
	straddleapi.PaymentStatusReasonRequireReview:      straddleapi.PaymentEventStatusReasonRiskReview,
}

// eventDetails are the details of a status as events have them.
func eventDetails(d *straddleapi.PaymentStatusDetails) *straddleapi.PaymentEventStatusDetails {
	reason := cmp.Or(eventReasons[d.Reason], straddleapi.PaymentEventStatusReason(d.Reason))
	return &straddleapi.PaymentEventStatusDetails{Reason: reason, Source: d.Source, Message: d.Message, Code: d.Code, ChangedAt: d.ChangedAt}
}

// eventMetadata is metadata as events have them.
func eventMetadata(from map[string]string) (to map[string]*string) {
	for name, value := range from {
		if to == nil {
			to = map[string]*string{}
		}
		to[name] = &value
	}
	return to
}
