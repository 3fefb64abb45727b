package monit

import (
	"cmp"
	"slices"
	"strings"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// initSystems are those that can be asked about services, in the order in which they are.
var initSystems = []string{
	"systemd", userManager, "launchd", "upstart", "openrc", "runit", "s6", "supervisord", "docker", "podman", "sysv",
}

// userManager is the systemd of the user that orderly runs as. With a name behind it, it is that of another user.
const userManager = "systemd --user"

// knownInit reports an init system that does not exist.
func (e *entry) knownInit(name string, at diag.Span) {
	if slices.Contains(initSystems, name) || strings.HasPrefix(name, userManager+" ") && len(strings.Fields(name)) == 3 {
		return
	}
	d := e.errorf(at, "init", "there is no init system %s", quoted(name))
	if near := diag.Nearest(strings.ToLower(name), initSystems); near != "" {
		d.Hinted("did you mean %q?", near)
		return
	}
	d.Hinted("it is one of: %s", strings.Join(initSystems, ", "))
}

// unit says which service of an init system an entry is about.
func (e *entry) unit(name Word) {
	to, check := &e.service.Subject, e.check
	to.Unit, to.Init, to.Pidfile = cmp.Or(name.Text, e.service.Name), check.Init.Text, check.Pidfile.Text
	if check.Init.Given() {
		e.knownInit(to.Init, check.Init.Pos())
	}
}

// ends compiles tests of ends that nobody asked for: the conditions are those of the rules that every unit has.
func (e *entry) ends(cond *Ends, r model.Rule) {
	for _, implied := range model.UnitRules(r.Pos) {
		if implied.Loops() != cond.Loop {
			continue
		}
		r.Topic, r.Metric, r.Over, r.Op, r.Operand = implied.Topic, implied.Metric, implied.Over, implied.Op, implied.Operand
		if implied.Else == nil {
			r.Else = nil
		}
		e.add(endsFamily(&implied), cond.Pos(), r)
	}
}

// endsFamily is that of a rule about ends that nobody asked for.
func endsFamily(r *model.Rule) family {
	if r.Loops() {
		return famLoop
	}
	return famEnds
}
