package lock

import (
	"errors"
	"os"
	"syscall"
)

// What Windows says of a file that somebody has opened for himself alone, and of one that is about to be gone.
const (
	sharingViolation syscall.Errno = 32
	deletePending    syscall.Errno = 303
)

// try takes the lock of a file by opening it for itself alone. While somebody has it open, it cannot be removed.
func try(path string) (release func(), err error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, &os.PathError{Op: "lock", Path: path, Err: err}
	}
	h, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, sharingViolation) || errors.Is(err, deletePending) {
		return nil, errHeld
	}
	if err != nil {
		return nil, &os.PathError{Op: "lock", Path: path, Err: err}
	}
	return func() {
		_ = syscall.CloseHandle(h)
		_ = os.Remove(path)
	}, nil
}
