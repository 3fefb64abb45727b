package control

import (
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
	return &supervised{
		label:    "s6",
		places:   places,
		commands: commands{VerbStart: "u", VerbStop: "d", VerbRestart: "tcu", VerbReload: "h"},
		tools:    newTools(o),
		decode:   decodeS6,
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

// decodeS6 reads the status of a service.
func decodeS6(dir string, b []byte) (Unit, error) {
	if len(b) != s6Status && len(b) != s6GroupStatus {
		return Unit{}, fmt.Errorf("its status has %d bytes, which is not that of s6", len(b))
	}
	pid := int(binary.BigEndian.Uint64(b[24:]))
	wait := syscall.WaitStatus(binary.BigEndian.Uint16(b[len(b)-3:]))
	flags := b[len(b)-1]
	wantUp, finishing := flags&s6WantUp != 0, flags&s6Finishing != 0
	u := Unit{Since: time.Unix(int64(binary.BigEndian.Uint64(b)-s6TAI), int64(binary.BigEndian.Uint32(b[8:])))}
	var words []string
	switch _, err := os.Stat(filepath.Join(dir, "notification-fd")); {
	case pid != 0 && !finishing:
		u.State, u.PID, u.Run = UnitRunning, pid, hex.EncodeToString(b[:12])
		words = append(words, "up")
		switch {
		case !wantUp:
			words = append(words, "want down")
		case err == nil && flags&s6Ready == 0:
			u.State = UnitStarting
			words = append(words, "not ready")
		case err == nil:
			u.vouched = true
			words = append(words, "ready")
		}
	case wantUp:
		u.State = UnitRestarting
		words = append(words, "down, want up")
	case finishing:
		u.State = UnitStopping
		words = append(words, "finishing")
	default:
		u.State = UnitStopped
		words = append(words, "down")
	}
	if u.PID == 0 {
		u.Result = s6Result(wait, u.State)
	}
	if flags&s6Paused != 0 {
		words = append(words, "paused")
	}
	u.Detail = strings.Join(words, ", ")
	return u, nil
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
