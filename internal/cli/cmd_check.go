package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"orderly/internal/alert"
	"orderly/internal/config"
	"orderly/internal/daemon"
	"orderly/internal/diag"
)

func (p *program) checkCommand() *cobra.Command {
	var dialect string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check [PATH...]",
		Short: "check a configuration",
		Long: `Read configurations, files or directories, and tell what is wrong with them. Nothing is started or created.

Without PATH it is the configuration that "orderly run" would use. The exit status is 1 when there are errors.`,
		Example: `  orderly check /etc/monit/monitrc
  orderly check --json conf.d | jq '.diagnostics[].summary'`,
		RunE: func(_ *cobra.Command, paths []string) error {
			r := config.Check(config.Options{Paths: paths, Dialect: dialect, Protocols: daemon.Speaks, Channels: alert.Check})
			if !asJSON {
				for _, origin := range r.Origins {
					p.line(clean(origin))
				}
			}
			if err := p.printFindings(r.Diagnostics, len(r.Files), asJSON); err != nil {
				return err
			}
			if r.Diagnostics.HasErrors() {
				return errNo
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&dialect, "dialect", "", dialectHelp)
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

func (p *program) printFindings(found diag.List, files int, asJSON bool) error {
	if asJSON {
		return p.json(found.Report())
	}
	if err := diag.Print(p.stdout, found); err != nil {
		return fmt.Errorf("cannot print the findings: %w", err)
	}
	errors, warnings := found.Count()
	p.line(fmt.Sprintf("%d files, %d errors, %d warnings", files, errors, warnings))
	return nil
}
