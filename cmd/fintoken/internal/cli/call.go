package cli

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/input"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/output"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/secrets"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/wire"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// finder returns what looks for secrets.
func (a *app) finder() *secrets.Finder {
	return &secrets.Finder{Stdin: a.stdin, Getenv: a.Getenv, Keyring: a.keyring(), Warn: a.warn}
}

// keyring returns the keyring of the system, or nil if it is not to be asked.
func (a *app) keyring() *secrets.Keyring {
	if strings.EqualFold(a.Getenv("FINTOKEN_KEYRING"), "off") {
		return nil
	}
	return &secrets.Keyring{Getenv: a.Getenv, Slow: a.slow}
}

// secret returns a secret of the command. In a dry run it is a stand-in.
func (a *app) secret(ctx context.Context, flag *secrets.Flag, p place) (secret.String, error) {
	if a.flags.dryRun {
		return wire.StandIn(flag.Env), nil
	}
	s, origin, err := a.finder().Find(ctx, flag, p.environment)
	var missing *secrets.Missing
	switch {
	case errors.As(err, &missing) && !flag.Keyring:
		return s, exit.ConfigError(err, "pipe it in with --"+flag.Name+" -, or name a file with --"+flag.Name+"-file")
	case errors.As(err, &missing):
		return s, exit.ConfigError(err, "set "+flag.Env+", or start `fintoken sandbox` for credentials of a sandbox")
	case errors.Is(err, input.ErrTaken):
		return s, exit.UsageError(err, takenNext)
	case errors.Is(err, secrets.ErrTerminal):
		return s, exit.UsageError(err, "for example: --"+flag.Name+" - < file")
	case err != nil:
		return s, exit.ConfigError(err, "give it as one line: in "+flag.Env+", in a file with --"+flag.Name+"-file, or on stdin")
	}
	a.secrets = append(a.secrets, s)
	a.origins[flag.Name] = origin
	a.debug("secret", "name", flag.Name, "from", origin)
	return s, nil
}

// setting returns what is no secret: the value of a flag, else of a variable.
func (a *app) setting(cmd *cobra.Command, flag, variable string) (string, error) {
	value, _ := cmd.Flags().GetString(flag)
	if value == "" {
		value = a.Getenv(variable)
	}
	if value == "" {
		return "", exit.ConfigError(errors.New("--"+flag+" is missing, and so is "+variable),
			"set one of them, or start `fintoken sandbox` for credentials of a sandbox")
	}
	return value, nil
}

// http returns how calls are made. first is the call that a dry run must answer itself.
func (a *app) http(cmd *cobra.Command, p place, first wire.First) rest.Config {
	cfg := rest.Config{
		UserAgent: userAgent(a.Version), MaxAttempts: a.flags.retries + 1, Observer: &waits{a}, InsecureHosts: a.trust.insecure,
	}
	if a.flags.timeout > 0 {
		cfg.Timeout, cfg.AttemptTimeout = a.flags.timeout, a.flags.timeout
	}
	if a.flags.debug {
		cfg.Logger = a.logger()
	}
	if a.flags.dryRun {
		cfg.MaxAttempts = 1
		cfg.HTTPClient = &http.Client{Transport: &wire.DryRun{Out: cmd.OutOrStdout(), First: first, Socket: p.socket, CAFile: a.caFile(p), Hide: hideBody}}
		return cfg
	}
	a.answers = &wire.Recorder{Base: a.newTransport(p)}
	cfg.HTTPClient = &http.Client{Transport: a.answers}
	return cfg
}

// userAgent is how the program introduces itself (RFC 9110 §10.1.5).
func userAgent(version string) string {
	version = strings.Trim(version, "()") // of a build without a version
	return "fintoken-cli/" + version
}

// tokens returns how bearers are kept. They end with the program.
func (a *app) tokens() token.Config {
	return token.Config{OnEvent: func(context.Context, token.Event) {}} // the calls behind it are logged
}

// options returns the options that every call of a command gets.
func (a *app) options(more ...rest.Option) []rest.Option {
	if a.flags.unchecked {
		more = append(more, rest.Unchecked())
	}
	return append(more, rest.Capture(&a.info))
}

// printAnswer prints the provider's last answer as it came, and its token for the format raw.
func (a *app) printAnswer(cmd *cobra.Command, t secret.String) error {
	a.secrets = append(a.secrets, t)
	return a.print(cmd, output.Answer{JSON: a.answers.Body(), Raw: t.Reveal()})
}

// print prints the result of a command.
func (a *app) print(cmd *cobra.Command, answer output.Answer) error {
	err := output.Printer{
		Format: a.flags.format, Transform: a.flags.transform, Terminal: a.StdoutTerminal, NoColor: a.noColor(),
		Redact: a.flags.redact, Mask: secret.Masker(a.secrets...), Hide: hidden,
	}.Print(cmd.OutOrStdout(), answer)
	switch {
	case err == nil:
		return nil
	case a.flags.transform == "":
		return &exit.PrintError{Err: err}
	}
	return &exit.PrintError{Err: err, How: "without --transform"}
}

// body returns the body that --body gives, or an empty one.
func (a *app) body(cmd *cobra.Command) (map[string]any, error) {
	flag := cmd.Flags().Lookup("body")
	if flag == nil || !flag.Changed {
		return map[string]any{}, nil
	}
	return a.object(cmd, "--body", flag.Value.String())
}

// object reads the object that a flag or an argument stands for.
func (a *app) object(cmd *cobra.Command, what, value string) (map[string]any, error) {
	out, err := input.Object(what, value, a.stdin)
	next := "see `" + cmd.CommandPath() + " --help`"
	if errors.Is(err, input.ErrTaken) {
		next = takenNext
	}
	return out, exit.UsageError(err, next)
}

// takenNext is what to do where two want to read stdin.
const takenNext = "give one of them in another way"

// override puts the flags that were given into the body. The map is from flags to members.
func override(cmd *cobra.Command, body map[string]any, members map[string][]string) {
	for flag, path := range members {
		if cmd.Flags().Changed(flag) {
			input.Set(body, cmd.Flags().Lookup(flag).Value.String(), path...)
		}
	}
}

// decode puts a body into the type of the generated client.
func decode(cmd *cobra.Command, body map[string]any, into any) error {
	return exit.UsageError(input.Decode(body, into), "see `"+cmd.CommandPath()+" --help`")
}

// bodyFlag defines --body.
func bodyFlag(cmd *cobra.Command) {
	cmd.Flags().String("body", "", "the whole body as JSON or YAML: `text`, @file, or - for stdin; other flags win over its members")
}

// logger writes what --debug tells.
func (a *app) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(a.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func (a *app) debug(message string, attrs ...any) {
	if a.flags.debug {
		a.logger().Debug("fintoken "+message, attrs...)
	}
}
