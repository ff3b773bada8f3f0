package otelrest

import (
	"context"
	"errors"
	"strconv"

	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/token"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
)

// scope names the instrumentation in traces and metrics.
const scope = "github.com/fintoken/fintoken-go/wrappers/otelrest"

// Observer is a [rest.Observer] for OpenTelemetry. One is enough for all clients of a program.
type Observer struct {
	tracer   trace.Tracer
	duration metric.Float64Histogram
	tokens   metric.Int64Counter
	fetches  metric.Float64Histogram
}

var _ rest.Observer = (*Observer)(nil)

// Option changes where an Observer reports to.
type Option func(*config)

type config struct {
	traces  trace.TracerProvider
	metrics metric.MeterProvider
}

// WithTracerProvider makes spans go to p instead of the global provider.
func WithTracerProvider(p trace.TracerProvider) Option { return func(c *config) { c.traces = p } }

// WithMeterProvider makes metrics go to p instead of the global provider.
func WithMeterProvider(p metric.MeterProvider) Option { return func(c *config) { c.metrics = p } }

// New returns an Observer. It fails only if the meter provider refuses an instrument.
func New(opts ...Option) (*Observer, error) {
	c := config{otel.GetTracerProvider(), otel.GetMeterProvider()}
	for _, o := range opts {
		o(&c)
	}
	meter := c.metrics.Meter(scope)
	o := &Observer{tracer: c.traces.Tracer(scope)}
	var errs [3]error
	o.duration, errs[0] = meter.Float64Histogram("http.client.request.duration",
		metric.WithUnit("s"), metric.WithDescription("Duration of HTTP client requests."),
		metric.WithExplicitBucketBoundaries(.005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10))
	o.tokens, errs[1] = meter.Int64Counter("fintoken.token.events",
		metric.WithUnit("{event}"), metric.WithDescription("What happened to tokens: fetched, failed, invalidated and so on."))
	o.fetches, errs[2] = meter.Float64Histogram("fintoken.token.duration",
		metric.WithUnit("s"), metric.WithDescription("Time it took to get a token, or to fail to."))
	return o, errors.Join(errs[:]...)
}

// Start begins the span of a call or an attempt, and notes a wait in the span of its call.
func (o *Observer) Start(ctx context.Context, e rest.Event) context.Context {
	switch e.Kind {
	case rest.EventCall:
		ctx, _ = o.tracer.Start(ctx, e.Provider+" "+e.Operation, trace.WithSpanKind(trace.SpanKindInternal), trace.WithAttributes(
			attribute.String("fintoken.provider", e.Provider), attribute.String("fintoken.operation", e.Operation)))
	case rest.EventAttempt:
		ctx, _ = o.tracer.Start(ctx, spanName(e), trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(request(e)...))
	case rest.EventWait:
		trace.SpanFromContext(ctx).AddEvent("wait", trace.WithAttributes(
			attribute.String("fintoken.retry.reason", e.Reason), attribute.Float64("fintoken.retry.wait", e.Duration.Seconds())))
	}
	return ctx
}

// End ends the span that Start began.
func (o *Observer) End(ctx context.Context, e rest.Event) {
	span := trace.SpanFromContext(ctx)
	switch e.Kind {
	case rest.EventCall:
		span.SetAttributes(attribute.Int("fintoken.attempts", e.Attempt))
		if e.RequestID != "" {
			span.SetAttributes(attribute.String("fintoken.request_id", e.RequestID))
		}
	case rest.EventAttempt:
		o.duration.Record(ctx, e.Duration.Seconds(), metric.WithAttributes(labels(e)...))
		if e.Status != 0 {
			span.SetAttributes(attribute.Int("http.response.status_code", e.Status))
		}
	default:
		return
	}
	if kind := errorType(e); kind != "" {
		span.SetAttributes(attribute.String("error.type", kind))
		span.SetStatus(codes.Error, "")
	}
	span.End()
}

// TokenEvents counts what happens to the tokens of a [token.Source]: it is for token.Config.OnEvent. The log that a
// Source writes by itself is written no more; call [token.LogEvents] as well if it should be.
func (o *Observer) TokenEvents(ctx context.Context, e token.Event) {
	labels := metric.WithAttributes(attribute.String("fintoken.token.event", string(e.Kind)),
		attribute.String("fintoken.token.source", e.Source), attribute.Bool("fintoken.token.background", e.Background))
	o.tokens.Add(ctx, 1, labels)
	if e.Took > 0 {
		o.fetches.Record(ctx, e.Took.Seconds(), labels)
	}
	trace.SpanFromContext(ctx).AddEvent("token "+string(e.Kind), trace.WithAttributes(attribute.String("fintoken.token.source", e.Source)))
}

// spanName is the method and, where it is known, the template of the path.
func spanName(e rest.Event) string {
	if e.Path == "" {
		return e.Method
	}
	return e.Method + " " + e.Path
}

// request are the attributes that an attempt has from the beginning. The path in url.full is the template: what is
// filled into it may be an id.
func request(e rest.Event) []attribute.KeyValue {
	all := []attribute.KeyValue{
		attribute.String("http.request.method", e.Method), attribute.String("server.address", e.Host),
		attribute.Int("server.port", e.Port), attribute.String("url.full", address(e)),
	}
	if e.Path != "" {
		all = append(all, attribute.String("url.template", e.Path))
	}
	if e.Attempt > 1 {
		all = append(all, attribute.Int("http.request.resend_count", e.Attempt-1))
	}
	return all
}

// address is the URL of an attempt without what may be private.
func address(e rest.Event) string {
	host := e.Host
	if e.Scheme != "https" || e.Port != 443 {
		host += ":" + strconv.Itoa(e.Port)
	}
	return e.Scheme + "://" + host + e.Path
}

// labels are those of the metric, all of them of a bounded number of values.
func labels(e rest.Event) []attribute.KeyValue {
	all := []attribute.KeyValue{
		attribute.String("http.request.method", e.Method), attribute.String("server.address", e.Host),
		attribute.Int("server.port", e.Port), attribute.String("url.scheme", e.Scheme),
	}
	if e.Path != "" {
		all = append(all, attribute.String("url.template", e.Path))
	}
	if e.Status != 0 {
		all = append(all, attribute.Int("http.response.status_code", e.Status))
	}
	if kind := errorType(e); kind != "" {
		all = append(all, attribute.String("error.type", kind))
	}
	return all
}

// kinds are the kinds of error in words, the more telling ones first.
var kinds = []struct {
	err  error
	word string
}{
	{context.Canceled, "canceled"},
	{context.DeadlineExceeded, "timeout"},
	{rest.ErrInvalid, "invalid"},
	{rest.ErrUnauthenticated, "unauthenticated"},
	{rest.ErrVersionMismatch, "version_mismatch"},
	{rest.ErrForbidden, "forbidden"},
	{rest.ErrNotFound, "not_found"},
	{rest.ErrConflict, "conflict"},
	{rest.ErrLocked, "locked"},
	{rest.ErrRateLimited, "rate_limited"},
	{rest.ErrBadResponse, "bad_response"},
	{rest.ErrUnavailable, "unavailable"},
}

// errorType is the error.type of the conventions: a failing status as it is, else a kind; "" if nothing failed.
func errorType(e rest.Event) string {
	if e.Status >= 400 {
		return strconv.Itoa(e.Status)
	}
	if e.Err == nil {
		return ""
	}
	for _, k := range kinds {
		if errors.Is(e.Err, k.err) {
			return k.word
		}
	}
	return "_OTHER"
}
