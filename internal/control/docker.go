package control

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	engineLimit = 1 << 20  // bytes of one answer, and of one event
	engineLog   = 64 << 10 // bytes of a container's log that are looked at
	engineLines = "20"
)

// engine is the containers of Docker, or of Podman, which answers alike.
type engine struct {
	label  string
	socket string
	client *http.Client
}

// newEngines returns the engines of a host, named docker and podman.
func newEngines(o UnitOptions) []initSystem {
	sockets := o.Engines
	if sockets == nil {
		sockets = []string{filepath.Join(o.Root, "/var/run/docker.sock"), filepath.Join(o.Root, "/run/podman/podman.sock")}
		if dir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
			sockets = append(sockets, filepath.Join(dir, "docker.sock"), filepath.Join(dir, "podman/podman.sock"))
		}
		if path, ok := strings.CutPrefix(os.Getenv("DOCKER_HOST"), "unix://"); ok {
			sockets = append([]string{path}, sockets...)
		}
	}
	chosen := map[string]string{}
	var labels []string
	for _, socket := range sockets {
		label := "docker"
		if strings.Contains(filepath.Base(socket), "podman") {
			label = "podman"
		}
		if old, known := chosen[label]; !known || !isSocket(old) {
			if !known {
				labels = append(labels, label)
			}
			chosen[label] = socket
		}
	}
	var out []initSystem
	for _, label := range labels {
		out = append(out, newEngine(label, chosen[label]))
	}
	return out
}

func newEngine(label, socket string) *engine {
	dialer := new(net.Dialer)
	return &engine{label: label, socket: socket, client: &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", socket)
		},
		MaxIdleConns:           2,
		IdleConnTimeout:        time.Minute,
		MaxResponseHeaderBytes: 64 << 10,
	}, CheckRedirect: stay}}
}

// stay is for clients that talk with one server only.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func (e *engine) name() string { return e.label }

func (e *engine) close() { e.client.CloseIdleConnections() }

func (e *engine) present(ctx context.Context) bool { return listens(ctx, e.socket) }

// request asks the engine. The caller closes the body of the answer, of which it must not read more than it needs.
func (e *engine) request(ctx context.Context, method, path string, query url.Values) (*http.Response, error) {
	target := url.URL{Scheme: "http", Host: "engine", Path: path, RawQuery: query.Encode()}
	req, err := http.NewRequestWithContext(ctx, method, target.String(), nil)
	if err != nil {
		return nil, err
	}
	resp, err := e.client.Do(req)
	var failed *url.Error
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, denied("the socket " + e.socket + " must be open to orderly, which makes it as mighty as root, see least-privilege.md")
	case errors.As(err, &failed):
		return nil, failed.Err
	case err != nil:
		return nil, err
	}
	switch {
	case resp.StatusCode < 300, resp.StatusCode == http.StatusNotModified:
		return resp, nil
	case resp.StatusCode == http.StatusNotFound:
		err = missing("there is no such container")
	default:
		err = errors.New(refusal(resp))
	}
	_ = resp.Body.Close()
	return nil, err
}

// refusal is what an engine says when it does not do what it was asked.
func refusal(resp *http.Response) string {
	var body struct{ Message string }
	if json.NewDecoder(io.LimitReader(resp.Body, engineLimit)).Decode(&body) != nil || body.Message == "" {
		return fmt.Sprintf("it answers with HTTP status %d", resp.StatusCode)
	}
	return firstLine(printable(body.Message))
}

func (e *engine) find(ctx context.Context, name string) (string, error) {
	c, err := e.inspect(ctx, name)
	if errors.Is(err, ErrNoUnit) {
		names, _ := e.names(ctx)
		return "", missing("there is no container of that name" + similar(name, names))
	}
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(c.Name, "/"), nil
}

func (e *engine) inspect(ctx context.Context, name string) (container, error) {
	var c container
	if strings.ContainsAny(name, "/?#%") || name == "." || name == ".." || name == "json" {
		return c, missing("that is no name of a container")
	}
	resp, err := e.request(ctx, http.MethodGet, "/containers/"+name+"/json", nil)
	if err != nil {
		return c, err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(io.LimitReader(resp.Body, engineLimit)).Decode(&c); err != nil {
		return c, fmt.Errorf("cannot understand its answer: %w", err)
	}
	return c, nil
}

func (e *engine) status(ctx context.Context, name string) (Unit, error) {
	c, err := e.inspect(ctx, name)
	if err != nil {
		return Unit{}, err
	}
	u, err := c.unit()
	u.Ref = Ref{System: e.label, Name: name}
	return u, err
}

func (e *engine) do(ctx context.Context, before Unit, verb Verb) error {
	path, query := "/containers/"+before.Name+"/"+string(verb), url.Values(nil)
	if verb == VerbReload {
		// Older engines take any signal that is sent through them for a wish to stop, and do not restart the container
		// any more when it dies later. So the signal takes the direct way, if there is one.
		if id, _, _ := strings.Cut(before.Run, "@"); belongs(before.PID, id) && syscall.Kill(before.PID, syscall.SIGHUP) == nil {
			return nil
		}
		path, query = "/containers/"+before.Name+"/kill", url.Values{"signal": {"HUP"}}
	}
	resp, err := e.request(ctx, http.MethodPost, path, query)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// belongs tells whether a pid is that of a container on this very host, and not on a machine that an engine hides.
func belongs(pid int, id string) bool {
	if pid <= 0 || id == "" {
		return false
	}
	groups, err := readSmall(fmt.Sprintf("/proc/%d/cgroup", pid), lineLimit)
	return err == nil && strings.Contains(groups, id)
}

// tell returns what the container wrote.
func (e *engine) tell(ctx context.Context, name string, since time.Time) string {
	query := url.Values{"stdout": {"1"}, "stderr": {"1"}, "tail": {engineLines}, "since": {strconv.FormatInt(since.Unix(), 10)}}
	resp, err := e.request(ctx, http.MethodGet, "/containers/"+name+"/logs", query)
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(io.LimitReader(resp.Body, engineLog))
	return unframed(b)
}

// frameHeader is what stands before each piece of a log without a terminal: the stream in one byte, three zeros, length.
const frameHeader = 8

// unframed takes the frames off a log. A log of a container with a terminal has none.
func unframed(log []byte) string {
	var out bytes.Buffer
	for rest := log; len(rest) > 0; {
		if len(rest) < frameHeader || rest[0] > 2 || rest[1]|rest[2]|rest[3] != 0 {
			if out.Len() == 0 {
				return string(log)
			}
			break
		}
		size := min(int(binary.BigEndian.Uint32(rest[4:])), len(rest)-frameHeader)
		out.Write(rest[frameHeader : frameHeader+size])
		rest = rest[frameHeader+size:]
	}
	return out.String()
}
