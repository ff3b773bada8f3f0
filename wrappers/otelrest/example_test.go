package otelrest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/fintoken/fintoken-go/wrappers/otelrest"
)

func ExampleNew() {
	obs, err := otelrest.New() // reports to the global providers
	if err != nil {
		fmt.Println(err)
		return
	}
	client, err := rest.New("https://api.example.com", nil, rest.Config{Observer: obs})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(client.BaseURL())
	// Output: https://api.example.com
}

func ExampleWithTracerProvider() {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }))
	defer api.Close()

	spans := tracetest.NewInMemoryExporter() // in a program: an exporter of OTLP, say
	obs, err := otelrest.New(otelrest.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))))
	if err != nil {
		fmt.Println(err)
		return
	}
	client, err := rest.New(api.URL, nil, rest.Config{Observer: obs})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.CloseIdleConnections()
	req, _ := http.NewRequestWithContext(context.Background(), http.MethodGet, api.URL+"/accounts", nil)
	resp, err := client.Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = resp.Body.Close()
	for _, s := range spans.GetSpans() {
		fmt.Println(s.SpanKind, s.Name)
	}
	// Output:
	// client GET
	// internal 127.0.0.1 GET
}

func ExampleWithMeterProvider() {
	reader := sdkmetric.NewManualReader() // in a program: a reader that exports
	obs, err := otelrest.New(otelrest.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))))
	if err != nil {
		fmt.Println(err)
		return
	}
	obs.TokenEvents(context.Background(), token.Event{Kind: token.EventFetched, Source: "ledger", Took: time.Second})

	var metrics metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &metrics); err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range metrics.ScopeMetrics[0].Metrics {
		fmt.Println(m.Name, m.Unit)
	}
	// Output:
	// fintoken.token.events {event}
	// fintoken.token.duration s
}

func ExampleObserver_TokenEvents() {
	reader := sdkmetric.NewManualReader()
	obs, err := otelrest.New(otelrest.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))))
	if err != nil {
		fmt.Println(err)
		return
	}
	source, err := token.New(func(context.Context, *token.Token) (*token.Token, error) {
		return &token.Token{Access: secret.New("access"), ExpiresIn: time.Hour}, nil
	}, token.Config{Name: "ledger", OnEvent: obs.TokenEvents})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = source.Token(context.Background())
	source.Close() // every event was told by then
	if err != nil {
		fmt.Println(err)
		return
	}

	var metrics metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &metrics); err != nil {
		fmt.Println(err)
		return
	}
	counts, _ := metrics.ScopeMetrics[0].Metrics[0].Data.(metricdata.Sum[int64])
	for _, p := range counts.DataPoints {
		event, _ := p.Attributes.Value("fintoken.token.event")
		name, _ := p.Attributes.Value("fintoken.token.source")
		fmt.Println(name.AsString(), event.AsString(), p.Value)
	}
	// Output: ledger fetched 1
}
