package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"orderly/internal/model"
)

// allServices is the name that stands for every service, in actions only.
const allServices = "all"

// act has services started, stopped and so on: by the daemon, which only accepts it, or else here and now.
func (m *monitRun) act(ctx context.Context, kind model.CommandKind, name string) error {
	c := model.Command{Kind: kind, Names: []string{name}}
	switch {
	case m.group != "":
		if c.Names = m.members(kind); c.Names == nil {
			return monitErrorf("Group '%s' not found", m.group)
		}
	case len(m.words) < 2:
		return monitErrorf("Please specify a service name or 'all' after %s", kind)
	case name == allServices:
		c.Names, c.All = nil, true
		for _, s := range m.config.Services {
			c.Names = append(c.Names, s.Name)
		}
	}
	to, err := m.remote(ctx)
	if errors.Is(err, errMonitAbsent) {
		return m.actHere(ctx, c)
	}
	if err != nil {
		return err
	}
	return to.act(ctx, c, m.group != "" || c.All)
}

// members are the services of the group, nil if there is none. Of those to be restarted, one that depends on another
// member is left out: that one's restart takes it along.
func (m *monitRun) members(kind model.CommandKind) []string {
	var group []*model.Service
	for _, s := range m.config.Services {
		if slices.ContainsFunc(s.Groups, func(g string) bool { return strings.EqualFold(g, m.group) }) {
			group = append(group, s)
		}
	}
	var names []string
	for _, s := range group {
		follows := slices.ContainsFunc(group, func(parent *model.Service) bool {
			return slices.ContainsFunc(s.Depends, func(d string) bool { return strings.EqualFold(d, parent.Name) })
		})
		if kind != model.CommandRestart || !follows {
			names = append(names, s.Name)
		}
	}
	return names
}

// actHere does without a daemon what there is none for, and returns when it is done.
func (m *monitRun) actHere(ctx context.Context, c model.Command) error {
	for _, name := range c.Names {
		if m.config.Find(name) == nil {
			return monitErrorf("Service '%s' -- doesn't exist", name)
		}
	}
	o := m.daemonOptions()
	o.Console = slog.DiscardHandler // what it says of its way is in the log; the outcomes tell the rest
	outcomes, err := m.once(ctx, o, c)
	if err != nil {
		return err
	}
	failed := false
	for _, o := range outcomes {
		if o.Error == "" {
			m.line(fmt.Sprintf("'%s' %s", clean(o.Service), clean(o.Done)))
			continue
		}
		failed = true
		m.complain(fmt.Sprintf("'%s' %s", o.Service, o.Error))
		m.complain(strings.TrimRight(o.Evidence, "\n"))
	}
	if failed {
		return errNo
	}
	return nil
}
