// Package faults holds tests alone: the fault matrix. Sixty things that can go wrong on the way to a provider and
// back, for each of eight operations that stand for all others, against a real server that misbehaves on purpose. Each cell
// says how often the request may be sent, what the error is, how long it takes, and that nothing leaks: no goroutine,
// no byte to another origin, no secret in any output.
//
// It will never hold code that a program uses.
package faults
