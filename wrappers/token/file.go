package token

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// FileStore is a [Store] in a directory, one file a record, shared by the processes of one machine. Files belong to
// their owner alone, are replaced as a whole and are on the disk when Save returns. Records are sealed with AES-256-GCM,
// unless the store is a plain one. The names of files are keyed hashes: they tell no client, user or scope.
//
// It is a [Leaser]: of all processes one at a time works on a key. The lease is a lock of the kernel on a file, so that
// a process that is killed gives it up; one that is stopped keeps it.
//
// A file that was put back as a whole, from a backup, say, opens: nothing in it tells. A Source that runs notices that
// its generation is older than what it has in memory, and saves that.
//
// It needs a lock that ends with its process: Linux, macOS, BSD and Windows have one, elsewhere every change fails.
// Where a file system has no locks, as some network ones, do not share the directory.
type FileStore struct {
	dir    string
	sealer *sealer // nil: records are in clear text
	naming []byte  // the key of the names' hash
}

// suffix is what the names of records end in.
const suffix = ".token"

// NewFileStore opens the directory, which is made if it does not exist. A directory or a file in it that others may
// read or write is refused with [ErrLoosePermissions]. Opening waits for a process that is changing the store, no
// longer than ctx lasts, and removes what processes left behind that were killed while they wrote.
//
// A key is 32 random bytes in base64, as [NewKey] makes them or `openssl rand -base64 32`. Records are sealed with key,
// and opened with key or one of older. To change the key, add the new one to older wherever the store is used, then
// make it the key and the one before it an older one, then call [FileStore.Reseal], then leave the older one out.
func NewFileStore(ctx context.Context, dir string, key secret.String, older ...secret.String) (*FileStore, error) {
	sealer, err := newSealer(append([]secret.String{key}, older...))
	if err != nil {
		return nil, err
	}
	return openStore(ctx, dir, sealer)
}

// NewPlainFileStore is [NewFileStore] for a store that keeps tokens in clear text: for a directory that is encrypted
// already, say. It does not open a store that is sealed, nor does NewFileStore open a plain one.
func NewPlainFileStore(ctx context.Context, dir string) (*FileStore, error) {
	return openStore(ctx, dir, nil)
}

func openStore(ctx context.Context, dir string, sealer *sealer) (*FileStore, error) {
	if dir == "" {
		return nil, errors.New("token: a FileStore needs a directory")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := checkDir(dir); err != nil {
		return nil, err
	}
	s := &FileStore{dir: dir, sealer: sealer}
	if err := s.locked(ctx, s.openNaming); err != nil {
		return nil, err
	}
	return s, nil
}

// naming is the file of the key of the names' hash. It stays the same when other keys change.
const naming = "naming.key"

// openNaming reads the key of the names' hash, or makes one, and seals it with the newest key.
func (s *FileStore) openNaming() error {
	if err := sweep(s.dir); err != nil {
		return err
	}
	path := filepath.Join(s.dir, naming)
	e, key, err := s.read(path, naming)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		key = make([]byte, sha256.Size)
		_, _ = rand.Read(key) // never fails
	case err != nil:
		return err
	case s.sealer == nil || e.SealedWith == s.sealer.ids[0]:
		s.naming = key
		return nil
	}
	s.naming = key
	return s.write(path, naming, 1, key)
}

// Load returns the record of key, or the zero Record if there is none. Errors: [ErrBadRecord], [ErrNewerRecord],
// [ErrUnknownKey], [ErrLoosePermissions], or what the file system says.
func (s *FileStore) Load(_ context.Context, key string) (Record, error) {
	return s.load(s.name(key))
}

// Save replaces the record of key; see [Store]. A record that cannot be read is not replaced. Errors: those of Load,
// [ErrConflict], [ErrWornKey], the cause of ctx.
func (s *FileStore) Save(ctx context.Context, key string, old uint64, next Record) error {
	return s.locked(ctx, func() error {
		name := s.name(key)
		r, err := s.load(name)
		if err != nil {
			return err
		}
		if err := r.replaces(old, next); err != nil {
			return err
		}
		data, err := encodeRecord(next)
		if err != nil {
			return err
		}
		return s.write(s.path(name), name, next.Generation, data)
	})
}

// Delete removes the record of key; see [Store]. Of a symbolic link its target is removed. Errors: those of Save.
func (s *FileStore) Delete(ctx context.Context, key string, old uint64) error {
	return s.locked(ctx, func() error {
		name := s.name(key)
		r, err := s.load(name)
		switch {
		case err != nil:
			return err
		case r.Generation != old:
			return ErrConflict
		case old == 0:
			return nil
		}
		return removeFile(s.path(name))
	})
}

// RemoveUnreadable removes the record of key if it is one of [ErrBadRecord] or [ErrUnknownKey], and reports whether it was:
// for a program that would rather get a new token than wait for a person. A record that can be read stays, and so does one
// of a newer format. Errors: the others of Load, the cause of ctx.
func (s *FileStore) RemoveUnreadable(ctx context.Context, key string) (bool, error) {
	removed := false
	err := s.locked(ctx, func() error {
		name := s.name(key)
		_, err := s.load(name)
		if !errors.Is(err, ErrBadRecord) && !errors.Is(err, ErrUnknownKey) {
			return err
		}
		err = removeFile(s.path(name))
		removed = err == nil
		return err
	})
	return removed, err
}

// Reseal seals every record with the store's key and returns how many it has sealed. When it is done, the older keys are
// no longer needed.
func (s *FileStore) Reseal(ctx context.Context) (int, error) {
	n := 0
	err := s.locked(ctx, func() error {
		if err := sweep(s.dir); err != nil {
			return err
		}
		entries, err := os.ReadDir(s.dir)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			name, isRecord := strings.CutSuffix(entry.Name(), suffix)
			if !isRecord {
				continue
			}
			e, data, err := s.read(s.path(name), name)
			if err != nil {
				return err
			}
			if err := s.write(s.path(name), name, e.Generation, data); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}

// name returns the name of a record: a hash under a key that lies in the store, so that it cannot be guessed from
// outside whose it is.
func (s *FileStore) name(key string) string {
	h := hmac.New(sha256.New, s.naming)
	h.Write([]byte(key))
	return hex.EncodeToString(h.Sum(nil))
}

func (s *FileStore) path(name string) string { return filepath.Join(s.dir, name+suffix) }

// load returns the record of that name.
func (s *FileStore) load(name string) (Record, error) {
	e, data, err := s.read(s.path(name), name)
	if errors.Is(err, fs.ErrNotExist) {
		return Record{}, nil
	}
	if err != nil {
		return Record{}, err
	}
	return decodeRecord(e.Generation, data)
}

// read returns what is in a file, opened.
func (s *FileStore) read(path, name string) (envelope, []byte, error) {
	b, err := readFile(path)
	if err != nil {
		return envelope{}, nil, err
	}
	e, err := decodeEnvelope(b)
	if err != nil {
		return envelope{}, nil, err
	}
	if s.sealer != nil {
		data, err := s.sealer.open(name, e)
		return e, data, err
	}
	if e.SealedWith != "" {
		return envelope{}, nil, ErrUnknownKey
	}
	return e, e.Data, nil
}

// write replaces a file.
func (s *FileStore) write(path, name string, generation uint64, data []byte) error {
	e := envelope{Version: version, Generation: generation, Data: data}
	if s.sealer != nil {
		var err error
		if e, err = s.sealer.seal(name, generation, data); err != nil {
			return err
		}
	}
	b, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return writeFile(path, b)
}
