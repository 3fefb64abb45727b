//go:build !linux

package host

import (
	"fmt"
	"regexp"
	"runtime"
)

func (m *machine) matching(*regexp.Regexp) ([]Process, error) {
	return nil, fmt.Errorf("cannot list processes on %s", runtime.GOOS)
}
