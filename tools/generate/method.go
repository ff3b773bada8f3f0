package main

import (
	"fmt"
	"slices"
	"strings"
)

// The parts of a method, for its template.

// PathParams are the parameters in the path, in the order of the client's method.
func (o *operation) PathParams() []param { return o.in("path") }

// Query are the parameters in the query.
func (o *operation) Query() []param { return o.in("query") }

// Secrets are the parameters that must not be printed.
func (o *operation) Secrets() []param {
	return slices.DeleteFunc(o.Query(), func(p param) bool { return !p.Secret })
}

func (o *operation) in(place string) []param {
	return slices.DeleteFunc(slices.Clone(o.Params), func(p param) bool { return p.In != place })
}

// CallName is the method of the client, and ParamsType the type of its parameters.
func (o *operation) CallName() string   { return o.call.name }
func (o *operation) ParamsType() string { return o.call.name + "Params" }

// NeedsParams reports whether the client's method takes parameters, and ParamsValue is what it gets: the headers are set by
// the options.
func (o *operation) NeedsParams() bool { return o.call.params != "" }

func (o *operation) ParamsValue(client string) string {
	if len(o.Query()) == 0 {
		return "nil"
	}
	var fields []string
	for _, p := range o.Query() {
		value := "params." + p.Field
		if !p.isBool() && !p.IsList() {
			value = "rest.OrNil(" + value + ")"
		}
		fields = append(fields, p.Field+": "+value)
	}
	return fmt.Sprintf("&%s.%s{\n%s,\n}", client, o.call.params, strings.Join(fields, ",\n"))
}

// FieldType is the type of a parameter: what is empty is left out. Of a choice between true and false, nil is.
func (p param) FieldType() string {
	if p.isBool() {
		return "*bool"
	}
	return p.typ
}

func (p param) isBool() bool { return p.typ == "bool" }

// IsList reports whether a parameter may have several values.
func (p param) IsList() bool { return strings.HasPrefix(p.typ, "[]") }

// Signature is what the method takes.
func (o *operation) Signature() string {
	args := []string{"ctx context.Context"}
	for _, p := range o.PathParams() {
		args = append(args, p.Name+" string")
	}
	if len(o.Query()) > 0 {
		args = append(args, "params "+o.ParamsType())
	}
	if o.Body != nil {
		args = append(args, "body "+o.Body.Type)
	}
	return strings.Join(append(args, "opts ...rest.Option"), ", ")
}

// Result is what the method returns.
func (o *operation) Result() string {
	if o.List {
		return "*rest.Page[" + o.Payload + "]"
	}
	return "*" + o.Payload
}

// Doc is the comment of the method.
func (o *operation) Doc() string {
	verb, object, _ := strings.Cut(o.Summary, " ")
	lines := []string{fmt.Sprintf("%s %s %s.", o.Name, third(strings.ToLower(verb)), object)}
	if o.Description != "" {
		lines = append(lines, "", o.Description)
	}
	if len(o.Headers) > 0 {
		lines = append(lines, "", "Of the options with a header it takes "+list(optionsOf(o.Headers))+".")
	}
	source := "Source: " + o.Source + " (" + o.SourceURL + ")."
	if o.Evidence != "documented" {
		source += " Evidence: " + o.Evidence + "."
	}
	lines = append(lines, "", source)
	if o.Deprecated != "" {
		lines = append(lines, "", "Deprecated: "+o.Deprecated+".")
	}
	return comment(lines...)
}

// AllName is the method that goes through all pages, and AllDoc its comment.
func (o *operation) AllName() string { return strings.Replace(o.Name, "List", "All", 1) }

func (o *operation) AllDoc() string {
	_, object, _ := strings.Cut(o.Summary, " ")
	lines := []string{fmt.Sprintf("%s goes through %s on all pages, from params.PageNumber on; see [rest.Pages].", o.AllName(), object)}
	if o.Deprecated != "" {
		lines = append(lines, "", "Deprecated: "+o.Deprecated+".")
	}
	return comment(lines...)
}

// options are the call options by their header.
var options = map[string]string{
	"Idempotency-Key": "IdempotencyKey", "Request-Id": "RequestID", "Correlation-Id": "CorrelationID", "Straddle-Account-Id": "AccountID",
}

func optionsOf(headers []string) []string {
	var names []string
	for _, h := range headers {
		if name, ok := options[h]; ok {
			names = append(names, "[rest."+name+"]")
		}
	}
	return names
}

// list joins words: a, b and c.
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// third is the third person of a verb.
func third(verb string) string {
	if strings.HasSuffix(verb, "s") || strings.HasSuffix(verb, "sh") || strings.HasSuffix(verb, "ch") {
		return verb + "es"
	}
	return verb + "s"
}

// CheckCall is what is checked before sending, or nil.
func (o *operation) CheckCall() string {
	if o.Check == "" {
		return "nil"
	}
	args := []string{}
	for _, p := range o.PathParams() {
		args = append(args, p.Name)
	}
	if len(o.Query()) > 0 {
		args = append(args, "&params")
	}
	if o.TypedBody() {
		args = append(args, "&body")
	}
	return "s.check" + o.Name + "(" + strings.Join(args, ", ") + ")"
}

// CheckSignature is what the check takes.
func (o *operation) CheckSignature() string {
	var args []string
	for _, p := range o.PathParams() {
		args = append(args, p.Name+" string")
	}
	if len(o.Query()) > 0 {
		args = append(args, "params *"+o.ParamsType())
	}
	if o.TypedBody() {
		args = append(args, "body *"+o.Body.Type)
	}
	return strings.Join(args, ", ")
}
