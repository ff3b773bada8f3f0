package probes

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"time"
)

func (t *Target) exchange() call {
	c := t.Credentials.Finogates
	return post(t.Finogates+"/v1/platform/auth/token", object{"client_id": c.ClientID, "client_secret": c.ClientSecret})
}

func (t *Target) exchangeRaw(body string) call {
	return post(t.Finogates+"/v1/platform/auth/token", body)
}

// embed changes a good request; nil takes a member away.
func (t *Target) embed(bearer string, changes object) call {
	body := object{"user_id": t.Credentials.Finogates.UserID, "parent_origin": "https://app.example.com"}
	for name, value := range changes {
		if body[name] = value; value == nil {
			delete(body, name)
		}
	}
	return post(t.Finogates+"/v1/platform/embed-tokens", body).bearer(bearer)
}

func (t *Target) finogatesBearer() (string, error) {
	a, err := t.must(t.exchange(), status(200))
	if err != nil {
		return "", err
	}
	if token := a.string("data.access_token"); token != "" {
		return token, nil
	}
	return a.string("data.token"), nil
}

func finogates() []Probe {
	p := func(kind Kind, name string, build func(t *Target) call, checks ...check) Probe {
		return one("finogates", kind, name, build, checks...)
	}
	embeds := func(kind Kind, name string, changes object, checks ...check) Probe {
		return Probe{Provider: "finogates", Kind: kind, Name: name, ask: func(t *Target) error {
			bearer, err := t.finogatesBearer()
			if err != nil {
				return err
			}
			return t.gets(t.embed(bearer, changes), checks...)()
		}}
	}
	envelope := func(code int) check {
		return func(a *answer) error {
			return steps(
				func() error { return status(code)(a) },
				func() error { return is("status_code", code)(a) },
				func() error { return has("data", "query_generated_time")(a) },
			)
		}
	}
	origin := func(name, value string) Probe {
		return embeds(Meaning, "origin "+name, object{"parent_origin": value}, malformed)
	}
	return []Probe{
		p(Shape, "bearer in the envelope", (*Target).exchange, envelope(200), has("data.access_token")),
		p(Shape, "no secret", func(t *Target) call { return t.exchangeRaw(`{"client_id":"fg_test_cl_who"}`) }, malformed),
		p(Shape, "short secret", func(t *Target) call {
			return t.exchangeRaw(`{"client_id":"fg_test_cl_who","client_secret":"short"}`)
		}, malformed),
		p(Shape, "undeclared member", func(t *Target) call {
			c := t.Credentials.Finogates
			return post(t.Finogates+"/v1/platform/auth/token", object{"client_id": c.ClientID, "client_secret": c.ClientSecret, "grant_type": "client_credentials"})
		}, envelope(200)),
		p(Shape, "no JSON", func(t *Target) call { return t.exchangeRaw("client_id") }, malformed),
		p(Shape, "form in place of JSON", func(t *Target) call {
			return form(t.Finogates+"/v1/platform/auth/token", "client_id", "fg_test_cl_who", "client_secret", "fg_test_sk_who")
		}, status(415)),
		p(Shape, "GET", func(t *Target) call {
			return call{method: http.MethodGet, url: t.Finogates + "/v1/platform/auth/token"}
		}, status(405)),
		p(Shape, "unknown path", func(t *Target) call { return t.exchange().to(t.Finogates + "/v1/platform/auth") }, status(404)),
		p(Shape, "embed token without a bearer", func(t *Target) call { return t.embed("", nil).with("Authorization", "") }, status(401)),
		embeds(Shape, "embed token has its members", nil, envelope(200), has("data.token", "data.embed_url", "data.mode")),
		embeds(Shape, "user that is no UUID", object{"user_id": "me"}, malformed),
		embeds(Shape, "no user", object{"user_id": nil}, malformed),
		embeds(Shape, "no origin", object{"parent_origin": nil}, malformed),
		embeds(Shape, "origin of 256 characters", object{"parent_origin": "https://" + strings.Repeat("a", 248)}, malformed),
		embeds(Shape, "unknown scope", object{"scope": "all"}, malformed),
		embeds(Shape, "undeclared member in an embed token", object{"mode": "sandbox"}, envelope(200)),
		p(Meaning, "wrong secret", func(t *Target) call {
			return post(t.Finogates+"/v1/platform/auth/token", object{"client_id": t.Credentials.Finogates.ClientID, "client_secret": wrong})
		}, envelope(401)),
		p(Meaning, "client of production", func(t *Target) call {
			return post(t.Finogates+"/v1/platform/auth/token", object{"client_id": "fg_live_cl_whoever", "client_secret": wrong})
		}, envelope(401)),
		p(Meaning, "member that comes twice", func(t *Target) call {
			c := t.Credentials.Finogates
			return t.exchangeRaw(`{"client_id":"` + c.ClientID + `","client_id":"` + c.ClientID + `","client_secret":"` + c.ClientSecret + `"}`)
		}, malformed),
		p(Meaning, "second value after the first", func(t *Target) call {
			c := t.exchange()
			c.body += "{}"
			return c
		}, malformed),
		p(Meaning, "bearer that was never issued", func(t *Target) call { return t.embed("never-issued", nil) }, envelope(401)),
		p(Meaning, "bearer is a JWT with an end", (*Target).exchange, func(a *answer) error {
			parts := strings.Split(a.string("data.access_token"), ".")
			if len(parts) != 3 {
				return errors.New("it is no JWT")
			}
			claims, err := base64.RawURLEncoding.DecodeString(parts[1])
			if err == nil && !strings.Contains(string(claims), `"exp":`) {
				err = errors.New("it has no end")
			}
			return err
		}),
		p(Meaning, "time of the answer is now, in milliseconds", (*Target).exchange, func(a *answer) error {
			made, ok := a.at("query_generated_time").(interface{ Int64() (int64, error) })
			if !ok {
				return errors.New("there is no time")
			}
			n, err := made.Int64()
			if age := time.Since(time.UnixMilli(n)).Abs(); err == nil && age > 24*time.Hour {
				err = errors.New("it is not now")
			}
			return err
		}),
		embeds(Meaning, "unknown user", object{"user_id": nobody}, envelope(404)),
		embeds(Meaning, "unknown card-processing account", object{"card_processing_id": nobody}, envelope(404)),
		embeds(Meaning, "card-processing account with another scope", object{"card_processing_id": nobody, "scope": "add_bank"}, envelope(403)),
		embeds(Meaning, "scope that does not work yet", object{"scope": "card_payment"}, envelope(403)),
		embeds(Meaning, "page on this machine", object{"parent_origin": "http://localhost:3000"}, envelope(200)),
		origin("with a path", "https://app.example.com/"),
		origin("with a query", "https://app.example.com?a=b"),
		embeds(Meaning, "origin with capitals", object{"parent_origin": "https://APP.example.com"}, envelope(200)),
		embeds(Meaning, "origin with the default port", object{"parent_origin": "https://app.example.com:443"}, envelope(200)),
		origin("with a user", "https://me@app.example.com"),
		origin("without a scheme", "app.example.com"),
		origin("null", "null"),
		origin("with a wildcard", "https://*.example.com"),
		embeds(Meaning, "origin without TLS", object{"parent_origin": "http://app.example.com"}, envelope(200)),
		many("finogates", "card-processing account of the user", func(t *Target) error {
			bearer, err := t.finogatesBearer()
			if err != nil {
				return err
			}
			known := t.gets(t.embed(bearer, object{"card_processing_id": t.Credentials.Finogates.CardProcessingID}), envelope(200))
			unknown := t.gets(t.embed(bearer, object{"card_processing_id": nobody}), envelope(404))
			return steps(known, unknown)
		}),
		many("finogates", "two embed tokens are different", func(t *Target) error {
			bearer, err := t.finogatesBearer()
			if err != nil {
				return err
			}
			a, errA := t.must(t.embed(bearer, nil), status(200))
			b, errB := t.must(t.embed(bearer, nil), status(200))
			if err := errors.Join(errA, errB); err != nil {
				return err
			}
			return different(a.string("data.token"), b.string("data.token"))
		}),
		many("finogates", "a second bearer leaves the first alive", func(t *Target) error {
			first, errA := t.finogatesBearer()
			second, errB := t.finogatesBearer()
			if err := errors.Join(errA, errB, different(first, second)); err != nil {
				return err
			}
			return steps(t.gets(t.embed(first, nil), envelope(200)), t.gets(t.embed(second, nil), envelope(200)))
		}),
		many("finogates", "a bearer ends", func(t *Target) error {
			bearer, err := t.finogatesBearer()
			if err != nil {
				return err
			}
			return steps(func() error { return t.later(time.Hour) }, t.gets(t.embed(bearer, nil), envelope(401)))
		}),
	}
}
