package rest

import (
	"net/http"
	"time"
)

// observe reports an attempt to those who watch. Without any, it is not in the chain.
func observe(next handler, watch *watcher) handler {
	if watch.off() {
		return next
	}
	return func(c *call, req *http.Request) (*http.Response, error) {
		e := watch.event(EventAttempt, c)
		e.Attempt++
		ctx := watch.start(req.Context(), e)
		begun := time.Now()
		resp, err := next(c, req.WithContext(ctx))
		e.Duration, e.RequestID = time.Since(begun), c.shown(c.info.RequestID)
		if err != nil {
			e.Err = c.fail(err)
		}
		if resp != nil {
			e.Status = resp.StatusCode
		}
		watch.end(ctx, e)
		return resp, err
	}
}
