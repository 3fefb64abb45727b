package control

import (
	"context"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"

	"orderly/internal/child"
)

// systemctl asks a manager of systemd by the command of that name, for where no bus lets us in. Its exit statuses and what
// it shows are made to be read by programs.
type systemctl struct {
	tools tools             // without a bus the system's manager listens to root alone
	scope []string          // which manager is meant; nil: the system's
	as    *child.Credential // nil: as we are
}

// showLimit bounds what is read of all properties of all services, in bytes.
const showLimit = 4 << 20

// run runs the command. Where that is not possible the error is why there is no bus.
func (c systemctl) run(ctx context.Context, noBus error, args ...string) (child.Result, error) {
	args = slices.Concat([]string{"systemctl"}, c.scope, args)
	if c.tools.sudo {
		args = append([]string{"sudo", "-n"}, args...)
	}
	env := merge(c.tools.env, []string{"TZ=UTC"})
	res, err := child.Run(ctx, child.Spec{Args: args, Env: env, Credential: c.as, Keep: showLimit, DieWithParent: true})
	switch {
	case ctx.Err() != nil:
		return res, ctx.Err()
	case c.tools.sudo && (err != nil || strings.Contains(res.Stderr, "sudo:")):
		return res, denied("without a bus orderly needs lines for systemctl in sudoers, see least-privilege.md")
	case err != nil:
		return res, noBus
	}
	return res, nil
}

// shown are the properties that matter, and how their text is understood; nil: it is text.
var shown = map[string]func(text string) any{
	"Id": nil, "Description": nil, "LoadState": nil, "ActiveState": nil, "SubState": nil, "UnitFileState": nil, "FragmentPath": nil,
	"Type": nil, "Result": nil, "Restart": nil,
	"MainPID": shownNumber, "NRestarts": shownNumber, "ExecMainStatus": shownNumber,
	"InvocationID":         func(text string) any { b, _ := hex.DecodeString(text); return b },
	"StateChangeTimestamp": shownTime,
}

func shownNumber(text string) any {
	n, _ := strconv.ParseUint(text, 10, 32)
	return uint32(n)
}

// shownTime understands a time, which the command has been told to be of UTC. There is none that never was.
func shownTime(text string) any {
	t, err := time.Parse("Mon 2006-01-02 15:04:05 MST", text)
	if err != nil {
		return uint64(0)
	}
	return uint64(t.UnixMicro())
}

// show returns the properties of a unit or, for a pattern, of all units in memory that are called so. Where the command does
// not reach systemd either, the error is why the bus did not.
func (c systemctl) show(ctx context.Context, pattern string, noBus error) ([]properties, error) {
	res, err := c.run(ctx, noBus, "show", "--", pattern)
	switch {
	case err != nil:
		return nil, err
	case res.Status != 0 || res.Signaled:
		return nil, noBus
	}
	var units []properties
	for block := range strings.SplitSeq(strings.TrimSpace(res.Stdout), "\n\n") {
		p := properties{}
		for line := range strings.Lines(block) {
			name, text, _ := strings.Cut(strings.TrimRight(line, "\n"), "=")
			read, matters := shown[name]
			switch {
			case read != nil:
				p[name] = dbus.MakeVariant(read(text))
			case matters:
				p[name] = dbus.MakeVariant(text)
			}
		}
		units = append(units, p)
	}
	return units, nil
}

// unit returns the properties of a unit as [line.unit] does.
func (c systemctl) unit(ctx context.Context, unit string, noBus error) (general, special properties, err error) {
	found, err := c.show(ctx, unit, noBus)
	if err != nil {
		return nil, nil, err
	}
	if strings.HasSuffix(unit, ".service") {
		special = found[0]
	}
	return found[0], special, nil
}

// loaded lists the services that are in memory.
func (c systemctl) loaded(ctx context.Context, label string, noBus error) ([]Listed, error) {
	found, err := c.show(ctx, "*.service", noBus)
	if err != nil {
		return nil, err
	}
	var out []Listed
	for _, p := range found {
		if p.text("LoadState") == "loaded" {
			file := unitFile{p.text("FragmentPath"), p.text("UnitFileState")}
			out = append(out, Listed{
				Ref: Ref{label, p.text("Id")}, Description: p.text("Description"), Enabled: file.enabled(),
				State: unitState(p.text("ActiveState"), p.text("SubState")), PID: int(p.number("MainPID")),
			})
		}
	}
	return out, nil
}

// files are those from which units can be made, of which the command tells the names and not the directories.
func (c systemctl) files(ctx context.Context, noBus error) ([]unitFile, error) {
	res, err := c.run(ctx, noBus, "list-unit-files", "--no-legend", "--plain", "--full")
	switch {
	case err != nil:
		return nil, err
	case res.Status != 0 || res.Signaled:
		return nil, noBus
	}
	var out []unitFile
	for line := range strings.Lines(res.Stdout) {
		if columns := strings.Fields(line); len(columns) >= 2 {
			out = append(out, unitFile{columns[0], columns[1]})
		}
	}
	return out, nil
}

// The exit statuses of acts that say more than that it did not work.
const (
	systemctlDenied = 4
	systemctlNoUnit = 5
)

// do acts, and returns when the job has ended. What it has begun goes on when ctx ends.
func (c systemctl) do(ctx context.Context, before Unit, verb Verb, noBus error) error {
	if limited(before, verb) {
		_, _ = c.run(ctx, noBus, "reset-failed", "--", before.Name)
	}
	args := []string{string(verb), "--", before.Name}
	res, err := c.run(ctx, noBus, args...)
	switch {
	case err != nil:
		return err
	case res.Status == 0 && !res.Signaled:
		return nil
	case res.Status == systemctlDenied && !res.Signaled:
		return denied(polkitHint)
	case res.Status == systemctlNoUnit && !res.Signaled:
		return missing("there is no unit " + before.Name + " any more")
	}
	return said(append([]string{"systemctl"}, args...), res)
}
