//go:build unix

package sandbox

import "syscall"

// ownersAlone gives a socket its mode before it has a name, so that there is no moment in which others reach it. Linux
// takes the mode over to the file; systems that do not get it afterwards.
func ownersAlone(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) { _ = syscall.Fchmod(int(fd), 0o600) })
}
