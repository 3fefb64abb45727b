package collector

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
	"orderly/internal/monit"
)

func TestRequest(t *testing.T) {
	for _, c := range []struct {
		name   string
		c      model.Collector
		zipped bool
		want   string
	}{
		{
			"as recorded",
			model.Collector{Host: "127.0.0.1", Port: 8080, Path: "/collector", Username: "agent", Password: "agentpw"},
			false,
			"POST /collector HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nContent-Type: text/xml\r\nContent-Length: 4\r\nPragma: no-cache\r\nAccept: */*\r\n" +
				"User-Agent: Monit/" + monit.Version + "\r\nAuthorization: Basic YWdlbnQ6YWdlbnRwdw==\r\n\r\nbody",
		},
		{
			"compressed, version 6, nobody",
			model.Collector{Host: "::1", Port: 80},
			true,
			"POST / HTTP/1.1\r\nHost: [::1]:80\r\nContent-Type: text/xml\r\nContent-Length: 4\r\nPragma: no-cache\r\nAccept: */*\r\n" +
				"User-Agent: Monit/" + monit.Version + "\r\nContent-Encoding: gzip\r\n\r\nbody",
		},
		{
			"nothing is decoded",
			model.Collector{Host: "h", Port: 1, Path: "/a%20b", Username: "u", Password: "p%40ss"},
			false,
			"POST /a%20b HTTP/1.1\r\nHost: h:1\r\nContent-Type: text/xml\r\nContent-Length: 4\r\nPragma: no-cache\r\nAccept: */*\r\n" +
				"User-Agent: Monit/" + monit.Version + "\r\nAuthorization: Basic " + base64.StdEncoding.EncodeToString([]byte("u:p%40ss")) + "\r\n\r\nbody",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := string(request(&c.c, []byte("body"), c.zipped)); got != c.want {
				t.Errorf("got\n%q\nwant\n%q", got, c.want)
			}
		})
	}
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		answer string
		want   string // "plain", "gzip", or a part of the error
	}{
		{"HTTP/1.1 200 OK\r\n\r\n", "plain"},
		{"HTTP/1.0 200\n", "plain"},
		{"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n\r\n", "plain"},
		{"HTTP/1.1 399 Hm\r\nServer: mmonit/4.3.2\r\n\r\n", "gzip"},
		{"HTTP/1.1 200 OK\r\nServer: mmonit/3.6\r\n\r\n", "gzip"},
		{"HTTP/1.1 200 OK\r\nserver:mmonit/10.0\r\n\r\n", "gzip"},
		{"HTTP/1.1 200 OK\r\nServer: mmonit/3.5.9\r\n\r\n", "plain"},
		{"HTTP/1.1 200 OK\r\nServer: mmonit/x.y\r\n\r\n", "plain"},
		{"HTTP/1.1 200 OK\r\nServer: mmonit/4\r\n\r\n", "plain"},
		{"HTTP/1.1 200 OK\r\nServer: nginx/4.3\r\n\r\n", "plain"},
		{"HTTP/1.1 200 OK\r\n\r\nServer: mmonit/4.3\r\n\r\n", "plain"},
		{"HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", 1000) + "Server: mmonit/4.3\r\n\r\n", "plain"},
		{"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("y", 1000) + "\r\nServer: mmonit/4.3\r\n\r\n", "plain"},
		{"HTTP/1.1 200 " + strings.Repeat("very ", 1000) + "OK\r\nServer: mmonit/4.3\r\n\r\n", "plain"},
		{"HTTP/1.1 401 Unauthorized\r\n\r\n", "refused: HTTP/1.1 401 Unauthorized"},
		{"HTTP/1.1 503 no, s3cret and YWdlbnQ6czNjcmV0 \x1b[2J\r\n\r\n", "refused: HTTP/1.1 503 no, *** and *** ?[2J"},
		{"HTTP/1.1 500 " + strings.Repeat("x", 240) + "s3cret\r\n\r\n", "refused: (a line that is too long)"},
		{"HTTP/1.1 99 Low\r\n\r\n", "cannot understand the answer"},
		{"HTTP/1.1 s3cret\r\n\r\n", `"HTTP/1.1 ***"`},
		{"SSH-2.0-OpenSSH_9.9 200\r\n", "cannot understand the answer"},
		{"\r\n\r\n", "cannot understand the answer"},
		{"HTTP/1.1 200 OK", "cannot read the answer"},
		{"", "cannot read the answer"},
		{strings.Repeat("\x00", 1<<20), "cannot understand the answer"},
	} {
		t.Run(fmt.Sprintf("%.40q", c.answer), func(t *testing.T) {
			zip, err := receive(strings.NewReader(c.answer), &model.Collector{Username: "agent", Password: "s3cret"}, true)
			got := map[compression]string{plain: "plain", compress: "gzip"}[zip]
			if err != nil {
				got = err.Error()
			}
			if !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nServer: mmonit/4.3.2\r\n\r\n"))
	f.Add([]byte("HTTP/1.1 401 secretpassword\r\n\r\n"))
	f.Fuzz(func(t *testing.T, answer []byte) {
		_, err := receive(bytes.NewReader(answer), &model.Collector{Username: "u", Password: "secretpassword"}, true)
		if err != nil && (strings.Contains(err.Error(), "secretpassword") || len(err.Error()) > 2000) {
			t.Errorf("the error is %q", err)
		}
	})
}

// TestTimeIsBounded: nothing a collector does takes longer than its timeout for each step.
func TestTimeIsBounded(t *testing.T) {
	for name, behave := range map[string]func(net.Conn){
		"never reads": func(net.Conn) { time.Sleep(time.Hour) },
		"never answers": func(c net.Conn) {
			_, _ = read(c)
			time.Sleep(time.Hour)
		},
		"answers a byte a second": func(c net.Conn) {
			_, _ = read(c)
			for _, b := range []byte(strings.Repeat("HTTP/1.1 200 OK", 100)) {
				time.Sleep(time.Second)
				if _, err := c.Write([]byte{b}); err != nil {
					return
				}
			}
		},
		"hangs up": func(net.Conn) {},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, "a:8080")
				w.collectors["a:8080"].behave = behave
				begin := time.Now()
				if err := w.link(collectorAt("a")).post(t.Context(), nil); err == nil {
					t.Error("no error")
				}
				if took := time.Since(begin); took > 10*time.Second {
					t.Errorf("that took %v", took)
				}
			})
		})
	}
}

// TestRefusedBeforeAllWasRead: who does not like the headers does not read on.
func TestRefusedBeforeAllWasRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a:8080")
		w.collectors["a:8080"].behave = func(c net.Conn) {
			_, _ = c.Read(make([]byte, 16))
			_, _ = io.WriteString(c, "HTTP/1.1 401 Unauthorized\r\n\r\n")
		}
		var refused *refusal
		if err := w.link(collectorAt("a")).post(t.Context(), nil); !errors.As(err, &refused) || refused.code != 401 {
			t.Errorf("the error is %v", err)
		}
	})
}

// TestWhatACollectorMayKnow: what is set for one is not told to another.
func TestWhatACollectorMayKnow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a:8080", "b:8080")
		a, b := collectorAt("a"), collectorAt("b")
		a.NoCredentials, b.HostGroups = true, []string{"Web"}
		w.instance.Settings.Collectors = []model.Collector{a, b}
		for _, c := range []model.Collector{a, b} {
			if err := w.link(c).post(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
		}
		if got := w.collectors["a:8080"].all()[0].doc; got.Password != "" || got.Groups != nil {
			t.Errorf("a was told %q and %q", got.Password, got.Groups)
		}
		if got := w.collectors["b:8080"].all()[0].doc; got.Password != "monit" || !slices.Equal(got.Groups, b.HostGroups) {
			t.Errorf("b was told %q and %q", got.Password, got.Groups)
		}
	})
}

func TestSecretsAreNotLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a:8080")
		c := collectorAt("a")
		c.Username, c.Password = "agent", "s3cret"
		w.collectors["a:8080"].setAnswer(func(_ int, m *message) string {
			_, proof, _ := strings.Cut(m.head, "Authorization: Basic ")
			return "HTTP/1.1 401 not " + proof + " nor s3cret\r\n\r\n"
		})
		w.agent.Configure([]model.Collector{c}, 5*time.Second)
		w.run(func() { time.Sleep(time.Minute) })
		log := w.logText()
		if !strings.Contains(log, "M/Monit: failed to send message to http://[a]:8080/collector -- HTTP/1.1 401 not *** nor ***") {
			t.Errorf("the log is\n%s", log)
		}
		for _, secret := range []string{c.Password, login(&c)} {
			if strings.Contains(log, secret) {
				t.Errorf("%q is in the log:\n%s", secret, log)
			}
		}
	})
}

func TestPostOverTLS(t *testing.T) {
	got := make(chan *message, 1)
	server := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		m := &message{}
		if err := xml.NewDecoder(r.Body).Decode(&m.doc); err != nil {
			t.Error(err)
		}
		got <- m
	}))
	defer server.Close()
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	address := server.Listener.Addr().(*net.TCPAddr)
	c := model.Collector{Scheme: "https", Host: address.IP.String(), Port: address.Port, Path: "/collector", TLS: &model.TLS{}}

	w := newWorld(t)
	l := w.link(c)
	w.agent.dial = (&net.Dialer{}).DialContext
	if err := l.post(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if m := <-got; m.doc.ID != "0123" || m.doc.Address != "127.0.0.1" {
		t.Errorf("the server was told %+v", m.doc)
	}
	l.now.TLS = nil // its certificate counts then
	if err := l.post(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("the error is %v", err)
	}
}
