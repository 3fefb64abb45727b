package test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// What the pages call the directory of an example and the port its server listens at; tests have their own.
const (
	demoDir  = "/srv/demo"
	demoPort = "8080"
)

// TestDocsConsole does what the pages tell a reader to do and compares what is printed.
func TestDocsConsole(t *testing.T) {
	for _, p := range pages(t) {
		if !slices.ContainsFunc(p.blocks, func(b block) bool { return b.language == "console" }) {
			continue
		}
		t.Run(filepath.Base(p.file), func(t *testing.T) {
			for _, tool := range []string{"python3", "curl"} {
				if _, err := exec.LookPath(tool); err != nil && strings.Contains(p.text, tool) {
					t.Skip(tool + " is not installed")
				}
			}
			r := newReader(t)
			for _, b := range p.blocks {
				switch {
				case b.language == "console":
					r.follow(fmt.Sprintf("%s:%d", p.file, b.line), b.text)
				case b.file != "":
					r.d.write(b.file, r.here(b.text))
					if err := os.Chmod(r.d.path(b.file), 0o644); err != nil { // as an editor would
						t.Fatal(err)
					}
				}
			}
		})
	}
}

// A reader follows one page in a directory of its own.
type reader struct {
	t      *testing.T
	d      *daemon
	port   string
	status int // of the last command
}

func newReader(t *testing.T) *reader {
	r := &reader{t: t, d: &daemon{t: t, dir: t.TempDir()}, port: strconv.Itoa(freePort(t))}
	for _, name := range []string{"orderly", "inspeqtor", "inspeqtorctl", "minitor"} {
		if err := os.Symlink(binary, r.d.path(name)); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		pidfiles, _ := filepath.Glob(r.d.path("*.pid"))
		for _, f := range pidfiles {
			if pid := r.d.pidIn(filepath.Base(f)); pid > 0 {
				killHard(pid)
			}
		}
	})
	return r
}

// here is what a page means, there is what a page would say.
func (r *reader) here(s string) string {
	return strings.NewReplacer(demoDir, r.d.dir, demoPort, r.port).Replace(s)
}

func (r *reader) there(s string) string {
	return strings.NewReplacer(r.d.dir, demoDir, r.port, demoPort).Replace(s)
}

// follow runs the commands of a console block.
func (r *reader) follow(at, text string) {
	r.t.Helper()
	for i, part := range strings.Split("\n"+text, "\n$ ") {
		if i == 0 && strings.TrimSpace(part) != "" {
			r.t.Errorf("%s: output without a command: %q", at, part)
		}
		if i == 0 {
			continue
		}
		command, want, _ := strings.Cut(part, "\n")
		r.command(at, command, want)
	}
}

// looking are commands that only look: a reader may look again until what has to happen has happened.
var looking = regexp.MustCompile(`^(orderly (status|summary|events|why)|inspeqtorctl status)\b`)

func (r *reader) command(at, command, want string) {
	r.t.Helper()
	var got string
	matches := func() bool {
		if strings.HasPrefix(command, "orderly run") {
			got = r.run(command)
		} else {
			got = r.shell(command)
		}
		return pattern(want).MatchString(plain(got))
	}
	for end := time.Now().Add(patience); looking.MatchString(command) && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if matches() {
			return
		}
	}
	if !matches() {
		r.t.Fatalf("%s: $ %s\ngot\n%s\nthe page says\n%s", at, command, got, want)
	}
}

// run starts a daemon that goes on beside what follows on the page, and returns its log up to now.
func (r *reader) run(command string) string {
	name, _ := strings.CutPrefix(command, "orderly run -c ")
	r.d.config = r.d.path(name)
	r.d.start()
	return r.there(r.d.log.String())
}

func (r *reader) shell(command string) string {
	cmd := exec.Command("/bin/sh", "-c", fmt.Sprintf("(exit %d); %s", r.status, r.here(command)))
	cmd.Dir = r.d.dir
	cmd.Env = append(os.Environ(), "PATH="+r.d.dir+":"+os.Getenv("PATH"), "ORDERLY_SOCKET="+r.d.path("sock"),
		"INSPEQTOR_SOCK="+r.d.path("inspeqtor.sock"), "NO_COLOR=1")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		r.t.Fatal(err)
	}
	r.status = cmd.ProcessState.ExitCode()
	return r.there(out.String())
}

// varying is what differs from one time to the next, and what stands for it.
var varying = []struct {
	re *regexp.Regexp
	to string
}{
	{regexp.MustCompile(`(?m)^-- \d{4}-\d\d-\d\d\n`), ""}, // a page may be followed around midnight
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]*(Z|[+-]\d\d:\d\d)?`), "TIME"},
	{regexp.MustCompile(`\b\d\d:\d\d:\d\d\b`), "TIME"},
	{regexp.MustCompile(`\bpid(\s+|=|": )\d+`), "pid PID"},
	{regexp.MustCompile(`\bafter [\d.]+ m?s\b`), "after TIME"},
	{regexp.MustCompile(`(?m)^ *seen well .* before\n`), ""}, // a busy machine is slow to look again
	{regexp.MustCompile(`socket=\S+`), "socket=SOCKET"},
	{regexp.MustCompile(`\S+/orderly\.sock\b|` + regexp.QuoteMeta(demoDir) + `/sock\b`), "SOCKET"},
	{regexp.MustCompile(`orderly \S+ has started`), "orderly VERSION has started"},
	{regexp.MustCompile(` +`), " "},
}

// plain is output without what varies.
func plain(s string) string {
	if host, err := os.Hostname(); err == nil {
		s = regexp.MustCompile(`\b`+regexp.QuoteMeta(host)+`\b`).ReplaceAllString(s, "web1")
	}
	for _, v := range varying {
		s = v.re.ReplaceAllString(s, v.to)
	}
	return strings.TrimSpace(s)
}

// pattern matches what a page says is printed: "…" stands for any text within a line, and "..." on a line of its
// own for any lines.
func pattern(want string) *regexp.Regexp {
	var re strings.Builder
	for i, line := range strings.Split(plain(want), "\n") {
		if i > 0 {
			re.WriteString(`\n?`)
		}
		if line == "..." {
			re.WriteString(`(?s:.*)`)
			continue
		}
		for k, part := range strings.Split(line, "…") {
			if k > 0 {
				re.WriteString(`.*`)
			}
			re.WriteString(regexp.QuoteMeta(part))
		}
		re.WriteString(`[ ]*`)
	}
	return regexp.MustCompile(`^` + re.String() + `$`)
}
