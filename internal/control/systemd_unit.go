package control

import (
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// unit tells what properties say of a unit.
func (s *systemd) unit(name string, general, special properties) (Unit, error) {
	active, sub, load := general.text("ActiveState"), general.text("SubState"), general.text("LoadState")
	if load == "not-found" && active == "inactive" {
		return Unit{}, missing("there is no unit " + name + " any more")
	}
	u := Unit{
		Ref:         Ref{System: s.label, Name: name},
		Description: general.text("Description"),
		State:       unitState(active, sub),
		Detail:      fmt.Sprintf("%s (%s)", active, sub),
		PID:         int(special.number("MainPID")),
		Run:         hex.EncodeToString(general.bytes("InvocationID")),
		Restarts:    -1,
	}
	if load != "loaded" {
		u.Detail = load + ", " + u.Detail
	}
	if t := general.number("StateChangeTimestamp"); t > 0 {
		u.Since = time.UnixMicro(t)
	}
	if special == nil {
		u.vouched = true
		return u, nil
	}
	u.Restarts = int(special.number("NRestarts"))
	u.Result = serviceResult(special)
	u.Alone = special.text("Restart") == "no"
	switch special.text("Type") {
	case "notify", "notify-reload", "dbus":
		u.vouched = true
	case "oneshot":
		u.vouched, u.Task = true, true
	}
	return u, nil
}

func unitState(active, sub string) UnitState {
	switch active {
	case "active", "reloading", "refreshing":
		return UnitRunning
	case "activating":
		if strings.HasPrefix(sub, "auto-restart") {
			return UnitRestarting
		}
		return UnitStarting
	case "deactivating":
		return UnitStopping
	case "failed", "maintenance":
		return UnitFailed
	}
	return UnitStopped
}

// The exit statuses by which systemd says that it could not even run the program.
var notRun = map[int64]string{
	200: "its working directory cannot be entered", 203: "its program cannot be run", 216: "its group is not known",
	217: "its user is not known", 226: "its mount namespace cannot be set up",
}

// waitKilled is the code of wait(2) for a process that a signal ended.
const waitKilled = 2

// serviceResult says why a service ended, or nothing if it ended well.
func serviceResult(p properties) string {
	status := p.number("ExecMainStatus")
	switch result := p.text("Result"); result {
	case "success", "":
		return ""
	case "exit-code":
		if p.number("ExecMainCode") == waitKilled { // it was another program of the unit that failed by itself, one to stop it
			return fmt.Sprintf("killed by signal %d", status)
		}
		text := fmt.Sprintf("exit status %d", status)
		if why := notRun[status]; why != "" {
			text += ", " + why
		}
		return text
	case "signal":
		return fmt.Sprintf("killed by signal %d", status)
	case "core-dump":
		return fmt.Sprintf("killed by signal %d, core dumped", status)
	case "oom-kill":
		return "killed because memory ran out"
	case "timeout":
		return "it took longer than systemd lets it"
	case "watchdog":
		return "it did not tell systemd that it is alive"
	case "start-limit-hit":
		return "it was started too often"
	case "protocol":
		return "it did not tell systemd that it is ready"
	case "resources":
		return "systemd lacked resources to run it"
	case "exec-condition":
		return "its ExecCondition does not hold"
	default:
		return result
	}
}

// unitName is the name of a unit as systemd wants it: what has no suffix is a service.
func unitName(name string) (string, error) {
	switch kind := strings.TrimPrefix(filepath.Ext(name), "."); kind {
	case "service", "socket", "target", "device", "mount", "automount", "swap", "timer", "path", "slice", "scope":
	default:
		name += ".service"
	}
	for _, c := range []byte(name) {
		if !isAlphanumeric(c) && !strings.ContainsRune(`:-_.\@`, rune(c)) {
			return "", missing(fmt.Sprintf("the name of a unit cannot have %q in it", c))
		}
	}
	stem := strings.TrimSuffix(name, filepath.Ext(name))
	switch {
	case len(name) > 255:
		return "", missing("the name is too long for a unit")
	case strings.HasSuffix(stem, "@"):
		return "", missing(name + " is a template: name an instance, as in " + stem + "NAME" + filepath.Ext(name))
	case stem == "" || stem[0] == '@':
		return "", missing("that is no name of a unit")
	}
	return name, nil
}

// unitPath is where a unit is found on the bus.
func unitPath(unit string) dbus.ObjectPath {
	var b strings.Builder
	b.WriteString(systemdPath + "/unit/")
	for i := range len(unit) {
		if c := unit[i]; isAlphanumeric(c) && (i > 0 || c > '9') {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "_%02x", c)
		}
	}
	return dbus.ObjectPath(b.String())
}

func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
