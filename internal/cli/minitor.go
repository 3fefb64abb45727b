package cli

import (
	"context"
	"log/slog"
	"os"
	"runtime/debug"
	"strconv"

	"github.com/spf13/cobra"

	"orderly/internal/alert"
	"orderly/internal/config"
	"orderly/internal/daemon"
	"orderly/internal/logbook"
)

// minitorName is how orderly is called where it stands in for Minitor.
const minitorName = "minitor"

const minitorHelp = `Usage: minitor [OPTION]...

Options, with one dash or two:
 -c, -config FILE            read this file (default config.yml, or else config.hcl)
 -m, -metrics                serve metrics, at / and /metrics, and /healthz
 -p, -metrics-port PORT      there (default 8080)
 -v, -debug                  log more: -v three times, or -debug, logs each check
 -py-compat                  the file was used with this option: where nothing in it tells, its defaults are Go's
 -startup-alerts A,B         run these alerts at the start; when one fails, do not start
 -startup-alerts-fatal=false ... and start all the same
 -state-dir DIR              keep what must last in this directory
 -socket PATH                answer orderly's commands at this socket
 -version                    print the version
 -h, -help                   print this text

Watch in the foreground; the log goes to standard error. SIGHUP reads the file again, SIGTERM and SIGINT end it. The
commands of orderly work beside: orderly check FILE, orderly status, orderly events, orderly silence.
`

func (p *program) minitorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   minitorName + " [OPTION]...",
		Short: "stand in for Minitor, with its command line",
		Long: `Understand Minitor's command line, that of its Python version and that of its Go versions. A link with the name
minitor that leads to orderly does the same. "orderly minitor -h" tells which options there are.`,
		DisableFlagParsing: true,
		ValidArgsFunction:  cobra.NoFileCompletions,
		RunE:               func(cmd *cobra.Command, args []string) error { return p.minitor(cmd.Context(), args) },
	}
}

// minitor runs a command line of Minitor.
func (p *program) minitor(ctx context.Context, args []string) error {
	o, err := parseMinitor(args, p.places)
	return p.standIn(minitorName, minitorHelp, err, func() error { return p.minitorWatch(ctx, o) })
}

// minitorWatch runs the alerts that are to be run at the start, and then the daemon.
func (p *program) minitorWatch(ctx context.Context, o minitorOptions) error {
	if o.version {
		info, _ := debug.ReadBuildInfo()
		p.line("Minitor version: orderly " + buildVersion(info))
		return nil
	}
	if len(o.alerts) > 0 {
		if err := p.startupAlerts(ctx, o); err != nil {
			return err
		}
	}
	return p.watch(ctx, p.minitorDaemon(o))
}

func (o minitorOptions) reading() config.Options {
	return config.Options{
		Paths: []string{o.file}, Dialect: minitorName, PyCompat: o.pyCompat, Protocols: daemon.Speaks, Channels: alert.Check,
	}
}

// minitorDaemon says which daemon the options describe.
func (p *program) minitorDaemon(o minitorOptions) daemon.Options {
	info, _ := debug.ReadBuildInfo()
	out := daemon.Options{
		ConfigPaths: []string{o.file}, Dialect: minitorName, PyCompat: o.pyCompat, StateDir: o.stateDir, Socket: o.socket,
		Listen: "off", Version: buildVersion(info), Stderr: p.stderr, Console: logbook.Minitor(p.stderr, slog.LevelDebug), Name: minitorName,
	}
	if o.metrics {
		out.Metrics = ":" + strconv.Itoa(o.port)
	}
	if o.debug {
		out.LogLevel = "debug"
	}
	return out
}

// minitorFiles are what a file is called where none is named.
var minitorFiles = []string{"config.yml", "config.hcl"}

// usualMinitorFile is the one that is there, or the first.
func usualMinitorFile() string {
	for _, name := range minitorFiles {
		if _, err := os.Stat(name); err == nil {
			return name
		}
	}
	return minitorFiles[0]
}
