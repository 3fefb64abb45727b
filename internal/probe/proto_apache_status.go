package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"orderly/internal/model"
)

// scoreboard are the states a worker may be in, by the letter that stands for it and the option that limits it.
var scoreboard = []struct {
	letter, limit, doing string
}{
	{"L", "loglimit", "writing the log"},
	{"C", "closelimit", "closing connections"},
	{"D", "dnslimit", "looking up names"},
	{"K", "keepalivelimit", "kept alive"},
	{"W", "replylimit", "replying"},
	{"R", "requestlimit", "reading requests"},
	{"S", "startlimit", "starting"},
	{"_", "waitlimit", "waiting for connections"},
	{"G", "gracefullimit", "finishing gracefully"},
	{"I", "cleanuplimit", "cleaning up"},
}

// The page is that of Apache's mod_status in its form for machines.
var _ = register(Protocol{Name: "apache-status", Port: 80, Net: "tcp", TLS: true, Params: apacheParams(), Run: askApache})

func apacheParams() []ParamSpec {
	params := []ParamSpec{
		{Name: "path", Help: "of the status page; default server-status"},
		{Name: "username", Help: "for basic authentication"},
		{Name: "password", Secret: true, Help: "for basic authentication"},
	}
	for _, state := range scoreboard {
		params = append(params, ParamSpec{Name: state.limit, Help: "percentage of workers " + state.doing + " that is too many, with an operator"})
	}
	return params
}

func askApache(_ context.Context, c *Conn, params model.Params) error {
	path := params.Get("path")
	if path == "" {
		path = "server-status"
	}
	page, url, err := c.page(path+"?auto", params)
	if err != nil {
		return err
	}
	workers, found := scoreboardOf(page)
	if !found {
		return fmt.Errorf("%s has no scoreboard", url)
	}
	return judgeScoreboard(workers, params, place(c.probe))
}

// scoreboardOf finds the letters of all workers in a status page. The line of a large server is longer than Conn.Line reads.
func scoreboardOf(page []byte) (workers string, found bool) {
	for line := range bytes.Lines(page) {
		if letters, ok := bytes.CutPrefix(line, []byte("Scoreboard: ")); ok {
			return string(bytes.TrimSpace(letters)), true
		}
	}
	return "", false
}

// judgeScoreboard applies the limits. A limit says what is too many, and 0 is no limit.
func judgeScoreboard(workers string, params model.Params, server string) error {
	if workers == "" {
		return errors.New("its scoreboard is empty")
	}
	for _, state := range scoreboard {
		limit, _ := params.Find(state.limit)
		if limit.Value == "" {
			continue
		}
		most, err := strconv.ParseFloat(limit.Value, 64)
		if err != nil {
			return fmt.Errorf("%s %q is not a percentage", state.limit, limit.Value)
		}
		percent := 100 * float64(strings.Count(workers, state.letter)) / float64(len(workers))
		if most != 0 && limit.Op.Holds(percent, most) {
			return verdictf("%.1f%% of the workers of %s are %s, %s %s %s%%", percent, server, state.doing, state.limit, limit.Op, limit.Value)
		}
	}
	return nil
}
