package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// names are those of all containers.
func (e *engine) names(ctx context.Context) ([]string, error) {
	resp, err := e.request(ctx, http.MethodGet, "/containers/json", url.Values{"all": {"1"}})
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var all []struct{ Names []string }
	if err := json.NewDecoder(io.LimitReader(resp.Body, engineLimit)).Decode(&all); err != nil {
		return nil, fmt.Errorf("cannot understand its answer: %w", err)
	}
	var names []string
	for _, c := range all {
		for _, name := range c.Names {
			if name = strings.TrimPrefix(name, "/"); !strings.Contains(name, "/") { // a link's name belongs to another
				names = append(names, name)
			}
		}
	}
	return names, nil
}

// list tells of all containers. Those with a restart policy start with their engine.
func (e *engine) list(ctx context.Context) ([]Listed, error) {
	names, err := e.names(ctx)
	if err != nil {
		return nil, err
	}
	var out []Listed
	for _, name := range names {
		c, err := e.inspect(ctx, name)
		switch {
		case errors.Is(err, ErrNoUnit): // it has gone meanwhile
			continue
		case err != nil:
			return out, err
		}
		u, _ := c.unit()
		policy := c.HostConfig.RestartPolicy.Name
		out = append(out, Listed{
			Ref: Ref{e.label, name}, Description: u.Description, Enabled: policy != "" && policy != "no", State: u.State, PID: u.PID,
		})
	}
	return out, nil
}
