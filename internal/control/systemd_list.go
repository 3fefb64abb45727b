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

// list puts together the services that systemd has in memory and the unit files of those that it has not.
func (s *systemd) list(ctx context.Context) ([]Listed, error) {
	files, err := s.files(ctx)
	if err != nil {
		return nil, err
	}
	rest := map[string]unitFile{}
	for _, f := range files {
		rest[filepath.Base(f.Path)] = f
	}
	out, err := s.loaded(ctx, rest)
	if err != nil {
		return nil, err
	}
	for _, l := range out {
		delete(rest, l.Name)
	}
	for name, f := range rest {
		if strings.HasSuffix(name, ".service") && !strings.HasSuffix(name, "@.service") && f.State != "alias" && !strings.HasPrefix(f.State, "masked") {
			out = append(out, Listed{Ref: Ref{s.label, name}, Enabled: f.enabled(), State: UnitStopped})
		}
	}
	return out, ctx.Err()
}

// files are those from which units can be made.
func (s *systemd) files(ctx context.Context) ([]unitFile, error) {
	var files []unitFile
	err := s.bus.talk(ctx, func(l *line) error {
		return l.manager(ctx, "ListUnitFiles", nil, &files)
	}, func(noBus error) (err error) {
		files, err = s.command.files(ctx, noBus)
		return err
	})
	return files, s.explain(err)
}

// loaded lists the services that systemd has in memory.
func (s *systemd) loaded(ctx context.Context, files map[string]unitFile) (out []Listed, err error) {
	err = s.bus.talk(ctx, func(l *line) error {
		out, err = s.loadedAt(ctx, l, files)
		return err
	}, func(noBus error) error {
		out, err = s.command.loaded(ctx, s.label, noBus)
		return err
	})
	return out, s.explain(err)
}

func (s *systemd) loadedAt(ctx context.Context, l *line, files map[string]unitFile) ([]Listed, error) {
	var units []loadedUnit
	if err := l.manager(ctx, "ListUnits", nil, &units); err != nil {
		return nil, err
	}
	var out []Listed
	for _, u := range units {
		if !strings.HasSuffix(u.Name, ".service") || u.Load != "loaded" {
			continue
		}
		file, known := files[u.Name]
		if !known { // an instance of a template, or made without a file
			_ = l.manager(ctx, "GetUnitFileState", []any{u.Name}, &file.State)
		}
		one := Listed{Ref: Ref{s.label, u.Name}, Description: u.Description, Enabled: file.enabled(), State: unitState(u.Active, u.Sub)}
		if one.State == UnitRunning || one.State == UnitStarting {
			one.PID = l.mainPID(ctx, u.Name)
		}
		out = append(out, one)
	}
	return out, nil
}

// mainPID returns the main process of a service, 0 if there is none.
func (l *line) mainPID(ctx context.Context, unit string) int {
	var pid dbus.Variant
	if l.call(ctx, unitPath(unit), busName+".Properties.Get", []any{systemdName + ".Service", "MainPID"}, &pid) != nil {
		return 0
	}
	return int(properties{"MainPID": pid}.number("MainPID"))
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
