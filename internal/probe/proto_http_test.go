package probe

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

func param(name, value string) model.Param { return model.Param{Name: name, Value: value} }

func content(op model.Op, pattern string) model.Params {
	return model.Params{{Name: "content", Op: op, Value: pattern}}
}

func status(op model.Op, n string) model.Params {
	return model.Params{{Name: "status", Op: op, Value: n}}
}

// httpServer reads one request, hands it on, and says the reply in pieces of the given size.
func httpServer(reply string, size int, request *string) func(net.Conn) {
	return func(c net.Conn) {
		var b [1]byte
		var got strings.Builder
		for !strings.HasSuffix(got.String(), "\r\n\r\n") {
			if _, err := c.Read(b[:]); err != nil {
				return
			}
			got.Write(b[:])
		}
		if request != nil {
			*request = got.String()
		}
		for len(reply) > 0 {
			n := min(size, len(reply))
			if _, err := io.WriteString(c, reply[:n]); err != nil {
				return
			}
			reply = reply[n:]
		}
	}
}

func TestHTTPReply(t *testing.T) { // P-http, C-content
	const ok = "HTTP/1.1 200 OK\r\nServer: x\r\n"
	hello := ok + "Content-Length: 5\r\n\r\nhello"
	chunked := ok + "Transfer-Encoding: chunked\r\n\r\n"
	sums := [3]string{}
	m, s1, s2 := md5.Sum([]byte("hello")), sha1.Sum([]byte("hello")), sha256.Sum256([]byte("hello"))
	sums[0], sums[1], sums[2] = hex.EncodeToString(m[:]), hex.EncodeToString(s1[:]), hex.EncodeToString(s2[:])
	match := content(model.Equal, "^hello$")

	for _, tt := range []struct {
		name   string
		params model.Params
		reply  string
		want   string // "" for success
	}{
		{"status below 400", nil, "HTTP/1.1 399 Odd\r\n\r\n", ""},
		{"status 400", nil, "HTTP/1.1 400 Bad\r\n\r\n", "HTTP status 400 from http://example.com:99/, expected < 400"},
		{"redirect is not followed", nil, "HTTP/1.1 302 Found\r\nLocation: http://x/\r\n\r\n", ""},
		{"HTTP/1.0", nil, "HTTP/1.0 200 OK\n\n", ""},
		{"no reason", nil, "HTTP/1.1 200\r\n\r\n", ""},
		{"after 100 and 103", nil, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 503 No\r\n\r\n", "HTTP status 503"},
		{"switching", status(model.Equal, "101"), "HTTP/1.1 101 Go\r\n\r\n", ""},
		{"status =", status(model.Equal, "404"), "HTTP/1.1 404 No\r\n\r\n", ""},
		{"status without operator", status("", "404"), "HTTP/1.1 404 No\r\n\r\n", ""},
		{"status = differs", status(model.Equal, "404"), hello, "HTTP status 200 from http://example.com:99/, expected = 404"},
		{"status !=", status(model.NotEqual, "200"), hello, "expected != 200"},
		{"status >", status(model.Greater, "199"), hello, ""},
		{"status >=", status(model.GreaterEqual, "201"), hello, "expected >= 201"},
		{"status <=", status(model.LessEqual, "200"), hello, ""},
		{"status that is none", status(model.Equal, "x"), hello, `"x" is not an HTTP status`},
		{"content", match, hello, ""},
		{"content differs", content(model.Equal, "bye"), hello, `HTTP content from http://example.com:99/ does not match "bye"`},
		{"content !=", content(model.NotEqual, "bye"), hello, ""},
		{"content != matches", content(model.NotEqual, "hel+o"), hello, `HTTP content from http://example.com:99/ matches "hel+o"`},
		{"content over lines", content(model.Equal, "a.*b"), ok + "\r\na\nb", ""},
		{"bad pattern", content(model.Equal, "("), hello, `cannot use pattern "("`},
		{"two contents", append(match, content(model.Equal, "bye")...), hello, `does not match "bye"`},
		{"until EOF", match, ok + "\r\nhello", ""},
		{"chunked", match, chunked + "2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nTrailer: x\r\n\r\n", ""},
		{"chunked without end", match, chunked + "5\r\nhello\r\n", "it closed the connection"},
		{"chunk cut short", match, chunked + "6\r\nhello", "it closed the connection in the middle of the content"},
		{"chunk too long", match, chunked + "4\r\nhello\r\n0\r\n\r\n", `"o" stands where a chunk ends`},
		{"huge chunk length", match, chunked + "7fffffffffffffff\r\nhello", "in the middle of the content"},
		{"chunk length overflows", match, chunked + "fffffffffffffffff\r\nhello", `"fffffffffffffffff" is not the size of a chunk`},
		{"negative chunk length", match, chunked + "-5\r\nhello", `"-5" is not the size of a chunk`},
		{"chunk length missing", match, chunked + "\r\nhello", `"" is not the size of a chunk`},
		{"other coding", match, ok + "Transfer-Encoding: gzip\r\n\r\nhello", `its Transfer-Encoding is "gzip"`},
		{"length too long", match, ok + "Content-Length: 6\r\n\r\nhello", "in the middle of the content"},
		{"huge length", match, ok + "Content-Length: 9223372036854775807\r\n\r\nhello", "in the middle of the content"},
		{"length overflows", match, ok + "Content-Length: 9223372036854775808\r\n\r\nhello", "its Content-Length is"},
		{"negative length", match, ok + "Content-Length: -1\r\n\r\nhello", `its Content-Length is "-1"`},
		{"two lengths", match, ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", `its Content-Length is "6"`},
		{"same length twice", match, ok + "Content-Length: 5\r\ncontent-length:5\r\n\r\nhello", ""},
		{"no content", content(model.NotEqual, "x"), ok + "Content-Length: 0\r\n\r\n", "has no content to test"},
		{"no content until EOF", content(model.NotEqual, "x"), ok + "\r\n", "has no content to test"},
		{"no content chunked", content(model.NotEqual, "x"), chunked + "0\r\n\r\n", "has no content to test"},
		{"status without content", content(model.NotEqual, "x"), "HTTP/1.1 204 None\r\nContent-Length: 5\r\n\r\n", "has no content to test"},
		{"md5", model.Params{param("checksum", sums[0])}, hello, ""},
		{"sha1", model.Params{param("checksum", strings.ToUpper(sums[1]))}, hello, ""},
		{"sha256", model.Params{param("checksum", sums[2])}, hello, ""},
		{"checksum differs", model.Params{param("checksum", strings.Repeat("0", 32))}, hello, "is " + sums[0] + ", expected 0000"},
		{"checksum of no kind", model.Params{param("checksum", "123")}, hello, "neither md5 nor sha1 nor sha256"},
		{"content and checksum", append(match, param("checksum", sums[0])), hello, ""},
		{"not HTTP", nil, "SSH-2.0-OpenSSH\r\n", `"SSH-2.0-OpenSSH" is not the beginning of an HTTP reply`},
		{"HTTP/2", nil, "HTTP/2 200\r\n\r\n", "is not the beginning of an HTTP reply"},
		{"no status", nil, "HTTP/1.1 \r\n\r\n", "is not the beginning of an HTTP reply"},
		{"long status", nil, "HTTP/1.1 2000 OK\r\n\r\n", "is not the beginning of an HTTP reply"},
		{"signed status", nil, "HTTP/1.1 +20 OK\r\n\r\n", "is not the beginning of an HTTP reply"},
		{"empty", nil, "", "it closed the connection instead of answering"},
		{"header cut short", nil, ok, "it closed the connection in the middle of its answer"},
		{"header line cut short", nil, ok + "X-Y", "it closed the connection in the middle of its answer"},
		{"long header line", nil, ok + "X: " + strings.Repeat("x", lineLimit) + "\r\n\r\n", "a line is longer than 8192 bytes"},
		{"header line just short enough", nil, ok + "X: " + strings.Repeat("x", lineLimit-5) + "\r\n\r\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, size := range []int{1 << 20, 1, 7} {
				p := &model.Probe{Protocol: "http", Params: tt.params, Timeout: 5 * time.Second}
				r := converseWith(t, p, httpServer(tt.reply, size, nil))
				if tt.want == "" {
					mustPass(t, r)
				} else {
					mustFail(t, r, tt.want)
				}
			}
		})
	}
}

func TestHTTPRequest(t *testing.T) {
	const rest = "User-Agent: orderly\r\nAccept: */*\r\nAccept-Encoding: identity\r\nConnection: close\r\n"
	for _, tt := range []struct {
		name   string
		host   string
		port   int
		params model.Params
		want   string
	}{
		{"default", "example.com", 8080, nil, "GET / HTTP/1.1\r\nHost: example.com:8080\r\n" + rest + "\r\n"},
		{"usual port", "example.com", 80, nil, "GET / HTTP/1.1\r\nHost: example.com\r\n" + rest + "\r\n"},
		{"usual port of TLS", "example.com", 443, nil, "GET / HTTP/1.1\r\nHost: example.com\r\n" + rest + "\r\n"},
		{"IPv6", "::1", 8080, nil, "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n" + rest + "\r\n"},
		{"IPv6 with zone", "fe80::1%eth0", 80, nil, "GET / HTTP/1.1\r\nHost: [fe80::1]\r\n" + rest + "\r\n"},
		{
			"target", "x", 80,
			model.Params{param("method", "head"), param("request", "/a b/%20?q=ä#f\r\nX: y")},
			"HEAD /a%20b/%20?q=%C3%A4%23f%0D%0AX:%20y HTTP/1.1\r\nHost: x\r\n" + rest + "\r\n",
		},
		{
			"percent signs of their own", "x", 80,
			model.Params{param("request", "/100%/%zz/%c3%4")},
			"GET /100%25/%25zz/%c3%254 HTTP/1.1\r\nHost: x\r\n" + rest + "\r\n",
		},
		{"relative target", "x", 80, model.Params{param("request", "a")}, "GET /a HTTP/1.1\r\nHost: x\r\n" + rest + "\r\n"},
		{
			"login", "x", 80,
			model.Params{param("username", "u"), param("password", "p:w")},
			"GET / HTTP/1.1\r\nAuthorization: Basic dTpwOnc=\r\nHost: x\r\n" + rest + "\r\n",
		},
		{"host header", "x", 81, model.Params{param("hostheader", "y\r\nz")}, "GET / HTTP/1.1\r\nHost: y  z\r\n" + rest + "\r\n"},
		{
			"headers", "x", 80,
			model.Params{
				param("header", "X-One: 1\nX-Two: 2"), param("header", "accept: text/html"), param("header", "HOST: z"),
				param("header", "authorization: no"), param("username", "u"),
			},
			"GET / HTTP/1.1\r\nUser-Agent: orderly\r\nAccept-Encoding: identity\r\nConnection: close\r\n" +
				"X-One: 1 X-Two: 2\r\naccept: text/html\r\nHOST: z\r\nauthorization: no\r\n\r\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got string
			p := &model.Probe{Kind: model.ProbePort, Protocol: "http", Host: tt.host, Port: tt.port, Params: tt.params}
			mustPass(t, converseWith(t, p, httpServer("HTTP/1.1 200 OK\r\n\r\n", 100, &got)))
			if got != tt.want {
				t.Errorf("request\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestHTTPHead(t *testing.T) {
	p := &model.Probe{Protocol: "http", Params: append(content(model.Equal, "x"), param("method", "head"))}
	r := converseWith(t, p, httpServer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 100, nil))
	mustFail(t, r, "has no content to test")
}

// What lies behind MaxSize is neither read nor seen.
func TestHTTPContentLimit(t *testing.T) {
	for _, head := range []string{"Content-Length: 1000000\r\n\r\n", "\r\n", "Transfer-Encoding: chunked\r\n\r\nf4240\r\n"} {
		p := &model.Probe{Protocol: "http", Params: content(model.Equal, "^x{10}$"), MaxSize: 10}
		mustPass(t, converseWith(t, p, func(c net.Conn) {
			httpServer("HTTP/1.1 200 OK\r\n"+head, 1000, nil)(c)
			if n := forever(c, "x"); n > lineLimit {
				t.Errorf("%d bytes were read", n)
			}
		}))
	}
}

func TestHTTPBodyWithoutEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &model.Probe{Protocol: "http", Params: content(model.Equal, "x"), Timeout: 5 * time.Second}
		r := converseWith(t, p, func(c net.Conn) {
			httpServer("HTTP/1.1 200 OK\r\n\r\nx", 1000, nil)(c)
			io.Copy(io.Discard, c)
		})
		mustFail(t, r, "cannot speak http with example.com:99: no answer within 5s")
		if !strings.HasPrefix(r.Evidence, "HTTP/1.1 200 OK\n") {
			t.Errorf("evidence %q", r.Evidence)
		}
	})
}

func TestHTTPOverUnixSocket(t *testing.T) {
	p := &model.Probe{Kind: model.ProbeSocket, Path: "/run/app.sock", Protocol: "http", Params: model.Params{param("request", "/ping")}}
	var got string
	r := converseWith(t, p, httpServer("HTTP/1.1 500 No\r\n\r\n", 100, &got))
	mustFail(t, r, "HTTP status 500 from /run/app.sock /ping, expected < 400")
	if !strings.Contains(got, "\r\nHost: localhost\r\n") {
		t.Errorf("request %q", got)
	}
}

func TestResetByServer(t *testing.T) {
	p := serve(t, func(c net.Conn) {
		c.Read(make([]byte, 1)) // what is left unread makes the kernel reset the connection
		c.(*net.TCPConn).SetLinger(0)
	})
	p.Protocol = "http"
	mustFail(t, Run(t.Context(), p), "connection reset by peer")
}
