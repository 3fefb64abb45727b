package test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

const (
	backupKey = "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278"
	lateKey   = "0c1e7a52-8ab9-4a1f-9d3a-1c5a0ab2f7aa"
	allKeys   = "fqOOd6-F4MMNuCEnzTU01w"
)

// pinged is a daemon that hears jobs; settings come before its services.
func pinged(t *testing.T, settings string) (d *daemon, base string) {
	t.Helper()
	address := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	d = &daemon{t: t, dir: t.TempDir()}
	d.config = d.path("orderly.yaml")
	d.write("orderly.yaml", fmt.Sprintf(`every: 1s
pings: {listen: %q, secret: %s}
%s
services:
  backup: {heartbeat: true, period: 1h, max run: 10m, ping: %s}
  late: {heartbeat: true, period: 1s, grace: 500ms, ping: %s}
`, address, allKeys, settings, backupKey, lateKey))
	d.start()
	return d, "http://" + address + "/ping/"
}

// What people write into their crontabs for Healthchecks works here (show 8).
func TestCurlOneLiners(t *testing.T) { // A-040, I-22
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed")
	}
	d, base := pinged(t, "")
	sh := func(script string) string {
		t.Helper()
		cmd := exec.Command("/bin/sh", "-c", strings.NewReplacer("URL", base+backupKey, "ALL", base+allKeys).Replace(script))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s\nlog:\n%s", script, err, out, d.log)
		}
		return string(out)
	}
	failing := func(want bool, problem string) {
		t.Helper()
		if st := d.status("backup"); (st.State == "failing") != want || !strings.Contains(st.Problem, problem) {
			t.Errorf("backup is %s: %s", st.State, st.Problem)
		}
	}
	if got := sh("curl -fsS -m 10 --retry 5 URL"); got != "OK" {
		t.Errorf("the answer is %q", got)
	}
	sh("curl -fsS -m 10 --retry 5 -o /dev/null URL")
	sh("true; curl -fsS -m 10 --retry 5 -o /dev/null URL/$?")
	sh("curl -fsS --head -o /dev/null URL")
	failing(false, "")
	sh("(exit 3); curl -fsS -m 10 --retry 5 -o /dev/null URL/$?")
	failing(true, "ended with exit status 3")
	sh("true && curl -fsS -m 10 --retry 5 -o /dev/null URL")
	failing(false, "")
	sh(`m=$(echo no space left; false); curl -fsS -m 10 --retry 5 --data-raw "$m" -o /dev/null URL/$?`)
	failing(true, "ended with exit status 1")
	if all := d.events("backup"); all[len(all)-1].Evidence != "no space left" {
		t.Errorf("the evidence is %q", all[len(all)-1].Evidence)
	}
	sh("RID=ed9c5b8c-6c4f-4a8e-9a41-cf5c5a0e6b7f; curl -fsS -o /dev/null URL/start?rid=$RID; curl -fsS -o /dev/null URL?rid=$RID")
	failing(false, "")
	sh("curl -fsS -m 10 -o /dev/null URL/fail")
	failing(true, "said that it failed")
	sh("curl -fsS -m 10 -o /dev/null ALL/backup")
	failing(false, "")
	sh("echo a note | curl -fsS -m 10 -o /dev/null --data-binary @- URL/log")
	if all := d.events("backup"); all[len(all)-1].Kind != "heard" || all[len(all)-1].Evidence != "a note\n" {
		t.Errorf("of the note was kept %+v", all[len(all)-1])
	}
	if n := d.happened("backup", "failed"); n != 3 {
		t.Errorf("it failed %d times", n)
	}
	d.must("beat", "backup", "--fail", "--body", "by hand")
	failing(true, "said that it failed")
	if _, _, status := d.orderly("beat", "--socket", d.path("sock"), "backup", "--", "sh", "-c", "echo fine"); status != 0 {
		t.Errorf("the command was run with %d", status)
	}
	failing(false, "")
	secretsStayAway(d, backupKey, lateKey, allKeys)
}

// secretsStayAway looks for secrets wherever people look.
func secretsStayAway(d *daemon, secrets ...string) {
	d.t.Helper()
	explained, errs, _ := d.orderly("explain", d.config)
	if !strings.Contains(explained, "knows its key") {
		d.t.Errorf("nothing is explained: %s%s", explained, errs)
	}
	known, _, _ := d.orderly("status", "--json")
	for _, text := range []string{d.log.String(), explained + errs, known, d.must("events", "--json")} {
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				at := strings.Index(text, secret)
				d.t.Errorf("a key is shown: %s", text[max(0, at-200):at+len(secret)])
			}
		}
	}
}

// A job that is late is told once, also over crashes, until it is heard again (show 8).
func TestLateJobIsToldOnce(t *testing.T) {
	d, base := pinged(t, "")
	ping := func() {
		t.Helper()
		resp, err := http.Post(base+lateKey, "text/plain", nil)
		if err != nil || resp.StatusCode != 200 {
			t.Fatal(resp, err)
		}
		resp.Body.Close()
	}
	ping()
	d.eventually("late", func() bool { return d.happened("late", "failed") == 1 })
	for range 2 {
		d.kill9()
		d.start()
		check := d.status("late").Check
		d.eventually("checked again", func() bool { return d.status("late").Check > check+1 })
	}
	if n := d.happened("late", "failed"); n != 1 {
		t.Errorf("told %d times", n)
	}
	ping()
	if n := d.happened("late", "recovered"); n != 1 {
		t.Errorf("it recovered %d times", n)
	}
}

// Clients that say nothing, too much or nonsense neither block nor crash the daemon, and jobs are heard meanwhile.
func TestHostilePings(t *testing.T) {
	d, base := pinged(t, "")
	address := strings.TrimSuffix(strings.TrimPrefix(base, "http://"), "/ping/")
	for _, text := range []string{
		"", "GET /ping/", "POST /ping/" + backupKey + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n", "\x16\x03\x01\x02\x00",
		"POST /ping/" + backupKey + "/log HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
		"GET /" + strings.Repeat("x", 1<<20),
	} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
		_, _ = io.WriteString(conn, text) // it may be refused before it is all sent
	}
	for range 300 {
		if resp, err := http.Get(base + "00000000-0000-0000-0000-000000000000/fail"); err == nil {
			if resp.StatusCode != http.StatusNotFound && resp.StatusCode != http.StatusTooManyRequests {
				t.Fatalf("a guess: %s", resp.Status)
			}
			resp.Body.Close()
		}
	}
	big, err := http.Post(base+backupKey+"/1", "text/plain", io.LimitReader(endless{}, 10<<20))
	if err == nil { // the daemon may hang up before it is all sent
		big.Body.Close()
	}
	d.eventually("the job is heard", func() bool { return d.status("backup").State == "failing" })
	for _, ev := range d.events("backup") {
		if len(ev.Evidence) > 10_000 {
			t.Errorf("%d bytes were kept", len(ev.Evidence))
		}
	}
	d.stop()
}

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	return len(b), nil
}

// orderly gives its own sign of life to a URL, which nobody gets to see.
func TestOwnHeartbeat(t *testing.T) {
	asked := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- r.URL.Path }))
	defer server.Close()
	d, _ := pinged(t, "heartbeat: {url: "+server.URL+"/hush-hush, every: 1s}")
	for range 2 {
		select {
		case path := <-asked:
			if path != "/hush-hush" {
				t.Errorf("it asks for %s", path)
			}
		case <-time.After(patience):
			t.Fatalf("it gives no sign of life\n%s", d.log)
		}
	}
	server.Close()
	d.eventually("that nobody hears it is told", func() bool { return strings.Contains(d.must("events", "--json"), "cannot give our sign of life") })
	secretsStayAway(d, "hush-hush")
	text, err := os.ReadFile(d.config)
	if err != nil {
		t.Fatal(err)
	}
	d.write("orderly.yaml", strings.Replace(string(text), "heartbeat: {url", "# {url", 1))
	d.must("reload")
	d.stop()
}
