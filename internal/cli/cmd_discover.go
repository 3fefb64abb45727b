package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"orderly/internal/daemon"
	"orderly/internal/discover"
)

func (p *program) discoverCommand() *cobra.Command {
	var output string
	var force bool
	cmd := &cobra.Command{
		Use:   "discover",
		Short: "propose a configuration for what runs here",
		Long: `Write an orderly.yaml that watches what runs on this host: the services of its init systems, its filesystems
and the host itself. Servers that listen are asked in their own language, and comments say why each rule is there and
what was left out.

What is proposed holds and runs as it is: every server was asked once, as the rule would, and a rule that would fail
is not written. Nothing is changed on this host. Only root sees which program listens where.`,
		Example: `  orderly discover                           look at it
  orderly discover -o /etc/orderly/orderly.yaml`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			facts, err := discover.Gather(cmd.Context(), daemon.Ask)
			if err != nil {
				return err
			}
			for _, t := range facts.Troubles {
				complain(p.stderr, t, "")
			}
			text := discover.Propose(facts)
			if output == "" {
				if _, err := fmt.Fprint(p.stdout, text); err != nil {
					return fmt.Errorf("cannot write the configuration: %w", err)
				}
				return nil
			}
			return save(output, text, force)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "write to this `FILE`, which must not exist yet")
	cmd.Flags().BoolVar(&force, "force", false, "replace the file if it exists")
	return cmd
}

// save makes a file of a text: all of it or nothing. Without force an existing file stays as it is. The directory is made
// as well, but not the one above: that would be a slip of the pen.
func save(file, text string, force bool) error {
	if err := os.Mkdir(filepath.Dir(file), 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("cannot make the directory of %s: %w", file, errnoOf(err))
	}
	draft, err := os.CreateTemp(filepath.Dir(file), ".orderly-*") // nobody else may write or read it
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", file, errnoOf(err))
	}
	defer os.Remove(draft.Name()) // it is gone if all went well
	_, err = draft.WriteString(text)
	if err = errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return fmt.Errorf("cannot write %s: %w", file, errnoOf(err))
	}
	publish := os.Link // which replaces nothing
	if force {
		publish = os.Rename
	}
	err = publish(draft.Name(), file)
	switch {
	case errors.Is(err, fs.ErrExist):
		return &exit{exitNo, fmt.Sprintf("cannot write %s: it exists", file), "--force replaces it"}
	case err != nil:
		return fmt.Errorf("cannot write %s: %w", file, errnoOf(err))
	}
	return nil
}

// errnoOf is what the system said, without the names of files that only we know of.
func errnoOf(err error) error {
	if no, ok := errors.AsType[syscall.Errno](err); ok {
		return no
	}
	return err
}
