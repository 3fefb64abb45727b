package control

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"

	"orderly/internal/child"
)

// systemd is a manager of systemd: the system's or that of one user. It is asked over D-Bus if that is possible.
type systemd struct {
	label   string
	here    string // exists while this manager runs
	bus     *bus
	command systemctl
	log     journal
}

// newSystemds returns the system's manager, our own user's, and those of further users.
func newSystemds(o UnitOptions) []initSystem {
	tools := newTools(o)
	all := []initSystem{&systemd{
		label: "systemd",
		here:  filepath.Join(o.Root, "/run/systemd/system"),
		bus: newBus(door{path: filepath.Join(o.Root, "/run/dbus/system_bus_socket")},
			door{path: filepath.Join(o.Root, "/run/systemd/private"), own: true}),
		command: systemctl{tools: tools},
		log:     journal{tools, systemJournal},
	}}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		all = append(all, newUserManager("systemd --user", dir, strconv.Itoa(os.Geteuid()), tools, nil))
	}
	for _, name := range o.Users {
		if s := newManagerOf(o, name); s != nil {
			all = append(all, s)
		}
	}
	return all
}

// ofUser is what the name of a user's manager begins with, before the name of the user.
const ofUser = "systemd --user "

// newManagerOf returns the manager of another user, nil if there is no such user.
func newManagerOf(o UnitOptions, name string) *systemd {
	account, err := user.Lookup(name)
	if err != nil {
		return nil
	}
	dir := filepath.Join(o.Root, "/run/user", account.Uid)
	return newUserManager(ofUser+name, dir, account.Uid, newTools(o), credential(account))
}

// credential returns who another user is, nil for ourselves and if we cannot be anybody else.
func credential(account *user.User) *child.Credential {
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(account.Gid, 10, 32)
	if errors.Join(err, err2) != nil || os.Geteuid() != 0 || uid == 0 {
		return nil
	}
	return &child.Credential{UID: uint32(uid), GID: uint32(gid), Groups: []uint32{uint32(gid)}}
}

// newUserManager returns a user's manager. Its own socket comes first: a user's bus lets nobody else in, not even root.
// Commands are run as that user.
func newUserManager(label, dir, uid string, t tools, as *child.Credential) *systemd {
	own := filepath.Join(dir, "systemd/private")
	env := merge(t.env, []string{"XDG_RUNTIME_DIR=" + dir})
	return &systemd{
		label:   label,
		here:    own,
		bus:     newBus(door{path: own, own: true}, door{path: filepath.Join(dir, "bus")}),
		command: systemctl{tools: tools{env: env}, scope: []string{"--user"}, as: as},
		log:     journal{t, userJournal(uid)},
	}
}

func (s *systemd) name() string { return s.label }

func (s *systemd) close() { s.bus.close() }

func (s *systemd) present(context.Context) bool {
	_, err := os.Stat(s.here)
	return err == nil
}

// find resolves aliases: what systemd itself calls the unit is what jobs and logs go by.
func (s *systemd) find(ctx context.Context, name string) (string, error) {
	unit, err := unitName(name)
	if err != nil {
		return "", err
	}
	p, _, err := s.look(ctx, unit)
	if err != nil {
		return "", err
	}
	if p.text("LoadState") == "not-found" && p.text("ActiveState") == "inactive" {
		return "", missing("there is no unit " + unit + s.similar(ctx, unit))
	}
	if id := p.text("Id"); id != "" {
		return id, nil
	}
	return unit, nil
}

// similar looks among the units that are installed.
func (s *systemd) similar(ctx context.Context, unit string) string {
	files, err := s.files(ctx)
	if err != nil {
		return ""
	}
	kind := filepath.Ext(unit)
	var names []string
	for _, f := range files {
		if stem, ok := strings.CutSuffix(filepath.Base(f.Path), kind); ok {
			names = append(names, stem)
		}
	}
	if hint := similar(strings.TrimSuffix(unit, kind), names); hint != "" {
		return strings.TrimSuffix(hint, "?") + kind + "?"
	}
	return ""
}

func (s *systemd) status(ctx context.Context, unit string) (Unit, error) {
	general, special, err := s.look(ctx, unit)
	if err != nil {
		return Unit{}, err
	}
	return s.unit(unit, general, special)
}

// look reads the properties of a unit: over the bus or, where there is none, by the command.
func (s *systemd) look(ctx context.Context, unit string) (general, special properties, err error) {
	err = s.bus.talk(ctx, func(l *line) error {
		general, special, err = l.unit(ctx, unit)
		return err
	}, func(noBus error) error {
		general, special, err = s.command.unit(ctx, unit, noBus)
		return err
	})
	return general, special, s.explain(err)
}

// looks is how often a unit is read that changes while it is read.
const looks = 3

// unit reads the properties of a unit: those that every unit has, and those of a service. They are of one moment as far
// as a change of state goes.
func (l *line) unit(ctx context.Context, unit string) (general, special properties, err error) {
	path := unitPath(unit)
	for range looks {
		if general, err = l.properties(ctx, path, systemdName+".Unit"); err != nil || !strings.HasSuffix(unit, ".service") {
			return general, nil, err
		}
		if special, err = l.properties(ctx, path, systemdName+".Service"); err != nil {
			return nil, nil, err
		}
		var changed dbus.Variant
		err = l.call(ctx, path, busName+".Properties.Get", []any{systemdName + ".Unit", stateChange}, &changed)
		if err != nil || changed.Value() == general[stateChange].Value() {
			break
		}
	}
	return general, special, err
}

// stateChange is the property that differs after each change of state.
const stateChange = "StateChangeTimestampMonotonic"

const polkitHint = "as an ordinary user orderly needs a polkit rule for org.freedesktop.systemd1.manage-units, see least-privilege.md"

// explain says what an error of systemd means for the user.
func (s *systemd) explain(err error) error {
	var refused dbus.Error
	if !errors.As(err, &refused) {
		return err
	}
	switch refused.Name {
	case "org.freedesktop.DBus.Error.AccessDenied", "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired":
		return denied(polkitHint)
	case systemdName + ".NoSuchUnit":
		return missing(refused.Error())
	case systemdName + ".UnitMasked":
		return errors.New("the unit is masked; `systemctl unmask` makes it usable")
	case systemdName + ".JobTypeNotApplicable":
		return errors.New("the unit cannot do that; a service needs ExecReload= to be reloaded")
	case "org.freedesktop.DBus.Error.NoReply", "org.freedesktop.DBus.Error.Disconnected":
		return fmt.Errorf("systemd does not answer: %w", err)
	}
	return err
}

// tell returns what the unit and systemd wrote about it.
func (s *systemd) tell(ctx context.Context, unit string, since time.Time) string {
	return s.log.lines(ctx, unit, since)
}
