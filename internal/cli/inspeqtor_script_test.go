package cli_test

import (
	"bufio"
	"fmt"
	"net"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// inspeqtorReplies are what the stand-in for a daemon that inspeqtorctl asks says to some commands.
var inspeqtorReplies = map[string]string{
	"status":                   "Inspeqtor 2.0.0, uptime: 5.1s, pid: 29719\n\nHost: web1\n! disk:/    28.0%   1%\n\nService: puma [Up/29720]\n  memory:rss    11.01m   64m\n  cpu:user     0.1%\n",
	"start deploy":             "Starting deploy, now silenced\n",
	"finish deploy":            "Finished deploy, volume turned to 11\n",
	"export":                   `{"exported_at":1,"host":{"metrics":{},"name":"web1"},"services":{}}` + "\n",
	"show host cpu:user":       "web1 cpu:user min 0.0% max 1.0% avg 0.5%\n▁▂▃▄▅▆▇█\n",
	"show host cpu:usr":        "Unknown metric: cpu:usr\n",
	"show wbe cpu:user":        "Invalid target: wbe\n",
	"show":                     "show [target] [metric]\n",
	"job_done nightly backup":  "OK\n",
	"job_done":                 "Usage: job_done <name>\n",
	"job_done bakcup":          `Error: no such job "bakcup", verify spelling or reload Inspeqtor` + "\n",
	"show Unknown memory:rss":  "Unknown memory:rss min 1 max 1 avg 1\n",
	"show rude memory:rss":     "rude \x1b]0;memory:rss\a min 1\r max 1 avg 1\n",
	"quiet":                    "",
	"status without a newline": "Inspeqtor 2.0.0",
}

// inspeqtorStandIn answers at a socket until the script ends, and returns its path.
func inspeqtorStandIn(t *testing.T, env *testscript.Env, socket string) string {
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if lines := bufio.NewScanner(conn); lines.Scan() {
				reply, known := inspeqtorReplies[lines.Text()]
				if !known {
					reply = "Unknown command: " + lines.Text() + "\n"
				}
				_, _ = fmt.Fprint(conn, reply)
			}
			_ = conn.Close()
		}
	}()
	env.Defer(func() {
		_ = l.Close()
		<-done
	})
	return socket
}
