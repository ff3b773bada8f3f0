// Magic values: ids that always have one outcome.

package engine

import (
	"strconv"
	"strings"
)

// magicPrefix begins every magic id; the status follows.
const magicPrefix = "00000000-0000-4000-8000-000000000"

// MagicID returns the id with which every call gets the status. It returns "" for a status that has none; those that have are 400, 401, 403, 404, 409,
// 422, 423, 429, 500, 502, 503 and 504.
func MagicID(status int) string {
	id := magicPrefix + strconv.Itoa(status)
	if MagicStatus(id) != status {
		return ""
	}
	return id
}

// MagicStatus returns the status that an id stands for, and 0 for a common id.
func MagicStatus(id string) int {
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
