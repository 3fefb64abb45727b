package cli

import (
	"runtime/debug"
	"slices"

	"github.com/spf13/cobra"

	"orderly/internal/daemon"
)

func (p *program) runCommand() *cobra.Command {
	o := daemon.Options{Stderr: p.stderr}
	cmd := &cobra.Command{
		Use:   "run",
		Short: "watch this host, in the foreground",
		Long: `Watch this host and act when something is wrong, in the foreground; the log goes to stderr.

Without -c the configuration is $ORDERLY_CONFIG, else /etc/orderly/orderly.yaml (for other users than root
~/.config/orderly/orderly.yaml). Where there is none, the host itself is observed.
SIGHUP reads the configuration again, SIGTERM and SIGINT end orderly.`,
		Example: `  orderly run
  orderly run -c /etc/monit/monitrc
  orderly run -c web.conf --state-dir /tmp/o --socket /tmp/o/o.sock --listen off`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError(cmd, "a configuration is named with -c: -c %s", args[0])
			}
			if !slices.Contains([]string{"text", "json", inspeqtorName}, o.LogFormat) {
				return usageError(cmd, "--log-format is text, json or inspeqtor, not %q", o.LogFormat)
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			info, _ := debug.ReadBuildInfo()
			o.Version = buildVersion(info)
			o.Socket, o.InspeqtorSocket = p.socket, p.places.inspeqtorSocket
			return p.daemon(cmd.Context(), o)
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVarP(&o.ConfigPaths, "config", "c", nil, "a configuration, file or directory `PATH`; may be repeated")
	flags.StringVar(&o.Dialect, "dialect", "", dialectHelp)
	flags.StringVar(&o.StateDir, "state-dir", p.places.stateDir, "where what must last is kept, in `DIR`")
	flags.StringVar(&o.Listen, "listen", p.places.listen, "`ADDRESS` of the dashboard, or off")
	flags.StringVar(&o.LogFormat, "log-format", "text", "text, json or inspeqtor")
	return cmd
}

// dialectHelp explains --dialect wherever a configuration is read.
const dialectHelp = "read every file as `NAME`: monit, inspeqtor, minitor or orderly; else told by name and content"
