package main

import (
	"bytes"
	"fmt"
	"go/format"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// dates are the types of dates and times, which stay texts: a response with one in another spelling is still read.
const dates = `
// Date is a calendar date (RFC 3339 full-date), such as 2026-01-31. What a response has in its place, such as the masked
// ****-**-**, stays as it came.
type Date string

// DateOf returns the date of t where t is.
func DateOf(t time.Time) Date { return Date(t.Format(time.DateOnly)) }

// Time returns the beginning of the day in UTC, or an error if d is not a date.
func (d Date) Time() (time.Time, error) { return time.Parse(time.DateOnly, string(d)) }

// Timestamp is a point in time (RFC 3339). What a response has in its place stays as it came.
type Timestamp string

// TimestampOf returns the timestamp of t.
func TimestampOf(t time.Time) Timestamp { return Timestamp(t.Format(time.RFC3339Nano)) }

// Time returns the point in time, or an error if t is none. Without an offset, as some responses have it, it is in UTC.
func (t Timestamp) Time() (time.Time, error) {
	at, err := time.Parse(time.RFC3339, string(t))
	if err == nil {
		return at, nil
	}
	if at, local := time.Parse("2006-01-02T15:04:05", string(t)); local == nil {
		return at, nil
	}
	return time.Time{}, err
}
`

// older is a list that an older contract has as an object: its names and values are two members of the items.
const older = `
// UnmarshalJSON reads the list, and the object that the older contract has in its place: its names are the %[4]s of the
// items, and its values their %[6]s. Its items are ordered by name.
func (l *%[1]s) UnmarshalJSON(b []byte) error {
	if !bytes.HasPrefix(bytes.TrimSpace(b), []byte("{")) {
		return json.Unmarshal(b, (*[]%[2]s)(l))
	}
	var items map[string]%[5]s
	if err := json.Unmarshal(b, &items); err != nil {
		return err
	}
	*l = make(%[1]s, 0, len(items))
	for _, name := range slices.Sorted(maps.Keys(items)) {
		*l = append(*l, %[2]s{%[3]s: name, %[6]s: items[name]})
	}
	return nil
}
`

// formats writes the types that the client uses and does not have. It returns nothing where there are none.
func (c *client) formats(spec *openapi3.T) ([]byte, error) {
	var out bytes.Buffer
	if c.has("Date") || c.has("Timestamp") {
		out.WriteString(dates)
	}
	lists, err := c.olderLists(spec)
	if err != nil || out.Len()+len(lists) == 0 {
		return nil, err
	}
	var top bytes.Buffer
	fmt.Fprintf(&top, "%s%s\n\nimport (\n", head, c.name)
	if len(lists) > 0 {
		top.WriteString("\t\"bytes\"\n\t\"encoding/json\"\n\t\"maps\"\n\t\"slices\"\n")
	}
	if out.Len() > 0 {
		top.WriteString("\t\"time\"\n")
	}
	top.WriteString(")\n")
	return format.Source(slices.Concat(top.Bytes(), out.Bytes(), lists))
}

// olderLists writes how the lists are read that have an x-older-map.
func (c *client) olderLists(spec *openapi3.T) ([]byte, error) {
	var out bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(spec.Components.Schemas)) {
		schema := spec.Components.Schemas[name].Value
		at, ok := schema.Extensions["x-older-map"].(map[string]any)
		if !ok {
			continue
		}
		if len(schema.AnyOf) != 2 || schema.AnyOf[0].Value.Items == nil || schema.AnyOf[0].Value.Items.Ref == "" {
			return nil, fmt.Errorf("schema %s: x-older-map: must stand beside anyOf, a list and an object", name)
		}
		item := c.typeOf(refName(schema.AnyOf[0].Value.Items.Ref))
		list := c.typeName(name)
		if item == nil || list == "" {
			return nil, fmt.Errorf("schema %s: the client has no type for it or for its items", name)
		}
		key, value := item.field(fmt.Sprint(at["name"])), item.field(fmt.Sprint(at["value"]))
		if key == nil || value == nil {
			return nil, fmt.Errorf("schema %s: x-older-map: its items have no such members", name)
		}
		fmt.Fprintf(&out, older, list, item.name, key.name, key.wire, value.typ, value.name)
	}
	return out.Bytes(), nil
}

// refName returns the name in a reference.
func refName(ref string) string { return ref[strings.LastIndex(ref, "/")+1:] }
