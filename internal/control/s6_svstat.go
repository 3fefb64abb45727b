package control

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// svstatFields are what s6-svstat is asked for, in this order.
var svstatFields = []string{"up", "wantedup", "ready", "paused", "pid", "exitcode", "signum", "updownsince"}

// askSvstat has s6 itself say how a service is.
func askSvstat(ctx context.Context, t tools, dir string) (Unit, error) {
	args := []string{"s6-svstat", "-o", strings.Join(svstatFields, ","), dir}
	res, err := t.ask(ctx, args...)
	switch {
	case err != nil:
		return Unit{}, fmt.Errorf("its status has a form that is not known, and s6 cannot be asked: %w", err)
	case res.Status != 0 || res.Signaled:
		return Unit{}, said(args, res)
	}
	words := strings.Fields(res.Stdout)
	if len(words) != len(svstatFields) {
		return Unit{}, fmt.Errorf("cannot understand what s6-svstat says: %s", firstLine(printable(res.Stdout)))
	}
	field := map[string]string{}
	for i, name := range svstatFields {
		field[name] = words[i]
	}
	s := s6State{
		stamp:  strings.TrimPrefix(field["updownsince"], "@"),
		paused: field["paused"] == "true", wantUp: field["wantedup"] == "true", isReady: field["ready"] == "true",
	}
	if field["up"] == "true" {
		s.pid, _ = strconv.Atoi(field["pid"])
	}
	// What does not apply is -1.
	if signal, _ := strconv.Atoi(field["signum"]); signal > 0 {
		s.wait = syscall.WaitStatus(signal)
	} else if code, _ := strconv.Atoi(field["exitcode"]); code > 0 {
		s.wait = syscall.WaitStatus(code << 8)
	}
	return s.unit(dir), nil
}

// A record of supervise/death_tally: a TAI64N stamp, an exit status, a signal.
const (
	tallyRecord = 14
	tallyLimit  = 4096 * tallyRecord // s6 keeps no more
)

// s6Restarts counts the deaths after which s6 has started a service again by itself. Of those that s6 lists it counts the
// last ones in a row that nobody can have asked for: who stops or restarts a service has it end well, or by SIGTERM.
func s6Restarts(dir string) int {
	tally, _ := readSmall(filepath.Join(dir, "supervise/death_tally"), tallyLimit)
	count := 0
	for end := len(tally) / tallyRecord * tallyRecord; end > 0; end -= tallyRecord {
		code, signal := tally[end-2], tally[end-1]
		if syscall.Signal(signal) == syscall.SIGTERM || code|signal == 0 {
			break
		}
		count++
	}
	return count
}
