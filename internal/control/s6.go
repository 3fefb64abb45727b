package control

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// newS6 returns the services that s6 supervises.
func newS6(o UnitOptions) initSystem {
	places := append([]string(nil), o.S6...)
	for _, dir := range []string{"/run/service", "/service", "/var/service"} {
		places = append(places, filepath.Join(o.Root, dir))
	}
	tools := newTools(o)
	return &supervised{
		label:    "s6",
		places:   places,
		commands: commands{VerbStart: "u", VerbStop: "d", VerbRestart: "tcu", VerbReload: "h"},
		tools:    tools,
		decode: func(ctx context.Context, dir string, status []byte) (Unit, error) {
			return decodeS6(ctx, tools, dir, status)
		},
		marked: func(place string) bool {
			info, err := os.Stat(filepath.Join(place, ".s6-svscan"))
			return err == nil && info.IsDir()
		},
	}
}

// The layout of supervise/status: two TAI64N stamps, of the last change and of the last change of readiness, pid, since
// s6 2.12 the process group, wait status, flags.
const (
	s6Status      = 35
	s6GroupStatus = 43
	s6TAI         = 1<<62 + 37 // s6 counts the leap seconds there were
)

const (
	s6Paused = 1 << iota
	s6Finishing
	s6WantUp
	s6Ready
)

// s6State is what s6 tells of a service, in whatever form.
type s6State struct {
	stamp                              string // TAI64N of the last change, in hexadecimal
	pid                                int
	wait                               syscall.WaitStatus // of the last death
	paused, finishing, wantUp, isReady bool
}

// decodeS6 reads the status of a service. A form that is not known yet is left to s6's own command to understand.
func decodeS6(ctx context.Context, t tools, dir string, b []byte) (Unit, error) {
	switch len(b) {
	case s6Status, s6GroupStatus:
	case runitStatus, daemontoolsStatus, 0:
		return Unit{}, fmt.Errorf("its status has %d bytes, which is not that of s6", len(b))
	default:
		return askSvstat(ctx, t, dir)
	}
	flags := b[len(b)-1]
	s := s6State{
		stamp: hex.EncodeToString(b[:12]), pid: int(binary.BigEndian.Uint64(b[24:])), wait: syscall.WaitStatus(binary.BigEndian.Uint16(b[len(b)-3:])),
		paused: flags&s6Paused != 0, finishing: flags&s6Finishing != 0, wantUp: flags&s6WantUp != 0, isReady: flags&s6Ready != 0,
	}
	return s.unit(dir), nil
}

// unit tells what a state means.
func (s s6State) unit(dir string) Unit {
	u := Unit{Since: taiTime(s.stamp), Restarts: s6Restarts(dir)}
	var words []string
	switch _, err := os.Stat(filepath.Join(dir, "notification-fd")); {
	case s.pid != 0 && !s.finishing:
		u.State, u.PID, u.Run = UnitRunning, s.pid, s.stamp
		words = append(words, "up")
		switch {
		case !s.wantUp:
			words = append(words, "want down")
		case err == nil && !s.isReady:
			u.State = UnitStarting
			words = append(words, "not ready")
		case err == nil:
			u.vouched = true
			words = append(words, "ready")
		}
	case s.wantUp:
		u.State = UnitRestarting
		words = append(words, "down, want up")
	case s.finishing:
		u.State = UnitStopping
		words = append(words, "finishing")
	default:
		u.State = UnitStopped
		words = append(words, "down")
	}
	if u.PID == 0 {
		u.Result = s6Result(s.wait, u.State)
	}
	if s.paused {
		words = append(words, "paused")
	}
	u.Detail = strings.Join(words, ", ")
	return u
}

// taiTime is the moment of a TAI64N stamp of s6.
func taiTime(stamp string) time.Time {
	b, err := hex.DecodeString(stamp)
	if err != nil || len(b) != 12 {
		return time.Time{}
	}
	return time.Unix(int64(binary.BigEndian.Uint64(b)-s6TAI), int64(binary.BigEndian.Uint32(b[8:])))
}

// s6Result says how a service ended. One that was asked to end ends by the signal for that.
func s6Result(wait syscall.WaitStatus, state UnitState) string {
	if wait.Signaled() {
		if state == UnitStopped && wait.Signal() == syscall.SIGTERM {
			return ""
		}
		return ended(0, int(wait.Signal()))
	}
	return ended(wait.ExitStatus(), 0)
}
