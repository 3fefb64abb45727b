package cli

import (
	"bufio"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// takeMail is a mail server that refuses whom it does not know. It returns its address.
func takeMail(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
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
			takeMails(conn)
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String()
}

func takeMails(conn net.Conn) {
	defer conn.Close()
	say := func(text string) { _, _ = conn.Write([]byte(text + "\r\n")) }
	say("220 here")
	for lines, inMail := bufio.NewScanner(conn), false; lines.Scan(); {
		command := strings.ToUpper(lines.Text())
		switch {
		case inMail && command == ".":
			inMail = false
			say("250 queued as 7")
		case inMail:
		case strings.HasPrefix(command, "EHLO"):
			say("250 here")
		case strings.HasPrefix(command, "RCPT") && strings.Contains(command, "GONE"):
			say("550 no such user")
		case command == "DATA":
			inMail = true
			say("354 go on")
		case command == "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

// Pins I-31: every route is tried, also one that nobody uses, and the exit status tells whether all of them work.
func TestTryAlerts(t *testing.T) {
	server := takeMail(t)
	mail := func(to string) string { return "via email with smtp_server " + server + ", to_email " + to + "\n" }
	for _, tt := range []struct {
		name, conf string
		status     int
		lines      []string
		stderr     string
	}{
		{
			name: "all work", conf: "send alerts " + mail("all@example.org") + "send alerts to ops " + mail("ops@example.org"),
			lines: []string{"mail to all@example.org: sent (250 queued as 7)", "mail to ops@example.org: sent (250 queued as 7)"},
		},
		{
			name: "one that nobody uses does not", conf: "send alerts " + mail("all@example.org") + "send alerts to ops " + mail("gone@example.org"),
			status: 1, lines: []string{"mail to all@example.org: sent (250 queued as 7)", "mail to gone@example.org: refused for good: 550 "},
		},
		{
			name: "one lacks something", conf: "send alerts " + mail("all@example.org") + "send alerts to ops via email with smtp_server localhost\n",
			status: 1, lines: []string{"mail to all@example.org: sent (250 queued as 7)"}, stderr: `warning: alerts by email need "to_email"`,
		},
		{
			name: "examples", conf: "send alerts " + mail("all@example.com"), // I-05
			status: 1, stderr: "inspeqtor: no route leads to anybody\n",
		},
		{name: "errors", conf: "send alerts via pigeon with a b\n", status: 1, stderr: `error: unknown channel "pigeon"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range map[string]string{"inspeqtor.conf": tt.conf, "host.inq": "check host\n if load:1 > 100 then alert\n"} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			p, stdout, stderr := newProgram()
			if status := p.main(t.Context(), []string{inspeqtorName, "-ta", "-c", dir}); status != tt.status {
				t.Errorf("status %d, want %d", status, tt.status)
			}
			lines := strings.Split(strings.TrimSuffix(stdout.String(), "\n"), "\n")
			if stdout.Len() == 0 {
				lines = nil
			}
			if len(lines) != len(tt.lines) {
				t.Fatalf("%q, want %q", lines, tt.lines)
			}
			for i, want := range tt.lines {
				if !strings.HasPrefix(lines[i], want) {
					t.Errorf("%q, want %q", lines[i], want)
				}
			}
			if !strings.Contains(stderr.String(), tt.stderr) || tt.stderr == "" && stderr.Len() > 0 {
				t.Errorf("stderr %q, want %q", stderr, tt.stderr)
			}
		})
	}
}
