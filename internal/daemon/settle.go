package daemon

import (
	"log/slog"
	"time"

	"orderly/internal/logbook"
	"orderly/internal/model"
	"orderly/internal/monit"
)

// settle brings everything but the services in line with a configuration. What cannot be done is told, and the rest
// goes on: a log file on a full disk must not keep a host from being watched.
func (d *instance) settle(c *model.Config) {
	s := &c.Settings
	warn := func(what string, err error) {
		if err != nil {
			d.log.Log(d.doors.ctx, slog.LevelWarn, what, "err", err)
		}
	}
	warn("the log is not written", d.book.Open(placeOf(s.Log)))
	warn("the pid file stays where it was", d.settlePidfile(s.Files.PID))
	d.current.Store(&monit.Instance{
		ID: d.installation(s.Files.ID), Started: d.started, Incarnation: time.Now(),
		Settings: s, Groups: monit.GroupsOf(c.Services), Platform: monit.Platform(d.host.Platform()),
	})
	d.adjustLevel()
	d.diagnoses.on.Store(s.Diagnosis == model.DiagnosisOn)
	d.alert.Configure(c)
	d.agent.Configure(s.Collectors, s.Interval)
	d.inspeqtor.Configure(d.doors.ctx, c)
	d.configureFront(c)
	d.openWeb(c)
	d.openHTTPD(s.HTTPD)
}

// placeOf is where a log goes.
func placeOf(l model.Log) logbook.Place { return logbook.Place{File: l.File, Facility: l.Facility} }

// Instance is what the words and documents of Monit say about orderly as a whole.
func (d *instance) Instance() monit.Instance {
	in := *d.current.Load()
	in.Now = time.Now()
	return in
}
