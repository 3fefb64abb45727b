package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"orderly/internal/client"
	"orderly/internal/config"
	"orderly/internal/diag"
	"orderly/internal/inspeqtor"
	"orderly/internal/model"
)

// inspeqtorFiles makes a directory as Inspeqtor has one.
func inspeqtorFiles(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const inspeqtorConf = "set cycle_time 60\nset expose_port 0\nsend alerts via null with x y\n"

// inspeqtorctl asks one thing.
func inspeqtorctl(t *testing.T, path, command string) string {
	t.Helper()
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, command+"\n"); err != nil {
		t.Fatal(err)
	}
	reply, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(reply)
}

// A still is an inspeqtor.Backend of services of which nothing is known.
type still struct {
	inspeqtor.Backend
	config *model.Config
}

func (s still) Snapshots(context.Context) (out []model.Snapshot, _ error) {
	for _, spec := range s.config.Services {
		out = append(out, model.Snapshot{Spec: spec})
	}
	return out, nil
}

func (still) Silences(context.Context) ([]model.Silence, error) { return nil, nil }

// What Inspeqtor's files call a measurement is what it is called in the replies: all names of them (I-12, I-13, I-14).
func TestInspeqtorNamesAreThoseOfItsFiles(t *testing.T) {
	host := []string{
		"cpu", "cpu:user", "cpu:system", "cpu:iowait", "cpu:steal", "load:1", "load:5", "load:15", "memory", "swap", "disk:/", "disk:/var",
	}
	service := []string{"memory:rss", "memory:total_rss", "cpu:user", "cpu:system", "cpu:total_user", "cpu:total_system"}
	for _, family := range []string{"redis", "memcached", "mysql", "nginx", "postgresql", "memstats"} {
		for _, name := range model.FamilyNames(family) {
			service = append(service, family+":"+name)
		}
	}
	rules := func(names []string) (text string) {
		for _, name := range names {
			text += "  if " + name + " > 17 then alert\n"
		}
		return text
	}
	dir := inspeqtorFiles(t, map[string]string{
		"inspeqtor.conf": inspeqtorConf, "host.inq": "check host\n" + rules(host),
		"services.d/all.inq": "check service all with database app\n" + rules(service),
	})
	r := config.Read(config.Options{Paths: []string{dir}, Protocols: Speaks})
	if r.Diagnostics.HasErrors() {
		var text bytes.Buffer
		_ = diag.Print(&text, r.Diagnostics)
		t.Fatal(text.String())
	}
	path := filepath.Join(t.TempDir(), "socket")
	s := inspeqtor.New(inspeqtor.Options{
		Backend: still{config: r.Config}, Listen: listenInspeqtor, Socket: path, Log: slog.New(slog.DiscardHandler),
		Events: func() uint64 { return 0 }, Started: time.Now(),
	})
	ctx, stop := context.WithCancel(t.Context())
	var work sync.WaitGroup
	defer work.Wait()
	defer stop()
	s.Configure(ctx, r.Config)
	work.Go(func() { _ = s.Run(ctx) })
	status := inspeqtorctl(t, path, "status")
	for _, name := range append(host, service...) {
		if line := fmt.Sprintf("\n  %-35s n/a             17", name); !strings.Contains(status, line) {
			t.Errorf("%s is not there by this name", name)
		}
	}
	if got, want := strings.Count(status, " 17\n"), len(host)+len(service); got != want {
		t.Errorf("there are %d lines, want %d:\n%s", got, want, status)
	}
}

// A deploy goes on over a restart of the daemon, and its end leaves one more cycle of silence (I-21, I-22, I-24).
func TestDaemonAnswersInspeqtorctl(t *testing.T) {
	const web = "orderly-test-web"
	dir := inspeqtorFiles(t, map[string]string{
		"inspeqtor.conf": inspeqtorConf, "host.inq": "check host\n  if load:1 > 1000 then alert\n",
		"services.d/web.inq": "check service " + web + "\n  if memory:rss > 1g then alert\n",
		"jobs.d/jobs.inq":    "check jobs\n  backup happens every day\n  " + web + " happens every 2 hours\n",
	})
	state := t.TempDir()
	path := filepath.Join(state, "inspeqtor.sock")
	during := func(f func()) {
		t.Helper()
		ctx, stop := context.WithCancel(t.Context())
		ready, ended := make(chan struct{}), make(chan error, 1)
		var log bytes.Buffer
		go func() {
			ended <- Run(ctx, Options{
				ConfigPaths: []string{dir}, StateDir: filepath.Join(state, "state"), Socket: filepath.Join(state, "orderly.sock"),
				InspeqtorSocket: path, Listen: "off", Stderr: &log, Ready: func(*model.Config) { close(ready) },
			})
		}()
		defer func() {
			stop()
			if err := <-ended; err != nil {
				t.Errorf("%v\n%s", err, log.String())
			}
		}()
		select {
		case <-ready:
			f()
		case <-time.After(time.Minute):
			t.Error("it does not become ready")
		}
	}
	ask := func(command, want string) {
		t.Helper()
		if got := inspeqtorctl(t, path, command); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %q, want %q", command, got, want)
		}
	}
	silenced := func(want bool) {
		t.Helper()
		status := inspeqtorctl(t, path, "status")
		if strings.Contains(status, "\nSilenced until: ") != want || !strings.Contains(status, "\nService: "+web+" [") {
			t.Errorf("silenced should be %v: %s", want, status)
		}
	}
	during(func() {
		silenced(false)
		ask("start deploy", "Starting deploy, now silenced\n")
		silenced(true)
		deploys, err := client.New(filepath.Join(state, "orderly.sock")).Silences(t.Context())
		if err != nil || len(deploys) != 1 || !deploys[0].All || !deploys[0].Hold || deploys[0].Until.Sub(deploys[0].From).Round(time.Second) != 5*time.Minute {
			t.Errorf("the deploy is %+v (%v): nothing is repaired for 5 minutes", deploys, err)
		}
		for _, job := range []string{"backup", web, web + " job"} {
			ask("job_done "+job, "OK\n")
		}
		ask("job_done nobody", `Error: no such job "nobody", verify spelling or reload Inspeqtor`)
		if export := inspeqtorctl(t, path, "export"); !json.Valid([]byte(export)) {
			t.Errorf("export is %s", export)
		}
	})
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("the socket is left behind (%v)", err)
	}
	during(func() {
		silenced(true)
		ask("finish deploy", "Finished deploy, volume turned to 11\n")
		deploys, err := client.New(filepath.Join(state, "orderly.sock")).Silences(t.Context())
		if err != nil || len(deploys) != 1 || time.Until(deploys[0].Until) > time.Minute {
			t.Errorf("after the deploy there is more than one cycle of silence: %+v (%v)", deploys, err)
		}
		ask("job_done nobody", "Error: ")
	})
}
