package httpd

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

func TestGarbage(t *testing.T) { // H-16
	h := onSocket(t, admin)
	s := setStage(t, h)
	const login = "Authorization: Basic YWRtaW46bW9uaXQ=\r\n"
	const post = "POST /_doaction HTTP/1.0\r\nCookie: securitytoken=a\r\n" + login
	for _, tt := range []struct{ name, request, want string }{
		{"nothing", "\r\n\r\n", "400"},
		{"bytes", "\x00\xff\x16\x03\x01garbage\r\n\r\n", "400"},
		{"tls", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "400"},
		{"version", "GET / HTTP/9.9\r\n\r\n", "505"},
		{"bad escape", "GET /%zz HTTP/1.0\r\n" + login + "\r\n", "400"},
		{"no host", "GET / HTTP/1.1\r\n" + login + "\r\n", "400"},
		{"huge header", "GET / HTTP/1.0\r\nX: " + strings.Repeat("x", maxHeader+8192) + "\r\n\r\n", "431"},
		{"many headers", "GET / HTTP/1.0\r\n" + strings.Repeat("X: y\r\n", maxHeader/4) + "\r\n", "431"},
		{"huge url", "GET /" + strings.Repeat("x", 30_000) + " HTTP/1.0\r\n" + login + "\r\n", "400"},
		{"huge body", post + fmt.Sprintf("Content-Length: %d\r\n\r\n", int64(1)<<40), "400"},
		{"chunks without end", "POST /_doaction HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nCookie: securitytoken=a\r\n" + login + "\r\n" + strings.Repeat("10000\r\n"+strings.Repeat("x", 1<<16)+"\r\n", 24), "400"},
		{"no length", post + "\r\n", "400"},
		{"negative length", post + "Content-Length: -1\r\n\r\n", "400"},
		{"two lengths", post + "Content-Length: 1\r\nContent-Length: 20\r\n\r\na", "400"},
		{"many fields", post + fmt.Sprintf("Content-Length: %d\r\n\r\n", 2*maxFields) + strings.Repeat("a&", maxFields), "400"},
		{"options", "OPTIONS * HTTP/1.0\r\n" + login + "\r\n", "501"},
		{"connect", "CONNECT x:1 HTTP/1.0\r\n" + login + "\r\n", "501"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := s.raw("unix", h.Socket.Path, tt.request) // it may be reset before all is read
			if _, status, _ := strings.Cut(got, " "); got != "" && !strings.HasPrefix(status, tt.want) {
				t.Errorf("got %.200q, want %s", got, tt.want)
			}
		})
	}
	s.get("admin:monit", "/_ping").expect(t, 200, "pong")
	if got := s.taken(); got != nil {
		t.Errorf("it did %v", got)
	}
}

func TestSilentClientsMakeRoom(t *testing.T) { // H-16
	h := onSocket(t, admin)
	s := setStage(t, h)
	var silent []net.Conn
	for i := range maxVisitors + 20 {
		conn, err := net.Dial("unix", h.Socket.Path)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if i%2 == 0 {
			io.WriteString(conn, "GET / HTT") // and never a word more
		}
		silent = append(silent, conn)
	}
	s.get("admin:monit", "/_ping").expect(t, 200, "pong")
	silent[0].SetReadDeadline(time.Now().Add(time.Minute))
	if n, err := silent[0].Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("the first one is still there: %d, %v", n, err)
	}
}

func TestCrowd(t *testing.T) {
	now := time.Now()
	var c crowd
	var first, second *visitor
	for i := range maxVisitors {
		v := &visitor{crowd: &c}
		if replaced, ok := c.enter(v, now.Add(time.Duration(i)*time.Millisecond)); replaced != nil || !ok {
			t.Fatal("there is room")
		}
		switch i {
		case 0:
			first = v
		case 1:
			second = v
		}
	}
	first.begin(now)
	if replaced, ok := c.enter(&visitor{crowd: &c}, now); replaced != second || !ok {
		t.Error("not the one who is silent for longest")
	}
	for v := range c.visitors {
		if v != first {
			v.begin(now.Add(time.Second))
		}
	}
	if replaced, ok := c.enter(&visitor{crowd: &c}, now.Add(patience-1)); replaced != nil || ok {
		t.Error("somebody who is served had to go")
	}
	if replaced, ok := c.enter(&visitor{crowd: &c}, now.Add(patience)); replaced != first || !ok {
		t.Error("not the one whose answer takes longest")
	}
	if len(c.visitors) != maxVisitors {
		t.Errorf("%d visitors", len(c.visitors))
	}
	first.end(now)
}

func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &crowd{}
		v := &visitor{crowd: c}
		v.begin(time.Now())
		var drained time.Time
		go func() {
			c.drain()
			drained = time.Now()
		}()
		time.Sleep(time.Second)
		if (&visitor{crowd: c}).begin(time.Now()) {
			t.Error("a request began while the door was closing")
		}
		v.end(time.Now())
		synctest.Wait()
		if !drained.Equal(time.Now()) {
			t.Errorf("drained at %v", drained)
		}
	})
}

func TestSlowHeader(t *testing.T) { // H-16: a header that comes byte by byte has a deadline as a whole
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, nil)
		here, there := net.Pipe()
		line := &pipeListener{conns: make(chan net.Conn, 1)}
		line.conns <- there
		d := &door{remarks: s.server.remarks, Listener: line}
		d.now.Store(&entrance{gate: &gate{}})
		d.serve(s.server)
		began := time.Now()
		go io.Copy(io.Discard, here) // ends with the connection
		for time.Since(began) < time.Hour {
			time.Sleep(time.Second)
			if _, err := io.WriteString(here, "G"); err != nil {
				break
			}
		}
		if took := time.Since(began); took > headerTime+time.Second {
			t.Errorf("it took %v", took)
		}
		close(line.conns)
		d.close(t.Context())
	})
}

// A pipeListener accepts connections that are there already.
type pipeListener struct{ conns chan net.Conn }

func (l *pipeListener) Accept() (net.Conn, error) {
	if conn, ok := <-l.conns; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}
func (l *pipeListener) Close() error   { return nil }
func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

func TestLookoutLeavesWhatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLookout()
		stuck := make(chan struct{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := l.look(ctx, func() { <-stuck }); err == nil {
			t.Error("it did not end, and that was no error")
		}
		began, looked := time.Now(), false
		l.glance(t.Context(), func() { looked = true })
		if time.Since(began) != 0 || looked {
			t.Error("it waited for its turn")
		}
		again, cancelAgain := context.WithTimeout(t.Context(), time.Second)
		defer cancelAgain()
		if err := l.look(again, func() { looked = true }); err == nil || looked || time.Since(began) != time.Second {
			t.Errorf("got %v after %v", err, time.Since(began))
		}
		close(stuck)
		if err := l.look(t.Context(), func() { looked = true }); err != nil || !looked {
			t.Errorf("got %v", err)
		}
	})
}

func FuzzForm(f *testing.F) {
	for _, seed := range []string{"", "action=start&service=a&service=b%2Fc", "a=%zz&=&&x", "Service=a+b\r\n", "service=%00%ff"} {
		f.Add(seed, "service")
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		got, err := parseForm(text)
		if err != nil {
			return
		}
		all := got.all(name)
		last, ok := got.find(name)
		if ok != (len(all) > 0) || ok && last != all[len(all)-1] {
			t.Errorf("last %q of %q", last, all)
		}
		for _, one := range got {
			if one.name == "" {
				t.Errorf("a field without a name in %q", text)
			}
		}
	})
}

func FuzzMatching(f *testing.F) {
	f.Add("spool", "zz", "(")
	f.Add("zz", "", ".*")
	f.Add("^a", "b$", "SPOOL")
	services := services()
	f.Fuzz(func(t *testing.T, a, b, c string) {
		names, err := matching(services, []string{a, b, c})
		if (err == nil) != (len(names) > 0) {
			t.Errorf("%q with %v", names, err)
		}
		place := -1
		for _, name := range names { // each of them once, in file order
			at := place + 1
			for at < len(services) && services[at].Spec.Name != name {
				at++
			}
			if at == len(services) {
				t.Fatalf("%q", names)
			}
			place = at
		}
	})
}

func FuzzNetwork(f *testing.F) {
	for _, seed := range []string{"10.0.0.0/8", "::1/128", "1.2.3.4/255.0.255.0", "[::1", "fe80::1%eth0/10", "localhost"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if n, ok := parseNetwork(text); ok && !n.contains(netip.AddrFrom16(n.address)) {
			t.Errorf("%q does not contain itself", text)
		}
	})
}

func TestHostileNamesArePagesAsWell(t *testing.T) {
	s := setStage(t, onSocket(t, everybody...))
	for _, path := range []string{"/", "/%3Cb%3E%22x%22&", "/appd", "/_runtime"} {
		got := s.get("admin:monit", path)
		got.expect(t, 200, "<!DOCTYPE html>...")
		for _, raw := range []string{"<b>", "<script", "</textarea>", "1 <GB>"} {
			if strings.Contains(got.body, raw) {
				t.Errorf("%s holds %s", path, raw)
			}
		}
	}
}

func TestPagesTellNoSecrets(t *testing.T) {
	s := setStage(t, onSocket(t, everybody...))
	s.in.Settings.Mail.Servers = []model.MailServer{{Host: "mx", Port: 25, Username: "u", Password: "m41lpass"}}
	s.in.Settings.Collectors = []model.Collector{{Scheme: "http", Host: "hub", Port: 8080, Path: "/collector", Username: "u", Password: "c0llpass"}}
	s.in.Settings.HTTPD.Allow = append(s.in.Settings.HTTPD.Allow, model.Admission{Kind: model.AdmitUser, Name: "x", Password: "us3rpass"})
	for _, path := range []string{"/", "/appd", "/_runtime", "/_viewlog", "/_about"} {
		got := s.get("admin:monit", path)
		for _, secret := range []string{"m41lpass", "c0llpass", "us3rpass"} {
			if strings.Contains(got.body, secret) {
				t.Errorf("%s tells %s", path, secret)
			}
		}
	}
}
