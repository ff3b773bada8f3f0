// Package otelrest tells OpenTelemetry what the clients of fintoken do: a span for each call and one for each of its
// attempts, the duration of attempts as a histogram, and counts of what happens to tokens. It is a module of its own,
// so that programs without OpenTelemetry link none of it.
//
//	obs, err := otelrest.New()
//	st, err := straddle.New(straddle.Config{APIKey: key, HTTP: rest.Config{Observer: obs}})
//
// The names follow the stable semantic conventions for HTTP clients
// (https://opentelemetry.io/docs/specs/semconv/http/). Spans and metrics hold no body, no header, no query and no
// credential, and a metric's labels are bounded: there is no request id, token or user among them.
//
// It will never send anything to the provider: trace contexts stay inside.
package otelrest
