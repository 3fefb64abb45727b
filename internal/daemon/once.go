package daemon

import (
	"context"
	"log/slog"
	"os"
	"sync"

	"orderly/internal/control"
	"orderly/internal/diag"
	"orderly/internal/engine"
	"orderly/internal/host"
	"orderly/internal/model"
	"orderly/internal/store"
)

// Once does something without a daemon: with a zero command it makes one pass over all services, with the actions that
// follow from it; else it carries out the command and nothing else. What only a daemon can do, which is to monitor or
// not, is left in the state directory for the next one. Options are used as by Run, without doors.
func Once(ctx context.Context, o Options, c model.Command) ([]model.Outcome, error) {
	d := newInstance(o)
	defer func() { _ = d.book.Close() }() // a log that cannot be written has nowhere to say so
	loaded, diags := d.load()
	if diags.HasErrors() {
		if err := diag.Print(o.Stderr, diags); err != nil {
			return nil, err
		}
		return nil, ErrConfig
	}
	if err := d.book.Open(placeOf(loaded.Settings.Log)); err != nil {
		d.log.Warn("the log is not written", "err", err)
	}
	switch c.Kind {
	case "":
		return nil, d.pass(ctx, loaded)
	case model.CommandMonitor, model.CommandUnmonitor:
		return d.leave(ctx, loaded, c)
	}
	return d.perform(ctx, loaded, c)
}

// pass checks everything once, and waits for the actions and messages that follow.
func (d *instance) pass(ctx context.Context, c *model.Config) error {
	if err := d.open(c); err != nil {
		return err
	}
	defer d.close()
	followers, leave := context.WithCancel(context.WithoutCancel(ctx))
	var following sync.WaitGroup
	d.alert.Configure(c)
	d.follow(followers, &following)
	defer func() { leave(); following.Wait() }() // they deliver what is left
	defer d.conduct(ctx)()
	if _, err := d.engine.Apply(ctx, c); err != nil {
		return err
	}
	if _, err := d.engine.Do(ctx, model.Command{Kind: model.CommandCheck, All: true}); err != nil {
		return err
	}
	return d.engine.Quiet(ctx)
}

// conduct runs the engine until the function it returns is called, which waits for the end.
func (d *instance) conduct(ctx context.Context) (stop func()) {
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = d.engine.Run(inner) // it only ends when it is told to
	}()
	return func() { cancel(); <-ended }
}

// leave puts a command where the next daemon takes it up.
func (d *instance) leave(ctx context.Context, c *model.Config, cmd model.Command) ([]model.Outcome, error) {
	var out []model.Outcome
	for _, name := range cmd.Names {
		s := c.Find(name)
		if s == nil {
			return nil, &engine.UnknownError{What: "service", Name: name}
		}
		out = append(out, model.Outcome{Service: s.Name, Done: "the next daemon will " + string(cmd.Kind) + " it"})
	}
	var err error
	if d.store, err = store.Open(d.StateDir, d.log); err != nil {
		return nil, err
	}
	defer func() { _ = d.store.Close() }() // Flush has told whether it is on disk
	if _, err := newErrands(ctx, d).add(cmd); err != nil {
		return nil, err
	}
	return out, d.store.Flush(ctx)
}

// perform carries out a command on services without rules: nothing else must follow from it.
func (d *instance) perform(ctx context.Context, c *model.Config, cmd model.Command) ([]model.Outcome, error) {
	bare := &model.Config{Settings: c.Settings}
	for _, s := range c.Services {
		b := *s
		b.Rules, b.RestartLimits, b.Schedule = nil, nil, model.Schedule{}
		bare.Services = append(bare.Services, &b)
	}
	bare.Seal()
	d.host = host.New(host.Options{})
	defer func() { _ = d.host.Close() }() // nothing is lost with it
	d.control = control.New(control.Options{Alive: d.host.Find, Facts: d.facts, Environment: os.Environ(), Host: d.host.Hostname()})
	d.manage(false)
	defer d.inits.Close()
	d.engine = engine.New(engine.Options{
		Sense: d.sense, Actor: actor{d.control, d.units}, Journal: aloud{d.log}, Keeper: forgetful{}, Log: d.log, Forget: d.forget,
	})
	defer d.conduct(ctx)()
	if _, err := d.engine.Apply(ctx, bare); err != nil {
		return nil, err
	}
	return d.engine.Do(ctx, cmd)
}

// aloud is a journal that only logs.
type aloud struct{ log *slog.Logger }

func (a aloud) Append(ev model.Event) uint64 {
	a.log.Log(context.Background(), level(ev.Kind), ev.Text, "service", ev.Service)
	return 0
}

// forgetful keeps nothing.
type forgetful struct{}

func (forgetful) Save(string, model.Kind, []byte) {}
func (forgetful) SaveSilences([]byte)             {}
func (forgetful) Remove(string)                   {}
func (forgetful) Flush(context.Context) error     { return nil }
