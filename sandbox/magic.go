// Magic values: ids that always have one outcome. The table is in the comment of the package.

package sandbox

import (
	"net/http"
	"strconv"
	"strings"
)

// Users of finAPI with one outcome each.
const (
	// UnverifiedUsername is a user whose e-mail address nobody has confirmed: with the right password, which is the one
	// of the demo user, the answer is 403.
	UnverifiedUsername = "sandbox-unverified"
	// LockedUsername is a user who is locked whatever the password is: the answer is 423.
	LockedUsername = "sandbox-locked"
	// WrongPasswordUsername is a user whose password is always wrong: the answer is 400, and the user is never locked.
	WrongPasswordUsername = "sandbox-wrong-password"
)

// magicPrefix begins every magic id; the status follows.
const magicPrefix = "00000000-0000-4000-8000-000000000"

// MagicID returns the id with which every call gets the status: as the client_id of finAPI, the user_id of Finogates or
// the customer_id of Straddle. It returns "" for a status that has none; those that have are 400, 401, 403, 404, 409,
// 422, 423, 429, 500, 502, 503 and 504.
func MagicID(status int) string {
	id := magicPrefix + strconv.Itoa(status)
	if magicStatus(id) != status {
		return ""
	}
	return id
}

// magicStatus returns the status that an id stands for, and 0 for a common id.
func magicStatus(id string) int {
	text, ok := strings.CutPrefix(id, magicPrefix)
	if !ok {
		return 0
	}
	switch status, _ := strconv.Atoi(text); status {
	case 400, 401, 403, 404, 409, 422, 423, 429, 500, 502, 503, 504:
		return status
	default:
		return 0
	}
}

// magic is the answer to a call with a magic id.
func magic(c *call, f fake, status int) answer {
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		c.header.Set("Retry-After", "1")
	}
	return f.fail(c, status, "", "the magic id asked for it: "+http.StatusText(status))
}
