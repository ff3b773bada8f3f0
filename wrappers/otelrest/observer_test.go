package otelrest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"

	"github.com/fintoken/fintoken-go/wrappers/otelrest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// script answers with one status after the other; 0 is no answer.
type script struct {
	statuses []int
	n        int
}

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	_, _ = io.ReadAll(req.Body)
	status := s.statuses[min(s.n, len(s.statuses)-1)]
	s.n++
	if status == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}, "X-Request-Id": {"r1 canary-key"}},
		Body: io.NopCloser(strings.NewReader(`{"canary":"body"}`)),
	}, nil
}

// observed makes one call and returns what was recorded.
func observed(t *testing.T, statuses ...int) (tracetest.SpanStubs, metricdata.ResourceMetrics) {
	t.Helper()
	spans, reader := tracetest.NewInMemoryExporter(), sdkmetric.NewManualReader()
	traces := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	meters := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	obs, err := otelrest.New(otelrest.WithTracerProvider(traces), otelrest.WithMeterProvider(meters))
	require.NoError(t, err)
	client, err := rest.New("https://api.example.com", rest.Bearer(token.Static(secret.New("canary-key"))), rest.Config{
		HTTPClient: &http.Client{Transport: &script{statuses: statuses}}, Observer: obs, MaxRetryWait: time.Millisecond,
	})
	require.NoError(t, err)
	op := &rest.Operation{
		API:  &rest.API{Provider: "acme", ResponseRequestID: "X-Request-Id"},
		Name: "makeThing", Method: "POST", Path: "/things/{id}", Repeat: rest.RepeatFreely,
	}
	_, _ = rest.Call[rest.None](t.Context(), op, nil, nil, func(ctx context.Context) (*http.Response, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://api.example.com/things/canary-id?canary=query", strings.NewReader("canary-body"))
		require.NoError(t, err)
		return client.Do(req)
	})
	obs.TokenEvents(t.Context(), token.Event{Kind: token.EventFetched, Source: "finapi", Took: time.Second})
	var metrics metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(t.Context(), &metrics))
	return spans.GetSpans(), metrics
}

// attributes returns those of a span as text.
func attributes(s tracetest.SpanStub) map[string]string {
	out := map[string]string{}
	for _, a := range s.Attributes {
		out[string(a.Key)] = a.Value.String()
	}
	return out
}

// Requirement G82: spans follow the conventions and hold no query, body or credential.
func TestSpans(t *testing.T) {
	spans, _ := observed(t, 0, 503, 200)
	require.Len(t, spans, 4)
	call := spans[3]
	assert.Equal(t, "acme makeThing", call.Name)
	assert.Equal(t, "3", attributes(call)["fintoken.attempts"])
	assert.Equal(t, "r1 [redacted]", attributes(call)["fintoken.request_id"])
	require.Len(t, call.Events, 2)
	assert.Equal(t, "wait", call.Events[0].Name)
	for i, want := range []map[string]string{
		{"error.type": "unavailable"},
		{"http.response.status_code": "503", "error.type": "503", "http.request.resend_count": "1"},
		{"http.response.status_code": "200", "http.request.resend_count": "2"},
	} {
		s := spans[i]
		got := attributes(s)
		for name, value := range map[string]string{
			"http.request.method": "POST", "server.address": "api.example.com", "server.port": "443",
			"url.full": "https://api.example.com/things/{id}", "url.template": "/things/{id}",
		} {
			want[name] = value
		}
		assert.Equal(t, want, got)
		assert.Equal(t, "POST /things/{id}", s.Name)
		assert.Equal(t, trace.SpanKindClient, s.SpanKind)
		assert.Equal(t, call.SpanContext.SpanID(), s.Parent.SpanID())
	}
	assert.NotContains(t, fmt.Sprintf("%+v", spans), "canary")
}

// Requirement G83: the labels of metrics are bounded and hold no id.
func TestMetrics(t *testing.T) {
	_, metrics := observed(t, 500, 200)
	require.Len(t, metrics.ScopeMetrics, 1)
	names := map[string]metricdata.Aggregation{}
	for _, m := range metrics.ScopeMetrics[0].Metrics {
		names[m.Name] = m.Data
	}
	require.Contains(t, names, "http.client.request.duration")
	points := names["http.client.request.duration"].(metricdata.Histogram[float64]).DataPoints
	assert.Len(t, points, 2, "one for each status")
	counts := names["fintoken.token.events"].(metricdata.Sum[int64]).DataPoints
	assert.Len(t, counts, 1)
	assert.Contains(t, names, "fintoken.token.duration")
	assert.NotContains(t, fmt.Sprintf("%+v", metrics), "canary")
	assert.NotContains(t, fmt.Sprintf("%+v", metrics), "r1")
}

// A failure without a status has a word for its kind.
func TestErrorTypes(t *testing.T) {
	for status, want := range map[int]string{0: "unavailable", 404: "404", 302: "bad_response"} {
		spans, _ := observed(t, status)
		assert.Equal(t, want, attributes(spans[len(spans)-1])["error.type"], status)
	}
}
