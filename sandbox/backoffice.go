// What a provider's own back office would do to its users and clients.

package sandbox

// ChangeFinAPIPassword gives a user another password, as the provider's requestPasswordChange and executePasswordChange
// do: it unlocks the user, and ends all tokens of the user at every client.
func (s *Sandbox) ChangeFinAPIPassword(username, password string) error {
	return s.withFinAPIUser(username, func(f *finAPIFake, user *finUser) error {
		if n := len([]rune(password)); n < 6 || n > 128 {
			return invalid("password", "must have 6 to 128 characters")
		}
		user.password, user.locked, user.failures = password, false, 0
		f.tokens.dropUser(user)
		return nil
	})
}

// VerifyFinAPIUser confirms a user's e-mail address, as the provider's verifyUser does.
func (s *Sandbox) VerifyFinAPIUser(username string) error {
	return s.withFinAPIUser(username, func(_ *finAPIFake, user *finUser) error {
		user.unverified = false
		return nil
	})
}

// LockFinAPIUser locks a user, as too many wrong passwords do: all tokens of the user end.
func (s *Sandbox) LockFinAPIUser(username string) error {
	return s.withFinAPIUser(username, func(f *finAPIFake, user *finUser) error {
		user.locked = true
		f.tokens.dropUser(user)
		return nil
	})
}

func (s *Sandbox) hasFinAPIUser(username string) bool {
	return s.withFinAPIUser(username, func(*finAPIFake, *finUser) error { return nil }) == nil
}

func (s *Sandbox) withFinAPIUser(username string, change func(*finAPIFake, *finUser) error) error {
	s.swap.Lock()
	defer s.swap.Unlock()
	f := s.state.Load().finAPI
	f.mu.Lock()
	defer f.mu.Unlock()
	user := f.users[lower(username)]
	if user == nil {
		return invalid("username", "is not a user of this sandbox")
	}
	return change(f, user)
}

// ChangeFinAPIClientSecret gives a client another secret, as the provider's changeClientCredentials does: the client's
// own tokens end, those of its users stay.
func (s *Sandbox) ChangeFinAPIClientSecret(clientID, clientSecret string) error {
	s.swap.Lock()
	defer s.swap.Unlock()
	f := s.state.Load().finAPI
	f.mu.Lock()
	defer f.mu.Unlock()
	client := f.clients[clientID]
	if client == nil {
		return invalid("client_id", "is not a client of this sandbox")
	}
	if n := len([]rune(clientSecret)); n < 1 || n > 255 {
		return invalid("client_secret", "must have 1 to 255 characters")
	}
	client.secret = clientSecret
	f.tokens.dropClient(client)
	return nil
}
