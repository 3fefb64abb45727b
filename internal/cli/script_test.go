package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"orderly/internal/api"
	"orderly/internal/cli"
	"orderly/internal/client"
	"orderly/internal/diag"
	"orderly/internal/model"
)

func TestMain(m *testing.M) {
	run := func() { os.Exit(cli.Main()) }
	testscript.Main(m, map[string]func(){"orderly": run, "monit": run, "inspeqtor": run, "inspeqtorctl": run})
}

// TestScript runs the scripts. Each has a daemon of its own at $ORDERLY_SOCKET whose answers are made up; for Monit's
// command line it is the one with the pid file $STANDIN, and inspeqtorctl has one at $INSPEQTOR_SOCK.
func TestScript(t *testing.T) {
	repository, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(env *testscript.Env) error {
			dir, err := os.MkdirTemp("", "orderly") // the work directory's path is too long for a socket
			if err != nil {
				return err
			}
			socket := filepath.Join(dir, "o.sock")
			env.Setenv("ORDERLY_SOCKET", socket)
			env.Setenv("STANDIN", strings.TrimSuffix(socket, ".sock"))
			env.Setenv("SHORT", dir)
			env.Setenv("INSPEQTOR_SOCK", inspeqtorStandIn(t, env, filepath.Join(dir, "i.sock")))
			env.Setenv("REPO", repository)
			env.Setenv("TERM", "dumb")
			env.Setenv("TZ", "UTC")
			env.Setenv("GORACE", "atexit_sleep_ms=0") // a race-enabled program else takes a second to end
			ctx, cancel := context.WithCancel(context.Background())
			l, err := api.ListenControl(ctx, socket)
			if err != nil {
				cancel()
				return err
			}
			done := make(chan error, 1)
			go func() {
				d := &standIn{dir: env.WorkDir}
				done <- api.New(d, d, d, "1.2.3", slog.New(slog.DiscardHandler)).WithAccounts(accounts()).WithHistory(past{}).WithWitness(d).WithStories(d).Serve(ctx, l)
			}()
			env.Defer(func() {
				cancel()
				if err := <-done; err != nil {
					t.Error(err)
				}
				_ = os.RemoveAll(dir)
			})
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"status": exitStatus, "expand": expand},
	})
}

// exitStatus runs a command that must end with a status: `status 3 orderly summary`.
func exitStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N COMMAND...")
	}
	got := "exit status 0"
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		got = err.Error()
	}
	if want := "exit status " + args[0]; got != want {
		ts.Fatalf("%v: %s, want %s", args[1:], got, want)
	}
}

// expand puts the values of variables into files, which are then nobody else's to read: `expand monitrc`.
func expand(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: expand FILE...")
	}
	for _, name := range args {
		text := os.Expand(ts.ReadFile(name), ts.Getenv)
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
		ts.Check(os.Chmod(ts.MkAbs(name), 0o600))
	}
}

// A standIn is a daemon whose services never change. In the directory of the script, a file "refuse" makes
// reloads fail.
type standIn struct {
	dir string
	silences
}

var began = time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)

func services() []model.ServiceStatus {
	ok := func(text, value string) model.RuleStatus {
		return model.RuleStatus{Text: text, State: model.RuleOK, Since: began, Value: value}
	}
	return []model.ServiceStatus{
		{
			Name: "web", Kind: model.KindProcess, State: model.StateFailing, Monitored: true, Since: began, PID: 4711,
			Check: 41, Restarts: 1, Groups: []string{"shop", "front"}, Checked: began.Add(time.Minute),
			Problem: "cannot connect to 127.0.0.1:80: connection refused",
			Rules: []model.RuleStatus{
				{Text: "failed port 80 protocol http", State: model.RuleFailing, Since: began, Summary: "cannot connect to 127.0.0.1:80: connection refused"},
				ok("cpu > 80%", "3.5%"),
			},
			Values: map[model.Metric]string{model.PID: "4711", model.CPU: "3.5%", model.Memory: "12.0 MB"},
		},
		{Name: "db", Kind: model.KindProcess, State: model.StateOK, Monitored: true, Since: began, Check: 41, Groups: []string{"shop"}, Rules: []model.RuleStatus{ok("not exist", "")}},
		{
			Name: "flaky", Kind: model.KindUnit, State: model.StateFailing, Monitored: true, Since: began, Check: 7, Restarts: 5,
			Problem: "unit is not running: exit status 3", GaveUp: "gave up: 5 repairs within 10 min did not help; tries again in 1 h",
			Silenced: "silenced until 15:30:00 by ann: deploy", Rules: []model.RuleStatus{ok("restart loop", "0")},
		},
		{Name: "old", Kind: model.KindFile, State: model.StateUnmonitored, Rules: []model.RuleStatus{}},
		{Name: "rude", Kind: model.KindProgram, State: model.StateOK, Monitored: true, Since: began, Check: 1, Rules: []model.RuleStatus{ok("status != 0", "\x1b[31mred\n")}},
	}
}

func (s *standIn) Status(_ context.Context, names []string, _ bool) (model.HostStatus, error) {
	out := model.HostStatus{Generation: 3, Host: "web1", Services: services()}
	out.Ailing = []model.Ailment{{Channel: "slack", Address: "ops", Since: out.Services[0].Since, Waiting: 3, Error: "no answer within 10s"}}
	out.Destinations = []model.Destination{
		{Channel: "slack", Address: "ops"}, {Channel: "mail", Address: "a@x"}, {Channel: "exec", Address: "page", Reached: out.Services[0].Since},
	}
	if len(names) > 0 {
		out.Services = slices.DeleteFunc(out.Services, func(s model.ServiceStatus) bool { return !slices.Contains(names, s.Name) })
	}
	return out, nil
}

// Do fails for web, and never ends for old.
func (s *standIn) Do(ctx context.Context, c model.Command) ([]model.Outcome, error) {
	var out []model.Outcome
	for _, sv := range services() {
		if !c.All && !slices.Contains(c.Names, sv.Name) && !slices.Contains(sv.Groups, c.Group) {
			continue
		}
		switch sv.Name {
		case "web":
			out = append(out, model.Outcome{Service: "web", Error: "cannot " + string(c.Kind) + ": exit status 1", Evidence: "no such file\nbye\n"})
		case "old":
			if err := os.WriteFile(filepath.Join(s.dir, "asked"), []byte(c.Kind), 0o600); err != nil {
				return nil, err
			}
			<-ctx.Done()
			return nil, ctx.Err()
		default:
			out = append(out, model.Outcome{Service: sv.Name, Done: string(c.Kind) + " done, pid 12"})
		}
	}
	return out, nil
}

// Accept writes the command to a file "accepted".
func (s *standIn) Accept(_ context.Context, c model.Command) error {
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.dir, "accepted"), append(text, '\n'), 0o600)
}

// Monit repeats the question.
func (s *standIn) Monit(_ context.Context, q client.MonitQuery) (string, error) {
	return fmt.Sprintf("%+v\n", q), nil
}

func (s *standIn) Reload(context.Context) (client.ReloadReply, error) {
	if _, err := os.Stat(filepath.Join(s.dir, "refuse")); err == nil {
		src := diag.NewSource("web.conf", []byte("check nonsense\n"))
		var found diag.List
		found.Error(diag.Span{Src: src, Start: 6, End: 14}, "monit/syntax", `unexpected "nonsense"`).Hinted("a kind of service stands here")
		return client.Refuse(3, found), nil
	}
	return client.ReloadReply{Applied: model.Applied{
		Generation: 4, Added: []string{"mail", "queue"}, Changed: []string{}, Removed: []string{"old"}, Unchanged: 3,
		Warnings: []string{"web.conf:3:5: warning: this is odd"},
	}}, nil
}

func (s *standIn) Events(_ context.Context, q client.EventQuery) iter.Seq2[model.Event, error] {
	all := []model.Event{
		{Seq: 1, At: began.Add(-24 * time.Hour), Host: "web1", Kind: model.EventStarted, Text: "orderly 1.2.3 has started"},
		{Seq: 2, At: began, Host: "web1", Service: "web", Rule: "failed port 80", Kind: model.EventFailed, Topic: model.TopicConnection, Text: "connection refused", Evidence: "<none>"},
		{Seq: 3, At: began.Add(time.Minute), Host: "web1", Service: "web", Kind: model.EventAction, Text: "restarted"},
		{Seq: 4, At: began.Add(2 * time.Minute), Host: "web1", Service: "flaky", Kind: model.EventFailed, Text: "unit is not running", Silenced: "silenced until 15:30:00: deploy"},
	}
	return func(yield func(model.Event, error) bool) {
		for _, ev := range all {
			if (q.Service == "" || q.Service == ev.Service) && !ev.At.Before(q.Since) && !yield(ev, nil) {
				return
			}
		}
	}
}
