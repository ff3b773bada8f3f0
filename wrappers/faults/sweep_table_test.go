package faults

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/fintoken/fintoken-go/internal/operations/operationstest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// repeatOf are the classes of the documents.
var repeatOf = map[string]rest.Repeat{
	"unprocessed": rest.RepeatUnprocessed, "freely": rest.RepeatFreely, "by-key": rest.RepeatByKey, "refused": rest.RepeatRefused,
	"password": rest.RepeatPassword, "idempotent": rest.RepeatIdempotent,
}

// generated is a row for each operation that is generated, called by the examples of its document.
func generated(t *testing.T) (rows []*swept) {
	t.Helper()
	for _, table := range operationstest.Tables {
		rows = append(rows, rowsOf(t, table)...)
	}
	return rows
}

// rowsOf are the rows of a table.
func rowsOf(t *testing.T, table operationstest.Table) (rows []*swept) {
	t.Helper()
	for _, op := range table.Operations {
		inputs := operationstest.Inputs(t, op.Info)
		names := make([]string, 0, len(inputs))
		for name := range inputs {
			names = append(names, name)
		}
		in := inputs[slices.Max(names)] // the smallest
		repeat, known := repeatOf[op.Repeat]
		if !known {
			t.Fatalf("%s: x-repeat %s is of no class", op.ID, op.Repeat)
		}
		status, good := operationstest.Success(t, op.Info)
		path := op.Path
		for name, value := range in.Path {
			path = strings.ReplaceAll(path, "{"+name+"}", value)
		}
		rows = append(rows, &swept{
			op: &rest.Operation{
				API: &rest.API{Provider: op.Provider}, Name: op.ID, Method: op.Method, Path: path, Repeat: repeat, MaxBody: op.MaxBody,
			},
			status: status, good: string(good), enveloped: bytes.Contains(good, []byte(`"data":`)), failure: table.Failure,
			call: func(ctx context.Context, p *peers, opts ...rest.Option) (any, error) {
				return op.Call(ctx, p.tables[table.Name], in, opts...)
			},
		})
	}
	return rows
}
