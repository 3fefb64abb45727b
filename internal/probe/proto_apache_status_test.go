package probe

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

func limit(name string, op model.Op, percent string) model.Params {
	return model.Params{{Name: name, Op: op, Value: percent}}
}

func TestApacheStatus(t *testing.T) { // P-apache-status
	const ok = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
	page := func(letters string) string {
		return ok + "localhost\nBusyWorkers: 1\nScoreboard: " + letters + "\nProcesses: 1\n"
	}
	const mixed = "L.C.D.K.W.R.S._.G.I." // 5 % of each

	for _, tt := range []struct {
		name   string
		params model.Params
		reply  string
		want   string // "" for success
	}{
		{"no limit", nil, page(mixed), ""},
		{"below", limit("replylimit", model.Greater, "5"), page(mixed), ""},
		{"above", limit("replylimit", model.Greater, "4"), page(mixed), "5.0% of the workers of example.com:99 are replying, replylimit > 4%"},
		{"equal", limit("replylimit", model.Equal, "5"), page(mixed), "replylimit = 5%"},
		{"at least", limit("waitlimit", model.Less, "20"), page("_WWWWWWWWW"), "10.0% of the workers of example.com:99 are waiting for connections, waitlimit < 20%"},
		{"0 is no limit", limit("waitlimit", model.GreaterEqual, "0"), page(mixed), ""},
		{"none of them", limit("loglimit", model.Less, "1"), page("..."), "0.0% of the workers"},
		{"third", limit("loglimit", model.Greater, "33"), page("L.."), "33.3% of the workers"},
		{"several limits", append(limit("replylimit", model.Greater, "50"), limit("startlimit", model.Greater, "4")...), page(mixed), "are starting, startlimit > 4%"},
		{"limit that is none", limit("loglimit", model.Greater, "x"), page(mixed), `loglimit "x" is not a percentage`},
		{"last line without end", limit("loglimit", model.Greater, "99"), ok + "Scoreboard: LL", "100.0% of the workers"},
		{"large server", limit("requestlimit", model.Greater, "50"), page(strings.Repeat("_R", 20_000) + "R"), "are reading requests"},
		{"chunked", limit("requestlimit", model.Greater, "50"), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nScoreb\r\n9\r\noard: RR.\r\n0\r\n\r\n", "66.7% of the workers"},
		{"empty scoreboard", nil, page(""), "its scoreboard is empty"},
		{"no scoreboard", nil, ok + "Total Accesses: 1\n", "http://example.com:99/server-status?auto has no scoreboard"},
		{"no page", nil, ok, "http://example.com:99/server-status?auto has no scoreboard"},
		{"other page", nil, ok + "<p>a Scoreboard: ...</p>", "has no scoreboard"},
		{"status", nil, "HTTP/1.1 403 Forbidden\r\n\r\n", "HTTP status 403 from http://example.com:99/server-status?auto, expected = 200"},
		{"redirect", nil, "HTTP/1.1 301 Moved\r\n\r\n", "HTTP status 301"},
		{"cut short", nil, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nScoreboard: _\n", "it closed the connection in the middle of the content"},
		{"not HTTP", nil, "SSH-2.0-x\r\n", "is not the beginning of an HTTP reply"},
		{"closed", nil, "", "it closed the connection instead of answering"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := &model.Probe{Protocol: "apache-status", Params: tt.params, Timeout: 5 * time.Second}
			r := converseWith(t, p, httpServer(tt.reply, 1000, nil))
			if tt.want == "" {
				mustPass(t, r)
			} else {
				mustFail(t, r, tt.want)
			}
		})
	}
}

// Each limit is about its own letter.
func TestScoreboardLetters(t *testing.T) {
	letters := map[string]string{
		"loglimit": "L", "closelimit": "C", "dnslimit": "D", "keepalivelimit": "K", "replylimit": "W", "requestlimit": "R",
		"startlimit": "S", "waitlimit": "_", "gracefullimit": "G", "cleanuplimit": "I",
	}
	for name := range letters {
		for other, letter := range letters {
			err := judgeScoreboard(letter+"...", limit(name, model.Greater, "24"), "x")
			if (err != nil) != (name == other) {
				t.Errorf("%s with a worker that is %q: %v", name, letter, err)
			}
		}
	}
}

func TestApacheStatusRequest(t *testing.T) {
	const rest = "User-Agent: orderly\r\nAccept: */*\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n"
	for _, tt := range []struct {
		params model.Params
		want   string
	}{
		{nil, "GET /server-status?auto HTTP/1.1\r\nHost: example.com:99\r\n" + rest},
		{
			model.Params{param("path", "/a b"), param("username", "u"), param("password", "p:w")},
			"GET /a%20b?auto HTTP/1.1\r\nAuthorization: Basic dTpwOnc=\r\nHost: example.com:99\r\n" + rest,
		},
	} {
		var got string
		p := &model.Probe{Protocol: "apache-status", Params: tt.params}
		mustPass(t, converseWith(t, p, httpServer("HTTP/1.1 200 OK\r\n\r\nScoreboard: _\n", 100, &got)))
		if got != tt.want {
			t.Errorf("request\n%s\nwant\n%s", got, tt.want)
		}
	}
}

func TestApacheStatusSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mustFail(t, converseWith(t, &model.Probe{Protocol: "apache-status", Timeout: 5 * time.Second}, mute), "no answer within 5s")
	})
}

func FuzzApacheStatusReply(f *testing.F) {
	fuzz(f, model.Probe{Protocol: "apache-status", Params: limit("waitlimit", model.Less, "10")},
		"HTTP/1.1 200 OK\r\n\r\nScoreboard: _W.\n", "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\nScoreboard: W.", "HTTP/1.1 200 OK\r\n\r\nScoreboard: \n")
}
