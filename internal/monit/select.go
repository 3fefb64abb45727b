package monit

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"orderly/internal/model"
	"orderly/internal/pattern"
)

// A NotFoundError says that there is no such service, or no such group of services, in the words of Monit.
type NotFoundError struct {
	Group bool
	Name  string
}

func (e *NotFoundError) Error() string {
	if e.Group {
		return fmt.Sprintf("Service group '%s' not found", e.Name)
	}
	return fmt.Sprintf("Service '%s' not found", e.Name)
}

// Select returns the services that a request is about, in their order: the members of a group if one is named, else
// those that any of the names match, else all. Errors are of type *[NotFoundError].
func Select(services []model.Snapshot, names []string, group string) ([]model.Snapshot, error) {
	if group != "" {
		members := Members(group, services)
		if len(members) == 0 {
			return nil, &NotFoundError{Group: true, Name: group}
		}
		return pick(services, members), nil
	}
	if names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "" }); len(names) == 0 {
		return services, nil
	}
	var chosen []int
	for _, name := range names {
		matching := Match(name, services)
		if len(matching) == 0 {
			return nil, &NotFoundError{Name: name}
		}
		chosen = append(chosen, matching...)
	}
	slices.Sort(chosen)
	return pick(services, slices.Compact(chosen)), nil
}

// Match returns the places of the services that a name means: an extended regular expression for the whole of their
// names, without regard to letter case, or one of the names as it is.
func Match(name string, services []model.Snapshot) []int {
	expression := wholeName(name)
	return places(services, func(s *model.Service) bool {
		return strings.EqualFold(s.Name, name) || expression != nil && expression.MatchString(s.Name)
	})
}

// Members returns the places of the services in a group. The letter case of its name does not matter.
func Members(group string, services []model.Snapshot) []int {
	return places(services, func(s *model.Service) bool {
		return slices.ContainsFunc(s.Groups, func(name string) bool { return strings.EqualFold(name, group) })
	})
}

// maxExpression bounds what is compiled, in bytes: a request may hold a longer text, and that is no name.
const maxExpression = 4096

// wholeName compiles a name that is an expression, nil if it is none. With an anchor of its own it gets no others.
func wholeName(name string) *regexp.Regexp {
	if len(name) > maxExpression {
		return nil
	}
	if !strings.ContainsAny(name, "^$") {
		name = "^" + name + "$"
	}
	cased, err := pattern.Compile(name)
	if err != nil {
		return nil
	}
	re, err := regexp.Compile("(?i)" + cased.String())
	if err != nil {
		return nil
	}
	return re
}

func places(services []model.Snapshot, wanted func(*model.Service) bool) []int {
	var out []int
	for i := range services {
		if wanted(services[i].Spec) {
			out = append(out, i)
		}
	}
	return out
}

func pick(services []model.Snapshot, at []int) []model.Snapshot {
	out := make([]model.Snapshot, len(at))
	for i, place := range at {
		out[i] = services[place]
	}
	return out
}
