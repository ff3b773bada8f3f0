// Package edges holds tests alone: what the fault matrix next to it has no row for. Calls within calls, requests that
// a program made itself, wire-level oddities of HTTP/1.1 and HTTP/2, answers without an end, a breaker that is
// probed, errors that are copied and shared. Each test names one rule of package rest, or of a provider over it.
//
// It will never hold code that a program uses, nor a test that says nothing of rest.
package edges
