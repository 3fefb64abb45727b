package test

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// What check programs do does not reach the terminal, hold up other checks, or keep the daemon from ending.
func TestHostilePrograms(t *testing.T) {
	d := newDaemon(t, `set daemon 1
check program flood path "/bin/sh -c 'exec yes'" with timeout 1 second
	if status != 0 then alert
check program stubborn path "/bin/sh @DIR@/stubborn" with timeout 1 second
	if status != 0 then alert
check program rude path "/bin/sh @DIR@/rude"
	if status = 3 then alert
	if content = "red" then alert
check program silent path "/bin/sh -c 'exec >&- 2>&-; exit 4'"
	if status = 4 then alert
check program killed path "/bin/sh -c 'kill -SEGV $$'"
	if status = 11 then alert
check program endless path "/bin/sh -c 'exec sleep 1000'"
	if status != 0 then exec "/bin/sh -c 'exec sleep 3'"
check file calm path @DIR@/monitrc
	if size < 1 B then alert
`)
	d.write("stubborn", "trap '' TERM INT HUP\nwhile :; do sleep 1; done\n")
	d.write("rude", `printf '\033[31mred\007\033]0;title\007\377\000\302\233\342\200\256\n'; exit 3`)
	d.start()
	for _, name := range []string{"flood", "stubborn", "rude", "silent", "killed"} {
		d.eventually(name+" fails", func() bool { return d.status(name).State == "failing" })
	}
	d.eventually("others are checked", func() bool { return d.status("calm").Check > 1 })
	for _, args := range [][]string{{"status"}, {"summary"}, {"events"}, {"status", "--json"}, {"events", "--json"}} {
		out, _, _ := d.orderly(args...)
		at := strings.IndexFunc(out, func(r rune) bool {
			return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r))
		})
		if at >= 0 {
			t.Errorf("orderly %s writes a control character at %d", strings.Join(args, " "), at)
		}
	}
	d.stop()
}

// A server that repeats what it was told gets no secret into the log, the status, the journal or a program's environment.
func TestSecretsStaySecret(t *testing.T) {
	mail, web := parrot(t, "220 hi\r\n", "535 wrong: "), parrot(t, "", "HTTP/1.1 401 ")
	d := newDaemon(t, strings.NewReplacer("MAIL", mail, "WEB", web).Replace(`set daemon 1
set mailserver 127.0.0.1 port MAIL username "me" password "sesame1"
set alert ops@example.org
check host smtp address 127.0.0.1
	if failed port MAIL protocol smtp username me password "sesame2" then exec "/bin/sh -c 'env > @DIR@/env'"
check host web address 127.0.0.1
	if failed url http://me:sesame3@127.0.0.1:WEB/ then alert
	if failed port WEB protocol http http headers [Authorization: Bearer sesame4] then alert
`))
	d.start()
	for _, name := range []string{"smtp", "web"} {
		d.eventually(name+" fails", func() bool { return d.status(name).State == "failing" })
	}
	d.eventually("the program has run", func() bool { return d.happened("smtp", "action") > 0 })
	told := map[string]string{}
	for _, args := range [][]string{
		{"status"}, {"status", "--json"}, {"summary"}, {"events"}, {"events", "--json"}, {"explain", d.config}, {"check", d.config},
	} {
		out, errs, _ := d.orderly(args...)
		told[strings.Join(args, " ")] = out + errs
	}
	d.stop()
	told["log"] = d.log.String()
	for _, pattern := range []string{"env", "state/*"} {
		files, err := filepath.Glob(d.path(pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("no %s: %v", pattern, err)
		}
		for _, name := range files {
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			told[name] = string(content)
		}
	}
	for where, text := range told {
		for _, secret := range []string{"sesame", "c2VzYW1l", "OnNlc2FtZ", "ABzZXNhbW", "bWU6c2VzYW1lMw"} { // as base64, too
			if strings.Contains(text, secret) {
				t.Errorf("%s tells %q", where, secret)
			}
		}
	}
}

// parrot is a server that refuses what it is told by repeating it; the answer is its port.
func parrot(t *testing.T, greeting, refusal string) (port string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go repeat(c, greeting, refusal)
		}
	}()
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port
}

func repeat(c net.Conn, greeting, refusal string) {
	defer c.Close()
	_, _ = c.Write([]byte(greeting))
	buf := make([]byte, 4096)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		reply := refusal + strings.ReplaceAll(strings.TrimSpace(string(buf[:n])), "\r\n", " ") + "\r\n\r\n"
		if bytes.HasPrefix(buf[:n], []byte("EHLO")) {
			reply = "250-hi\r\n250 AUTH PLAIN\r\n"
		}
		_, _ = c.Write([]byte(reply))
	}
}
