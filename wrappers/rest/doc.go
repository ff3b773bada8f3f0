// Package rest is the one way out to HTTP. Every call of a provider package runs through its chain of handlers, and
// so does every call of a generated client that was given a [Client] as its HttpRequestDoer:
//
//	options → auth → retry → budget → breaker → pause → observe → attempt → http.RoundTripper
//
// Its answer comes back through [Decode]. Each handler is a file of its own, and adding one is a line in [New].
//
// It starts no goroutine: what a call asks of others runs in the goroutine of the caller. A panic of an [Observer], of a
// log handler or of a request's GetBody is no harm to the call; one of what reads a response, as the Open of an [API],
// becomes its error. A panic of the transport or of a check of what the caller passed is the caller's.
//
// It will never follow a redirect, send a credential to another origin, read an answer without a limit, send a call
// again that must not be, or print a secret.
package rest
