package control

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"orderly/internal/child"
)

// supervised are the services of one family of supervisors: a directory for each service, where the supervisor writes
// supervise/status and reads single letters from the pipe supervise/control.
type supervised struct {
	label  string
	places []string // directories of service directories
	commands
	tools tools

	// decode tells all but the Ref. An error says that the status is another family's.
	decode func(ctx context.Context, dir string, status []byte) (Unit, error)
	marked func(place string) bool // whether a directory of services is this family's, at a glance
}

// commands are the letters for each verb.
type commands map[Verb]string

// statusLimit is more than any status file holds.
const statusLimit = 256

func (s *supervised) name() string { return s.label }

func (s *supervised) present(context.Context) bool {
	for _, place := range s.places {
		if s.marked(place) {
			return true
		}
	}
	return false
}

// find takes the name of a service, or the path of its directory.
func (s *supervised) find(ctx context.Context, name string) (string, error) {
	if filepath.IsAbs(name) {
		return s.at(ctx, filepath.Clean(name))
	}
	if !filepath.IsLocal(name) {
		return "", missing("that is no name of a service directory")
	}
	var names []string
	for _, place := range s.places {
		dir, err := s.at(ctx, filepath.Join(place, name))
		if err == nil || !errors.Is(err, ErrNoUnit) {
			return dir, err
		}
		names = append(names, entries(place)...)
	}
	return "", missing("there is no such service in " + strings.Join(s.places, ", ") + similar(name, names))
}

// at tells whether a directory is a service of this family.
func (s *supervised) at(ctx context.Context, dir string) (string, error) {
	if _, err := os.Stat(filepath.Join(dir, "run")); err != nil {
		return "", missing(dir + " is no service directory: it has no run script")
	}
	status, err := readStatus(dir)
	if errors.Is(err, fs.ErrNotExist) && s.marked(filepath.Dir(dir)) {
		return dir, nil // its supervisor is not there yet
	}
	if err == nil {
		_, err = s.decode(ctx, dir, status)
	}
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "", err
	case err != nil:
		return "", missing(err.Error())
	}
	return dir, nil
}

func entries(dir string) []string {
	var names []string
	found, _ := os.ReadDir(dir)
	for _, e := range found {
		names = append(names, e.Name())
	}
	return names
}

// list looks into all directories of services. A file down in a service keeps it from being started by itself.
func (s *supervised) list(ctx context.Context) ([]Listed, error) {
	var dirs []string
	seen := map[string]bool{}
	for _, place := range slices.DeleteFunc(slices.Clone(s.places), func(place string) bool { return !s.marked(place) }) {
		for _, name := range entries(place) {
			dir := filepath.Join(place, name)
			if _, err := s.at(ctx, dir); err != nil && !errors.Is(err, fs.ErrPermission) {
				continue
			}
			if target, err := filepath.EvalSymlinks(dir); err == nil && !seen[target] {
				seen[target] = true
				dirs = append(dirs, dir)
			}
		}
	}
	return glance(ctx, s, dirs, func(dir string) bool {
		_, err := os.Lstat(filepath.Join(dir, "down"))
		return errors.Is(err, fs.ErrNotExist)
	})
}

func (s *supervised) status(ctx context.Context, dir string) (Unit, error) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return Unit{}, missing(dir + " is not there any more")
	}
	status, err := readStatus(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return Unit{}, errors.New("it is not supervised")
	}
	if err != nil {
		return Unit{}, err
	}
	u, err := s.decode(ctx, dir, status)
	u.Ref = Ref{System: s.label, Name: dir}
	if err == nil && u.State != UnitStopped && !supervisorRuns(dir) {
		err = errors.New("it has lost its supervisor")
	}
	return u, err
}

// readStatus reads the status of a service. Its supervisor replaces the file as a whole.
func readStatus(dir string) ([]byte, error) {
	f, err := os.OpenFile(filepath.Join(dir, "supervise/status"), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, readable(err)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.New("its supervise/status is not a file")
	}
	return io.ReadAll(io.LimitReader(f, statusLimit))
}

// readable says how to be let in, where that is what is missing.
func readable(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return denied("the directory supervise and the pipe supervise/control of the service must be open to orderly, see least-privilege.md")
	}
	return err
}

// supervisorRuns tells whether somebody reads the pipe of a service. Where that may not be asked it is assumed.
func supervisorRuns(dir string) bool {
	pipe, err := openControl(dir)
	if err != nil {
		return !errors.Is(err, syscall.ENXIO) && !errors.Is(err, fs.ErrNotExist)
	}
	_ = pipe.Close()
	return true
}

func openControl(dir string) (*os.File, error) {
	return os.OpenFile(filepath.Join(dir, "supervise/control"), os.O_WRONLY|syscall.O_NONBLOCK, 0)
}

// do writes the letters and follows the status until it says what was asked for.
func (s *supervised) do(ctx context.Context, before Unit, verb Verb) error {
	dir := before.Name
	if err := order(dir, s.commands[verb]); err != nil {
		return err
	}
	if verb == VerbReload {
		return nil
	}
	var last Unit
	var failed error
	deaths := map[time.Time]bool{before.Since: true} // before it was asked, and of our asking
	if before.State != UnitRunning && before.State != UnitStarting {
		deaths[time.Time{}] = true
	}
	reached := func() bool {
		last, failed = s.status(ctx, dir)
		switch {
		case failed != nil:
			return true
		case verb == VerbStop:
			return last.State == UnitStopped
		case last.State == UnitRestarting:
			if deaths[last.Since] = true; len(deaths) > 2 {
				failed = because(errors.New("it ended at once"), last)
			}
			return failed != nil
		}
		return last.State == UnitRunning && last.Run != before.Run
	}
	limit := deadline(ctx)
	if !await(ctx, limit, reached) {
		return overdue(ctx)
	}
	if failed == nil && verb != VerbStop {
		return s.ready(ctx, dir, limit)
	}
	return failed
}

// deadline is when waiting ends at the latest.
func deadline(ctx context.Context) time.Time {
	if limit, ok := ctx.Deadline(); ok {
		return limit
	}
	return time.Now().Add(defaultPatience)
}

// overdue is the error of what did not come about until the deadline or the end of ctx.
func overdue(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return context.DeadlineExceeded
}

// order writes letters to the supervisor of a service.
func order(dir, letters string) error {
	pipe, err := openControl(dir)
	switch {
	case errors.Is(err, syscall.ENXIO), errors.Is(err, fs.ErrNotExist):
		return errors.New("its supervisor is not there")
	case err != nil:
		return readable(err)
	}
	defer pipe.Close()
	if info, err := pipe.Stat(); err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
		return errors.New("its supervise/control is not a pipe")
	}
	_ = pipe.SetWriteDeadline(time.Now().Add(lookPatience)) // the pipe of a supervisor that hangs is full at some time
	_, err = pipe.WriteString(letters)
	return err
}

// ready runs the check script of a service, if it has one, until it is content.
func (s *supervised) ready(ctx context.Context, dir string, limit time.Time) error {
	script := filepath.Join(dir, "check")
	if info, err := os.Stat(script); err != nil || info.Mode().Perm()&0o111 == 0 {
		return nil
	}
	var last error
	content := func() bool {
		var res child.Result
		res, last = child.Run(ctx, child.Spec{Args: []string{script}, Dir: dir, Env: s.tools.env, Keep: toolOutput, DieWithParent: true})
		if last == nil && (res.Status != 0 || res.Signaled) {
			last = said([]string{"its check script"}, res)
		}
		return last == nil
	}
	if !await(ctx, limit, content) {
		return last
	}
	return nil
}

// pollInterval is how often the status files of watched units are read.
const pollInterval = time.Second

// watch reads the status of units every second, which is quicker than any watcher on files and as cheap.
func (s *supervised) watch(ctx context.Context, units []string, changed func(Unit)) {
	pollUnits(ctx, s, units, changed)
}

// pollUnits looks at units every second and tells what changed.
func pollUnits(ctx context.Context, s initSystem, units []string, changed func(Unit)) {
	pollAll(ctx, changed, func(tell func(Unit)) {
		for _, name := range units {
			now, err := s.status(ctx, name)
			switch {
			case errors.Is(err, ErrNoUnit):
				tell(gone(Ref{System: s.name(), Name: name}, err))
			case err == nil:
				tell(now)
			}
		}
	})
}

// pollAll has units looked at every second, and passes on those that are not as they were.
func pollAll(ctx context.Context, changed func(Unit), look func(tell func(Unit))) {
	told := map[Ref]Unit{}
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		look(func(now Unit) {
			if last, known := told[now.Ref]; !known || last != now {
				told[now.Ref] = now
				changed(now)
			}
		})
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
