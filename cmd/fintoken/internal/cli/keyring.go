package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/secrets"
)

// newKeyring returns the commands that put secrets into the keyring of the system and take them out.
func (a *app) newKeyring() *cobra.Command {
	const example = "  fintoken keyring set straddle/sandbox/api-key < api-key.txt\n  fintoken keyring delete straddle/sandbox/api-key"
	cmd := group("keyring", "Keep credentials in the keyring of the system", example)
	cmd.Long = `Where a command finds a secret neither on its command line nor in the environment, it asks the keyring: Keychain on
macOS, Credential Manager on Windows, the Secret Service elsewhere. FINTOKEN_KEYRING=off keeps it from asking.`
	set := &cobra.Command{
		Use: "set ENTRY", Short: "Put a secret, read from stdin, into the keyring", Example: example,
		RunE: func(cmd *cobra.Command, args []string) error { return a.keyringSet(cmd, args[0]) },
	}
	remove := &cobra.Command{
		Use: "delete ENTRY", Short: "Take a secret out of the keyring", Example: example,
		RunE: func(cmd *cobra.Command, args []string) error {
			ring, err := a.openKeyring()
			if err != nil {
				return err
			}
			return keyringError(ring.Delete(cmd.Context(), args[0]))
		},
	}
	for _, c := range []*cobra.Command{set, remove} {
		c.Args = entryArg
		c.ValidArgs = secrets.Entries(kept())
		cmd.AddCommand(c)
	}
	return cmd
}

// entryArg takes the name of an entry.
func entryArg(cmd *cobra.Command, args []string) error {
	if err := oneArg("the name of an entry")(cmd, args); err != nil {
		return err
	}
	if err := secrets.CheckEntry(args[0], kept()); err != nil {
		next := "see `" + cmd.CommandPath() + " --help`"
		if near := nearest(args[0], secrets.Entries(kept())); near != "" {
			next = "did you mean " + near + "?"
		}
		return exit.UsageError(fmt.Errorf("the entry %w", err), next)
	}
	return nil
}

func (a *app) keyringSet(cmd *cobra.Command, entry string) error {
	ring, err := a.openKeyring()
	if err != nil {
		return err
	}
	value, err := a.finder().ReadStdin("keyring set")
	if err != nil {
		return exit.UsageError(err, "for example: fintoken keyring set "+entry+" < file")
	}
	return keyringError(ring.Set(cmd.Context(), entry, value.Reveal()))
}

func (a *app) openKeyring() (*secrets.Keyring, error) {
	if ring := a.keyring(); ring != nil {
		return ring, nil
	}
	return nil, exit.ConfigError(errors.New("the keyring is switched off by FINTOKEN_KEYRING"), "unset FINTOKEN_KEYRING, or use a file (--api-key-file, --client-secret-file) or the environment instead")
}

func keyringError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, secrets.ErrNoEntry):
		return &exit.Error{Code: exit.NotFound, Err: fmt.Errorf("the keyring: %w", err), Next: "there is nothing to do; each environment has entries of its own, see the command's --help"}
	}
	return exit.ConfigError(fmt.Errorf("the keyring: %w", err), "use a file (--api-key-file, --client-secret-file) or the environment instead")
}
