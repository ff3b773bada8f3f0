package gentest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/specs/spectest"
)

// Answers gives every answer that doc shows to the call of its operation, by way of the client of a transport, and
// expects it in the field of its status, whole, and in no other. What is sent must hold to doc as well. The parts are
// the statuses of doc, and "default". It returns how many answers there were.
func Answers[C any](t *testing.T, doc specs.Document, parts []string, calls map[string]func(C) (any, error),
	client func(*testing.T, http.RoundTripper) C,
) (seen int) {
	t.Helper()
	for operation, call := range calls {
		for _, part := range parts {
			for _, name := range spectest.Examples(doc, operation, part) {
				seen++
				t.Run(operation+" "+part+" "+name, func(t *testing.T) {
					body, mime, err := spectest.Example(doc, operation, part, name)
					if err != nil {
						t.Fatal(err)
					}
					status, err := strconv.Atoi(part)
					field := "JSON" + part
					if err != nil {
						status, field = http.StatusTeapot, "JSONDefault"
					}
					answer := Canned{Status: status, MIME: mime, Body: string(body)}
					result, err := call(client(t, spectest.Transport(t, doc, answer)))
					if err != nil {
						t.Fatal(err)
					}
					if err := only(result, field, body); err != nil {
						t.Error(err)
					}
				})
			}
		}
	}
	return seen
}

// only says what is wrong if not field alone, of all fields with a payload, holds what body says.
func only(result any, field string, body []byte) error {
	v := reflect.ValueOf(result).Elem()
	if !v.FieldByName(field).IsValid() {
		return fmt.Errorf("the result has no %s", field)
	}
	var faults []error
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		if strings.HasPrefix(name, "JSON") && v.Field(i).IsNil() == (name == field) {
			faults = append(faults, fmt.Errorf("%s is %v", name, v.Field(i)))
		}
	}
	if raw := v.FieldByName("Body").Bytes(); !bytes.Equal(body, raw) {
		faults = append(faults, fmt.Errorf("the body is %s\nand not %s", raw, body))
	}
	return errors.Join(append(faults, same(v.FieldByName(field).Interface(), body))...)
}

// same says what is wrong if v is not what body says.
func same(v any, body []byte) error {
	again, err := json.Marshal(v)
	if err != nil {
		return err
	}
	want, err := withoutNulls(body)
	if err != nil {
		return err
	}
	got, err := withoutNulls(again)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(want, got) {
		return fmt.Errorf("%T is %s\nand not %s", v, again, body)
	}
	return nil
}

// withoutNulls decodes a body and leaves out what is null: absent, null and empty mean the same.
func withoutNulls(body []byte) (v any, err error) {
	err = json.Unmarshal(body, &v)
	return pruned(v), err
}

func pruned(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, member := range v {
			if member != nil {
				out[name] = pruned(member)
			}
		}
		return out
	case []any:
		for i := range v {
			v[i] = pruned(v[i])
		}
	}
	return v
}
