package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// supervisord is the programs of Supervisor, asked by its XML-RPC interface. That tells of no changes: only event listeners
// learn of these, which are programs that supervisord itself has to run. So it is not watched, and who needs to know at
// once that a program has ended holds on to its process.
type supervisord struct {
	socket string // empty: over TCP
	url    string
	client *http.Client
}

// newSupervisords returns the one supervisord of a host that was configured or that its own configuration tells of.
func newSupervisords(o UnitOptions) []initSystem {
	addresses := o.Supervisord
	if addresses == nil {
		addresses = usualSupervisords(o.Root)
	}
	for i, address := range addresses {
		s, err := newSupervisord(address)
		if err == nil && (i == len(addresses)-1 || s.socket == "" || isSocket(s.socket)) {
			return []initSystem{s}
		}
	}
	return nil
}

// newSupervisord takes "unix:///run/x.sock" or "http://host:9001", with user and password in front of the host.
func newSupervisord(address string) (*supervisord, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("cannot understand the address of supervisord")
	}
	s := &supervisord{}
	dialer := new(net.Dialer)
	transport := &http.Transport{DialContext: dialer.DialContext, MaxIdleConns: 1, IdleConnTimeout: time.Minute}
	if u.Scheme == "unix" {
		s.socket = u.Path
		u.Scheme, u.Host = "http", "supervisor"
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", s.socket)
		}
	}
	u.Path = "/RPC2"
	s.url = u.String()
	s.client = &http.Client{Transport: transport, CheckRedirect: stay}
	return s, nil
}

func isSocket(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&fs.ModeSocket != 0
}

// listens tells whether somebody listens on a socket, or may do so without letting us in. One that refuses was left behind.
func listens(ctx context.Context, path string) bool {
	if !isSocket(path) {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err != nil {
		return !errors.Is(err, syscall.ECONNREFUSED)
	}
	_ = conn.Close() // nothing was said
	return true
}

func (s *supervisord) name() string { return "supervisord" }

func (s *supervisord) close() { s.client.CloseIdleConnections() }

func (s *supervisord) present(ctx context.Context) bool {
	return s.socket == "" || listens(ctx, s.socket)
}

func (s *supervisord) call(ctx context.Context, method string, args ...any) (any, error) {
	v, err := xmlCall(ctx, s.client, s.url, "supervisor."+method, args...)
	var f *fault
	var op *url.Error
	switch {
	case errors.As(err, &f):
		return nil, f.explain()
	case errors.Is(err, fs.ErrPermission) && s.socket != "":
		return nil, denied("the socket " + s.socket + " must be open to orderly, see least-privilege.md")
	case errors.As(err, &op): // its text would tell the password
		return nil, op.Err
	}
	return v, err
}

// find takes the name of a program, or group:name.
func (s *supervisord) find(ctx context.Context, name string) (string, error) {
	v, err := s.call(ctx, "getProcessInfo", name)
	if err == nil {
		info, _ := v.(map[string]any)
		return fullName(info), nil
	}
	if !errors.Is(err, ErrNoUnit) {
		return "", err
	}
	v, listed := s.call(ctx, "getAllProcessInfo")
	if listed != nil {
		return "", err
	}
	var names []string
	for _, v := range array(v) {
		info, _ := v.(map[string]any)
		if text(info, "name") == name { // in a group of another name
			return fullName(info), nil
		}
		names = append(names, fullName(info))
	}
	return "", missing("there is no such program" + similar(name, names))
}

// list tells of all programs. Of an old supervisord that cannot be asked which it starts by itself it is assumed of all.
func (s *supervisord) list(ctx context.Context) ([]Listed, error) {
	v, err := s.call(ctx, "getAllProcessInfo")
	if err != nil {
		return nil, err
	}
	manual := map[string]bool{}
	if configs, err := s.call(ctx, "getAllConfigInfo"); err == nil {
		for _, v := range array(configs) {
			config, _ := v.(map[string]any)
			if auto, told := config["autostart"].(bool); told {
				manual[fullName(config)] = !auto
			}
		}
	}
	var out []Listed
	for _, v := range array(v) {
		info, _ := v.(map[string]any)
		u, _ := processInfo(info)
		name := fullName(info)
		out = append(out, Listed{Ref: Ref{s.name(), name}, Enabled: !manual[name], State: u.State, PID: u.PID})
	}
	return out, nil
}

func array(v any) []any {
	a, _ := v.([]any)
	return a
}

func fullName(info map[string]any) string {
	group, name := text(info, "group"), text(info, "name")
	if group == "" || group == name {
		return name
	}
	return group + ":" + name
}

func text(info map[string]any, key string) string {
	s, _ := info[key].(string)
	return s
}

func integer(info map[string]any, key string) int {
	n, _ := info[key].(int)
	return n
}

func (s *supervisord) status(ctx context.Context, name string) (Unit, error) {
	info, err := s.info(ctx, name)
	if err == nil && undecided(info) {
		info, err = s.info(ctx, name)
	}
	if err != nil {
		return Unit{}, err
	}
	u, err := processInfo(info)
	u.Ref = Ref{System: s.name(), Name: name}
	return u, err
}

// watch asks about all programs at once, every second.
func (s *supervisord) watch(ctx context.Context, units []string, changed func(Unit)) {
	pollAll(ctx, changed, func(tell func(Unit)) {
		v, err := s.call(ctx, "getAllProcessInfo")
		if err != nil {
			return
		}
		all := map[string]Unit{}
		for _, v := range array(v) {
			info, _ := v.(map[string]any)
			if u, err := processInfo(info); err == nil {
				all[fullName(info)] = u
			}
		}
		for _, name := range units {
			ref := Ref{System: s.name(), Name: name}
			now, known := all[name]
			if now.Ref = ref; !known {
				now = gone(ref, missing("there is no program "+name))
			}
			tell(now)
		}
	})
}

func (s *supervisord) info(ctx context.Context, name string) (map[string]any, error) {
	v, err := s.call(ctx, "getProcessInfo", name)
	if err != nil {
		return nil, err
	}
	info, _ := v.(map[string]any)
	return info, nil
}

// stateExited is that of a program that ended by itself.
const stateExited = 100

// undecided tells whether a program has ended just now. Whether it is started again is decided before the next answer,
// and told by nothing else.
func undecided(info map[string]any) bool {
	return integer(info, "state") == stateExited && integer(info, "now")-integer(info, "stop") <= 1
}

// processInfo understands what supervisord tells of a program.
func processInfo(info map[string]any) (Unit, error) {
	u := Unit{Detail: text(info, "statename"), PID: integer(info, "pid"), Restarts: -1}
	start, stop := integer(info, "start"), integer(info, "stop")
	code := integer(info, "exitstatus")
	result := cmp.Or(ended(max(code, 0), 0), text(info, "spawnerr"))
	if code < 0 {
		result = "killed by a signal"
	}
	since := stop
	switch state := integer(info, "state"); state {
	case 0:
		u.State = UnitStopped
	case 10, 20:
		u.State, since = UnitRunning, start
		if state == 10 {
			u.State = UnitStarting
		}
		u.Run = strconv.Itoa(start) + "@" + strconv.Itoa(u.PID)
	case 30:
		u.State, u.Result = UnitRestarting, result
	case 40:
		u.State = UnitStopping
	case stateExited:
		u.State, u.Result = UnitStopped, result
		if result != "" {
			u.State = UnitFailed
		}
	case 200:
		u.State, u.Result = UnitFailed, cmp.Or(result, "it ended too often while it was started")
	default:
		return u, fmt.Errorf("supervisord says that its state is %d %s", state, printable(u.Detail))
	}
	if since > 0 {
		u.Since = time.Unix(int64(since), 0)
	}
	return u, nil
}

func (s *supervisord) do(ctx context.Context, before Unit, verb Verb) error {
	name := before.Name
	switch verb {
	case VerbReload:
		_, err := s.call(ctx, "signalProcess", name, "HUP")
		return err
	case VerbStop:
		return s.stop(ctx, name)
	case VerbRestart:
		if err := s.stop(ctx, name); err != nil {
			return err
		}
	}
	_, err := s.call(ctx, "startProcess", name, true)
	if faulty(err, faultStarted) {
		return nil
	}
	return err
}

func (s *supervisord) stop(ctx context.Context, name string) error {
	_, err := s.call(ctx, "stopProcess", name, true)
	if faulty(err, faultNotRunning) {
		return nil
	}
	return err
}

// tell returns the end of the program's log: of its error output, and where there is none of its output.
func (s *supervisord) tell(ctx context.Context, name string, _ time.Time) string {
	for _, method := range []string{"tailProcessStderrLog", "tailProcessStdoutLog"} {
		v, err := s.call(ctx, method, name, 0, evidenceLimit)
		if tail, ok := v.([]any); err == nil && ok && len(tail) > 0 {
			if log, _ := tail[0].(string); strings.TrimSpace(log) != "" {
				return log
			}
		}
	}
	return ""
}
