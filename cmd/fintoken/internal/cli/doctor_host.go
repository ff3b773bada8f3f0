package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// How far the clock here may be off before a token looks alive that is not, and how long a host may take.
const (
	skewWarn    = 30 * time.Second
	skewBad     = 5 * time.Minute
	hostTimeout = 5 * time.Second
)

// reach asks a host for its front page and compares the clocks. next is what helps if it does not answer.
func (a *app) reach(ctx context.Context, name string, at place, next string) []check {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(a.flags.timeout, hostTimeout))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, frontPage(at.baseURL), nil)
	if err != nil {
		return []check{{name, "host", bad, "the address cannot be called", "correct the address"}}
	}
	client := &http.Client{
		Transport:     a.newTransport(at),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer client.CloseIdleConnections()
	begun := time.Now()
	resp, err := client.Do(req)
	if err != nil {
		return []check{{name, "host", bad, unreachable(err), next}}
	}
	_ = resp.Body.Close()
	took := time.Since(begun)
	out := []check{{Topic: name, Check: "host", State: good, Detail: fmt.Sprintf("answers in %s", took.Round(time.Millisecond))}}
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return append(out, check{name, "clock", warn, "the host does not tell the time", ""})
	}
	return append(out, skew(name, date.Sub(begun.Add(took/2).Truncate(time.Second))))
}

// frontPage returns the front page of the host of a URL. It is no operation of any provider, so that a sandbox has no call
// in its journal that nobody made.
func frontPage(baseURL string) string {
	u, err := url.Parse(baseURL)
	if err != nil {
		return ""
	}
	return u.ResolveReference(&url.URL{Path: "/"}).String()
}

// unreachable says why there is no answer, without the address, which may be private.
func unreachable(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time"
	}
	text := err.Error()
	if _, cause, ok := strings.Cut(text, `": `); ok {
		text = cause
	}
	return text
}

// skew judges the difference between two clocks.
func skew(name string, d time.Duration) check {
	c := check{Topic: name, Check: "clock", State: good, Detail: fmt.Sprintf("%s off", d.Abs())}
	switch {
	case d.Abs() > skewBad:
		c.State, c.Next = bad, "set the clock of this machine, or that of the host"
	case d.Abs() > skewWarn:
		c.State = warn
	}
	return c
}
