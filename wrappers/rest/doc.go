// Package rest is the one way out to HTTP. Every call of a provider package runs through its chain of handlers:
//
//	options → auth → retry → attempt → *http.Client
//
// and its answer comes back through [Decode]. It will never follow a redirect, send a credential to another origin,
// read an answer without a limit, send a call again that may not be repeated, or print a secret.
//
// A [Client] is an HttpRequestDoer for the generated clients, with or without the provider packages.
package rest
