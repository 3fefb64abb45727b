package httpd

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"orderly/internal/model"
	"orderly/internal/monit"
)

var actions = []model.CommandKind{
	model.CommandStart, model.CommandStop, model.CommandRestart, model.CommandMonitor, model.CommandUnmonitor,
}

// act gives a command for the services that a form names. Without an action, or without services, nothing is done and
// nothing is wrong.
func (s *Server) act(ctx context.Context, q *request) (answer, error) {
	done := answer{kind: typeHTML}
	if q.guest.readOnly {
		return done, errReadOnly
	}
	names := q.form.all("service")
	kind, err := q.action()
	if err != nil || kind == "" || len(names) == 0 {
		return done, err
	}
	services, err := s.View.Snapshots(ctx)
	if err != nil {
		return done, err
	}
	named, err := matching(services, names)
	if err != nil {
		return done, err
	}
	return done, s.accept(ctx, kind, named)
}

// action is the action that a form asks for, "" for none.
func (q *request) action() (model.CommandKind, error) {
	word, ok := q.form.find("action")
	if !ok {
		return "", nil
	}
	kind := model.CommandKind(strings.ToLower(word))
	if !slices.Contains(actions, kind) {
		return "", &refusal{http.StatusBadRequest, fmt.Sprintf("Invalid action \"%s\"", word)}
	}
	return kind, nil
}

func (s *Server) accept(ctx context.Context, kind model.CommandKind, names []string) error {
	if err := s.Commander.Accept(ctx, model.Command{Kind: kind, Names: names}); err != nil {
		return fmt.Errorf("cannot %s %s: %w", kind, strings.Join(names, ", "), err)
	}
	return nil
}

// matching returns the services that names mean, each of them once, in file order. As Monit does, it goes from the last
// name to the first, and a name that means nothing is an error only while no other has meant anything.
func matching(services []model.Snapshot, names []string) ([]string, error) {
	var found []int
	for _, name := range slices.Backward(names) {
		places := monit.Match(name, services)
		if len(places) == 0 && len(found) == 0 {
			return nil, noService(http.StatusBadRequest, name)
		}
		found = append(found, places...)
	}
	slices.Sort(found)
	found = slices.Compact(found)
	out := make([]string, len(found))
	for i, place := range found {
		out[i] = services[place].Spec.Name
	}
	return out, nil
}

func noService(status int, name string) error {
	return &refusal{status, fmt.Sprintf("There is no service named \"%s\"", name)}
}
