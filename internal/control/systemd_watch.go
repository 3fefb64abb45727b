package control

import (
	"context"
	"maps"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	watchPatience = 2 * greetPatience // until a connection is ready to be followed
	firstRetry    = 100 * time.Millisecond
	lastRetry     = 30 * time.Second
	signalQueue   = 256 // signals that may wait before all units are looked at anew instead
)

// again calls follow until ctx ends, each time a little later, beginning anew after one that was of use.
func again(ctx context.Context, follow func() (useful bool)) {
	pause := firstRetry
	for {
		if follow() {
			pause = firstRetry
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		pause = min(2*pause, lastRetry)
	}
}

// watch follows units by the signals of their manager.
func (s *systemd) watch(ctx context.Context, units []string, changed func(Unit)) {
	told := map[string]Unit{}
	again(ctx, func() bool {
		w := systemdWatch{systemd: s, told: told, changed: changed, signals: make(chan *dbus.Signal, signalQueue), lost: make(chan struct{}, 1)}
		return w.follow(ctx, units)
	})
}

// A systemdWatch follows units over one connection.
type systemdWatch struct {
	*systemd
	units   map[dbus.ObjectPath]*watched
	told    map[string]Unit // what was told last
	changed func(Unit)
	signals chan *dbus.Signal
	lost    chan struct{} // a signal had no room

	reloading bool // until systemd has its configuration again nothing that it tells of a unit can be relied on
}

// watched is a unit as it is known from its properties and their changes.
type watched struct {
	name             string
	general, special properties
}

// DeliverSignal queues a signal. It must not wait: answers come in over the same connection.
func (w *systemdWatch) DeliverSignal(_, _ string, s *dbus.Signal) {
	select {
	case w.signals <- s:
	default:
		select {
		case w.lost <- struct{}{}:
		default:
		}
	}
}

// follow returns when the connection or ctx ends, and tells whether there was a connection.
func (w *systemdWatch) follow(ctx context.Context, units []string) bool {
	start, cancel := context.WithTimeout(ctx, watchPatience)
	defer cancel()
	conn, err := w.bus.connect(start, w)
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	l := &line{Conn: conn}
	w.units = map[dbus.ObjectPath]*watched{}
	for _, name := range units {
		path := unitPath(name)
		w.units[path] = &watched{name: name}
		if l.listen(start, dbus.WithMatchObjectPath(path), dbus.WithMatchMember("PropertiesChanged")) != nil {
			return false
		}
	}
	// Without a subscription of anybody systemd signals nothing on the bus.
	if l.listen(start, dbus.WithMatchObjectPath(systemdPath), dbus.WithMatchMember("Reloading")) != nil ||
		l.manager(start, "Subscribe", nil) != nil || !w.look(start, l) {
		return false
	}
	for {
		select {
		case s := <-w.signals:
			if w.take(s) {
				continue
			}
		case <-w.lost:
		case <-conn.Context().Done():
			return true
		case <-ctx.Done():
			return true
		}
		look, cancel := context.WithTimeout(ctx, watchPatience)
		ok := w.look(look, l)
		cancel()
		if !ok {
			return true
		}
	}
}

// look reads all units anew.
func (w *systemdWatch) look(ctx context.Context, l *line) bool {
	w.reloading = false
	for _, u := range w.units {
		var err error
		if u.general, u.special, err = l.unit(ctx, u.name); err != nil {
			return false
		}
		w.tell(u)
	}
	return true
}

// take applies what a signal tells, and returns false when the units have to be looked at instead.
func (w *systemdWatch) take(s *dbus.Signal) bool {
	if s.Name == systemdManager+".Reloading" {
		return dbus.Store(s.Body, &w.reloading) == nil && w.reloading
	}
	u := w.units[s.Path]
	if u == nil || w.reloading {
		return true
	}
	var iface string
	var changes map[string]dbus.Variant
	var invalid []string
	if dbus.Store(s.Body, &iface, &changes, &invalid) != nil {
		return true
	}
	// systemd tells first what is special to a kind of unit and then what is general: with the second it is complete.
	switch iface {
	case systemdName + ".Service":
		if u.special != nil {
			maps.Copy(u.special, changes)
		}
	case systemdName + ".Unit":
		maps.Copy(u.general, changes)
		w.tell(u)
	}
	return true
}

// tell calls back if a unit is not as it was told last.
func (w *systemdWatch) tell(u *watched) {
	now, err := w.unit(u.name, u.general, u.special)
	if err != nil {
		now = gone(Ref{System: w.label, Name: u.name}, err)
	}
	if last, known := w.told[u.name]; known && last == now {
		return
	}
	w.told[u.name] = now
	w.changed(now)
}

// gone is a unit that its init system does not know any more, as it is told to those who watch it.
func gone(ref Ref, err error) Unit {
	return Unit{Ref: ref, State: UnitStopped, Detail: err.Error(), Restarts: -1}
}
