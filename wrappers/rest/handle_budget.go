package rest

import (
	"net/http"
	"sync"
)

// The budget for retries. Each call pays in a tenth of one, so that in an outage the retries come to a tenth of the calls;
// the reserve is for the single failures of quiet days.
const (
	budgetReserve = 10
	budgetShare   = 0.1
)

// budget pays in for each call. The retry handler takes out.
func budget(next handler, b *bucket) handler {
	return func(c *call, req *http.Request) (*http.Response, error) {
		if !c.counted {
			c.counted = true
			b.put()
		}
		return next(c, req)
	}
}

// bucket holds a number of retries. It starts full.
type bucket struct {
	mu    sync.Mutex
	level float64
}

func newBucket() *bucket { return &bucket{level: budgetReserve} }

// put adds what a call pays.
func (b *bucket) put() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.level = min(b.level+budgetShare, budgetReserve)
}

// take takes out one retry, or reports false.
func (b *bucket) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.level < 1 {
		return false
	}
	b.level--
	return true
}
