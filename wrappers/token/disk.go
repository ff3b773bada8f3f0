package token

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// ErrLoosePermissions is the answer when a file or directory with tokens can be read or written by others than its owner. It is not used
// and not mended: who could read it may have done so.
var ErrLoosePermissions = errors.New("token: others than the owner have access to the store; it has to be 0700, its files 0600")

// maxFile is how much of a file is read at most. A token of 64 KiB fits several times.
const maxFile = 1 << 20

// private fails if others have access. Windows has no such bits.
func private(info fs.FileInfo) error {
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return ErrLoosePermissions
	}
	return nil
}

// checkDir fails unless dir is a directory that is its owner's alone.
func checkDir(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return &fs.PathError{Op: "open", Path: dir, Err: errors.New("not a directory")}
	}
	return private(info)
}

// readFile returns what is in a file that is its owner's alone.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if err := private(info); err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = ErrBadRecord
	}
	return b, err
}

// writeFile replaces a file as a whole: a crash leaves the old one or the new one. A symbolic link stays, and what it
// points to is replaced.
func writeFile(path string, b []byte) (err error) {
	if path, err = target(path); err != nil {
		return err
	}
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".new-*") // 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(b)
	for _, step := range []func() error{f.Sync, f.Close, func() error { return os.Rename(f.Name(), path) }} {
		if err == nil {
			err = step()
		}
	}
	if err != nil {
		return err
	}
	return syncDir(dir)
}

// removeFile removes a file, or what a symbolic link points to.
func removeFile(path string) error {
	path, err := target(path)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// target follows symbolic links to a file that need not exist.
func target(path string) (string, error) {
	for range 40 {
		link, err := os.Readlink(path)
		if err != nil {
			return path, nil //nolint:nilerr // no link
		}
		if !filepath.IsAbs(link) {
			link = filepath.Join(filepath.Dir(path), link)
		}
		path = link
	}
	return "", &fs.PathError{Op: "readlink", Path: path, Err: errors.New("too many links")}
}

// syncDir makes a rename last. Windows cannot and need not.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	return d.Sync()
}

// locked runs change while no other process and no other goroutine changes the store.
func (s *FileStore) locked(ctx context.Context, change func() error) error {
	for wait := time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) {
		unlock, err := tryLock(filepath.Join(s.dir, "lock"))
		switch {
		case err == nil:
			err = change()
			unlock()
			return err
		case !errors.Is(err, errLocked):
			return err
		case !sleep(ctx, wait):
			return context.Cause(ctx)
		}
	}
}

// errLocked: another process or goroutine has the lock.
var errLocked = errors.New("token: the store is locked")
