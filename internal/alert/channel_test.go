package alert

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// gotRequest is what a fake of a service got.
type gotRequest struct {
	target, body string
	header       http.Header
}

// fake is a service that takes everything.
func fake(w http.ResponseWriter, r *http.Request, to chan<- gotRequest) {
	body, _ := io.ReadAll(r.Body)
	w.WriteHeader(http.StatusAccepted)
	to <- gotRequest{r.Method + " " + r.URL.String(), string(body), r.Header}
}

// newServer starts a server and returns its URL.
func newServer(t *testing.T, handle http.HandlerFunc) string {
	s := httptest.NewServer(handle)
	t.Cleanup(s.Close)
	return s.URL
}

var pid = os.Getpid()

// ask sends one event by a channel to a fake, and returns what arrived there.
func ask(t *testing.T, channel string, ev model.Event, params func(url string) model.Params, text string) gotRequest {
	t.Helper()
	got := make(chan gotRequest, 1)
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) { fake(w, r, got) })
	r := model.Route{Channel: channel, Address: "x", Params: params(s), Text: text}
	if err := Check(r); err != nil {
		t.Fatal(err)
	}
	out := channels[channel].open(Means{Log: discard})
	defer out.rest()
	if _, err := out.send(t.Context(), &model.Config{}, one(r, ev)); err != nil {
		t.Fatal(err)
	}
	return <-got
}

var began = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// failing and recovered are two ends of an outage.
func failing() model.Event {
	return model.Event{
		Seq: 7, At: began, Host: "box", Service: "web", Rule: "failed port 80", Kind: model.EventFailed, Topic: model.TopicConnection,
		Action: "restart", Text: "connection refused", Evidence: "SYN\n", Count: 1, Failure: &model.Failure{Since: began, Bad: 2, Cycles: 1},
	}
}

func recovered() model.Event {
	ev := failing()
	ev.Seq, ev.At, ev.Kind, ev.Text, ev.Evidence, ev.Action = 9, began.Add(134*time.Minute), model.EventRecovered, "it answers", "", ""
	ev.Failure = &model.Failure{Since: began, Bad: 268, Cycles: 267}
	return ev
}

func params(pairs ...string) model.Params {
	var out model.Params
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, model.Param{Name: pairs[i], Value: pairs[i+1]})
	}
	return out
}

func TestWebhook(t *testing.T) {
	got := ask(t, "webhook", failing(), func(url string) model.Params {
		return params("url", url+"/hook?a=1", "secret", "s3cret", "header", "X-Team: ops", "header", "Content-Type: application/x-orderly+json")
	}, "")
	want := `{"id":"box/7","seq":7,"at":"2026-03-01T12:00:00Z","host":"box","service":"web","rule":"failed port 80","kind":"failed",` +
		`"topic":"connection","action":"restart","text":"connection refused","evidence":"SYN\n","count":1,` +
		`"failure":{"since":"2026-03-01T12:00:00Z","bad":2,"cycles":1},"message":"box[web]: connection refused (restart follows)","is_up":false,"alert_count":1}`
	if got.target != "POST /hook?a=1" || got.body != want {
		t.Errorf("%s\n%s\nwant\n%s", got.target, got.body, want)
	}
	sum := hmac.New(sha256.New, []byte("s3cret"))
	sum.Write([]byte(got.body))
	for name, value := range map[string]string{
		"Idempotency-Key": "box/7", "X-Orderly-Signature": "sha256=" + hex.EncodeToString(sum.Sum(nil)), "X-Team": "ops",
		"Content-Type": "application/x-orderly+json", "User-Agent": "orderly",
	} {
		if got.header.Get(name) != value {
			t.Errorf("%s: %q, want %q", name, got.header.Get(name), value)
		}
	}
}

func TestWebhookText(t *testing.T) {
	for _, tt := range []struct{ text, want, kind string }{
		{`{"up":{{.IsUp}},"who":{{json .Service}}}`, `{"up":true,"who":"web"}`, "application/json"},
		{`{{.Service}} was down {{since .Duration}}`, "web was down 2 h 14 min", "text/plain; charset=utf-8"},
	} {
		got := ask(t, "webhook", recovered(), func(url string) model.Params { return params("url", url) }, tt.text)
		if got.body != tt.want || got.header.Get("Content-Type") != tt.kind {
			t.Errorf("%s as %s", got.body, got.header.Get("Content-Type"))
		}
	}
}

func TestAlertmanager(t *testing.T) {
	at := func(url string) model.Params { return params("url", url+"/am/") }
	labels := `"labels":{"alertname":"connection","instance":"box","job":"orderly","rule":"failed port 80","service":"web"}`
	got := ask(t, "alertmanager", failing(), at, "")
	want := `[{` + labels + `,"annotations":{"description":"connection refused","evidence":"SYN\n","summary":"box[web]: connection refused (restart follows)"},` +
		`"startsAt":"2026-03-01T12:00:00Z","endsAt":"2026-03-31T12:00:00Z"}]`
	if got.target != "POST /am/api/v2/alerts" || got.body != want {
		t.Errorf("%s\n%s\nwant\n%s", got.target, got.body, want)
	}
	got = ask(t, "alertmanager", recovered(), at, "")
	want = `[{` + labels + `,"annotations":{"description":"it answers","summary":"box[web]: recovered: it answers (was down 2 h 14 min)"},` +
		`"startsAt":"2026-03-01T12:00:00Z","endsAt":"2026-03-01T14:14:00Z"}]`
	if got.body != want {
		t.Errorf("%s\nwant\n%s", got.body, want)
	}
}

func TestPagerDuty(t *testing.T) {
	at := func(url string) model.Params { return params("url", url+"/v2/enqueue", "token", "R0UTE") }
	got := ask(t, "pagerduty", failing(), at, "")
	want := `{"routing_key":"R0UTE","event_action":"trigger","dedup_key":"orderly/box/web/failed port 80","client":"orderly","payload":{` +
		`"summary":"box[web]: connection refused (restart follows)","source":"box","severity":"critical","timestamp":"2026-03-01T12:00:00Z",` +
		`"component":"web","class":"connection","custom_details":{"evidence":"SYN\n","failures":2,"notices":1,"rule":"failed port 80","text":"connection refused"}}}`
	if got.target != "POST /v2/enqueue" || got.body != want {
		t.Errorf("%s\n%s\nwant\n%s", got.target, got.body, want)
	}
	got = ask(t, "pagerduty", recovered(), at, "")
	if want := `{"routing_key":"R0UTE","event_action":"resolve","dedup_key":"orderly/box/web/failed port 80","client":"orderly"}`; got.body != want {
		t.Errorf("%s\nwant\n%s", got.body, want)
	}
	long := failing()
	long.Rule = strings.Repeat("x", 300)
	first, again := incidentKey("box", long), incidentKey("box", long)
	if len(first) > pagerKey || first != again {
		t.Errorf("%q, %q", first, again)
	}
	started := model.Event{Seq: 3, Kind: model.EventStarted, Text: "orderly has started"}
	if got := ask(t, "pagerduty", started, at, ""); !strings.Contains(got.body, `"event_action":"resolve","dedup_key":"orderly/localhost//localhost/3"`) {
		t.Errorf("%s", got.body)
	}
}

func TestExec(t *testing.T) { // M-040, M-047
	var ran *model.Program
	var env []string
	var fails error
	x := channels["exec"].open(Means{Log: discard, Run: func(_ context.Context, p *model.Program, e []string) error {
		ran, env = p, e
		return fails
	}})
	r := model.Route{Channel: "exec", Address: "page", Program: &model.Program{
		Args: []string{"/bin/page", "{{.MonitorName}} {{.FailureCount}}", "--up={{.IsUp}}"}, User: "ops",
	}}
	ev := recovered()
	ev.Failure.LastOK = began.Add(-time.Minute)
	ev.Evidence = "a\x00b\n"
	if _, err := x.send(t.Context(), &model.Config{}, one(r, ev)); err != nil {
		t.Fatal(err)
	}
	if want := []string{"/bin/page", "web 268", "--up=true"}; !slices.Equal(ran.Args, want) || ran.User != "ops" || ran.Timeout != execTimeout {
		t.Errorf("ran %+v", ran)
	}
	want := "ORDERLY_MONITOR_NAME=web ORDERLY_SERVICE=web ORDERLY_HOST=box ORDERLY_RULE=failed port 80 ORDERLY_KIND=recovered ORDERLY_TEXT=it answers " +
		"ORDERLY_MESSAGE=web check is up again! ORDERLY_ACTION= ORDERLY_LAST_OUTPUT=ab ORDERLY_AFFECTS= ORDERLY_ALERT_COUNT=1 ORDERLY_FAILURE_COUNT=268 ORDERLY_IS_UP=true " +
		"ORDERLY_LAST_SUCCESS=2026-03-01T11:59:00Z ORDERLY_SINCE=2026-03-01T12:00:00Z ORDERLY_AT=2026-03-01T14:14:00Z ORDERLY_DURATION=8040 ORDERLY_DELAY=0 ORDERLY_DIAGNOSIS= ORDERLY_ID=box/9"
	if got := strings.Join(env, " "); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	fails = errors.New("exit status 3: bad key --up=true")
	if _, err := x.send(t.Context(), &model.Config{}, one(r, ev)); !errors.Is(err, errLater) || err.Error() != "exit status 3: bad key ***" {
		t.Errorf("%v", err)
	}
	r.Program = nil
	if _, err := x.send(t.Context(), &model.Config{}, one(r, ev)); !errors.Is(err, errNoWay) {
		t.Errorf("%v", err)
	}
}

func TestLog(t *testing.T) { // M-050
	var out strings.Builder
	l := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	s := channels["log"].open(Means{Log: l})
	for _, ev := range []model.Event{failing(), recovered()} {
		if _, err := s.send(t.Context(), &model.Config{}, one(model.Route{}, ev)); err != nil {
			t.Fatal(err)
		}
	}
	want := "level=WARN msg=\"box[web]: connection refused (restart follows)\" service=web kind=failed\n" +
		"level=INFO msg=\"box[web]: recovered: it answers (was down 2 h 14 min)\" service=web kind=recovered\n"
	if out.String() != want {
		t.Errorf("%s\nwant\n%s", out.String(), want)
	}
}

func TestSyslog(t *testing.T) {
	local := filepath.Join(t.TempDir(), "log")
	places := localSyslog
	localSyslog = []string{local + ".none", local}
	defer func() { localSyslog = places }()
	unix, err := net.ListenPacket("unixgram", local)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close()
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	stamp := began.Local().Format(time.Stamp)
	for _, tt := range []struct {
		from   net.PacketConn
		params model.Params
		ev     model.Event
		want   string
	}{
		{unix, nil, failing(), "<27>" + stamp + " orderly[PID]: box[web]: connection refused (restart follows)"},
		{unix, params("facility", "local3"), failing(), "<155>" + stamp + " orderly[PID]: box[web]: connection refused (restart follows)"},
		{
			udp, params("url", "udp://"+udp.LocalAddr().String()), recovered(),
			"<29>1 2026-03-01T14:14:00Z box orderly PID recovered - box[web]: recovered: it answers (was down 2 h 14 min)",
		},
	} {
		r := model.Route{Channel: "syslog", Params: tt.params}
		if err := Check(r); err != nil {
			t.Fatal(err)
		}
		s := channels["syslog"].open(Means{})
		if _, err := s.send(t.Context(), &model.Config{}, one(r, tt.ev)); err != nil {
			t.Fatal(err)
		}
		s.rest()
		buf := make([]byte, 2000)
		n, _, err := tt.from.ReadFrom(buf)
		got := strings.NewReplacer(fmt.Sprintf("orderly[%d]", pid), "orderly[PID]", fmt.Sprintf("orderly %d ", pid), "orderly PID ").Replace(string(buf[:n]))
		if err != nil || got != tt.want {
			t.Errorf("%v, %s\nwant %s", err, got, tt.want)
		}
	}
	length, line, _ := strings.Cut(string(syslogLine(&model.Config{}, one(model.Route{}, failing()), "tcp")), " ")
	if length != fmt.Sprint(len(line)) || !strings.HasPrefix(line, "<27>1 ") {
		t.Errorf("%s %q", length, line)
	}
}

func TestCheckFindsMistakes(t *testing.T) {
	url := model.Param{Name: "url", Value: "https://h.example/x"}
	for _, tt := range []struct {
		route model.Route
		want  string
	}{
		{model.Route{Channel: "pigeon"}, `there is no channel "pigeon"`},
		{model.Route{Channel: "webhook"}, "no url is set"},
		{model.Route{Channel: "webhook", Params: params("url", "ftp://h/secret")}, "the url is none of http or https"},
		{model.Route{Channel: "webhook", Params: model.Params{url, {Name: "header", Value: "X y: z"}}}, `a header is none: write "Name: value"`},
		{model.Route{Channel: "webhook", Params: model.Params{url}, Text: "{{.Nobody}}"}, "can't evaluate field Nobody"},
		{model.Route{Channel: "webhook", Params: model.Params{url, {Name: "group", Value: "1m"}}}, "cannot be grouped"},
		{model.Route{Channel: "slack", Params: model.Params{url, {Name: "group", Value: "soon"}}}, `"soon" is no time for events to gather`},
		{model.Route{Channel: "slack", Params: model.Params{url, {Name: "storm", Value: "-1"}}}, `"-1" is no number`},
		{model.Route{Channel: "exec"}, "no program is set"},
		{model.Route{Channel: "exec", Program: &model.Program{Args: []string{"/x", "{{.Nobody}}"}}}, "can't evaluate field Nobody"},
		{model.Route{Channel: "syslog", Params: params("facility", "ops")}, `there is no facility "ops"`},
		{model.Route{Channel: "syslog", Params: params("url", "http://h")}, "the url of a log is"},
		{model.Route{Channel: "pagerduty"}, "no token is set"},
		{model.Route{Channel: "shoutrrr", Params: params("url", "pigeon://roof")}, `no service is called "pigeon"`},
		{model.Route{Channel: "shoutrrr", Params: params("url", "telegram://s3cret-t0ken")}, "the url of telegram cannot be read"},
		{model.Route{Channel: "mail", Address: "a@x", Fallback: []model.Route{{Channel: "exec"}}}, "fallback exec: no program is set"},
	} {
		err := Check(tt.route)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v, want %q", tt.route.Channel, err, tt.want)
		}
	}
	for _, ok := range []model.Route{
		{Channel: "mail", Address: "a@x", Params: params("group", "1m")},
		{Channel: "log"},
		{Channel: "slack", Mute: true},
		{Channel: "syslog", Params: params("url", "tcp://logs.example.org")},
	} {
		if err := Check(ok); err != nil {
			t.Errorf("%s: %v", ok.Channel, err)
		}
	}
}

// What a webhook posts can be read again by whoever knows the journal.
func TestWebhookIsAnEvent(t *testing.T) {
	got := ask(t, "webhook", recovered(), func(url string) model.Params { return params("url", url) }, "")
	var ev model.Event
	if err := json.Unmarshal([]byte(got.body), &ev); err != nil || ev.Seq != 9 || ev.Failure.Cycles != 267 {
		t.Errorf("%v: %+v", err, ev)
	}
}
