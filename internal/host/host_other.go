//go:build !linux

package host

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"time"

	"orderly/internal/model"
)

// machine knows nothing of the system it runs on but its name.
type machine struct{}

func (m *machine) open(Options) {}

func (m *machine) close() error { return nil }

func (m *machine) measure(_ context.Context, s *model.Service, _, _ time.Time, _ model.Bookmark) (model.Sample, error) {
	return model.Sample{}, fmt.Errorf("cannot measure %s: checks of kind %q are not made on %s", s.Name, s.Kind, runtime.GOOS)
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

func (m *machine) platform() Platform {
	return Platform{Name: runtime.GOOS, Machine: runtime.GOARCH, CPUs: runtime.NumCPU()}
}

func (m *machine) sinceBoot(time.Time) float64 { return 0 }
