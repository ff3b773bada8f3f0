package wiretest

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// Provider holds errors against what every error of one provider is like.
type Provider struct {
	// Name is what the provider is called in its errors.
	Name string
	// Secret is a word of everything that must not be printed: of the credentials, the tokens and the bodies that are
	// used in the tests. An empty one is in every text, and no error passes.
	Secret string
}

// Fault is what an error must be like. An empty field of it means an empty one of the error, but for Says.
type Fault struct {
	Kind      error // found by errors.Is
	Status    int
	RequestID string
	Field     string
	Attempts  int
	Says      string // in its text
}

// RequireFault holds err against want and returns it as what it is. No text of it has the secret in it.
func (p Provider) RequireFault(t testing.TB, err error, want Fault) *rest.Error {
	t.Helper()
	var e *rest.Error
	if !errors.As(err, &e) {
		t.Fatalf("not a *rest.Error: %v", err)
	}
	if !errors.Is(err, want.Kind) {
		t.Errorf("its kind is not %v: %v", want.Kind, err)
	}
	for _, c := range []struct {
		name      string
		got, want any
	}{
		{"Provider", e.Provider, p.Name},
		{"Status", e.Status, want.Status},
		{"RequestID", e.RequestID, want.RequestID},
		{"Field", e.Field, want.Field},
		{"Attempts", e.Attempts, want.Attempts},
	} {
		if c.got != c.want {
			t.Errorf("%s is %v and not %v: %v", c.name, c.got, c.want, err)
		}
	}
	p.checkTexts(t, err, want.Says)
	return e
}

// RequireRefusal expects an error of a constructor whose Config breaks the rule: one of a field with its name, or, if
// field is empty, one of a part of the Config that is not the provider's own. No text of it has the secret in it.
func (p Provider) RequireRefusal(t testing.TB, err error, field, rule string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error says %q", rule)
	}
	p.checkTexts(t, err, p.Name+": Config: ", field, rule)
	if field == "" {
		return
	}
	var e *rest.Error
	if !errors.As(err, &e) {
		t.Fatalf("not a *rest.Error: %v", err)
	}
	if e.Field != field {
		t.Errorf("Field is %s and not %s: %v", e.Field, field, err)
	}
	RequireKinds(t, err, rest.ErrInvalid)
}

// checkTexts expects the words in the text of err, and the secret in nothing that it looks like anywhere.
func (p Provider) checkTexts(t testing.TB, err error, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("does not say %q: %v", w, err)
		}
	}
	for _, text := range texts(err) {
		if strings.Contains(text, p.Secret) {
			t.Errorf("tells a secret: %s", text)
		}
	}
}

// texts returns what err looks like wherever an error may end up.
func texts(err error) []string {
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Error("failed", "err", err)
	return []string{err.Error(), fmt.Sprintf("%v %+v %#v %q", err, err, err, err), log.String()}
}

// kinds are those of which an error has one, or a few that belong together. What is in doubt is so besides.
var kinds = []error{
	rest.ErrInvalid, rest.ErrUnauthenticated, rest.ErrForbidden, rest.ErrVersionMismatch, rest.ErrNotFound, rest.ErrConflict,
	rest.ErrLocked, rest.ErrRateLimited, rest.ErrUnavailable, rest.ErrBadResponse,
}

// RequireKinds expects err to be of the kinds of package rest that are given, and of no other. It has no say in
// [rest.ErrInDoubt].
func RequireKinds(t testing.TB, err error, want ...error) {
	t.Helper()
	got := slices.DeleteFunc(slices.Clone(kinds), func(kind error) bool { return !errors.Is(err, kind) })
	strange := func(kind error) bool { return !slices.Contains(want, kind) }
	if len(got) != len(want) || slices.ContainsFunc(got, strange) {
		t.Fatalf("its kinds are %q and not %q: %v", got, want, err)
	}
}
