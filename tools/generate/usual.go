package main

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// usualClient is a client that needs nothing of its own but a Config, what its operations have in common, and a credential.
// It is written where no file by hand declares a Client.
type usualClient struct {
	*wrapper

	Environments []environment
	Lists        bool // whether there are pages
}

// environment is a server of the document.
type environment struct{ Name, URL string }

// usual returns the client of a document, whose servers are its environments.
func usual(w *wrapper, spec *openapi3.T) *usualClient {
	c := &usualClient{wrapper: w}
	for _, s := range spec.Servers {
		c.Environments = append(c.Environments, environment{camel(s.Description), s.URL})
	}
	for _, s := range w.Services {
		c.Lists = c.Lists || slices.ContainsFunc(s.Operations, func(o *operation) bool { return o.List })
	}
	return c
}

// EnvironmentNames are the names as a sentence has them.
func (c *usualClient) EnvironmentNames() string {
	var names []string
	for _, e := range c.Environments {
		names = append(names, e.Name)
	}
	return strings.Join(names, " or ")
}

// Production reports whether one of the environments is the real one; a client that has no other is for nothing else.
func (c *usualClient) Production() bool {
	return slices.ContainsFunc(c.Environments, func(e environment) bool { return e.Name == "Production" })
}
