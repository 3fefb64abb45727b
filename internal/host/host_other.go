//go:build !linux

package host

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"time"

	"orderly/internal/model"
)

// machine knows nothing of the system it runs on but its name.
type machine struct{}

func (m *machine) open(Options) {}

func (m *machine) close() error { return nil }

func (m *machine) measure(_ context.Context, s *model.Service, pid int, asOf, _ time.Time, b model.Bookmark) (model.Sample, error) {
	if s.Kind == model.KindUnit {
		return unit(s, pid, asOf, b), nil
	}
	return model.Sample{}, fmt.Errorf("cannot measure %s: checks of kind %q are not made on %s", s.Name, s.Kind, runtime.GOOS)
}

// unit tells no more of a unit's process than whether it is there.
func unit(s *model.Service, pid int, asOf time.Time, b model.Bookmark) model.Sample {
	alive := false
	if pid > 0 {
		err := syscall.Kill(pid, 0)
		alive = err == nil || errors.Is(err, syscall.EPERM)
	}
	out := model.Sample{At: asOf, Bookmark: b, Probes: make([]model.Result, len(s.Probes()))}
	for i := range out.Probes {
		out.Probes[i].Skipped = true
	}
	out.Readings.Add(model.Exist, model.Bool(alive))
	if alive {
		out.Readings.Add(model.PID, model.Num(float64(pid)))
	}
	return out
}

func (m *machine) attend(time.Time) {}

func (m *machine) find(*model.Service) (int, bool) { return 0, false }

func (m *machine) forget(string) {}

func (m *machine) bootID() string { return "" }

func (m *machine) hostname() string {
	if name, err := os.Hostname(); err == nil && name != "" {
		return name
	}
	return "localhost"
}

func (m *machine) memoryTotal() uint64 { return 0 }

func (m *machine) filesystems() ([]string, error) {
	return nil, fmt.Errorf("cannot list filesystems on %s", runtime.GOOS)
}

func (m *machine) condition(context.Context) (Condition, error) {
	return Condition{}, fmt.Errorf("cannot look at the whole machine on %s", runtime.GOOS)
}

func (m *machine) listeners() ([]Listener, error) {
	return nil, fmt.Errorf("cannot list sockets on %s", runtime.GOOS)
}

func (m *machine) platform() Platform {
	return Platform{Name: runtime.GOOS, Machine: runtime.GOARCH, CPUs: runtime.NumCPU()}
}

func (m *machine) sinceBoot(time.Time) float64 { return 0 }
