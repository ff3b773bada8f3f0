package rest

import (
	"errors"
	"strconv"
	"strings"
)

// In puts the name of an object before the field in err, which the check of that object returned: city becomes
// address.city.
func In(name string, err error) error {
	if err == nil {
		return nil
	}
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	own := *e
	own.Field = name
	if e.Field != "" && !strings.HasPrefix(e.Field, "[") {
		own.Field += "."
	}
	own.Field += e.Field
	return &own
}

// Inside runs the check of an object that may be left out: of a nil pointer nothing is said. The field in its error begins
// with name; see [In].
func Inside[T any](name string, object *T, check func(*T) error) error {
	if object == nil {
		return nil
	}
	return In(name, check(object))
}

// Each runs the check of every item of a list until one is wrong. The field in its error begins with the name of the list
// and the index: items[3].name, or items[3] for a check that names no field.
func Each[T any](name string, list []T, check func(*T) error) error {
	for i := range list {
		if err := check(&list[i]); err != nil {
			return In(name+"["+strconv.Itoa(i)+"]", err)
		}
	}
	return nil
}
