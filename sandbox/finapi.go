// What is finAPI's alone.

package sandbox

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
	"github.com/fintoken/fintoken-go/sandbox/internal/finapi"
)

// What finAPI's part of [Credentials], [Fixtures] and [State] is made of.
type (
	// FinAPICredentials are two clients, one bound to each version of the API, and a user whom both know.
	FinAPICredentials = finapi.Credentials
	// FinAPIFixtures are clients and users of finAPI. Every client knows every user.
	FinAPIFixtures = finapi.Fixtures
	// FinAPIClient is a client of finAPI.
	FinAPIClient = finapi.Client
	// FinAPIUser is a user of finAPI.
	FinAPIUser = finapi.User
	// FinAPIState is the state of finAPI.
	FinAPIState = finapi.State
	// FinAPIClientState is a client.
	FinAPIClientState = finapi.ClientState
	// FinAPIUserState is a user.
	FinAPIUserState = finapi.UserState
	// FinAPIGrantState is what a client holds for itself or for a user.
	FinAPIGrantState = finapi.GrantState
	// RefreshRotation is what finAPI's refresh grant does with the refresh token that was used. The provider does not say
	// which of them it does, so a client must get along with all.
	RefreshRotation = finapi.RefreshRotation
)

// The kinds of rotation.
const (
	// RotationOff leaves the refresh token as it is; the answer carries none. The default.
	RotationOff = finapi.RotationOff
	// RotationOn hands out a new refresh token each time and voids the one that was used.
	RotationOn = finapi.RotationOn
	// RotationDetectsReuse does so too, and when a voided one comes again it takes the whole grant back, with every
	// token in it: somebody else has it (RFC 9700, section 4.14.2).
	RotationDetectsReuse = finapi.RotationDetectsReuse
)

// Users of finAPI with one outcome each.
const (
	// UnverifiedUsername is a user whose e-mail address nobody has confirmed: with the right password, which is the one
	// of the demo user, the answer is 403.
	UnverifiedUsername = finapi.UnverifiedUsername
	// LockedUsername is a user who is locked whatever the password is: the answer is 423.
	LockedUsername = finapi.LockedUsername
	// WrongPasswordUsername is a user whose password is always wrong: the answer is 400, and the user is never locked.
	WrongPasswordUsername = finapi.WrongPasswordUsername
)

// FinAPI returns the base URL of the fake finAPI.
func (s *Server) FinAPI() string { return s.url + "/" + finapi.Name }

func (s *Sandbox) finAPI(change func(f *finapi.Fake) error) error {
	return s.engine.Change(finapi.Name, func(f engine.Fake) error { return change(f.(*finapi.Fake)) })
}

// ChangeFinAPIPassword gives a user another password, as the provider's requestPasswordChange and executePasswordChange
// do: it unlocks the user, and ends all tokens of the user at every client.
func (s *Sandbox) ChangeFinAPIPassword(username, password string) error {
	return s.finAPI(func(f *finapi.Fake) error { return f.ChangePassword(username, password) })
}

// VerifyFinAPIUser confirms a user's e-mail address, as the provider's verifyUser does.
func (s *Sandbox) VerifyFinAPIUser(username string) error {
	return s.finAPI(func(f *finapi.Fake) error { return f.VerifyUser(username) })
}

// LockFinAPIUser locks a user, as too many wrong passwords do: all tokens of the user end.
func (s *Sandbox) LockFinAPIUser(username string) error {
	return s.finAPI(func(f *finapi.Fake) error { return f.LockUser(username) })
}

// ChangeFinAPIClientSecret gives a client another secret, as the provider's changeClientCredentials does: the client's
// own tokens end, those of its users stay.
func (s *Sandbox) ChangeFinAPIClientSecret(clientID, clientSecret string) error {
	return s.finAPI(func(f *finapi.Fake) error { return f.ChangeSecret(clientID, clientSecret) })
}

func (s *Sandbox) hasFinAPIUser(username string) (there bool) {
	_ = s.finAPI(func(f *finapi.Fake) error {
		there = f.HasUser(username)
		return nil
	})
	return there
}

var finAPIRoutes = adminRoutes{"changeFinAPIUser": (*adminCall).changeFinAPIUser, "changeFinAPIClient": (*adminCall).changeFinAPIClient}

// changeFinAPIUser checks all of a change before it makes the first part of it.
func (c *adminCall) changeFinAPIUser() (int, any, error) {
	var request struct {
		Password *string `json:"password"`
		Verified *bool   `json:"verified"`
		Locked   *bool   `json:"locked"`
	}
	if err := c.read(&request); err != nil {
		return 0, nil, err
	}
	name := c.segment()
	switch {
	case !c.sandbox.hasFinAPIUser(name):
		return 0, nil, fmt.Errorf("the user %w", errNotThere)
	case request.Verified != nil && !*request.Verified:
		return 0, nil, engine.Invalid("verified", "can only become true")
	case request.Locked != nil && !*request.Locked:
		return 0, nil, engine.Invalid("locked", "can only become true; a new password unlocks")
	}
	var errs []error
	if request.Password != nil {
		errs = append(errs, c.sandbox.ChangeFinAPIPassword(name, *request.Password))
	}
	if request.Verified != nil {
		errs = append(errs, c.sandbox.VerifyFinAPIUser(name))
	}
	if request.Locked != nil {
		errs = append(errs, c.sandbox.LockFinAPIUser(name))
	}
	return http.StatusNoContent, nil, errors.Join(errs...)
}

func (c *adminCall) changeFinAPIClient() (int, any, error) {
	var request struct {
		ClientSecret string `json:"client_secret"`
	}
	if err := c.read(&request); err != nil {
		return 0, nil, err
	}
	if err := c.sandbox.ChangeFinAPIClientSecret(c.segment(), request.ClientSecret); err != nil {
		return 0, nil, fmt.Errorf("the client %w", errNotThere) // the document has seen the secret
	}
	return http.StatusNoContent, nil, nil
}
