package token

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

const key = "client-77/user-alice/scope-all"

// saved returns a store with one record, its directory and the path of its file.
func saved(t *testing.T, keys ...secret.String) (s *FileStore, dir, path string) {
	t.Helper()
	dir = private0700(t)
	s = openFile(t, dir, keys...)
	require.NoError(t, s.Save(t.Context(), key, 0, full(1)))
	path = s.path(s.name(key))
	return s, dir, path
}

func edit(t *testing.T, path string, change func(e map[string]any)) {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	var e map[string]any
	require.NoError(t, json.Unmarshal(b, &e))
	change(e)
	b, err = json.Marshal(e)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, b, 0o600))
}

// Requirement H81: files are their owner's alone.
func TestFilesAreTheOwnersAlone(t *testing.T) {
	_, dir, _ := saved(t)
	n := 0
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := entry.Info()
		require.NoError(t, err)
		assert.Zero(t, info.Mode().Perm()&0o077, path)
		n++
		return nil
	}))
	assert.Equal(t, 4, n, "directory, record, key of the names, lock; no temporary file is left")
}

func TestLoosePermissionsAreRefused(t *testing.T) {
	s, dir, path := saved(t)
	require.NoError(t, os.Chmod(path, 0o640))
	_, err := s.Load(t.Context(), key)
	assert.ErrorIs(t, err, ErrLoosePermissions)
	assert.ErrorIs(t, s.Save(t.Context(), key, 1, full(2)), ErrLoosePermissions, "it is not mended in silence")
	require.NoError(t, os.Chmod(dir, 0o755))
	_, err = tryOpen(t, dir)
	assert.ErrorIs(t, err, ErrLoosePermissions)
}

func TestNewFileStoreRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(file, link))
	for name, c := range map[string]struct {
		dir  string
		keys []secret.String
		want string
	}{
		"no directory":         {"", nil, "token: a FileStore needs a directory"},
		"a file":               {file, nil, "not a directory"},
		"below a file":         {file + "/dir", nil, "not a directory"},
		"key too short":        {"x", []secret.String{NewKey(), secret.New("c2hvcnQ=")}, "token: key 2 must be 32 bytes in base64"},
		"key not base64":       {"x", []secret.String{secret.New("hunter2!")}, "token: key 1 must be 32 bytes in base64"},
		"link to no directory": {link, nil, "not a directory"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := tryOpen(t, c.dir, c.keys...)
			require.Error(t, err)
			assert.Contains(t, err.Error(), c.want)
			assert.NotContains(t, err.Error(), "hunter2")
		})
	}
}

// Requirement H81: a symbolic link stays, and its target is replaced as a whole.
func TestSymbolicLinkStays(t *testing.T) {
	for name, relative := range map[string]bool{"absolute": false, "relative": true} {
		t.Run(name, func(t *testing.T) {
			s, dir, path := saved(t)
			elsewhere := filepath.Join(filepath.Dir(dir), "elsewhere")
			require.NoError(t, os.Mkdir(elsewhere, 0o700))
			file := filepath.Join(elsewhere, "real")
			require.NoError(t, os.Rename(path, file))
			to := file
			if relative {
				to = filepath.Join("..", "elsewhere", "real")
			}
			require.NoError(t, os.Symlink(to, path))

			require.NoError(t, s.Save(t.Context(), key, 1, full(2)))
			info, err := os.Lstat(path)
			require.NoError(t, err)
			assert.NotZero(t, info.Mode()&fs.ModeSymlink)
			r, err := s.Load(t.Context(), key)
			require.NoError(t, err)
			same(t, full(2), r)

			require.NoError(t, s.Delete(t.Context(), key, 2))
			assert.NoFileExists(t, file)
			require.NoError(t, s.Save(t.Context(), key, 0, full(1)), "a link to nothing is followed, too")
			assert.FileExists(t, file)
		})
	}
	t.Run("loop", func(t *testing.T) {
		loop := filepath.Join(t.TempDir(), "loop")
		require.NoError(t, os.Symlink(loop, loop))
		assert.ErrorContains(t, writeFile(loop, nil), "too many links")
		assert.ErrorContains(t, removeFile(loop), "too many links")
	})
}

// A write that fails leaves the old record and no rest of the new one.
func TestWriteThatFails(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "record")
	require.NoError(t, os.MkdirAll(filepath.Join(path, "not empty"), 0o700)) // rename onto it fails
	assert.Error(t, writeFile(path, []byte("x")))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 1)
	assert.Error(t, writeFile(filepath.Join(dir, "missing", "record"), nil))
	assert.Error(t, removeFile(filepath.Join(dir, "missing")))
	assert.Error(t, syncDir(filepath.Join(dir, "missing")))
}

// Requirements H88 and H90: a dump of the store shows neither tokens nor whose they are.
func TestDumpShowsNothing(t *testing.T) {
	_, dir, _ := saved(t, NewKey())
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		require.NoError(t, err)
		dump := path
		if entry.Type().IsRegular() {
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			dump += string(b)
		}
		for _, text := range []string{"access-1", "refresh-1", "client-77", "alice", "scope-all", "bearer"} {
			assert.NotContains(t, strings.TrimPrefix(dump, filepath.Dir(dir)), text)
		}
		return nil
	}))
}

func TestNamesAreKeyed(t *testing.T) {
	a, _, _ := saved(t)
	b, _, _ := saved(t)
	assert.NotEqual(t, a.name(key), b.name(key))
	assert.NotEqual(t, a.name(key), a.name(key+"x"))
}

// Requirement H85: every record has a fresh nonce of 96 bits.
func TestNoncesAreFresh(t *testing.T) {
	s, _, path := saved(t, NewKey())
	seen := map[string]bool{}
	for n := uint64(2); n < 50; n++ {
		require.NoError(t, s.Save(t.Context(), key, n-1, full(n)))
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		e, err := decodeEnvelope(b)
		require.NoError(t, err)
		assert.Len(t, e.Nonce, 12)
		assert.False(t, seen[string(e.Nonce)])
		seen[string(e.Nonce)] = true
	}
}

// Requirement H86: a record that was altered, moved to another name, or given another generation does not open.
func TestSealedRecordsAreBound(t *testing.T) {
	other := "client-77/user-bob/scope-all"
	for name, change := range map[string]func(t *testing.T, s *FileStore, path string){
		"generation": func(t *testing.T, _ *FileStore, path string) {
			t.Helper()
			edit(t, path, func(e map[string]any) { e["generation"] = 2 })
		},
		"moved": func(t *testing.T, s *FileStore, path string) {
			t.Helper()
			require.NoError(t, s.Save(t.Context(), other, 0, full(1)))
			require.NoError(t, os.Rename(s.path(s.name(other)), path))
		},
		"data": func(t *testing.T, _ *FileStore, path string) {
			t.Helper()
			edit(t, path, func(e map[string]any) { e["data"] = "AAAA" })
		},
		"nonce": func(t *testing.T, _ *FileStore, path string) {
			t.Helper()
			edit(t, path, func(e map[string]any) { e["nonce"] = "AAAA" })
		},
		"clear text": func(t *testing.T, _ *FileStore, path string) {
			t.Helper()
			edit(t, path, func(e map[string]any) { delete(e, "sealed_with") })
		},
		"an older version": func(t *testing.T, _ *FileStore, path string) {
			t.Helper()
			edit(t, path, func(e map[string]any) { e["version"] = 1 })
		},
		"unknown member": func(t *testing.T, _ *FileStore, path string) {
			t.Helper()
			edit(t, path, func(e map[string]any) { e["intent"] = 1 })
		},
		"cut off": func(t *testing.T, _ *FileStore, path string) {
			t.Helper()
			require.NoError(t, os.Truncate(path, 20))
		},
		"too big": func(t *testing.T, _ *FileStore, path string) {
			t.Helper()
			require.NoError(t, os.Truncate(path, maxFile+1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, _, path := saved(t, NewKey())
			change(t, s, path)
			_, err := s.Load(t.Context(), key)
			assert.ErrorIs(t, err, ErrBadRecord)
			before, _ := os.ReadFile(path)
			assert.ErrorIs(t, s.Save(t.Context(), key, 1, full(2)), ErrBadRecord)
			assert.ErrorIs(t, s.Delete(t.Context(), key, 1), ErrBadRecord)
			after, _ := os.ReadFile(path)
			assert.Equal(t, before, after, "it is left as it is")
			removed, err := s.RemoveUnreadable(t.Context(), key)
			assert.NoError(t, err)
			assert.True(t, removed)
			require.NoError(t, s.Save(t.Context(), key, 0, full(1)), "there is none any more")
		})
	}
}

// What can be read is never removed as unreadable, nor what a newer version of the package can read, nor what others have
// access to.
func TestRemoveUnreadableKeepsTheRest(t *testing.T) {
	s, _, path := saved(t, NewKey())
	keeps := func(want error) {
		t.Helper()
		before, _ := os.ReadFile(path)
		removed, err := s.RemoveUnreadable(t.Context(), key)
		assert.ErrorIs(t, err, want)
		assert.False(t, removed)
		after, _ := os.ReadFile(path)
		assert.Equal(t, before, after)
	}
	keeps(nil)
	removed, err := s.RemoveUnreadable(t.Context(), "another")
	assert.NoError(t, err, "none")
	assert.False(t, removed)

	edit(t, path, func(e map[string]any) { e["version"], e["sealed"] = 3, true })
	_, err = s.Load(t.Context(), key)
	assert.ErrorIs(t, err, ErrNewerRecord)
	assert.ErrorIs(t, s.Save(t.Context(), key, 1, full(2)), ErrNewerRecord)
	assert.ErrorIs(t, s.Delete(t.Context(), key, 1), ErrNewerRecord)
	keeps(ErrNewerRecord)

	require.NoError(t, os.WriteFile(path, []byte("{}"), 0o600))
	if runtime.GOOS != "windows" {
		require.NoError(t, os.Chmod(path, 0o644))
		keeps(ErrLoosePermissions)
		require.NoError(t, os.Chmod(path, 0o600))
	}
	held, err := tryLock(filepath.Join(filepath.Dir(path), "lock"))
	require.NoError(t, err)
	ctx, cancel := context.WithCancelCause(t.Context())
	gone := errors.New("gone")
	cancel(gone)
	_, err = s.RemoveUnreadable(ctx, key)
	assert.ErrorIs(t, err, gone, "another process is changing the store")
	require.NoError(t, held.Close())
}

// Requirement H87: two keys during rotation, and a typed error for a key that is not there.
func TestRotationOfKeys(t *testing.T) {
	ctx := t.Context()
	old, fresh := NewKey(), NewKey()
	_, dir, path := saved(t, old)
	both := openFile(t, dir, old, fresh) // first everywhere
	swapped := openFile(t, dir, fresh, old)
	for _, s := range []*FileStore{both, swapped} {
		r, err := s.Load(ctx, key)
		require.NoError(t, err)
		same(t, full(1), r)
	}
	require.NoError(t, swapped.Save(ctx, key, 1, full(2)))
	r, err := both.Load(ctx, key)
	require.NoError(t, err, "who still seals with the old key reads the new one")
	same(t, full(2), r)
	require.NoError(t, both.Save(ctx, key, 2, full(3)))

	_, err = tryOpen(t, dir, old)
	assert.ErrorIs(t, err, ErrUnknownKey, "the key of the names is sealed with the new key")
	n, err := swapped.Reseal(ctx)
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	r, err = openFile(t, dir, fresh).Load(ctx, key)
	require.NoError(t, err)
	same(t, full(3), r)

	_, err = tryOpen(t, dir)
	assert.ErrorIs(t, err, ErrUnknownKey)
	_, err = tryOpen(t, dir, NewKey())
	assert.ErrorIs(t, err, ErrUnknownKey)
	_, err = both.Load(ctx, key)
	require.NoError(t, err)

	// One that was opened long ago and knows the old key alone.
	late := &FileStore{dir: dir, naming: both.naming}
	late.sealer, err = newSealer([]secret.String{old})
	require.NoError(t, err)
	before, _ := os.ReadFile(path)
	_, err = late.Load(ctx, key)
	assert.ErrorIs(t, err, ErrUnknownKey)
	assert.ErrorIs(t, late.Save(ctx, key, 3, full(4)), ErrUnknownKey)
	_, err = late.Reseal(ctx)
	assert.ErrorIs(t, err, ErrUnknownKey)
	after, _ := os.ReadFile(path)
	assert.Equal(t, before, after)
	removed, err := late.RemoveUnreadable(ctx, key)
	require.NoError(t, err)
	assert.True(t, removed)
	assert.NoFileExists(t, path)
}

// Requirement H89: a key does not seal more than 2³² times.
func TestWornKey(t *testing.T) {
	s, err := newSealer([]secret.String{NewKey()})
	require.NoError(t, err)
	_, err = s.seal("name", maxSeals-1, nil)
	assert.NoError(t, err)
	_, err = s.seal("name", maxSeals, nil)
	assert.ErrorIs(t, err, ErrWornKey)
}

func TestClearTextIsNotTakenForSealed(t *testing.T) {
	_, dir, _ := saved(t)
	_, err := tryOpen(t, dir, NewKey())
	assert.ErrorIs(t, err, ErrBadRecord)
}

func TestLockIsWaitedForAndLeft(t *testing.T) {
	s, dir, _ := saved(t)
	held, err := tryLock(filepath.Join(dir, "lock"))
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	assert.ErrorIs(t, s.Save(ctx, key, 1, full(2)), context.DeadlineExceeded)
	time.AfterFunc(10*time.Millisecond, func() { _ = held.Close() })
	assert.NoError(t, s.Save(t.Context(), key, 1, full(2)))
	require.NoError(t, os.RemoveAll(dir))
	assert.ErrorIs(t, s.Save(t.Context(), key, 2, full(3)), fs.ErrNotExist)
	_, err = s.Reseal(t.Context())
	assert.ErrorIs(t, err, fs.ErrNotExist)
}

func TestExpiryThatCannotBeWritten(t *testing.T) {
	s, _, _ := saved(t)
	err := s.Save(t.Context(), key, 1, Record{Generation: 2, Token: &Token{Access: access(1), Expiry: time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC)}})
	assert.EqualError(t, err, "token: the expiry cannot be written")
}

func FuzzDecodeEnvelope(f *testing.F) {
	f.Add([]byte(`{"version":2,"generation":1,"data":"bnVsbA=="}`))
	f.Add([]byte(`{"version":2,"generation":18446744073709551615,"sealed_with":"00","nonce":"AA==","data":""}`))
	f.Add([]byte(`{"version":1}`))
	f.Add([]byte(`null`))
	sealer, err := newSealer([]secret.String{NewKey()})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := decodeEnvelope(b)
		if err != nil {
			if !errors.Is(err, ErrBadRecord) {
				t.Fatalf("another error: %v", err)
			}
			return
		}
		if e.Version != version || e.Generation == 0 {
			t.Fatal("accepted")
		}
		if _, err := sealer.open("name", e); err == nil {
			t.Fatal("opened what nobody sealed")
		}
	})
}

func FuzzDecodeRecord(f *testing.F) {
	f.Add([]byte(`null`))
	f.Add([]byte(`{"token":null}`))
	f.Add([]byte(`{"token":{"access":"a","refresh":"r","type":"bearer","scope":"all","expires_in":3600000000000,"expiry":"2027-01-15T08:00:00.000000123Z"},"in_doubt":true,"fence":7}`))
	f.Add([]byte(`{"token":{"access":"a"}} trailing`))
	f.Add([]byte(`{"token":{"expires_in":-1}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeRecord(3, b)
		if err != nil {
			if !errors.Is(err, ErrBadRecord) {
				t.Fatalf("another error: %v", err)
			}
			return
		}
		again, err := encodeRecord(r)
		if err != nil {
			return // a year that JSON cannot write
		}
		back, err := decodeRecord(3, again)
		if err != nil {
			t.Fatalf("%s: %v", again, err)
		}
		same(t, r, back)
	})
}

// Whatever is sealed opens to the same, and only under its name and generation.
func FuzzSeal(f *testing.F) {
	f.Add("name", uint64(1), []byte("data"))
	sealer, err := newSealer([]secret.String{NewKey()})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, name string, generation uint64, data []byte) {
		generation %= maxSeals
		e, err := sealer.seal(name, generation, data)
		require.NoError(t, err)
		got, err := sealer.open(name, e)
		require.NoError(t, err)
		if !bytes.Equal(got, data) {
			t.Fatal("changed")
		}
		if _, err := sealer.open(name+"x", e); !errors.Is(err, ErrBadRecord) {
			t.Fatal("opened under another name")
		}
		e.Generation++
		if _, err := sealer.open(name, e); !errors.Is(err, ErrBadRecord) {
			t.Fatal("opened under another generation")
		}
	})
}

// A process that is killed while it writes leaves what it wrote: the next write of the record, or the next one that
// opens the store or seals it anew, removes it.
func TestWhatAKilledWriterLeaves(t *testing.T) {
	for name, next := range map[string]func(t *testing.T, s *FileStore, dir string){
		"save": func(t *testing.T, s *FileStore, _ string) {
			t.Helper()
			require.NoError(t, s.Save(t.Context(), key, 1, full(2)))
		},
		"delete": func(t *testing.T, s *FileStore, _ string) {
			t.Helper()
			require.NoError(t, s.Delete(t.Context(), key, 1))
		},
		"open": func(t *testing.T, _ *FileStore, dir string) {
			t.Helper()
			openFile(t, dir)
		},
		"reseal": func(t *testing.T, s *FileStore, _ string) {
			t.Helper()
			_, err := s.Reseal(t.Context())
			require.NoError(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, dir, path := saved(t)
			left := []string{path + unfinished}
			if name == "open" || name == "reseal" {
				left = append(left, filepath.Join(dir, "of-a-record-that-is-gone"+suffix+unfinished))
			}
			for _, file := range left {
				require.NoError(t, os.WriteFile(file, []byte(access(1).Reveal()), 0o400))
			}
			next(t, s, dir)
			for _, file := range left {
				assert.NoFileExists(t, file)
			}
			files, err := os.ReadDir(dir)
			require.NoError(t, err)
			assert.LessOrEqual(t, len(files), 3, "the lock, the key of the names and the record")
		})
	}
}

// A record that is no file is damaged: opening a pipe would wait for a writer for ever.
func TestRecordThatIsNoFile(t *testing.T) {
	s, _, path := saved(t)
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.Mkdir(path, 0o700))
	_, err := s.Load(t.Context(), key)
	assert.ErrorIs(t, err, ErrBadRecord)
}

// Opening waits for a process that is changing the store, no longer than the context lasts.
func TestOpeningEnds(t *testing.T) {
	_, dir, _ := saved(t)
	held, err := tryLock(filepath.Join(dir, "lock"))
	require.NoError(t, err)
	ctx, cancel := context.WithCancelCause(t.Context())
	gone := errors.New("gone")
	time.AfterFunc(time.Millisecond, func() { cancel(gone) })
	_, err = NewPlainFileStore(ctx, dir)
	assert.ErrorIs(t, err, gone)
	require.NoError(t, held.Close())
	_, err = NewPlainFileStore(t.Context(), dir)
	assert.NoError(t, err)
}

// A file is not read beyond a bound, even if all that is there would be a record.
func TestHugeFile(t *testing.T) {
	dir := private0700(t)
	s, err := NewPlainFileStore(t.Context(), dir)
	require.NoError(t, err)
	require.NoError(t, s.Save(t.Context(), "k", 0, Record{Generation: 1, Token: &Token{Access: access(1)}}))
	path := s.path(s.name("k"))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for size, want := range map[int]error{maxFile: nil, maxFile + 1: ErrBadRecord} {
		require.NoError(t, os.WriteFile(path, append(slices.Clip(text), bytes.Repeat([]byte(" "), size-len(text))...), 0o600))
		_, err = s.Load(t.Context(), "k")
		require.ErrorIs(t, err, want)
	}
}

// A store says whether it seals: there is no sealed one without a key, and neither kind opens the other.
func TestPlainAndSealed(t *testing.T) {
	dir := private0700(t)
	_, err := NewFileStore(t.Context(), dir, secret.String{})
	assert.EqualError(t, err, "token: key 1 must be 32 bytes in base64")
	assert.NoDirExists(t, dir)
	openFile(t, dir, NewKey())
	_, err = NewPlainFileStore(t.Context(), dir)
	assert.ErrorIs(t, err, ErrUnknownKey)
}
