// Package lock keeps the processes of one machine from doing the same thing at once. A lock ends with its process at the
// latest, and leaves no file behind. It will never break a lock that somebody holds.
package lock

import (
	"context"
	"errors"
	"os"
	"time"
)

// errHeld: another process or goroutine has the lock.
var errHeld = errors.New("the lock is held")

// The pauses between two tries, which grow from the first to the last.
const (
	firstPause = time.Millisecond
	lastPause  = 50 * time.Millisecond
)

// Acquire waits until the lock at path, a file in a directory that exists, is its caller's, but not for longer than ctx
// lasts. The lock is to be released once.
func Acquire(ctx context.Context, path string) (release func(), err error) {
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		release, err := try(path)
		if !errors.Is(err, errHeld) {
			return release, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// current reports whether the file that was opened is still the one at path: who held the lock before may have taken it
// away between the opening and the locking.
func current(f *os.File, path string) bool {
	opened, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(path)
	return err == nil && os.SameFile(opened, there)
}
