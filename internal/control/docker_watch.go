package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// watch looks at a container whenever the engine tells of an event that concerns it.
func (e *engine) watch(ctx context.Context, names []string, changed func(Unit)) {
	told := map[string]Unit{}
	look := func(name string) {
		ctx, cancel := context.WithTimeout(ctx, lookPatience)
		defer cancel()
		now, err := e.status(ctx, name)
		if err != nil {
			if !errors.Is(err, ErrNoUnit) {
				return // it is not the container about which nothing is known
			}
			now = gone(Ref{System: e.label, Name: name}, err)
		}
		if last, known := told[name]; !known || last != now {
			told[name] = now
			changed(now)
		}
	}
	again(ctx, func() bool { return e.follow(ctx, names, look) })
}

// follow reads events until the engine hangs up, and tells whether it let us in.
func (e *engine) follow(ctx context.Context, names []string, look func(string)) bool {
	filters, err := json.Marshal(map[string][]string{"type": {"container"}, "container": names})
	if err != nil {
		return false
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	hung := time.AfterFunc(greetPatience, cancel)
	resp, err := e.request(ctx, http.MethodGet, "/events", url.Values{"filters": {string(filters)}})
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	if !hung.Stop() {
		return false
	}
	for _, name := range names {
		look(name)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, engineLimit)
	for lines.Scan() {
		var event struct {
			Action string
			Actor  struct{ Attributes struct{ Name string } }
		}
		if json.Unmarshal(lines.Bytes(), &event) == nil && !strings.HasPrefix(event.Action, "exec_") &&
			slices.Contains(names, event.Actor.Attributes.Name) {
			look(event.Actor.Attributes.Name)
		}
	}
	return true
}
