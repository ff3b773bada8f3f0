// Unix sockets: for their owner alone, and never in place of one that is in use.

package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
)

// openSocket makes a socket that only its owner can reach. One that a dead process left behind is replaced.
func openSocket(path string) (net.Listener, error) {
	if err := removeDead(path); err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{Control: ownersAlone}).Listen(context.Background(), "unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil { // where ownersAlone is of no use
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}

// removeDead removes a socket that nobody listens to. One that is in use, by whatever program and of whatever kind, is an
// error.
func removeDead(path string) error {
	found, _ := os.Lstat(path)
	if found == nil || found.Mode()&fs.ModeSocket == 0 {
		return nil // what is there instead, binding will say
	}
	conn, err := new(net.Dialer).DialContext(context.Background(), "unix", path)
	if err == nil {
		_ = conn.Close()
		return fmt.Errorf("the socket %s is in use", path)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) { // a datagram socket, say, whose program is there
		return fmt.Errorf("the socket %s is in use by another program: %w", path, err)
	}
	if now, _ := os.Lstat(path); now == nil || !os.SameFile(found, now) {
		return fmt.Errorf("the socket %s is in use", path) // since a moment ago
	}
	return os.Remove(path)
}
