package alert

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"orderly/internal/model"
	"orderly/internal/notice"
)

func init() {
	channels["exec"] = channel{open: func(m Means) sender { return runner{m} }, check: checkProgram, tries: 4}
}

// execTimeout ends a program that has none of its own.
const execTimeout = time.Minute

// runner tells people by running a program of theirs. The arguments are templates; the facts are in the environment as
// well, where no shell can mistake them for commands.
type runner struct{ means Means }

func (runner) rest() {}

func (x runner) send(ctx context.Context, c *model.Config, p parcel) (string, error) {
	r, ev := p.route, p.events[0]
	switch {
	case r.Program == nil || len(r.Program.Args) == 0:
		return "", fmt.Errorf("%w: no program is set", errNoWay)
	case x.means.Run == nil:
		return "", fmt.Errorf("%w: programs cannot be run here", errNoWay)
	}
	n := notice.Of(r, ev)
	n.Host = hostOf(c, ev)
	n.Delay = max(p.now.Sub(ev.At), 0)
	program := *r.Program
	program.Timeout = cmp.Or(program.Timeout, c.Settings.Limits.ExecTimeout, execTimeout)
	var err error
	if program.Args, err = fill(r.Program.Args, n); err != nil {
		return "", fmt.Errorf("%w: %w", errHopeless, err)
	}
	if err := x.means.Run(ctx, &program, environment(n, ev)); err != nil {
		if ctx.Err() != nil {
			return "", err
		}
		return "", masked{fmt.Errorf("%w: %w", errLater, err), harmless(err.Error(), mask(secretArgs(program.Args)...))}
	}
	return "it ended well", nil
}

// fill words the arguments of a program.
func fill(args []string, n notice.Notice) ([]string, error) {
	out := make([]string, len(args))
	for i, arg := range args {
		t, err := notice.Parse(arg)
		if err == nil {
			out[i], err = t.Render(n)
		}
		if err != nil {
			return nil, err
		}
		if out[i] = strings.ReplaceAll(out[i], "\x00", ""); i == 0 && out[i] == "" {
			return nil, errors.New("the program has no name")
		}
	}
	return out, nil
}

// secretArgs are what a program was told beside its name, where that is long enough to be a secret: an error message
// should not repeat it.
func secretArgs(args []string) (secrets []string) {
	for _, arg := range args[1:] {
		if len(arg) >= pathSecret {
			secrets = append(secrets, arg)
		}
	}
	return secrets
}

// environment is what a program finds out about an event (M-047).
func environment(n notice.Notice, ev model.Event) []string {
	moment := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Format(time.RFC3339)
	}
	var env []string
	for _, v := range []struct{ name, value string }{
		{"MONITOR_NAME", n.MonitorName},
		{"SERVICE", n.Service},
		{"HOST", n.Host},
		{"RULE", n.Rule},
		{"KIND", n.Kind},
		{"TEXT", n.Text},
		{"MESSAGE", n.Message},
		{"ACTION", n.Action},
		{"LAST_OUTPUT", n.LastCheckOutput},
		{"AFFECTS", strings.Join(n.Affects, ", ")},
		{"ALERT_COUNT", strconv.Itoa(n.AlertCount)},
		{"FAILURE_COUNT", strconv.Itoa(n.FailureCount)},
		{"IS_UP", strconv.FormatBool(n.IsUp)},
		{"LAST_SUCCESS", moment(n.LastSuccess)},
		{"SINCE", moment(n.Since)},
		{"AT", moment(n.At)},
		{"DURATION", strconv.Itoa(int(n.Duration / time.Second))},
		{"DELAY", strconv.Itoa(int(n.Delay / time.Second))},
		{"DIAGNOSIS", n.Diagnosis},
		{"ID", identity(n.Host, ev)},
	} {
		env = append(env, "ORDERLY_"+v.name+"="+strings.ReplaceAll(v.value, "\x00", ""))
	}
	return env
}

// identity is the same for every attempt to tell of an event, and of no other.
func identity(host string, ev model.Event) string {
	if ev.Seq == 0 {
		return fmt.Sprintf("%s/test-%d", host, ev.At.UnixNano())
	}
	return fmt.Sprintf("%s/%d", host, ev.Seq)
}

func checkProgram(r model.Route) error {
	if r.Program == nil || len(r.Program.Args) == 0 || r.Program.Args[0] == "" {
		return errors.New("no program is set")
	}
	for _, arg := range r.Program.Args {
		if _, err := notice.Parse(arg); err != nil {
			return err
		}
	}
	return nil
}
