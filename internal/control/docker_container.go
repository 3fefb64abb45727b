package control

import (
	"fmt"
	"strconv"
	"time"
)

// A container is what an engine tells of one.
type container struct {
	ID, Name string
	Config   struct{ Image string }
	State    struct {
		Status                        string
		Paused, OOMKilled             bool
		Pid, ExitCode                 int
		Error                         string
		StartedAt, FinishedAt         time.Time
		Health                        *struct{ Status string }
		Running, Restarting, Starting bool
	}
	RestartCount int
	HostConfig   struct{ RestartPolicy struct{ Name string } }
}

// unit tells what an engine's words mean.
func (c *container) unit() (Unit, error) {
	s := &c.State
	u := Unit{Description: c.Config.Image, Detail: s.Status, PID: s.Pid, Since: s.FinishedAt, Restarts: c.RestartCount}
	switch s.Status {
	case "running", "paused":
		u.State, u.Since = UnitRunning, s.StartedAt
		u.Run = c.ID + "@" + strconv.FormatInt(s.StartedAt.UnixNano(), 10)
		if s.Health != nil && s.Health.Status != "" && s.Health.Status != "none" {
			u.Detail += " (" + s.Health.Status + ")"
			u.vouched = s.Health.Status == "healthy"
		}
	case "restarting":
		u.State, u.Result = UnitRestarting, c.result()
	case "removing":
		u.State = UnitStopping
	case "created", "configured", "initialized":
		u.State, u.Since = UnitStopped, time.Time{}
		u.Result = s.Error
	case "exited", "stopped", "dead":
		u.State, u.Result = UnitStopped, c.result()
		if u.Result != "" && !c.wasStopped() || s.Status == "dead" {
			u.State = UnitFailed
		}
	default:
		return u, fmt.Errorf("the engine says that it is %q", s.Status)
	}
	if u.State != UnitRunning {
		u.PID = 0
	}
	if u.Since.Year() < 1971 { // the engine's way to say never
		u.Since = time.Time{}
	}
	return u, nil
}

// What a shell makes of death by a signal is also what engines tell.
const signalStatus = 128

// wasStopped tells whether the container ended by a signal that stops containers.
func (c *container) wasStopped() bool {
	switch c.State.ExitCode - signalStatus {
	case 2, 9, 15:
		return !c.State.OOMKilled
	}
	return false
}

func (c *container) result() string {
	s := &c.State
	switch {
	case s.OOMKilled:
		return "killed because memory ran out"
	case s.Error != "":
		return firstLine(printable(s.Error))
	case s.ExitCode > signalStatus:
		return ended(0, s.ExitCode-signalStatus)
	}
	return ended(s.ExitCode, 0)
}
