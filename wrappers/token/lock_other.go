//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package token

import (
	"errors"
	"os"
)

// tryLock fails: there is no lock here that ends with its process.
func tryLock(path string) (*os.File, error) {
	return nil, &os.PathError{Op: "lock", Path: path, Err: errors.ErrUnsupported}
}
