package control

import (
	"errors"
	"strings"
)

// The faults of supervisord that matter here.
const (
	faultShutdown   = 6
	faultName       = 10
	faultSignal     = 11
	faultNoFile     = 20
	faultNotRunable = 21
	faultEnded      = 40
	faultSpawn      = 50
	faultStarted    = 60
	faultNotRunning = 70
)

// explain says what a fault means in our words, where those of supervisord are little more than a code.
func (f *fault) explain() error {
	switch f.code {
	case faultName:
		_, name, _ := strings.Cut(f.text, ": ")
		return missing("there is no program " + name)
	case faultShutdown:
		f.text = "supervisord is shutting down"
	case faultNoFile, faultNotRunable:
		f.text = "its program cannot be run"
	case faultEnded:
		f.text = "it ended before it had run long enough to count as started"
	case faultSpawn:
		f.text = "it cannot be started"
	case faultSignal:
		f.text = "it cannot be sent that signal"
	}
	return f
}

// faulty tells whether an error is a fault of a code.
func faulty(err error, code int) bool {
	var f *fault
	return errors.As(err, &f) && f.code == code
}
