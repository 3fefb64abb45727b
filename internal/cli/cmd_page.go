package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func (p *program) pageCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "page",
		Short: "the status page as files",
		Args:  noSuchCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return usageError(cmd, "a command is missing") },
	}
	cmd.AddCommand(p.exportPageCommand())
	return cmd
}

func (p *program) exportPageCommand() *cobra.Command {
	var every time.Duration
	cmd := &cobra.Command{
		Use:   "export DIR",
		Short: "write the status page as files that any web server can show",
		Long: `Write all that everybody may see of the status page into a directory, as files that any web server can show: on another host,
people see it also while this one is down. Each file is replaced as a whole, and those of an earlier copy that are not part of the page any
more are removed. Other files in the directory stay.`,
		Example: `  orderly page export /var/www/status
  orderly page export /var/www/status --every 1m`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError(cmd, "orderly page export takes one DIR to write to")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if every != 0 && every < time.Second {
				return usageError(cmd, "--every must be at least 1s")
			}
			n, err := p.exportPage(cmd.Context(), args[0])
			if every == 0 {
				if err == nil {
					p.line(fmt.Sprintf("%d files in %s", n, args[0]))
				}
				return err
			}
			return p.keepExporting(cmd, args[0], every, err)
		},
	}
	cmd.Flags().DurationVar(&every, "every", 0, "write it again each `D`, until interrupted; what goes wrong is told and tried again")
	return cmd
}

// keepExporting writes the page again and again. Only what went wrong the first time ends it.
func (p *program) keepExporting(cmd *cobra.Command, dir string, every time.Duration, first error) error {
	if first != nil {
		return first
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-cmd.Context().Done():
			return nil
		case <-tick.C:
			if _, err := p.exportPage(cmd.Context(), dir); err != nil && cmd.Context().Err() == nil {
				fmt.Fprintln(cmd.ErrOrStderr(), "orderly:", err)
			}
		}
	}
}

// pageList is the file that names the files of a copy, one a line.
const pageList = ".orderly-page"

// exportPage writes the page into a directory and returns how many files that are.
func (p *program) exportPage(ctx context.Context, dir string) (int, error) {
	old, err := os.ReadFile(filepath.Join(dir, pageList))
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(filepath.Join(dir, "index.html")); err == nil {
			return 0, fmt.Errorf("cannot write the status page to %s: it has an index.html that is not ours", dir)
		}
	} else if err != nil {
		return 0, fmt.Errorf("cannot write the status page: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, fmt.Errorf("cannot write the status page: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return 0, fmt.Errorf("cannot write the status page: %w", err)
	}
	defer root.Close()
	if err := replaceFile(root, pageList, old); err != nil { // from now on what is in there is ours, whatever happens
		return 0, fmt.Errorf("cannot write the status page: %w", err)
	}
	var names []string
	err = p.client().ExportPage(ctx, func(name string, text []byte) error {
		if err := replaceFile(root, name, text); err != nil {
			return fmt.Errorf("cannot write the status page: %w", err)
		}
		names = append(names, name)
		return nil
	})
	if err != nil {
		return 0, err
	}
	for name := range strings.Lines(string(old)) {
		if name = strings.TrimSuffix(name, "\n"); name != "" && !slices.Contains(names, name) {
			_ = root.Remove(name) // what is gone already, or cannot be removed, leads nowhere
		}
	}
	if err := replaceFile(root, pageList, []byte(strings.Join(names, "\n")+"\n")); err != nil {
		return 0, fmt.Errorf("cannot write the status page: %w", err)
	}
	return len(names), nil
}

// replaceFile has a file below a directory hold a text, unless it does; whoever reads it sees the old one or the new one. Nothing leads out
// of the directory.
func replaceFile(root *os.Root, name string, text []byte) error {
	if have, err := root.ReadFile(name); err == nil && len(text) > 0 && bytes.Equal(have, text) {
		return nil
	}
	if dir := filepath.Dir(name); dir != "." {
		if err := root.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	fresh := name + ".new"
	if err := root.WriteFile(fresh, text, 0o644); err != nil {
		return err
	}
	return root.Rename(fresh, name)
}
