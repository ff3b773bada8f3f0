package probes

import (
	"errors"
	"net/http"
	"strings"
	"time"
)

const wrong = "wrong-but-long-enough"

func (t *Target) token(fields ...string) call {
	c := t.Credentials.FinAPI
	return form(t.FinAPI+"/oauth/token", append([]string{"client_id", c.ClientID, "client_secret", c.ClientSecret}, fields...)...)
}

func (t *Target) tokenV2(fields ...string) call {
	c := t.Credentials.FinAPI
	return form(t.FinAPI+"/api/v2/oauth/token", append([]string{"client_id", c.V2ClientID, "client_secret", c.V2ClientSecret}, fields...)...)
}

func (t *Target) clientToken() call { return t.token("grant_type", "client_credentials") }

func (t *Target) login(username, password string) call {
	return t.token("grant_type", "password", "username", username, "password", password)
}

func (t *Target) user() call {
	return t.login(t.Credentials.FinAPI.Username, t.Credentials.FinAPI.Password)
}

func (t *Target) refresh(token string) call {
	return t.token("grant_type", "refresh_token", "refresh_token", token)
}

func (t *Target) revoke(bearer string, fields ...string) call {
	return form(t.FinAPI+"/oauth/revoke", fields...).bearer(bearer)
}

// tokens gets a token of the client and of the user.
func (t *Target) tokens() (client, access, refresh string, err error) {
	c, err := t.must(t.clientToken(), status(200), has("access_token"))
	if err != nil {
		return "", "", "", err
	}
	u, err := t.must(t.user(), status(200), has("access_token", "refresh_token"))
	if err != nil {
		return "", "", "", err
	}
	return c.string("access_token"), u.string("access_token"), u.string("refresh_token"), nil
}

// dead asks whether an access token has ended: as a bearer it gets a 401, and while it is alive a 200 or, for a user, a 403.
func (t *Target) dead(token string) error {
	_, err := t.must(t.revoke(token, "token", "any"), status(401), is("error", "invalid_token"))
	return err
}

func (t *Target) alive(token string) error {
	_, err := t.must(t.revoke(token, "token", "any"), status(200, 403))
	return err
}

// steps runs one after the other, up to the first that fails.
func steps(all ...func() error) error {
	for _, step := range all {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// gets makes a step of a call.
func (t *Target) gets(c call, checks ...check) func() error {
	return func() error {
		_, err := t.must(c, checks...)
		return err
	}
}

func finapi() []Probe {
	p := func(kind Kind, name string, build func(t *Target) call, checks ...check) Probe {
		return one("finapi", kind, name, build, checks...)
	}
	return append([]Probe{
		p(Shape, "token has its members", (*Target).clientToken, status(200), has("access_token", "expires_in"), is("token_type", "bearer"), is("scope", "all")),
		p(Shape, "no grant_type", func(t *Target) call { return t.token() }, malformed),
		p(Shape, "no client_id", func(t *Target) call {
			return form(t.FinAPI+"/oauth/token", "grant_type", "client_credentials", "client_secret", "x")
		}, malformed),
		p(Shape, "no client_secret", func(t *Target) call {
			return form(t.FinAPI+"/oauth/token", "grant_type", "client_credentials", "client_id", "x")
		}, malformed),
		p(Shape, "unknown grant", func(t *Target) call { return t.token("grant_type", "authorization_code") }, malformed),
		p(Shape, "scope, as OAuth clients send it", func(t *Target) call { return t.token("grant_type", "client_credentials", "scope", "all") },
			status(200), has("access_token")),
		p(Shape, "empty field", func(t *Target) call {
			return form(t.FinAPI+"/oauth/token", "grant_type", "client_credentials", "client_id", "", "client_secret", "x")
		}, malformed),
		p(Shape, "no body", func(t *Target) call { return form(t.FinAPI + "/oauth/token") }, malformed),
		p(Shape, "JSON in place of a form", func(t *Target) call {
			return post(t.FinAPI+"/oauth/token", object{"grant_type": "client_credentials"})
		}, status(415)),
		p(Shape, "GET", func(t *Target) call { return call{method: http.MethodGet, url: t.FinAPI + "/oauth/token"} }, status(405)),
		p(Shape, "unknown path", func(t *Target) call { return form(t.FinAPI+"/oauth/introspect", "token", "x") }, status(404)),
		p(Shape, "request id of 256 characters", func(t *Target) call { return t.clientToken().with("X-Request-Id", strings.Repeat("x", 256)) }, malformed),
		p(Shape, "revoke without a bearer", func(t *Target) call { return form(t.FinAPI+"/oauth/revoke", "token", "x") }, status(401)),
		p(Meaning, "wrong client secret", func(t *Target) call {
			return form(t.FinAPI+"/oauth/token", "grant_type", "client_credentials", "client_id", t.Credentials.FinAPI.ClientID, "client_secret", wrong)
		}, status(401), is("error", "invalid_client"), has("error_description")),
		p(Meaning, "unknown client", func(t *Target) call {
			return form(t.FinAPI+"/oauth/token", "grant_type", "client_credentials", "client_id", nobody, "client_secret", wrong)
		}, status(401), is("error", "invalid_client")),
		p(Meaning, "wrong password is a 400", func(t *Target) call { return t.login(t.Credentials.FinAPI.Username, wrong) },
			status(400), has("errors.0.code", "errors.0.type", "requestId", "endpoint", "authContext")),
		p(Meaning, "unknown user looks the same", func(t *Target) call { return t.login("nobody", wrong) }, status(400), has("errors.0.code")),
		p(Meaning, "unverified user", func(t *Target) call { return t.login("sandbox-unverified", t.Credentials.FinAPI.Password) },
			status(403), is("errors.0.code", "USER_NOT_VERIFIED")),
		p(Meaning, "names of users know no capitals", func(t *Target) call {
			return t.login(strings.ToUpper(t.Credentials.FinAPI.Username), t.Credentials.FinAPI.Password)
		}, status(200), has("refresh_token")),
		p(Meaning, "password grant without a user", func(t *Target) call { return t.token("grant_type", "password", "password", wrong) }, status(400)),
		p(Meaning, "password grant without a password", func(t *Target) call { return t.token("grant_type", "password", "username", "x") }, status(400)),
		p(Meaning, "refresh grant without a token", func(t *Target) call { return t.token("grant_type", "refresh_token") }, status(400)),
		p(Meaning, "refresh token that was never issued", func(t *Target) call { return t.refresh("never-issued") }, status(400), has("errors.0.code")),
		p(Meaning, "field that comes twice", func(t *Target) call {
			return t.token("grant_type", "client_credentials", "grant_type", "client_credentials")
		}, malformed),
		p(Meaning, "V1 client at V2", func(t *Target) call {
			return t.clientToken().to(t.FinAPI + "/api/v2/oauth/token")
		}, status(403), says("API Version mismatch"), says("/api/v1")),
		p(Meaning, "V2 client at V1", func(t *Target) call {
			return t.tokenV2("grant_type", "client_credentials").to(t.FinAPI + "/oauth/token")
		}, status(403), says("API Version mismatch"), says("/api/v2")),
		p(Meaning, "V2 client at V2", func(t *Target) call { return t.tokenV2("grant_type", "client_credentials") }, status(200), has("access_token")),
		p(Meaning, "client token comes without a refresh token", (*Target).clientToken, status(200), lacks("refresh_token")),
		p(Meaning, "user token comes with a refresh token", (*Target).user, status(200), has("refresh_token")),
		p(Meaning, "request id comes back", func(t *Target) call { return t.clientToken().with("X-Request-Id", "mine") }, status(200), headed("X-Request-Id", "mine")),
		p(Meaning, "request id comes back on an error", func(t *Target) call { return t.refresh("never").with("X-Request-Id", "mine") },
			status(400), headed("X-Request-Id", "mine"), is("requestId", "mine")),
		p(Meaning, "request id is made", (*Target).clientToken, status(200), func(a *answer) error {
			if !strings.HasPrefix(a.header.Get("X-Request-Id"), "selfgen-") {
				return errors.New("there is no X-Request-Id of the provider's own")
			}
			return nil
		}),
		p(Meaning, "tokens are not to be stored", (*Target).clientToken, headed("Cache-Control", "no-store"), headed("Pragma", "no-cache")),
		p(Meaning, "V1 error has a bank and a date without a zone", func(t *Target) call { return t.refresh("never") }, status(400), says(`"bank":null`), func(a *answer) error {
			_, err := time.Parse("2006-01-02 15:04:05.000", a.string("date"))
			return err
		}),
		p(Meaning, "V2 error has no bank and a date of RFC 3339", func(t *Target) call { return t.tokenV2("grant_type", "refresh_token", "refresh_token", "never") },
			status(400), lacks("bank"), func(a *answer) error {
				_, err := time.Parse(time.RFC3339, a.string("date"))
				return err
			}),
		p(Meaning, "bearer that was never issued", func(t *Target) call { return t.revoke("never-issued", "token", "x") },
			status(401), is("error", "invalid_token")),
		p(Meaning, "bearer where none is needed", func(t *Target) call { return t.clientToken().bearer("any") }, status(200), has("access_token")),
		p(Meaning, "field in query and form", func(t *Target) call {
			return t.clientToken().to(t.FinAPI + "/oauth/token?grant_type=password")
		}, malformed),
	}, finapiTalks()...)
}

func finapiTalks() []Probe {
	p := func(name string, ask func(t *Target, client, access, refresh string) error) Probe {
		return many("finapi", name, func(t *Target) error {
			client, access, refresh, err := t.tokens()
			if err != nil {
				return err
			}
			return ask(t, client, access, refresh)
		})
	}
	return []Probe{
		p("same token while it is alive", func(t *Target, client, _, _ string) error {
			again, err := t.must(t.clientToken(), status(200))
			return errors.Join(err, equal(client, again.string("access_token")))
		}),
		p("user and client have tokens of their own", func(_ *Target, client, access, _ string) error { return different(client, access) }),
		p("access token is no refresh token", func(t *Target, _, access, _ string) error {
			return t.gets(t.refresh(access), status(400))()
		}),
		p("refresh token is no bearer", func(t *Target, _, _, refresh string) error { return t.dead(refresh) }),
		p("refresh token of another client", func(t *Target, _, _, refresh string) error {
			return t.gets(t.tokenV2("grant_type", "refresh_token", "refresh_token", refresh), status(400))()
		}),
		p("refresh", func(t *Target, _, _, refresh string) error {
			return t.gets(t.refresh(refresh), status(200), has("access_token"))()
		}),
		p("user's bearer may not revoke", func(t *Target, _, access, _ string) error {
			return t.gets(t.revoke(access, "token", access), status(403), has("errors.0.code"))()
		}),
		p("revoking what was never issued is a success", func(t *Target, client, _, _ string) error {
			return t.gets(t.revoke(client, "token", "never-issued"), status(200), empty)()
		}),
		p("revoking an access token leaves its refresh token", func(t *Target, client, access, refresh string) error {
			return steps(
				t.gets(t.revoke(client, "token", access, "token_type_hint", "access_token"), status(200), empty),
				func() error { return t.dead(access) },
				t.gets(t.refresh(refresh), status(200)),
			)
		}),
		p("revoking a refresh token takes the access token along", func(t *Target, client, access, refresh string) error {
			return steps(
				t.gets(t.revoke(client, "token", refresh, "token_type_hint", "refresh_token"), status(200), empty),
				func() error { return t.dead(access) },
				t.gets(t.refresh(refresh), status(400)),
			)
		}),
		p("revoking without a hint takes all of the grant", func(t *Target, client, access, refresh string) error {
			return steps(
				t.gets(t.revoke(client, "token", access), status(200), empty),
				func() error { return t.dead(access) },
				t.gets(t.refresh(refresh), status(400)),
			)
		}),
		p("revoking twice is a success", func(t *Target, client, access, _ string) error {
			return steps(t.gets(t.revoke(client, "token", access), status(200)), t.gets(t.revoke(client, "token", access), status(200)))
		}),
		p("revoking by query, as the page shows it", func(t *Target, client, access, _ string) error {
			c := call{method: http.MethodPost, url: t.FinAPI + "/oauth/revoke?token=" + access}.bearer(client)
			return steps(t.gets(c, status(200), empty), func() error { return t.dead(access) })
		}),
		p("revoking by query and body", func(t *Target, client, access, _ string) error {
			return steps(
				t.gets(t.revoke(client, "token", access).to(t.FinAPI+"/oauth/revoke?token="+access), status(400)),
				func() error { return t.alive(access) },
			)
		}),
		p("another client's token is left alone", func(t *Target, _, access, _ string) error {
			other, err := t.must(t.tokenV2("grant_type", "client_credentials"), status(200))
			if err != nil {
				return err
			}
			return steps(
				t.gets(t.revoke(other.string("access_token"), "token", access).to(t.FinAPI+"/api/v2/oauth/revoke"), status(200)),
				func() error { return t.alive(access) },
			)
		}),
		p("a revoked token does not come again", func(t *Target, client, access, _ string) error {
			if _, err := t.must(t.revoke(client, "token", access), status(200)); err != nil {
				return err
			}
			again, err := t.must(t.user(), status(200))
			return errors.Join(err, different(access, again.string("access_token")))
		}),
		p("one wrong password more than is allowed locks the user", func(t *Target, _, _, _ string) error {
			guess := t.gets(t.login(t.Credentials.FinAPI.Username, wrong), status(400))
			return steps(guess, guess, guess, guess, t.gets(t.user(), status(423), is("errors.0.code", "LOCKED")))
		}),
		p("a lock ends the user's tokens", func(t *Target, _, access, refresh string) error {
			guess := t.gets(t.login(t.Credentials.FinAPI.Username, wrong), status(400))
			return steps(guess, guess, guess, guess, func() error { return t.dead(access) }, t.gets(t.refresh(refresh), status(400)))
		}),
		p("a right password begins the count again", func(t *Target, _, _, _ string) error {
			guess := t.gets(t.login(t.Credentials.FinAPI.Username, wrong), status(400))
			return steps(guess, guess, guess, t.gets(t.user(), status(200)), guess, guess, guess, t.gets(t.user(), status(200)))
		}),
		p("expires_in is what is left", func(t *Target, client, _, _ string) error {
			if err := t.later(10 * time.Minute); err != nil {
				return err
			}
			again, err := t.must(t.clientToken(), status(200))
			if err != nil {
				return err
			}
			left, ok := again.at("expires_in").(interface{ Int64() (int64, error) })
			if !ok {
				return errors.New("expires_in is no number")
			}
			if n, err := left.Int64(); err != nil || n > 3000 || n < 2990 {
				return errors.New("expires_in is not what is left")
			}
			return equal(client, again.string("access_token"))
		}),
		p("an hour later there is another token", func(t *Target, client, _, _ string) error {
			if err := t.later(time.Hour); err != nil {
				return err
			}
			again, err := t.must(t.clientToken(), status(200))
			return errors.Join(err, different(client, again.string("access_token")), t.dead(client))
		}),
		p("a refresh after the end brings another token", func(t *Target, _, access, refresh string) error {
			if err := t.later(time.Hour); err != nil {
				return err
			}
			again, err := t.must(t.refresh(refresh), status(200))
			return errors.Join(err, different(access, again.string("access_token")))
		}),
	}
}
