// Package daemon is one running orderly: it builds the parts, starts them in order and stops them in reverse.
// The entry point is [Run].
package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"orderly/internal/alert"
	"orderly/internal/api"
	"orderly/internal/child"
	"orderly/internal/collector"
	"orderly/internal/config"
	"orderly/internal/control"
	"orderly/internal/diag"
	"orderly/internal/engine"
	"orderly/internal/host"
	"orderly/internal/httpd"
	"orderly/internal/inspeqtor"
	"orderly/internal/logbook"
	"orderly/internal/metrics"
	"orderly/internal/minitor"
	"orderly/internal/model"
	"orderly/internal/monit"
	"orderly/internal/ping"
	"orderly/internal/probe"
	"orderly/internal/store"
)

// Options say which orderly to run. StateDir and Socket are required.
type Options struct {
	ConfigPaths []string // none: the places of the contract, then the built-in configuration
	Dialect     string   // "": told by name and content
	Lenient     bool     // as of config.Options
	PyCompat    bool     // likewise
	StateDir    string
	Socket      string
	Listen      string // address of the dashboard, "off" for none
	LogFormat   string // "text", "json" or "inspeqtor"
	LogLevel    string // least that is logged, as in model.Log; a configuration may have more logged
	Version     string
	Stderr      io.Writer    // log and diagnostics
	Console     slog.Handler // gets the log instead of Stderr; may be nil

	// What overrides a configuration; zero values do not.
	Interval time.Duration // between two checks
	LogTo    string        // path, or "syslog"
	Pidfile  string
	IDFile   string
	State    string // where Monit kept its state

	InspeqtorSocket string // where inspeqtorctl asks; "": at its usual place, when the configuration is Inspeqtor's

	Metrics string // HOST:PORT of Minitor's metrics; "": they are not served

	Name  string                // what syslog calls us; "": orderly
	Ready func(c *model.Config) // called once, when the first configuration is live; may be nil
}

// ErrConfig tells that the configuration has errors, which were printed. Nothing was started.
var ErrConfig = errors.New("cannot start: the configuration has errors")

// collectAt makes the garbage collector run at a quarter of the growth that is usual: a watchdog has little to collect, and
// its memory is worth more to the host than its few microseconds.
const collectAt = 25

// An instance is one running orderly. What outlives a reload: everything here. What a reload replaces: the
// engine's services, and the routes of the alerts.
type instance struct {
	Options
	log       *slog.Logger
	level     *slog.LevelVar
	talkative atomic.Bool // somebody asked for everything to be logged for now
	store     *store.Store
	host      *host.Host
	meter     probe.Meter
	control   *control.Controller
	inits     *control.Units
	units     *units
	engine    *engine.Engine
	alert     *alert.Alert
	agent     *collector.Agent
	httpd     *httpd.Server
	inspeqtor *inspeqtor.Server
	pings     *ping.Server
	sender    *ping.Sender
	minitor   *minitor.Server
	book      *logbook.Book
	front     front
	metrics   *metrics.Metrics
	errands   *errands
	diagnoses *diagnoses
	started   time.Time

	reloading sync.Mutex // one reload at a time; guards what a configuration replaces:
	pidfile   *pidfile
	doors     doors
	current   atomic.Pointer[monit.Instance]
}

// Run watches and heals until ctx ends or the process is told to stop by SIGTERM or SIGINT; SIGHUP reloads.
// It returns nil after an orderly end, ErrConfig or why it could not start or go on.
func Run(ctx context.Context, o Options) error {
	ctx, cancel := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGUSR1)
	defer signal.Stop(signals)
	signal.Ignore(syscall.SIGPIPE)
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}

	d := newInstance(o)
	defer func() { _ = d.book.Close() }() // a log that cannot be written has nowhere to say so
	loaded, diags := d.load()
	if err := diag.Print(o.Stderr, diags); err != nil {
		return err
	}
	if diags.HasErrors() {
		return ErrConfig
	}
	if err := d.settlePidfile(loaded.Settings.Files.PID); err != nil {
		return err
	}
	defer func() { d.pidfile.release() }()
	if err := d.open(loaded); err != nil {
		return err
	}
	defer d.close()
	return d.serve(ctx, loaded, signals)
}

func newInstance(o Options) *instance {
	d := &instance{Options: o, book: logbook.New(cmp.Or(o.Name, "orderly")), level: &slog.LevelVar{}, started: time.Now()}
	d.talk(false)
	d.log = slog.New(leveled{slog.NewMultiHandler(o.handler(), d.book.Handler()), d.level})
	return d
}

// load reads the configuration. Without any, it says what is watched instead and where to go from there.
func (d *instance) load() (*model.Config, diag.List) {
	r := config.Read(config.Options{Paths: d.ConfigPaths, Dialect: d.Dialect, Lenient: d.Lenient, PyCompat: d.PyCompat, Protocols: Speaks, Channels: alert.Check})
	if len(r.Files) == 0 && !r.Diagnostics.HasErrors() {
		d.log.Info("there is no configuration: only this host is watched, and nothing is repaired",
			"next", "orderly status; then write /etc/orderly/orderly.yaml, or: orderly run -c /etc/monit/monitrc")
	}
	if r.Config != nil {
		d.override(&r.Config.Settings)
	}
	return r.Config, r.Diagnostics
}

// override lets the command line have the last word.
func (d *instance) override(s *model.Settings) {
	s.Interval = cmp.Or(d.Interval, s.Interval)
	s.Files.PID = cmp.Or(d.Pidfile, s.Files.PID)
	s.Files.ID = cmp.Or(d.IDFile, s.Files.ID)
	s.Files.State = cmp.Or(d.State, s.Files.State)
	switch d.LogTo {
	case "":
	case "syslog":
		s.Log = model.Log{Facility: "user"}
	default:
		s.Log = model.Log{File: d.LogTo}
	}
}

// open builds the parts. Only another orderly on the same state directory keeps it from doing so: a watchdog
// does without its disk.
func (d *instance) open(c *model.Config) error {
	var err error
	if d.store, err = store.Open(d.StateDir, d.log); err != nil {
		return err
	}
	d.diagnoses = newDiagnoses(d.diagnose, d.store.Diagnose)
	d.host = host.New(host.Options{OnExit: func(service string, pid int) { d.engine.Exited(service, pid) }})
	marker := d.identity()
	if n := child.Sweep(marker); n > 0 {
		d.log.Info("ended check programs that an earlier run left behind", "count", n)
	}
	saved, rebooted := d.recall(c)
	d.control = control.New(control.Options{
		Alive: d.host.Find, Facts: d.facts,
		Environment: os.Environ(), Host: d.host.Hostname(), Instance: marker,
	})
	d.manage(rebooted)
	d.minitor = d.newMinitor()
	d.engine = engine.New(engine.Options{
		Sense: d.sense, Actor: actor{d.control, d.units}, Journal: d.journal(), Keeper: keeper{d.store}, Log: d.log,
		Saved: saved, Silences: []byte(d.store.Meta(metaSilences)), Rebooted: rebooted, Forget: d.forget, Marked: d.aliveAt(), Mark: d.markAlive, Checked: d.checked,
	})
	d.alert = alert.New(alert.Options{
		Means: alert.Means{Log: d.log, Run: d.control.Tell}, Journal: d.diagnosed(), Memory: d.store, Kept: d.store.Flush, Attempted: d.attempted, Noted: d.store.Told,
		Report: func(ev model.Event) { d.store.Append(ev) },
	})
	d.agent = collector.New(collector.Options{Journal: d.store, Backend: d, Log: d.log})
	d.httpd = httpd.New(httpd.Options{View: d, Commander: d, Log: d.log, Verbose: d.talk})
	d.inspeqtor = d.newInspeqtor()
	d.newPings()
	d.newFront()
	d.metrics = d.newMetrics()
	d.store.OnTrouble(func(text string) {
		d.store.Append(model.Event{Kind: model.EventInternal, At: time.Now(), Host: d.host.Hostname(), Topic: model.TopicInstance, Text: text})
	})
	return nil
}

// manage prepares to ask the init systems of this host. Nothing is asked before there is a unit.
func (d *instance) manage(rebooted bool) {
	d.inits = control.NewUnits(control.UnitOptions{Environment: os.Environ(), Patience: longestPatience})
	d.units = newUnits(d.inits, d.host.MeasureProcess, func(service string) { d.engine.Stirred(service) }, rebooted)
}

// close ends the parts that serve left, in reverse.
func (d *instance) close() {
	d.inits.Close()
	if err := d.host.Close(); err != nil {
		d.log.Error("cannot let go of the host", "err", err)
	}
	if err := d.store.Close(); err != nil {
		d.log.Error("cannot close the database", "err", err)
	}
}

// serve runs the parts until ctx ends. Each part is told to stop only when those that use it have stopped.
func (d *instance) serve(ctx context.Context, c *model.Config, signals <-chan os.Signal) error {
	socket, err := api.ListenControl(ctx, d.Socket)
	if err != nil {
		return err
	}
	inner, stopInner := context.WithCancel(context.WithoutCancel(ctx))
	defer stopInner()
	var parts sync.WaitGroup
	parts.Go(func() { _ = d.engine.Run(inner) }) // it only ends when it is told to
	parts.Go(func() { d.units.watch(inner, d.inits.Watch) })
	parts.Go(func() { d.diagnoses.run(inner) })
	d.errands = newErrands(inner, d)
	outer, shut := context.WithCancel(ctx)
	defer shut()
	d.doors = doors{ctx: outer}
	d.doors.open.Go(func() { _ = d.inspeqtor.Run(outer) }) // it only ends when it is told to
	d.serveMinitor(outer)
	d.settle(c)
	d.tell(model.EventStarted, c, fmt.Sprintf("orderly %s has started and watches %s", d.Version, counted(len(c.Services), "service")))
	applied, err := d.engine.Apply(ctx, c)
	if err != nil {
		shut()
		d.closeDoors(ctx)
		stopInner()
		d.errands.work.Wait()
		parts.Wait()
		return errors.Join(err, socket.Close())
	}
	d.hearJobs(c)
	d.follow(inner, &parts)
	d.runFront(inner, &parts)
	d.errands.resume(ctx)
	broken := d.openControl(socket)
	d.log.Info("ready", "generation", applied.Generation, "services", len(c.Services), "socket", d.Socket)
	notify(d.log, "READY=1")
	if d.Ready != nil {
		d.Ready(c)
	}
	d.doors.open.Go(func() { d.pat(outer) })
	d.doors.open.Go(func() { d.sender.Run(outer) })
	err = d.attend(ctx, signals, broken)

	notify(d.log, "STOPPING=1")
	d.tell(model.EventStopped, c, "orderly has stopped")
	shut()
	d.closeDoors(ctx)
	d.errands.finish()
	stopInner()
	d.errands.work.Wait()
	parts.Wait()
	return err
}

// follow starts those that follow the journal.
func (d *instance) follow(ctx context.Context, parts *sync.WaitGroup) {
	for name, run := range map[string]func(context.Context) error{"alerts": d.alert.Run, "collectors": d.agent.Run} {
		parts.Go(func() {
			if err := run(ctx); err != nil && ctx.Err() == nil {
				d.log.Error(name+" are told nothing any more", "err", err)
			}
		})
	}
}

// settling is how long after reading a configuration what that took is given back to the host.
const settling = 2 * time.Second

// attend waits for the end, and obeys signals meanwhile: SIGHUP reloads, SIGUSR1 has everything checked now.
func (d *instance) attend(ctx context.Context, signals <-chan os.Signal, broken <-chan error) error {
	settled := time.NewTimer(settling)
	defer settled.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-settled.C:
			debug.FreeOSMemory()
			releaseProgram()
		case err := <-broken:
			return err
		case sig := <-signals:
			if sig == syscall.SIGUSR1 {
				d.Awaken(ctx)
				continue
			}
			settled.Reset(settling)
			reply, err := d.Reload(ctx)
			switch {
			case err != nil:
				d.log.Error("cannot reload", "err", err)
			case reply.Refused != nil:
				_, _ = io.WriteString(d.Stderr, reply.Findings) // the log has the verdict already
			}
		}
	}
}

// Awaken has everything checked now, and does not wait for it.
func (d *instance) Awaken(ctx context.Context) {
	d.log.Info("awakened: everything is checked now")
	if _, err := d.engine.Begin(ctx, model.Command{Kind: model.CommandCheck, All: true}); err != nil {
		d.log.Warn("cannot check everything now", "err", err)
	}
}

// tell journals an event about orderly itself.
func (d *instance) tell(kind model.EventKind, c *model.Config, text string) {
	d.journal().Append(model.Event{Kind: kind, At: time.Now(), Host: c.Settings.Host, Topic: model.TopicInstance, Action: actionOf(kind), Text: text})
}

// actionOf is what $ACTION says about an event of orderly itself.
func actionOf(kind model.EventKind) string {
	switch kind {
	case model.EventStarted:
		return string(model.ActStart)
	case model.EventStopped:
		return string(model.ActStop)
	}
	return strings.TrimSuffix(string(kind), "ed")
}

// counted says how many there are of something, as people do.
func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
