package token

import (
	"errors"
	"os"
	"syscall"
)

// sharingViolation is what Windows says of a file that another process has opened for itself alone.
const sharingViolation syscall.Errno = 32

// tryLock takes the lock of a file by opening it for itself alone, and returns it. Closing it gives the lock back, and so
// does the end of the process.
func tryLock(path string) (*os.File, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, &os.PathError{Op: "lock", Path: path, Err: err}
	}
	h, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, sharingViolation) {
		return nil, errLocked
	}
	if err != nil {
		return nil, &os.PathError{Op: "lock", Path: path, Err: err}
	}
	return os.NewFile(uintptr(h), path), nil
}
