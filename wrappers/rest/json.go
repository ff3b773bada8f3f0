package rest

import "errors"

// JSON is a JSON value that did not come in a response, such as an event, and is read as strictly as responses are.
type JSON struct {
	text  []byte
	small bool // what scan said
}

// ParseJSON returns the value of a text: one value, nested sanely, no member twice. Nothing is copied, so the text must not
// change. The error is an [*Error] that is [ErrBadResponse], and has nothing of the text in it.
func ParseJSON(text []byte) (JSON, error) {
	rule, small := scan(text)
	if rule != "" {
		return JSON{}, Bad(rule)
	}
	return JSON{text, small}, nil
}

// Bytes is the value as it stands in the text.
func (j JSON) Bytes() []byte { return j.text }

// Members calls visit with each member of an object, as the function [Members] does.
func (j JSON) Members(visit func(name []byte, value JSON) error) error {
	return Members(j.text, func(name, value []byte) error { return visit(name, JSON{value, j.small}) })
}

// Into reads the value into v, names by the letter. Members that v does not have are left out. The error is an [*Error]
// that is [ErrBadResponse] and names the member, never a value.
func (j JSON) Into(v any) error {
	err := unmarshal(j.text, v, j.small)
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return badJSON(err)
}
