package differential

import (
	"context"
	"encoding/binary"
	"encoding/xml"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"orderly/internal/client"
	"orderly/internal/model"
	"orderly/internal/store"
)

// monit is the real Monit in one directory.
type monit struct{ dir string }

// launch lets Monit have few file descriptors, because it closes each possible one whenever it runs a program.
func (m monit) launch() *exec.Cmd {
	awaitPhase()
	return exec.Command("/bin/sh", "-c", `ulimit -n 256; exec "$0" "$@"`, binaries["monit"], "-I", "-c", filepath.Join(m.dir, "control"))
}

// awaitPhase waits until Monit would compute the same time of boot as whenever it was started before. It takes the clock
// minus the uptime, both in whole seconds, which differs by one from moment to moment; after a difference it
// believes that the host was started anew.
func awaitPhase() {
	until(2*time.Second, func() bool {
		up := uptime()
		offset := float64(time.Now().UnixNano())/1e9 - up
		_, b := math.Modf(offset)
		_, at := math.Modf(up)
		if b < 0.5 {
			return at > 0.02 && at < 0.75-b
		}
		return at > 1.02-b && at < 0.75
	})
}

func uptime() float64 {
	b, _ := os.ReadFile("/proc/uptime")
	first, _, _ := strings.Cut(string(b), " ")
	seconds, _ := strconv.ParseFloat(first, 64)
	return seconds
}

func (m monit) do(verb string, args ...string) (cycle bool, err error) {
	return true, command(binaries["monit"], append([]string{"-c", filepath.Join(m.dir, "control"), verb}, args...)...)
}

// reload sends the signal that Monit's client would send, if it found no error in the control file itself.
func (m monit) reload() (cycle bool, err error) {
	b, err := os.ReadFile(filepath.Join(m.dir, "pid"))
	if err != nil {
		return false, err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return false, err
	}
	return true, syscall.Kill(pid, syscall.SIGHUP)
}

// forgetBoot changes the time of boot in Monit's state file: 64 bits after 64 others.
func (m monit) forgetBoot() error {
	f, err := os.OpenFile(filepath.Join(m.dir, "state"), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteAt(binary.NativeEndian.AppendUint64(nil, 1), 8)
	return err
}

func (m monit) states() (map[string]string, error) {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(m.dir, "httpd"))
	}
	c := http.Client{Timeout: patience, Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
	req, err := http.NewRequest(http.MethodGet, "http://ops:letmein@monit/_status?format=xml", nil)
	if err != nil {
		return nil, err
	}
	resp, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var document struct {
		Service []struct {
			Name    string `xml:"name"`
			Status  int    `xml:"status"`
			Monitor int    `xml:"monitor"`
		} `xml:"service"`
	}
	decoder := xml.NewDecoder(resp.Body)
	decoder.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	if err := decoder.Decode(&document); err != nil {
		return nil, fmt.Errorf("cannot read Monit's status: %w", err)
	}
	states := map[string]string{}
	for _, s := range document.Service {
		switch {
		case s.Monitor&3 == 0:
			states[s.Name] = "unmonitored"
		case s.Status != 0:
			states[s.Name] = "failing"
		case s.Monitor&2 != 0:
			states[s.Name] = "initializing"
		default:
			states[s.Name] = "ok"
		}
	}
	return states, nil
}

// orderly is the program of this repository in one directory.
type orderly struct{ dir string }

func (o orderly) socket() string { return filepath.Join(o.dir, "socket") }

func (o orderly) launch() *exec.Cmd {
	return exec.Command(binaries["orderly"], "run", "-c", filepath.Join(o.dir, "control"),
		"--state-dir", filepath.Join(o.dir, "kept"), "--socket", o.socket(), "--listen", "off")
}

func (o orderly) do(verb string, args ...string) (cycle bool, err error) {
	for i, arg := range args {
		if arg == "all" {
			args[i] = "--all"
		}
	}
	return false, command(binaries["orderly"], append([]string{verb, "--socket", o.socket()}, args...)...)
}

func (o orderly) reload() (cycle bool, err error) {
	return false, command(binaries["orderly"], "reload", "--socket", o.socket())
}

// forgetBoot changes the boot id that orderly has kept.
func (o orderly) forgetBoot() error {
	s, err := store.Open(filepath.Join(o.dir, "kept"), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	s.SetMeta("boot", "another")
	return s.Close()
}

func (o orderly) states() (map[string]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	status, err := client.New(o.socket()).Status(ctx, client.StatusQuery{})
	if err != nil {
		return nil, err
	}
	states := map[string]string{}
	for _, s := range status.Services {
		states[s.Name] = string(s.State)
		if s.Monitored && s.State == model.StateUnknown {
			states[s.Name] = string(model.StateFailing) // Monit calls it a data access error
		}
	}
	return states, nil
}

// command runs a client. Its exit status says that a command failed, which a scenario may want to happen.
func command(name string, args ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	if out, err := cmd.CombinedOutput(); ctx.Err() != nil {
		return fmt.Errorf("%s %s does not end: %w\n%s", filepath.Base(name), strings.Join(args, " "), err, out)
	}
	return nil
}
