// What the provider's own back office would do to users and clients.

package finapi

import "github.com/fintoken/fintoken-go/sandbox/internal/engine"

// user returns a user by name. This and what follows is called under the lock.
func (f *Fake) user(username string) (*finUser, error) {
	user := f.users[engine.Lower(username)]
	if user == nil {
		return nil, engine.Invalid("username", "is not a user of this sandbox")
	}
	return user, nil
}

// HasUser reports whether there is a user.
func (f *Fake) HasUser(username string) bool { return f.users[engine.Lower(username)] != nil }

// ChangePassword gives a user another password, and ends all tokens of the user.
func (f *Fake) ChangePassword(username, password string) error {
	user, err := f.user(username)
	if err != nil {
		return err
	}
	if n := len([]rune(password)); n < 6 || n > 128 {
		return engine.Invalid("password", "must have 6 to 128 characters")
	}
	user.password, user.locked, user.failures = password, false, 0
	f.tokens.dropUser(user)
	return nil
}

// VerifyUser confirms a user's e-mail address.
func (f *Fake) VerifyUser(username string) error {
	user, err := f.user(username)
	if err == nil {
		user.unverified = false
	}
	return err
}

// LockUser locks a user, as too many wrong passwords do: all tokens of the user end.
func (f *Fake) LockUser(username string) error {
	user, err := f.user(username)
	if err == nil {
		user.locked = true
		f.tokens.dropUser(user)
	}
	return err
}

// ChangeSecret gives a client another secret: the client's own tokens end, those of its users stay.
func (f *Fake) ChangeSecret(clientID, clientSecret string) error {
	client := f.clients[clientID]
	if client == nil {
		return engine.Invalid("client_id", "is not a client of this sandbox")
	}
	if n := len([]rune(clientSecret)); n < 1 || n > 255 {
		return engine.Invalid("client_secret", "must have 1 to 255 characters")
	}
	client.secret = clientSecret
	f.tokens.dropClient(client)
	return nil
}
