package cli

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/input"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/output"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/secrets"
	"github.com/fintoken/fintoken-go/wrappers/finogates"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
	"github.com/fintoken/fintoken-go/wrappers/webhook"
)

// signature is how a provider signs events.
type signature struct {
	sign  func(key secret.String, id string, at time.Time, body []byte) (http.Header, error)
	parse func(key secret.String, m webhook.Message) (id, event string, err error)
}

// signatures are those of the providers that sign.
var signatures = map[string]signature{
	"straddle":  signatureOf(straddle.Webhook, func(e straddle.Event) (string, string) { return e.ID, e.Type }),
	"finogates": signatureOf(finogates.Webhook, func(e finogates.Event) (string, string) { return e.ID, e.Type }),
}

func signatureOf[E any](scheme func(...secret.String) *webhook.Scheme[E], told func(E) (id, event string)) signature {
	return signature{
		sign: func(key secret.String, id string, at time.Time, body []byte) (http.Header, error) {
			return scheme(key).Sign(id, at, body)
		},
		parse: func(key secret.String, m webhook.Message) (string, string, error) {
			e, err := scheme(key).ParseMessage(m)
			id, event := told(e)
			return id, event, err
		},
	}
}

// hookFlags are those of an event that is there already.
type hookFlags struct {
	provider, body string
	secret         *secrets.Flag
}

func (a *app) addHookFlags(cmd *cobra.Command) *hookFlags {
	flags := &hookFlags{}
	names := slices.Sorted(maps.Keys(signatures))
	cmd.Flags().StringVar(&flags.provider, "provider", "straddle", "who signs: "+strings.Join(names, " or "))
	cmd.Flags().StringVar(&flags.body, "body", "", "the body as it is sent, to the byte: `text`, @file, or - for stdin; required")
	flags.secret = secrets.Add(cmd.Flags(), secrets.Spec{Name: "secret", Env: "FINTOKEN_WEBHOOK_SECRET", What: "the signing secret of the endpoint"})
	complete(cmd, "provider", names...)
	return flags
}

// hook returns what the flags stand for.
func (a *app) hook(cmd *cobra.Command, flags *hookFlags) (s signature, key secret.String, body []byte, err error) {
	help := "see `" + cmd.CommandPath() + " --help`"
	s, known := signatures[flags.provider]
	if !known {
		return s, key, nil, exit.UsageError(fmt.Errorf("--provider must be one of %s", strings.Join(slices.Sorted(maps.Keys(signatures)), ", ")), help)
	}
	if !cmd.Flags().Changed("body") {
		return s, key, nil, exit.UsageError(errors.New("--body is missing: what was sent"), help)
	}
	file, isFile := strings.CutPrefix(flags.body, "@")
	switch {
	case isFile:
		body, err = input.ReadFile("--body", file)
	case flags.body == "-":
		body, err = a.stdin.Take("--body")
	default:
		body = []byte(flags.body)
	}
	if err != nil {
		return s, key, nil, exit.UsageError(err, help)
	}
	key, err = a.secret(cmd.Context(), flags.secret, place{})
	return s, key, body, err
}

// newSignEvent returns the command that signs a body.
func (a *app) newSignEvent() *cobra.Command {
	var id string
	var at int64
	cmd := &cobra.Command{
		Use: "sign", Short: "Print the headers that make a body an event of a provider", Args: noArgs, Annotations: map[string]string{heeds: printing},
		Example: `  fintoken webhooks sign --secret-file secret.txt --body @event.json > headers.txt
  curl http://localhost:3000/hook --header @headers.txt --data-binary @event.json`,
	}
	flags := a.addHookFlags(cmd)
	cmd.Flags().StringVar(&id, "id", "", "the `id` of the event, where a header has it (default a new one)")
	cmd.Flags().Int64Var(&at, "time", 0, "when it is signed, in `seconds` since 1970 (default now)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		s, key, body, err := a.hook(cmd, flags)
		if err != nil {
			return err
		}
		if id == "" {
			id = "msg_" + rand.Text()
		}
		when := time.Now()
		if cmd.Flags().Changed("time") {
			when = time.Unix(at, 0)
		}
		header, err := s.sign(key, id, when, body)
		if err != nil {
			return exit.ConfigError(err, "take the secret as the provider shows it")
		}
		return a.printHeaders(cmd, header)
	}
	return cmd
}

// printHeaders prints headers as curl takes them, or as an object.
func (a *app) printHeaders(cmd *cobra.Command, header http.Header) error {
	lines, all := []string{}, map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		all[strings.ToLower(name)] = header.Get(name)
		lines = append(lines, strings.ToLower(name)+": "+header.Get(name))
	}
	text, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return a.printTable(cmd, output.Answer{JSON: text, Raw: strings.Join(lines, "\n")})
}

// newVerifyEvent returns the command that says what is wrong with an event.
func (a *app) newVerifyEvent() *cobra.Command {
	var headers []string
	var tolerance time.Duration
	cmd := &cobra.Command{
		Use: "verify", Short: "Check an event that came: its signature, its time and its shape", Args: noArgs, Annotations: map[string]string{heeds: printing},
		Example: `  fintoken webhooks verify --secret-file secret.txt --body @event.json \
    --header 'webhook-id: msg_1' --header 'webhook-timestamp: 1767225600' --header 'webhook-signature: v1,…'
  fintoken webhooks verify --provider finogates --secret-file secret.txt --body @event.json --header 'Finogates-Signature: t=…,v1=…' --tolerance 24h`,
		Long: "The exit code is 1 if a check does not hold, and the output says which one: signature, time or shape.",
	}
	flags := a.addHookFlags(cmd)
	cmd.Flags().StringArrayVar(&headers, "header", nil, "a header that came, as `'name: value'`; can be repeated")
	cmd.Flags().DurationVar(&tolerance, "tolerance", webhook.DefaultTolerance, "how far its time may be from now")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		s, key, body, err := a.hook(cmd, flags)
		if err != nil {
			return err
		}
		m := webhook.Message{Header: http.Header{}, Body: body, Tolerance: tolerance}
		for _, h := range headers {
			name, value, found := strings.Cut(h, ":")
			if !found || strings.TrimSpace(name) == "" {
				return exit.UsageError(errors.New("--header must be 'name: value'"), "see `fintoken webhooks verify --help`")
			}
			m.Header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
		}
		if tolerance <= 0 {
			return exit.UsageError(errors.New("--tolerance must be positive"), "leave it out for "+webhook.DefaultTolerance.String())
		}
		id, event, err := s.parse(key, m)
		if errors.Is(err, webhook.ErrConfig) {
			return exit.ConfigError(err, "take the secret as the provider shows it")
		}
		return a.printVerdict(cmd, id, event, err)
	}
	return cmd
}

// printVerdict prints what became of the checks.
func (a *app) printVerdict(cmd *cobra.Command, id, event string, failed error) error {
	result := map[string]any{"valid": failed == nil}
	raw := "valid: " + strings.TrimSpace(id+" "+event)
	var e *webhook.Error
	if errors.As(failed, &e) {
		result["check"], result["error"] = e.Check.Error(), e.Reason
		raw = "not valid: " + e.Check.Error() + ": " + e.Reason
	} else {
		result["id"], result["event"] = id, event
	}
	text, err := json.Marshal(result)
	if err != nil {
		return err
	}
	if err := a.printTable(cmd, output.Answer{JSON: text, Raw: raw}); err != nil || failed == nil {
		return err
	}
	return exit.ErrFailed
}
