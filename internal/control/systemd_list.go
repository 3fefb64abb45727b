package control

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/godbus/dbus/v5"
)

// loadedUnit is a unit that systemd has in memory, as ListUnits tells of it.
type loadedUnit struct {
	Name, Description, Load, Active, Sub, Following string
	Path                                            dbus.ObjectPath
	JobID                                           uint32
	JobType                                         string
	JobPath                                         dbus.ObjectPath
}

// unitFile is a file from which systemd can make a unit, as ListUnitFiles tells of it.
type unitFile struct{ Path, State string }

func (s *systemd) list(ctx context.Context) ([]Listed, error) {
	l, err := s.bus.get(ctx)
	if err != nil {
		return nil, err
	}
	var loaded []loadedUnit
	var files []unitFile
	if err := l.manager(ctx, "ListUnits", nil, &loaded); err != nil {
		return nil, s.explain(err)
	}
	if err := l.manager(ctx, "ListUnitFiles", nil, &files); err != nil {
		return nil, s.explain(err)
	}
	installed := map[string]unitFile{}
	for _, f := range files {
		installed[filepath.Base(f.Path)] = f
	}
	var out []Listed
	for _, u := range loaded {
		if !strings.HasSuffix(u.Name, ".service") {
			continue
		}
		if u.Load == "loaded" {
			file, known := installed[u.Name]
			if !known { // an instance of a template, or made without a file
				_ = l.manager(ctx, "GetUnitFileState", []any{u.Name}, &file.State)
			}
			out = append(out, s.listed(ctx, l, u, file))
		}
		delete(installed, u.Name)
	}
	for name, f := range installed {
		if strings.HasSuffix(name, ".service") && !strings.HasSuffix(name, "@.service") && f.State != "alias" && !strings.HasPrefix(f.State, "masked") {
			out = append(out, Listed{Ref: Ref{s.label, name}, Enabled: f.enabled(), State: UnitStopped})
		}
	}
	return out, ctx.Err()
}

// listed is a unit in memory. Its pid is asked for only where there may be one.
func (s *systemd) listed(ctx context.Context, l *line, u loadedUnit, file unitFile) Listed {
	out := Listed{Ref: Ref{s.label, u.Name}, Description: u.Description, Enabled: file.enabled(), State: unitState(u.Active, u.Sub)}
	if out.State == UnitRunning || out.State == UnitStarting {
		var pid dbus.Variant
		if l.call(ctx, unitPath(u.Name), busName+".Properties.Get", []any{systemdName + ".Service", "MainPID"}, &pid) == nil {
			out.PID = int(properties{"MainPID": pid}.number("MainPID"))
		}
	}
	return out
}

// enabled tells whether something starts the unit that is made from the file. Of a file that systemd itself made, from
// a script in /etc/init.d, it does not tell that; but what starts it is linked beside the file.
func (f unitFile) enabled() bool {
	if f.State == "generated" {
		wanted, _ := filepath.Glob(filepath.Join(filepath.Dir(f.Path), "*.target.wants", filepath.Base(f.Path)))
		return len(wanted) > 0
	}
	return f.State == "enabled" || f.State == "enabled-runtime"
}
