package discover

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"orderly/internal/config"
	"orderly/internal/control"
	"orderly/internal/host"
	"orderly/internal/model"
)

var update = flag.Bool("update", false, "write what is proposed into the recordings")

// TestPropose compares what is proposed for recorded hosts with what was wanted, and checks that it holds.
func TestPropose(t *testing.T) {
	files, err := filepath.Glob("testdata/propose/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var f Facts
			d := json.NewDecoder(strings.NewReader(string(archive.Files[0].Data)))
			d.DisallowUnknownFields()
			if err := d.Decode(&f); err != nil {
				t.Fatal(err)
			}
			got := Propose(f)
			holds(t, got)
			holds(t, unmarked(got))
			if *update {
				archive.Files = append(archive.Files[:1], txtar.File{Name: "orderly.yaml", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if len(archive.Files) < 2 || string(archive.Files[1].Data) != got {
				t.Errorf("got\n%s\nwith -update it becomes what is wanted", got)
			}
		})
	}
}

// holds checks a proposal as a user would, with all warnings.
func holds(t testing.TB, text string) *model.Config {
	t.Helper()
	file := filepath.Join(t.TempDir(), "orderly.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r := config.Read(config.Options{Paths: []string{file}})
	for _, d := range r.Diagnostics {
		t.Errorf("%s: %s\n%s", d.Code, d.Summary, text)
	}
	return r.Config
}

// unmarked takes the marks of comments away from services that are only suggested.
func unmarked(text string) string {
	head, suggested, ok := strings.Cut(text, "say how each is\n  # started:\n")
	if !ok {
		head, suggested, ok = strings.Cut(text, "each is started:\n")
	}
	if !ok {
		return text
	}
	suggested, _, _ = strings.Cut(suggested, "\n# ")
	return head + "\n" + strings.ReplaceAll("\n"+suggested, "\n  # ", "\n  ")
}

// Each service of a recorded host becomes what is measured and acted on.
func TestProposedServices(t *testing.T) {
	c := holds(t, Propose(Facts{
		Host: "web1", Inits: []string{"systemd"}, Filesystems: []string{"/"},
		Units: []control.Listed{{Ref: control.Ref{System: "systemd", Name: "cron.service"}, Enabled: true, State: control.UnitRunning, PID: 4}},
	}))
	var got []string
	for _, s := range c.Services {
		got = append(got, s.Name+" "+string(s.Kind)+" "+s.Subject.Unit+s.Subject.Path)
	}
	if want := []string{"web1 system ", "root filesystem /", "cron unit cron.service"}; !slices.Equal(got, want) {
		t.Errorf("services %q, want %q", got, want)
	}
}

// FuzzPropose has hosts of which every text was chosen by somebody who means harm: what is proposed always holds, and no
// text leaves its place.
func FuzzPropose(f *testing.F) {
	f.Add("web", "web.service", "the web", "nginx", "/run/web.sock", "HTTP status 404")
	f.Add("true", "a\nb: c.service", "x\n  y: z", "- q", "/run/a b: #", "no\nservices:")
	f.Add("web", "a\x7fb.service", "", "x", "/run/\u0085", "")
	f.Add("", "@", "#", "", "/", "\x1b[31m\xff")
	f.Fuzz(func(t *testing.T, name, unit, description, program, path, refusal string) {
		if unit == "" || strings.ContainsRune(unit, 0) || path == "" || strings.ContainsRune(path, 0) {
			return // no kernel and no init system has such names
		}
		facts := Facts{
			Host: name, Inits: []string{"systemd"}, Filesystems: []string{"/", "/" + path}, Troubles: []string{refusal},
			Units: []control.Listed{
				{Ref: control.Ref{System: "systemd", Name: unit}, Description: description, Enabled: true, State: control.UnitRunning, PID: 4},
				{Ref: control.Ref{System: "systemd", Name: "dbus" + unit}, Enabled: true, State: control.UnitRunning},
			},
			Refusals: map[string]string{"port 80 protocol http": refusal, "port 80": refusal},
		}
		for pid := range 6 {
			facts.Listeners = append(facts.Listeners,
				host.Listener{Network: "tcp", Address: netip.AddrPortFrom(netip.IPv4Unspecified(), uint16(80+pid)), PID: pid, Program: program, Unit: unit},
				host.Listener{Network: "unix", Path: path, PID: pid, Program: "php-fpm", Unit: unit})
		}
		text := Propose(facts)
		if c := holds(t, text); len(c.Services) > 4 {
			t.Errorf("%d services:\n%s", len(c.Services), text)
		}
		holds(t, unmarked(text))
	})
}

// world is a host that is made up.
type world struct {
	unitsErr, listenErr, mountErr error
	answers                       map[string]bool
	asked                         chan string
}

func (w *world) Detect(context.Context) []string { return []string{"systemd"} }

func (w *world) List(context.Context) ([]control.Listed, error) {
	return []control.Listed{
		{Ref: control.Ref{System: "systemd", Name: "redis.service"}, Enabled: true, State: control.UnitRunning, PID: 4},
	}, w.unitsErr
}

func (w *world) Hostname() string { return "web1" }

func (w *world) Listeners() ([]host.Listener, error) {
	var l host.Listener
	if err := json.Unmarshal([]byte(`{"Network": "tcp", "Address": "127.0.0.1:6379", "PID": 4, "Unit": "redis.service"}`), &l); err != nil {
		return nil, err
	}
	return []host.Listener{l}, w.listenErr
}

func (w *world) Filesystems() ([]string, error) { return []string{"/"}, w.mountErr }

func (w *world) ask(_ context.Context, p *model.Probe) model.Result {
	w.asked <- p.Protocol
	return model.Result{OK: w.answers[p.Protocol], Summary: "no " + p.Protocol}
}

func TestGatherTriesWhatItProposes(t *testing.T) {
	for _, tt := range []struct {
		name    string
		answers map[string]bool
		asked   []string
		rule    string // "": none
	}{
		{"answers", map[string]bool{"redis": true}, []string{"redis"}, "if failed port 6379 protocol redis for 2 cycles then restart"},
		{"only accepts", map[string]bool{"": true}, []string{"redis", ""}, "if failed port 6379 for 2 cycles then restart"},
		{"refuses", nil, []string{"redis", ""}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := &world{answers: tt.answers, asked: make(chan string, 8)}
			f, err := gather(t.Context(), w, w, w.ask)
			if err != nil {
				t.Fatal(err)
			}
			close(w.asked)
			var asked []string
			for protocol := range w.asked {
				asked = append(asked, protocol)
			}
			if !slices.Equal(asked, tt.asked) {
				t.Errorf("asked for %q, want %q", asked, tt.asked)
			}
			text := Propose(f)
			holds(t, text)
			if got := strings.Count(text, "port 6379 "); tt.rule == "" && strings.Contains(text, "if failed") || !strings.Contains(text, tt.rule) {
				t.Errorf("%d times the port, want the rule %q:\n%s", got, tt.rule, text)
			}
		})
	}
}

func TestGatherTellsOfTroubles(t *testing.T) {
	w := &world{
		unitsErr: errors.New("cannot list services"), listenErr: errors.New("cannot list sockets"), mountErr: errors.New("cannot list filesystems"),
		asked: make(chan string, 8),
	}
	f, err := gather(t.Context(), w, w, w.ask)
	if err != nil {
		t.Fatal(err)
	}
	text := Propose(f)
	holds(t, text)
	for _, want := range []string{"cannot list services", "cannot list sockets", "cannot list filesystems"} {
		if !strings.Contains(text, "# Not everything could be seen: "+want+".") {
			t.Errorf("the proposal does not say %q:\n%s", want, text)
		}
	}
}

func TestGatherIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := &world{asked: make(chan string, 8)}
	if _, err := gather(ctx, w, w, w.ask); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
