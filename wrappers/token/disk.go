package token

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// ErrLoosePermissions is the answer when others than its owner can read or write a file or directory with tokens. It is
// not used, and not mended: they may have read it already.
var ErrLoosePermissions = errors.New("token: others than the owner have access to the store; it must be 0700, its files 0600")

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
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // opening a pipe would wait for a writer
		return nil, ErrBadRecord
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	if info, err = f.Stat(); err != nil {
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

// unfinished is what the name of a file ends in that is being written. It is the same each time, so that what a process
// leaves behind that is killed is overwritten by the next one; see also sweep.
const unfinished = ".new"

// writeFile replaces a file as a whole: a crash leaves the old one or the new one. A symbolic link stays, and what it
// points to is replaced. The caller holds the lock of the store.
func writeFile(path string, b []byte) (err error) {
	if path, err = target(path); err != nil {
		return err
	}
	name := path + unfinished
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(name)
		}
	}()
	_, err = f.Write(b)
	for _, step := range []func() error{f.Sync, f.Close, func() error { return os.Rename(name, path) }} {
		if err == nil {
			err = step()
		}
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// sweep removes what was being written when a process was killed. The caller holds the lock of the store.
func sweep(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), unfinished) {
			err = errors.Join(err, os.Remove(filepath.Join(dir, e.Name())))
		}
	}
	return err
}

// removeFile removes a file, or what a symbolic link points to, and what is left of one that was being written.
func removeFile(path string) error {
	path, err := target(path)
	if err != nil {
		return err
	}
	if err := os.Remove(path + unfinished); err != nil && !errors.Is(err, fs.ErrNotExist) {
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
	f, err := lock(ctx, filepath.Join(s.dir, "lock"))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return change()
}
