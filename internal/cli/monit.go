package cli

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"orderly/internal/daemon"
	"orderly/internal/logbook"
	"orderly/internal/model"
	"orderly/internal/monit"
)

// monitName is how orderly is called where it stands in for Monit.
const monitName = "monit"

func (p *program) monitCommand() *cobra.Command {
	return &cobra.Command{
		Use:   monitName + " [OPTION]... [COMMAND [NAME]]",
		Short: "stand in for Monit, with its command line",
		Long: `Understand Monit's command line as Monit does: the same options, commands, texts and exit statuses.
A link with the name monit that leads to orderly does the same. "orderly monit -h" tells which options there are.`,
		Example: `  orderly monit -c /etc/monit/monitrc -t
  orderly monit summary
  ln -s /usr/bin/orderly /usr/local/bin/monit`,
		DisableFlagParsing: true,
		ValidArgsFunction:  cobra.NoFileCompletions,
		RunE:               func(cmd *cobra.Command, args []string) error { return p.monit(cmd.Context(), args) },
	}
}

// A monitRun is one run of Monit's command line.
type monitRun struct {
	*program
	monitOptions
	config   *model.Config // what the control file says
	periodic bool          // the control file or an option says how often to check
	at       monitPlaces
}

// A monitError is said to the user as it is: these are texts that scripts know.
type monitError string

func (e monitError) Error() string { return string(e) }

func monitErrorf(format string, args ...any) error { return monitError(fmt.Sprintf(format, args...)) }

// monit runs a command line of Monit. The only exit statuses are 0 and 1.
func (p *program) monit(ctx context.Context, args []string) error {
	options, warnings, err := parseMonit(args)
	m := &monitRun{program: p, monitOptions: options}
	for _, warning := range warnings {
		m.complain(warning)
	}
	if err == nil {
		err = m.run(ctx)
	}
	if err == nil {
		return nil
	}
	if text := err.Error(); text != "" {
		m.complain(text)
	}
	return errNo
}

func (m *monitRun) run(ctx context.Context) error {
	switch m.task {
	case taskHelp:
		_, _ = fmt.Fprint(m.stdout, monitHelp)
		return nil
	case taskVersion:
		m.printVersion()
		return nil
	case taskHash:
		return m.hash()
	}
	if err := m.readControlFile(); err != nil {
		return err
	}
	err := m.obey(ctx)
	if err != nil && err.Error() != "" {
		_ = m.note(ctx, slog.LevelError, err.Error()) // it is said on stderr as well
	}
	return err
}

// obey does what the options and the command ask for.
func (m *monitRun) obey(ctx context.Context) error {
	if m.task == taskID {
		return m.showID(ctx)
	}
	if _, err := m.identify(ctx); err != nil {
		m.complain(err.Error())
	}
	switch m.task {
	case taskTest:
		return m.test()
	case taskResetID:
		return m.resetID(ctx)
	}
	if len(m.words) == 0 {
		return m.start(ctx)
	}
	argument := ""
	if len(m.words) > 1 {
		argument = m.words[1]
	}
	return m.command(ctx, m.words[0], argument)
}

func (m *monitRun) command(ctx context.Context, command, argument string) error {
	switch command {
	case "start", "stop", "restart", "monitor", "unmonitor":
		return m.act(ctx, model.CommandKind(command), argument)
	case "reload":
		return m.reload(ctx)
	case "quit":
		return m.quit(ctx)
	case "status", "summary", "report":
		return m.show(ctx, command, argument)
	case "validate":
		return m.validate(ctx, argument)
	case "procmatch":
		return m.procmatch()
	}
	return monitErrorf("Invalid argument -- %s  (-h will show valid arguments)", command)
}

// tell says on stdout, and in the log, what was done.
func (m *monitRun) tell(ctx context.Context, text string) {
	m.line(text)
	_ = m.note(ctx, slog.LevelInfo, text) // that the log cannot be written was said when the daemon started
}

// note writes to the log of the daemon, which shows there who did what to it.
func (m *monitRun) note(ctx context.Context, level slog.Level, text string) error {
	book := logbook.New(monitName)
	defer func() { _ = book.Close() }()
	if err := book.Open(logbook.Place{File: m.config.Settings.Log.File, Facility: m.config.Settings.Log.Facility}); err != nil {
		return err
	}
	slog.New(book.Handler()).Log(ctx, level, text)
	return nil
}

// complain says on stderr what is wrong.
func (m *monitRun) complain(text string) {
	for line := range strings.Lines(text) {
		_, _ = fmt.Fprintln(m.stderr, clean(line))
	}
}

// printVersion says in the first line what scripts expect of Monit, and then who really answers.
func (m *monitRun) printVersion() {
	info, _ := debug.ReadBuildInfo()
	m.line("This is Monit version " + monit.Version)
	m.line("Built with ssl, with ipv6, with compression, without pam and with large files")
	m.line("These are the words of " + buildDetails(info))
}

// daemonOptions say which daemon the control file and the options describe.
func (m *monitRun) daemonOptions() daemon.Options {
	info, _ := debug.ReadBuildInfo()
	level := ""
	if m.verbose {
		level = "debug"
	}
	return daemon.Options{
		ConfigPaths: []string{m.file}, Dialect: "monit", StateDir: m.at.stateDir, Socket: m.at.socket, Listen: "off",
		Version: buildVersion(info), Stderr: m.stderr, LogLevel: level, Console: logbook.Console(m.stdout, m.stderr, slog.LevelDebug),
		Interval: m.interval, LogTo: m.logfile, Pidfile: m.at.pidfile, IDFile: m.at.idfile, State: m.at.state, Name: monitName,
	}
}
