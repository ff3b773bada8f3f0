package cli

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/gen/sandboxadmin"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// newWebhooks returns the commands that are about events.
func (a *app) newWebhooks() *cobra.Command {
	return group("webhooks", "Events: those of a running sandbox, and whether one is what it says", "  fintoken webhooks listen --forward-to http://localhost:3000/hook\n  fintoken webhooks send charge.event.v1",
		a.newListen(),
		a.newSendEvent(),
		a.newSignEvent(),
		a.newVerifyEvent(),
	)
}

// telling are the providers that have webhooks.
func telling() []string {
	return slices.DeleteFunc(sandbox.Providers(), func(name string) bool { return sandbox.EventTypes(name) == nil })
}

// webhookOptions returns the options for the value of --webhook-url: of the provider that it names, or of all of them.
func webhookOptions(text string) (options []sandbox.Option) {
	for _, name := range sandbox.Providers() {
		if target, named := strings.CutPrefix(text, name+"="); named {
			return []sandbox.Option{sandbox.WebhookURL(name, target)}
		}
	}
	for _, name := range telling() {
		options = append(options, sandbox.WebhookURL(name, text))
	}
	return options
}

// newListen returns the command that brings events to a URL while it runs.
func (a *app) newListen() *cobra.Command {
	var hook sandboxadmin.Webhook
	cmd := verb("listen", "Send the events of a running sandbox to a URL, and print what becomes of them",
		"  fintoken webhooks listen --forward-to http://localhost:3000/hook\n  fintoken webhooks listen --forward-to http://localhost:3000/hook --event charge.event.v1 --transform state", noArgs,
		func(cmd *cobra.Command, _ []string) error {
			if hook.URL == "" {
				return exit.UsageError(errors.New("--forward-to is missing: the URL that events are sent to"), "see `fintoken webhooks listen --help`")
			}
			return a.listen(cmd, hook)
		})
	cmd.Long += "\n\nPrints the endpoint as a line of JSON when events begin to come, and then a delivery whenever it was attempted, until Ctrl-C\n" +
		"or SIGTERM; then the endpoint is removed. The sandbox sends by itself and signs: `fintoken sandbox credentials` has the secret. It sends to its own machine,\n" +
		"and to hosts of its --webhook-host."
	f := cmd.Flags()
	f.StringVar(&hook.URL, "forward-to", "", "the `url` that events are sent to; required")
	f.StringVar(&hook.Provider, "provider", telling()[0], "whose events are sent")
	f.StringSliceVar(&hook.Events, "event", nil, "only this `type` of event; can be repeated")
	complete(cmd, "provider", telling()...)
	complete(cmd, "event", sandbox.EventTypes(telling()[0])...)
	return cmd
}

// How long one look at the deliveries waits for news, and how long the sandbox has to forget the endpoint at the end.
const (
	listenWait   = 10 * time.Second
	forgetPeriod = 3 * time.Second
)

// listen has events sent to an endpoint until the context ends, and prints what becomes of them.
func (a *app) listen(cmd *cobra.Command, hook sandboxadmin.Webhook) error {
	call, done, err := a.adminClient(cmd)
	if err != nil {
		return err
	}
	defer done()
	row, err := call(cmd.Context(), "addWebhook", func(ctx context.Context, api *sandboxadmin.Client) (*http.Response, error) {
		return api.AddWebhook(ctx, hook)
	})
	if err != nil {
		return err
	}
	var added sandboxadmin.Webhook
	if err := json.Unmarshal(row, &added); err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(cmd.Context()), forgetPeriod)
		defer cancel()
		// A sandbox that is gone has forgotten it as well.
		_, _ = call(ctx, "removeWebhook", func(ctx context.Context, api *sandboxadmin.Client) (*http.Response, error) {
			return api.RemoveWebhook(ctx, added.ID)
		})
	}()
	signal.Ignore(syscall.SIGPIPE) // it would end the program before the endpoint is removed
	err = a.printRow(cmd, row)
	for after := int64(0); err == nil && cmd.Context().Err() == nil; {
		after, err = a.printDeliveries(cmd, call, added.ID, after)
	}
	switch {
	case errors.Is(err, syscall.EPIPE), errors.Is(a.out.err, syscall.EPIPE): // nobody reads any more
		a.out.err = nil
		return nil
	case cmd.Context().Err() != nil: // it was told to end
		return nil
	}
	return err
}

// printDeliveries waits for deliveries that have changed and prints them.
func (a *app) printDeliveries(cmd *cobra.Command, call adminCall, webhook string, after int64) (int64, error) {
	attempted, one, wait := true, 1, listenWait.String()
	body, err := call(cmd.Context(), "listDeliveries", func(ctx context.Context, api *sandboxadmin.Client) (*http.Response, error) {
		return api.ListDeliveries(ctx, &sandboxadmin.ListDeliveriesParams{
			Webhook: &webhook, Answered: &attempted, After: &after, Count: &one, Timeout: &wait,
		})
	})
	var failed *rest.Error
	if errors.As(err, &failed) && failed.Status == http.StatusRequestTimeout {
		return after, nil // there was no news
	}
	var page struct {
		Deliveries []json.RawMessage `json:"deliveries"`
	}
	if err == nil {
		err = json.Unmarshal(body, &page)
	}
	for _, row := range page.Deliveries {
		var of struct {
			Seq int64 `json:"seq"`
		}
		if err = json.Unmarshal(row, &of); err == nil {
			err = a.printRow(cmd, row)
		}
		if err != nil {
			return after, err
		}
		after = of.Seq
	}
	return after, err
}

// newSendEvent returns the command that makes the sandbox send an event.
func (a *app) newSendEvent() *cobra.Command {
	var provider, data string
	cmd := verb("send EVENT", "Make a running sandbox send an event that nothing has led to",
		"  fintoken webhooks send charge.event.v1\n  fintoken webhooks send charge.event.v1 --data '{id: 3f0c8a52-6d1e-4b7b-9a37-0d1f6b1c2e11, status: paid}'", oneArg("the type of the event, such as charge.event.v1"),
		func(cmd *cobra.Command, args []string) error {
			body := sandboxadmin.EventRequest{Provider: provider, Type: args[0]}
			if data != "" {
				object, err := a.object(cmd, "--data", data)
				if err != nil {
					return err
				}
				body.Data = &object
			}
			return a.admin(cmd, "sendEvent", func(ctx context.Context, api *sandboxadmin.Client) (*http.Response, error) {
				return api.SendEvent(ctx, body)
			})
		})
	cmd.Long += "\n\nThe event goes to the endpoints that there are: those of `fintoken sandbox --webhook-url`, `fintoken webhooks listen` and\n" +
		"AddWebhook."
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return sandbox.EventTypes(provider), cobra.ShellCompDirectiveNoFileComp
	}
	f := cmd.Flags()
	f.StringVar(&provider, "provider", telling()[0], "whose event it is")
	f.StringVar(&data, "data", "", "the data of the event in place of an example: JSON or YAML, @file, or - for stdin")
	complete(cmd, "provider", telling()...)
	return cmd
}
