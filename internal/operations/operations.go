// Package operations is the table of all calls that the wrappers have, made from the documents: how each is named, what it
// takes, and how it is made. The program makes its commands from it, and tests go over it so that no call is forgotten. It
// knows nothing that the documents do not say, and it is in no program that imports a wrapper alone.
package operations

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"

	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// Operation is a call of a client C.
type Operation[C any] struct {
	Info
	// NewBody and NewQuery return what the body and the parameters in the query are read into; nil where there is none.
	NewBody, NewQuery func() any
	// Call makes the call. What it returns is the payload, or for a list the page.
	Call func(ctx context.Context, client C, in *Input, opts ...rest.Option) (any, error)
	// All goes through the rows of all pages; nil where there are no pages.
	All func(ctx context.Context, client C, in *Input, opts ...rest.Option) iter.Seq2[any, error]
}

// Tag is what a document says of the calls of a tag.
type Tag struct {
	// Name is the first word of the commands, and Description says what they are about.
	Name, Description string
}

// Info is what a document says of a call.
type Info struct {
	// Provider and Document name what the call is of, and ID, Method and Path are those of the document.
	Provider, Document, ID, Method, Path string
	// Tag is the tag of the document, and Service and Name are those of the wrapper's method; without a service the client
	// itself has the method.
	Tag, Service, Name string
	// Command are the words of the program's command.
	Command []string
	// Aliases are other words for the last of them.
	Aliases []string
	// Summary says in a line what the call does, and Description what else there is to know.
	Summary, Description string
	// Source is where the call is described, and Evidence how well it is known.
	Source, Evidence string
	// Deprecated says why the call should not be used; empty where it should.
	Deprecated string
	// Repeat is the x-repeat of the call.
	Repeat string
	// MaxBody is how many bytes of a response are read; 0 means the usual limit.
	MaxBody int64
	// Params are those in the path and in the query, and Headers the names of those in the header.
	Params  []Field
	Headers []string
	// Media is the media type of the request body, empty where there is none, and Body its members.
	Media string
	Body  []Field
	// Example is a body as JSON; empty where the document has none.
	Example string
	// Paged tells that the response is a page.
	Paged bool
}

// row is a row of a table, with calls or without.
type row[T any] interface {
	*T
	info() *Info
}

func (i *Info) info() *Info { return i }

// infos returns what is known of the calls of a table.
func infos[T any, R row[T]](table []T) (all []*Info) {
	for i := range table {
		all = append(all, R(&table[i]).info())
	}
	return all
}

// Field is a parameter, or a member of a body.
type Field struct {
	// Name is the name as it is sent; that of a member of a member has a dot before it.
	Name string
	// In is where a parameter stands: path or query. It is empty for a member.
	In string
	// Type is string, integer, number, boolean, array or object.
	Type string
	// Items is the type of what is in an array.
	Items string
	// Format is the document's format of a text.
	Format string
	// Values are those that are known of an enumeration, which an array has in its items.
	Values []string
	// Description says what it is.
	Description string
	// Required must be there; for a member of a member, if the member is.
	Required bool
	// Nullable may be null, and Default is what an empty text is sent as.
	Nullable bool
	Default  string
	// Secret must not be printed.
	Secret bool
	// Example is one of a parameter in the path.
	Example string
}

// Input is what a call is made with.
type Input struct {
	// Path has the parameters in the path by their names.
	Path map[string]string
	// Query is a JSON object of the parameters in the query, and Body the body. Empty is an empty object.
	Query, Body json.RawMessage
	// File is what an upload sends.
	File *rest.File
}

// DecodeQuery reads the parameters in the query into v.
func (in *Input) DecodeQuery(v any) error { return decode("query", in.Query, v) }

// DecodeBody reads the body into v.
func (in *Input) DecodeBody(v any) error { return decode("body", in.Body, v) }

// decode reads a JSON object, and refuses a member that v does not have.
func decode(what string, text json.RawMessage, v any) error {
	if len(text) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("%s: must be one JSON object", what)
	}
	return nil
}

// each makes the rows of a list values of any type.
func each[T any](rows iter.Seq2[T, error]) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for row, err := range rows {
			if !yield(row, err) {
				return
			}
		}
	}
}
