package probes

import (
	"errors"
	"net/http"
	"strings"
	"time"
)

func (t *Target) bridge(changes object) call {
	body := object{"customer_id": t.Credentials.Straddle.CustomerID}
	for name, value := range changes {
		if body[name] = value; value == nil {
			delete(body, name)
		}
	}
	return post(t.Straddle+"/v1/bridge/initialize", body).bearer(t.Credentials.Straddle.APIKey)
}

func straddle() []Probe {
	p := func(kind Kind, name string, build func(t *Target) call, checks ...check) Probe {
		return one("straddle", kind, name, build, checks...)
	}
	changed := func(changes object) func(t *Target) call {
		return func(t *Target) call { return t.bridge(changes) }
	}
	headedBy := func(name, value string) func(t *Target) call {
		return func(t *Target) call { return t.bridge(nil).with(name, value) }
	}
	failed := func(code int, kind string) check {
		return func(a *answer) error {
			return steps(
				func() error { return status(code)(a) },
				func() error { return is("response_type", "error")(a) },
				func() error { return is("error.status", code)(a) },
				func() error { return is("error.type", kind)(a) },
				func() error { return has("meta.api_request_id", "meta.api_request_timestamp", "error.title")(a) },
			)
		}
	}
	const key = "0123456789"
	return []Probe{
		p(Shape, "session token in the envelope", changed(nil), status(201), has("data.bridge_token", "meta.api_request_id", "meta.api_request_timestamp"), is("response_type", "object")),
		p(Shape, "every member and header", func(t *Target) call {
			return t.bridge(object{"external_id": "mine", "config": object{"sandbox_outcome": "active", "processing_method": "inline"}}).
				with("Request-Id", "r").with("Correlation-Id", "c").with("Straddle-Account-Id", t.Credentials.Straddle.AccountID)
		}, status(201), has("data.bridge_token")),
		p(Shape, "no API key", headedBy("Authorization", ""), status(401)),
		p(Shape, "no customer", changed(object{"customer_id": nil}), malformed),
		p(Shape, "customer that is no UUID", changed(object{"customer_id": "me"}), malformed),
		p(Shape, "unknown outcome", changed(object{"config": object{"sandbox_outcome": "odd"}}), malformed),
		p(Shape, "unknown method of processing", changed(object{"config": object{"processing_method": "odd"}}), malformed),
		p(Shape, "undeclared member", changed(object{"metadata": object{}}), malformed),
		p(Shape, "short idempotency key", headedBy("Idempotency-Key", "123456789"), malformed),
		p(Shape, "long idempotency key", headedBy("Idempotency-Key", strings.Repeat("k", 41)), malformed),
		p(Shape, "account that is no UUID", headedBy("Straddle-Account-Id", "acct_0123456789"), status(403)),
		p(Shape, "text in place of JSON", headedBy("Content-Type", "text/plain"), status(415)),
		p(Shape, "GET", func(t *Target) call {
			return call{method: http.MethodGet, url: t.Straddle + "/v1/bridge/initialize"}.bearer("any")
		}, status(405)),
		p(Shape, "unknown path", func(t *Target) call { return t.bridge(nil).to(t.Straddle + "/v1/bridge") }, status(404)),
		p(Meaning, "wrong API key", headedBy("Authorization", "Bearer sk_test_wrong"), failed(401, "authentication_error")),
		p(Meaning, "basic credentials", headedBy("Authorization", "Basic Zm9vOmJhcg=="), failed(401, "authentication_error")),
		p(Meaning, "unknown customer", changed(object{"customer_id": nobody}), failed(422, "validation_error")),
		p(Meaning, "unknown account", headedBy("Straddle-Account-Id", nobody), failed(403, "authentication_error")),
		p(Meaning, "fault of a field is named", changed(object{"customer_id": "me"}), failed(400, "/bad-request"), is("error.items.0.reference", "customer_id")),
		p(Meaning, "fault of a key is named", headedBy("Idempotency-Key", "123456789"), failed(400, "/bad-request"), is("error.items.0.reference", "Idempotency-Key")),
		p(Meaning, "member that comes twice", func(t *Target) call {
			id := `"customer_id":"` + t.Credentials.Straddle.CustomerID + `"`
			c := t.bridge(nil)
			c.body = "{" + id + "," + id + "}"
			return c
		}, malformed),
		p(Meaning, "session token is a JWT", changed(nil), status(201), func(a *answer) error {
			if strings.Count(a.string("data.bridge_token"), ".") != 2 {
				return errors.New("it is no JWT")
			}
			return nil
		}),
		p(Meaning, "time of the answer is now", changed(nil), status(201), func(a *answer) error {
			made, err := time.Parse(time.RFC3339, a.string("meta.api_request_timestamp"))
			if err == nil && time.Since(made).Abs() > 24*time.Hour {
				err = errors.New("it is not now")
			}
			return err
		}),
		many("straddle", "two calls without a key are two", func(t *Target) error {
			a, errA := t.must(t.bridge(nil), status(201))
			b, errB := t.must(t.bridge(nil), status(201))
			if err := errors.Join(errA, errB); err != nil {
				return err
			}
			return errors.Join(
				different(a.string("data.bridge_token"), b.string("data.bridge_token")),
				different(a.string("meta.api_request_id"), b.string("meta.api_request_id")),
			)
		}),
		many("straddle", "repeat under a key gets the first answer", func(t *Target) error {
			a, err := t.must(t.bridge(nil).with("Idempotency-Key", key), status(201), headed("Idempotent-Replayed", ""))
			if err != nil {
				return err
			}
			b, err := t.must(t.bridge(nil).with("Idempotency-Key", key), status(201), headed("Idempotent-Replayed", "true"))
			return errors.Join(err, equal(a.text, b.text))
		}),
		many("straddle", "another request under a key", func(t *Target) error {
			return steps(
				t.gets(t.bridge(nil).with("Idempotency-Key", key), status(201)),
				t.gets(t.bridge(object{"external_id": "x"}).with("Idempotency-Key", key), failed(409, "/conflict")),
			)
		}),
		many("straddle", "a 400 burns the key", func(t *Target) error {
			return steps(
				t.gets(t.bridge(object{"customer_id": nil}).with("Idempotency-Key", key), status(400)),
				t.gets(t.bridge(nil).with("Idempotency-Key", key), failed(409, "/conflict")),
			)
		}),
		many("straddle", "a refusal is repeated as well", func(t *Target) error {
			again := t.bridge(object{"customer_id": nobody}).with("Idempotency-Key", key)
			return steps(t.gets(again, status(422)), t.gets(again, status(422), headed("Idempotent-Replayed", "true")))
		}),
		many("straddle", "each account has its own keys", func(t *Target) error {
			a, err := t.must(t.bridge(nil).with("Idempotency-Key", key), status(201))
			if err != nil {
				return err
			}
			b, err := t.must(t.bridge(nil).with("Idempotency-Key", key).with("Straddle-Account-Id", t.Credentials.Straddle.AccountID),
				status(201), headed("Idempotent-Replayed", ""))
			return errors.Join(err, different(a.string("data.bridge_token"), b.string("data.bridge_token")))
		}),
		many("straddle", "a key is forgotten after a day", func(t *Target) error {
			a, err := t.must(t.bridge(nil).with("Idempotency-Key", key), status(201))
			if err != nil {
				return err
			}
			if err := t.later(24 * time.Hour); err != nil {
				return err
			}
			b, err := t.must(t.bridge(nil).with("Idempotency-Key", key), status(201), headed("Idempotent-Replayed", ""))
			return errors.Join(err, different(a.string("data.bridge_token"), b.string("data.bridge_token")))
		}),
	}
}
