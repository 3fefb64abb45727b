package test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Pins M-090: the scripts that files of Minitor call, with the same names, arguments and statuses.
func TestMinitorScripts(t *testing.T) {
	for _, program := range []string{"curl", "jq"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("the scripts need it: %v", err)
		}
	}
	states := map[string]string{
		"up":       `{"State":{"ExitCode":0},"Config":{"Tty":false}}`,
		"gone":     `{"State":{"ExitCode":3},"Config":{"Tty":false}}`,
		"starting": `{"State":{"ExitCode":0,"Health":{"Status":"starting"}},"Config":{"Tty":false}}`,
		"well":     `{"State":{"ExitCode":0,"Health":{"Status":"healthy"}},"Config":{"Tty":false}}`,
		"ill":      `{"State":{"ExitCode":0,"Health":{"Status":"unhealthy"}},"Config":{"Tty":true}}`,
	}
	docker := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, what, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/containers/"), "/")
		switch {
		case states[name] == "":
			http.NotFound(w, r)
		case what == "json":
			fmt.Fprint(w, states[name])
		case name == "ill":
			fmt.Fprintf(w, "last %s\n", r.URL.Query().Get("tail"))
		default:
			fmt.Fprintf(w, "\x01\x00\x00\x00\x00\x00\x00\x07last %s\n", r.URL.Query().Get("tail"))
		}
	}))
	defer docker.Close()
	for _, c := range []struct {
		script string
		args   []string
		status int
		says   string
	}{
		{"curl_ok.sh", nil, 2, "usage: "},
		{"curl_ok.sh", []string{docker.URL + "/containers/up/json", docker.URL + "/containers/gone/json"}, 0, ""},
		{"curl_ok.sh", []string{docker.URL + "/containers/up/json", docker.URL + "/nowhere"}, 22, "404"},
		{"docker_check.sh", []string{"up", "5"}, 0, ""},
		{"docker_check.sh", []string{"gone", "5"}, 3, "last 5\n"},
		{"docker_check.sh", []string{"gone"}, 3, ""},
		{"docker_check.sh", []string{"unknown"}, 22, "404"},
		{"docker_check.sh", []string{"../x"}, 2, "usage: "},
		{"docker_healthcheck.sh", []string{"up"}, 0, "up: none\n"},
		{"docker_healthcheck.sh", []string{"starting"}, 0, "starting: starting\n"},
		{"docker_healthcheck.sh", []string{"well"}, 0, "well: healthy\n"},
		{"docker_healthcheck.sh", []string{"ill", "7"}, 1, "ill: unhealthy\nlast 7\n"},
	} {
		cmd := exec.Command("../packaging/minitor/"+c.script, c.args...)
		cmd.Env = append(os.Environ(), "DOCKER_HOST="+strings.TrimPrefix(docker.URL, "http://"), "http_proxy=", "no_proxy=127.0.0.1")
		out, err := cmd.CombinedOutput()
		var ended *exec.ExitError
		if err != nil && !errors.As(err, &ended) {
			t.Fatal(err)
		}
		if cmd.ProcessState.ExitCode() != c.status || !strings.Contains(string(out), c.says) || c.says == "" && len(out) > 0 {
			t.Errorf("%s %q: status %d, %q", c.script, c.args, cmd.ProcessState.ExitCode(), out)
		}
	}
}
