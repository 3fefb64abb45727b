package control

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The state of a process is looked at after delays that double between these.
const (
	shortestDelay = time.Millisecond
	longestDelay  = time.Second
)

// await looks until a condition holds, and returns false when it does not by the limit or until ctx ends.
func await(ctx context.Context, limit time.Time, cond func() bool) bool {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for delay := shortestDelay; !cond(); delay = min(2*delay, longestDelay) {
		left := time.Until(limit)
		if left <= 0 {
			return false
		}
		timer.Reset(min(delay, left))
		select {
		case <-timer.C:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// exists tells whether a process has not ended yet. One that only waits to be reaped has.
func exists(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return false
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil { // not every system has this file; where it has, the process may have ended since
		return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
	}
	end := strings.LastIndexByte(string(stat), ')') // "4711 (name) Z ...", where the name may be anything
	return !strings.HasPrefix(string(stat[end+1:]), " Z")
}
