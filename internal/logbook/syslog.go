package logbook

import (
	"fmt"
	"log/syslog"
)

var facilities = map[string]syslog.Priority{
	"user": syslog.LOG_USER, "daemon": syslog.LOG_DAEMON,
	"local0": syslog.LOG_LOCAL0, "local1": syslog.LOG_LOCAL1, "local2": syslog.LOG_LOCAL2, "local3": syslog.LOG_LOCAL3,
	"local4": syslog.LOG_LOCAL4, "local5": syslog.LOG_LOCAL5, "local6": syslog.LOG_LOCAL6, "local7": syslog.LOG_LOCAL7,
}

// A system is the syslog daemon of this host.
type system struct{ w *syslog.Writer }

func openSyslog(facility, ident string) (sink, error) {
	f, ok := facilities[facility]
	if !ok {
		return nil, fmt.Errorf("cannot log: syslog has no facility %q", facility)
	}
	w, err := syslog.New(f|syslog.LOG_INFO, ident)
	if err != nil {
		return nil, fmt.Errorf("cannot reach syslog: %w", err)
	}
	return system{w}, nil
}

func (s system) write(l line) error {
	switch l.rank {
	case failure:
		return s.w.Err(l.text)
	case warning:
		return s.w.Warning(l.text)
	case debug:
		return s.w.Debug(l.text)
	}
	return s.w.Info(l.text)
}

func (s system) close() { _ = s.w.Close() }
