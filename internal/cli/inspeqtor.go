package cli

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/spf13/cobra"

	"orderly/internal/alert"
	"orderly/internal/config"
	"orderly/internal/daemon"
	"orderly/internal/diag"
	"orderly/internal/logbook"
)

// inspeqtorName is how orderly is called where it stands in for Inspeqtor.
const inspeqtorName = "inspeqtor"

const inspeqtorHelp = `Usage: inspeqtor [OPTION]...

Options:
 -c DIR           read the files of this directory (default /etc/inspeqtor)
 -s PATH          let inspeqtorctl ask at this socket (default /var/run/inspeqtor.sock)
 -l LEVEL         log what matters as much as this: warn, info, debug, verbose
 -tc              check the files and do nothing else
 -ta              send an alert through every route, and tell what became of it
 -compat          leave out checks and jobs whose files have errors, as Inspeqtor does
 -state-dir DIR   keep what must last in this directory
 -v               print the version
 -h, -help        print this text

Without -tc and -ta, watch this host in the foreground; the log goes to standard output. SIGHUP reads the files again,
SIGTERM and SIGINT end it. The commands of orderly work beside: orderly status, orderly events.
`

func (p *program) inspeqtorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   inspeqtorName + " [OPTION]...",
		Short: "stand in for Inspeqtor, with its command line",
		Long: `Understand Inspeqtor's command line as Inspeqtor does. A link with the name inspeqtor that leads to orderly does the
same. "orderly inspeqtor -h" tells which options there are.`,
		DisableFlagParsing: true,
		ValidArgsFunction:  cobra.NoFileCompletions,
		RunE:               func(cmd *cobra.Command, args []string) error { return p.inspeqtor(cmd.Context(), args) },
	}
}

// inspeqtor runs a command line of Inspeqtor.
func (p *program) inspeqtor(ctx context.Context, args []string) error {
	o, err := parseInspeqtor(args, p.places)
	return p.standIn(inspeqtorName, inspeqtorHelp, err, func() error { return p.inspect(ctx, o) })
}

// inspect does what the options ask for.
func (p *program) inspect(ctx context.Context, o inspeqtorOptions) error {
	if o.version {
		p.printInspeqtorVersion()
		return nil
	}
	if err := hostFile(o.dir); err != nil {
		return err
	}
	switch {
	case o.test:
		return p.testInspeqtor(o)
	case o.alerts:
		return p.tryAlerts(ctx, o)
	}
	return p.watch(ctx, p.inspeqtorDaemon(o))
}

// hostFile makes sure that a directory is one of Inspeqtor's: there is always a host.inq.
func hostFile(dir string) error {
	path := filepath.Join(dir, "host.inq")
	if _, err := os.Stat(path); err != nil {
		return &exit{exitNo, fmt.Sprintf("cannot read %s, which must be there: %s", path, lastCause(err)), "-c names the directory of Inspeqtor's files"}
	}
	return nil
}

// testInspeqtor tells whether the files hold, in the words that deployment scripts look for.
func (p *program) testInspeqtor(o inspeqtorOptions) error {
	r := config.Check(o.reading())
	if err := p.printDiagnostics(r.Diagnostics); err != nil {
		return err
	}
	if r.Diagnostics.HasErrors() {
		return errNo
	}
	p.line("Configuration parsed ok.")
	return nil
}

func (o inspeqtorOptions) reading() config.Options {
	return config.Options{Paths: []string{o.dir}, Dialect: inspeqtorName, Lenient: o.compat, Protocols: daemon.Speaks, Channels: alert.Check}
}

// printDiagnostics tells on stderr what is wrong with a configuration.
func (p *program) printDiagnostics(found diag.List) error {
	if err := diag.Print(p.stderr, found); err != nil {
		return fmt.Errorf("cannot print the findings: %w", err)
	}
	return nil
}

// inspeqtorDaemon says which daemon the options describe.
func (p *program) inspeqtorDaemon(o inspeqtorOptions) daemon.Options {
	info, _ := debug.ReadBuildInfo()
	return daemon.Options{
		ConfigPaths: []string{o.dir}, Dialect: inspeqtorName, Lenient: o.compat, StateDir: o.stateDir,
		Socket: p.socket, InspeqtorSocket: o.socket, Listen: "off", Version: buildVersion(info), Stderr: p.stderr,
		Console: logbook.Inspeqtor(p.stdout, os.Getpid(), slog.LevelDebug), LogLevel: inspeqtorLevels[o.level], Name: inspeqtorName,
	}
}

// printInspeqtorVersion says in the first line what scripts expect of Inspeqtor, and then who really answers.
func (p *program) printInspeqtorVersion() {
	info, _ := debug.ReadBuildInfo()
	p.line("Inspeqtor 2.0.0")
	p.line("These are the words of " + buildDetails(info))
}
