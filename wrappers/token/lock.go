package token

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/internal/clock"
)

// errLocked: another process or goroutine has the lock.
var errLocked = errors.New("token: the store is locked")

// lock waits for the lock of a file, which is made if it does not exist, and returns the file. Closing it, or the end of
// the process, gives the lock back.
func lock(ctx context.Context, path string) (*os.File, error) {
	for wait := time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) {
		f, err := tryLock(path)
		switch {
		case err == nil && inPlace(f, path):
			return f, nil
		case err == nil: // it was removed before it was locked: another one is there now, or none
			_ = f.Close()
		case !errors.Is(err, errLocked):
			return nil, err
		}
		if !clock.Sleep(ctx, wait) {
			return nil, ended(ctx)
		}
	}
}

// inPlace reports whether f, which is locked, is the file at path. Windows removes no file that is open.
func inPlace(f *os.File, path string) bool {
	if runtime.GOOS == "windows" {
		return true
	}
	own, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(own, there)
}

// Acquire waits for the lease of key; see [Leaser]. Errors: those of Load, the cause of ctx, or what the file system
// says.
func (s *FileStore) Acquire(ctx context.Context, key string) (Lease, error) {
	name := s.name(key)
	path := filepath.Join(s.dir, name+".lease")
	f, err := lock(ctx, path)
	if err != nil {
		return nil, err
	}
	l := &fileLease{file: f, path: path}
	if err := l.count(s, name); err != nil {
		l.Release()
		return nil, err
	}
	return l, nil
}

// fileLease is held for as long as its file is open and in place.
type fileLease struct {
	file  *os.File
	path  string
	fence uint64
}

func (l *fileLease) Fence() uint64 { return l.fence }
func (l *fileLease) Valid() bool   { return inPlace(l.file, l.path) }
func (l *fileLease) Release()      { _ = l.file.Close() }

// count sets the fence, which goes on from the last one. The file holds it; where somebody has removed or damaged that,
// the record still tells.
func (l *fileLease) count(s *FileStore, name string) error {
	r, err := s.load(name)
	if err != nil {
		return err
	}
	b := make([]byte, 20)
	n, _ := l.file.ReadAt(b, 0)
	last, _ := strconv.ParseUint(strings.TrimSpace(string(b[:n])), 10, 64)
	l.fence = max(last, r.Fence) + 1
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err = l.file.WriteAt(strconv.AppendUint(nil, l.fence, 10), 0)
	return err
}
