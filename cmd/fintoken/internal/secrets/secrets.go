// Package secrets finds the secrets that a command needs: in a file, on stdin, in a flag, in the environment, in the
// keyring of the system, in this order. It will never print one, write one to a file, or pass one to another program on
// its command line.
package secrets

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/input"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/wait"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// Spec is a secret that a command takes.
type Spec struct {
	Provider string // such as "straddle"
	Name     string // such as "api-key"; the flags are --api-key and --api-key-file
	Env      string // such as "STRADDLE_API_KEY"
	What     string // for the help, such as "the API key"
	Keyring  bool   // it is worth keeping; tokens are not
}

// Flag holds what the command line says about a secret.
type Flag struct {
	Spec

	value, file string
	flags       *pflag.FlagSet
}

// Add defines the flags of a secret.
func Add(flags *pflag.FlagSet, spec Spec) *Flag {
	f := &Flag{Spec: spec, flags: flags}
	flags.StringVar(&f.value, spec.Name, "", spec.What+": `text`, or - for stdin; other programs can see this flag, better is "+spec.Env)
	flags.StringVar(&f.file, spec.Name+"-file", "", "`file` with "+spec.What+", or - for stdin")
	return f
}

// Given reports whether the command line names the secret.
func (f *Flag) Given() bool { return f.flags.Changed(f.Name) || f.flags.Changed(f.Name+"-file") }

// Finder looks for secrets.
type Finder struct {
	Stdin  *input.Stdin
	Getenv func(string) string
	// Keyring asks the keyring of the system; nil means that it is not to be asked.
	Keyring *Keyring
	// Warn is told what is not as safe as it could be.
	Warn func(format string, args ...any)
}

// FromKeyring is where Find says that it found a secret of the keyring.
const FromKeyring = "the keyring"

// Missing is the error of a secret that is nowhere.
type Missing struct {
	Flag    *Flag
	Keyring error // why the keyring did not have it
}

// Error says where the secret was looked for.
func (m *Missing) Error() string {
	text := fmt.Sprintf("%s is missing: not in --%s-file, --%s or %s", m.Flag.What, m.Flag.Name, m.Flag.Name, m.Flag.Env)
	if m.Keyring != nil {
		text += ", and in the keyring: " + m.Keyring.Error()
	}
	return text
}

// Find returns the secret and where it was found. An error is *Missing, or about the place that was named.
func (f *Finder) Find(ctx context.Context, flag *Flag, environment string) (secret.String, string, error) {
	switch {
	case flag.flags.Changed(flag.Name + "-file"):
		return f.read(ctx, flag.Name+"-file", flag.file)
	case flag.flags.Changed(flag.Name) && flag.value == "-":
		return f.read(ctx, flag.Name, "-")
	case flag.flags.Changed(flag.Name):
		better := "--" + flag.Name + "-file or " + flag.Env
		if flag.Keyring {
			better = "--" + flag.Name + "-file, " + flag.Env + " or the keyring"
		}
		f.Warn("--%s can be seen by other programs on this machine; better: %s", flag.Name, better)
		return usable("--"+flag.Name, "--"+flag.Name, flag.value)
	}
	if value := f.Getenv(flag.Env); value != "" {
		return usable(flag.Env, flag.Env, value)
	}
	missing := &Missing{Flag: flag}
	if f.Keyring != nil && flag.Keyring {
		value, err := f.Keyring.Get(ctx, Entry(flag.Provider, flag.Name, environment))
		switch {
		case err == nil:
			return usable("the keyring", FromKeyring, value)
		case errors.Is(err, context.Canceled):
			return secret.String{}, "", err
		}
		missing.Keyring = err
	}
	return secret.String{}, "", missing
}

// read reads a secret from a file, which may be a pipe that nothing comes out of, or from stdin, and drops the line break
// at its end.
func (f *Finder) read(ctx context.Context, name, path string) (secret.String, string, error) {
	if path == "-" {
		s, err := f.ReadStdin("--" + name)
		return s, "stdin", err
	}
	f.warnOpen(name, path)
	text, err := wait.For(ctx, func() ([]byte, error) { return input.ReadFile("--"+name, path) })
	if err != nil {
		return secret.String{}, "", err
	}
	return usable("--"+name, "the file of --"+name, strings.TrimRight(string(text), "\r\n"))
}

// ErrTerminal is the kind of the error of a secret that somebody would have to type.
var ErrTerminal = errors.New("stdin is a terminal, which would show the secret; pipe it in")

// ReadStdin reads a secret from stdin for what, a flag or a command.
func (f *Finder) ReadStdin(what string) (secret.String, error) {
	if f.Stdin.Terminal {
		return secret.String{}, fmt.Errorf("%s: %w", what, ErrTerminal)
	}
	text, err := f.Stdin.Take(what)
	if err != nil {
		return secret.String{}, err
	}
	s, _, err := usable(what+": stdin", "stdin", strings.TrimRight(string(text), "\r\n"))
	return s, err
}

// warnOpen warns of a file that others can read.
func (f *Finder) warnOpen(name, path string) {
	info, err := os.Stat(path)
	if err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
		f.Warn("the file of --%s can be read by others (mode %04o); better: chmod 600", name, info.Mode().Perm())
	}
}

// usable refuses an empty secret and one of several lines.
func usable(where, origin, value string) (secret.String, string, error) {
	switch {
	case value == "":
		return secret.String{}, "", fmt.Errorf("%s is empty", where)
	case strings.ContainsAny(value, "\r\n\x00"):
		return secret.String{}, "", fmt.Errorf("%s must be one line", where)
	}
	return secret.New(value), origin, nil
}

// CheckEntry refuses the name of an entry that no command would look for, such as "straddle/sandbox/api-key".
func CheckEntry(entry string, kept []Spec) error {
	entries := Entries(kept)
	if slices.Contains(entries, entry) {
		return nil
	}
	return errors.New("must be one of " + strings.Join(entries, ", "))
}

// Entries lists every entry that commands look for: those of the secrets that are kept.
func Entries(kept []Spec) []string {
	var out []string
	for _, s := range kept {
		for _, environment := range []string{"sandbox", "production"} {
			out = append(out, Entry(s.Provider, s.Name, environment))
		}
	}
	return out
}

// Entry returns the name of a secret in the keyring. Each environment has its own.
func Entry(provider, name, environment string) string {
	return provider + "/" + environment + "/" + name
}
