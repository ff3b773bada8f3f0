package rest

import "errors"

// Unmarshal reads JSON that did not come as a response, such as an event, as strictly as responses are read: one value, no
// member twice, names by the letter. Members that v does not have are left out. The error is an [*Error] that is
// [ErrBadResponse] and names the member, never a value.
func Unmarshal(text []byte, v any) error {
	rule, small := scan(text)
	if rule != "" {
		return Bad(rule)
	}
	return read(text, v, small)
}

// Value reads the value of a member into v, as [Unmarshal] does. It is for the UnmarshalJSON of a payload, whose text is
// known to be valid JSON.
func Value(value []byte, v any) error { return read(value, v, false) }

// read reads text, which is known to be valid; small is what [scan] said of it.
func read(text []byte, v any, small bool) error {
	err := unmarshal(text, v, small)
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return badJSON(err)
}
