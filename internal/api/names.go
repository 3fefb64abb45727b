package api

import (
	"fmt"
	"slices"
	"strings"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// resolve finds the services that a user names, whatever the letter case, and returns them as they are configured.
func resolve(status model.HostStatus, names []string) ([]string, error) {
	known := make([]string, len(status.Services))
	for i := range status.Services {
		known[i] = status.Services[i].Name
	}
	var out []string
	for _, name := range names {
		i := slices.IndexFunc(known, func(k string) bool { return strings.EqualFold(k, name) })
		if i < 0 {
			return nil, unknown("service", name, known)
		}
		if !slices.Contains(out, known[i]) {
			out = append(out, known[i])
		}
	}
	return out, nil
}

// resolveGroup finds a group that at least one service is in; one of just this letter case comes first.
func resolveGroup(status model.HostStatus, group string) (string, error) {
	var known []string
	for i := range status.Services {
		known = append(known, status.Services[i].Groups...)
	}
	if slices.Contains(known, group) {
		return group, nil
	}
	if i := slices.IndexFunc(known, func(k string) bool { return strings.EqualFold(k, group) }); i >= 0 {
		return known[i], nil
	}
	return "", unknown("group", group, known)
}

func unknown(what, name string, known []string) error {
	if near := diag.Nearest(name, known); near != "" {
		return fmt.Errorf("there is no %s %q, did you mean %q?", what, name, near)
	}
	return fmt.Errorf("there is no %s %q", what, name)
}
