package control

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// newRunit returns the services of runit, and those of daemontools, whose status is the beginning of runit's.
func newRunit(o UnitOptions) initSystem {
	places := append([]string(nil), o.Runit...)
	if dir := os.Getenv("SVDIR"); filepath.IsAbs(dir) {
		places = append(places, dir)
	}
	for _, dir := range []string{"/etc/service", "/var/service", "/service"} {
		places = append(places, filepath.Join(o.Root, dir))
	}
	if home, err := os.UserHomeDir(); err == nil && filepath.IsAbs(home) {
		places = append(places, filepath.Join(home, "service"))
	}
	return &runit{supervised{
		label:    "runit",
		places:   places,
		commands: commands{VerbStart: "u", VerbStop: "d", VerbRestart: "tcu", VerbReload: "h"},
		tools:    newTools(o),
		decode:   decodeRunit,
		marked:   hasRunit,
	}}
}

// runit is supervised services that may have a log service each.
type runit struct{ supervised }

// hasRunit tells whether a directory has a service that is supervised, or may be: what is closed to us counts.
func hasRunit(place string) bool {
	if _, err := os.Stat(filepath.Join(place, ".s6-svscan")); err == nil {
		return false
	}
	for _, name := range entries(place) {
		dir := filepath.Join(place, name)
		if _, err := os.Stat(filepath.Join(dir, "run")); err != nil {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, "supervise")); err == nil && supervisorRuns(dir) {
			return true
		}
	}
	return false
}

// The layout of supervise/status: TAI64N stamp, pid, paused, want, and from runit also TERM sent and state.
const (
	daemontoolsStatus = 18
	runitStatus       = 20
	runitTAI          = 1<<62 + 10 // runit counts a fixed ten leap seconds
)

// decodeRunit reads the status of a service.
func decodeRunit(_ context.Context, _ string, b []byte) (Unit, error) {
	if len(b) != runitStatus && len(b) != daemontoolsStatus {
		return Unit{}, fmt.Errorf("its status has %d bytes, which is not runit's", len(b))
	}
	pid := int(binary.LittleEndian.Uint32(b[12:]))
	paused, wantUp := b[16] != 0, b[17] == 'u'
	running, finishing, terminating := pid != 0, false, false
	if len(b) == runitStatus {
		terminating, running, finishing = b[18] != 0, b[19] == 1, b[19] == 2
	}
	u := Unit{Since: time.Unix(int64(binary.BigEndian.Uint64(b)-runitTAI), int64(binary.BigEndian.Uint32(b[8:]))), Restarts: -1}
	var words []string
	switch {
	case running:
		u.State, u.PID, u.Run = UnitRunning, pid, hex.EncodeToString(b[:12])
		if terminating && !wantUp {
			u.State = UnitStopping
		}
		words = append(words, "run")
	case finishing && wantUp, !finishing && wantUp:
		u.State = UnitRestarting
		words = append(words, "down, want up")
	case finishing:
		u.State = UnitStopping
		words = append(words, "finish")
	default:
		u.State = UnitStopped
		words = append(words, "down")
	}
	if paused {
		words = append(words, "paused")
	}
	if terminating {
		words = append(words, "got TERM")
	}
	u.Detail = strings.Join(words, ", ")
	return u, nil
}

// logTail is how much of the end of a log file is looked at, in bytes.
const logTail = 4 << 10

// tell returns the end of what a service's svlogd wrote, where that is where it usually is.
func (r *runit) tell(_ context.Context, dir string, since time.Time) string {
	for _, file := range []string{filepath.Join(dir, "log/main/current"), filepath.Join("/var/log", filepath.Base(dir), "current")} {
		if text := tailFile(file, since); text != "" {
			return text
		}
	}
	return ""
}

// tailFile returns the end of a file that was written to since a moment.
func tailFile(path string, since time.Time) string {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || info.ModTime().Before(since) {
		return ""
	}
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	buf := make([]byte, min(info.Size(), logTail))
	n, _ := f.ReadAt(buf, info.Size()-int64(len(buf)))
	text := string(buf[:n])
	if info.Size() > logTail {
		_, text, _ = strings.Cut(text, "\n")
	}
	return text
}
