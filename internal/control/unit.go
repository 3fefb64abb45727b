package control

import (
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// ErrNoUnit is wrapped by the errors about a service that no init system knows.
var ErrNoUnit = errors.New("no init system of this host knows it")

// A Ref names one service of one init system. It stays valid as long as the service is installed.
type Ref struct {
	System string // "systemd", "runit", ...: one of [Units.Detect]
	Name   string // as that system calls it: "web.service", "/etc/service/web", "group:web"
}

// A UnitState is where a service stands, in the same words for every init system.
type UnitState string

// The states of a unit. A job that ran to its good end and counts as done, like a systemd oneshot that remains, is running.
const (
	UnitRunning    UnitState = "running"
	UnitStopped    UnitState = "stopped"
	UnitStarting   UnitState = "starting"
	UnitStopping   UnitState = "stopping"
	UnitFailed     UnitState = "failed"     // it ended badly, and its init system leaves it at that
	UnitRestarting UnitState = "restarting" // it ended, and its init system is about to start it again
)

// is puts a state behind "it": "is running", "has failed".
func (s UnitState) is() string {
	if s == UnitFailed {
		return "has failed"
	}
	return "is " + string(s)
}

// A Unit is what an init system knows of one service at one moment.
type Unit struct {
	Ref
	Description string
	State       UnitState
	Detail      string    // the init system's own words: "activating (auto-restart)"
	PID         int       // of the main process; 0: none, or nobody knows
	Since       time.Time // when it came into the state; zero: unknown
	Run         string    // differs after every start, however quick; "" when it does not run or nobody knows
	Restarts    int       // by the init system itself, since somebody last started it; -1: not counted
	Result      string    // how it ended: "exit status 3"; empty while all is well
	Task        bool      // it ends by itself when its work is done
	Alone       bool      // its init system is known not to start it again when it ends

	vouched bool // the init system itself waited until the service said that it is ready
}

// same tells whether two looks saw the same run of a service.
func (u *Unit) same(v *Unit) bool { return u.Run == v.Run && u.PID == v.PID }

// A Verb is what an init system is asked to do.
type Verb string

// The verbs. Reload asks a running service to read its configuration again, without a new process.
const (
	VerbStart   Verb = "start"
	VerbStop    Verb = "stop"
	VerbRestart Verb = "restart"
	VerbReload  Verb = "reload"
)

// done is the verb as a thing that happened.
func (v Verb) done() string {
	switch v {
	case VerbStop:
		return "stopped"
	case VerbRestart:
		return "restarted"
	case VerbReload:
		return "reloaded"
	}
	return "started"
}

// denied is the error of an act that needs more rights than orderly has; hint says how to grant them.
func denied(hint string) error {
	return fmt.Errorf("%w; %s", fs.ErrPermission, hint)
}

// missing is the error of a name that an init system does not know.
func missing(why string) error { return &missingError{why} }

// missingError says in its own words what ErrNoUnit says in general.
type missingError struct{ why string }

func (e *missingError) Error() string        { return e.why }
func (e *missingError) Is(target error) bool { return target == ErrNoUnit }

// ended says how a process ended, from a wait status taken apart.
func ended(code, signal int) string {
	switch {
	case signal > 0:
		return fmt.Sprintf("killed by signal %d", signal)
	case code != 0:
		return fmt.Sprintf("exit status %d", code)
	}
	return ""
}
