package alert

import (
	"bytes"
	"io"
	"mime"
	"net/mail"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"orderly/internal/model"
)

func incident() model.Event {
	return model.Event{
		Seq: 7, At: time.Date(2026, 11, 20, 19, 42, 21, 0, time.Local), Host: "web1", Service: "nginx",
		Kind: model.EventFailed, Topic: model.TopicNonexist, Action: "restart", Text: "the process is not running", Count: 1,
	}
}

func headers(t *testing.T, m message) (mail.Header, string) {
	t.Helper()
	parsed, err := mail.ReadMessage(bytes.NewReader(m.data))
	if err != nil {
		t.Fatalf("%v in\n%s", err, m.data)
	}
	body, err := io.ReadAll(parsed.Body)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Header, strings.ReplaceAll(string(body), "\r\n", "\n")
}

func TestDefaultMessage(t *testing.T) {
	ev := incident()
	ev.At = ev.At.UTC()
	m := render(&model.Config{}, one(model.Route{Address: "admin@example.org"}, ev))
	if m.from != "monit@web1" || m.to != "admin@example.org" {
		t.Errorf("the envelope is from %q to %q", m.from, m.to)
	}
	text := strings.ReplaceAll(string(m.data), "\r\n", "\n")
	head, body, _ := strings.Cut(text, "\n\n")
	id := head[strings.LastIndex(head, "<"):]
	wantHead := `From: monit@web1
To: admin@example.org
Subject: monit alert --  Does not exist nginx
Date: ` + ev.At.Format("Mon, 02 Jan 2006 15:04:05") + ` +0000
X-Mailer: orderly
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit
X-Auto-Response-Suppress: All
Auto-Submitted: auto-generated
Precedence: bulk
X-Orderly-Id: web1/7
Message-Id: ` + id
	if head != wantHead {
		t.Errorf("got\n%s\nwant\n%s", head, wantHead)
	}
	if !strings.HasPrefix(id, "<1") || !strings.HasSuffix(id, "@web1>") {
		t.Errorf("Message-Id is %s", id)
	}
	wantBody := `Does not exist Service nginx

	Date:        Fri, 20 Nov 2026 19:42:21
	Action:      restart
	Host:        web1
	Description: the process is not running

Watching over it,
orderly
`
	if body != wantBody {
		t.Errorf("got\n%s\nwant\n%s", body, wantBody)
	}
}

func TestEvidenceGoesWithTheDefaultMessageOnly(t *testing.T) {
	ev := incident()
	ev.Evidence = "HTTP/1.1 503\r\nServer: x\n"
	_, body := headers(t, render(&model.Config{}, one(model.Route{Address: "a@x"}, ev)))
	if want := "running\n\nHTTP/1.1 503\nServer: x\n\nWatching"; !strings.Contains(body, want) {
		t.Errorf("got\n%s\nwant %q in it", body, want)
	}
	_, body = headers(t, render(&model.Config{}, one(model.Route{Address: "a@x", Format: model.MailFormat{Message: "short"}}, ev)))
	if body != "short\n" {
		t.Errorf("got %q", body)
	}
}

func TestFormat(t *testing.T) {
	c := &model.Config{Settings: model.Settings{Host: "conf", Mail: model.Mail{Hello: "mx.example.org", Format: model.MailFormat{
		From: "Orderly <o@$HOST>", ReplyTo: "help@example.org", Subject: "[$HOST] $SERVICE", Message: "$EVENT|$SERVICE|$HOST|$ACTION|$DESCRIPTION|$DATE",
	}}}}
	tests := []struct {
		name   string
		format model.MailFormat
		change func(*model.Event)
		header string
		want   string
	}{
		{"global from", model.MailFormat{}, nil, "From", `"Orderly" <o@web1>`},
		{"own from", model.MailFormat{From: "<x@y>"}, nil, "From", "x@y"},
		{"own from with a name", model.MailFormat{From: `"A \"B\"" <x@y>`}, nil, "From", `"A \"B\"" <x@y>`},
		{"unusual name", model.MailFormat{From: `Ops (night) team: <x@y>`}, nil, "From", `"Ops (night) team:" <x@y>`},
		{"name beyond ASCII", model.MailFormat{From: `Jörg <x@y>`}, nil, "From", `=?utf-8?b?SsO2cmc=?= <x@y>`},
		{"reply to", model.MailFormat{}, nil, "Reply-To", "help@example.org"},
		{"global subject", model.MailFormat{}, nil, "Subject", "[web1] nginx"},
		{"own subject", model.MailFormat{Subject: "$EVENT"}, nil, "Subject", "Does not exist"},
		{"host of the configuration", model.MailFormat{}, func(ev *model.Event) { ev.Host = "" }, "Subject", "[conf] nginx"},
		{"no service", model.MailFormat{}, func(ev *model.Event) { ev.Service = "" }, "Subject", "[web1] web1"},
		{"a variable in a value", model.MailFormat{}, func(ev *model.Event) { ev.Service = "$HOST" }, "Subject", "[web1] $HOST"},
		{"body", model.MailFormat{}, nil, "", "Does not exist|nginx|web1|restart|the process is not running|Fri, 20 Nov 2026 19:42:21\n"},
		{"action by default", model.MailFormat{Message: "$ACTION"}, func(ev *model.Event) { ev.Action = "" }, "", "alert\n"},
		{"action of a start", model.MailFormat{Message: "$ACTION"}, func(ev *model.Event) { ev.Action, ev.Kind = "", model.EventStarted }, "", "start\n"},
		{"action of a stop", model.MailFormat{Message: "$ACTION"}, func(ev *model.Event) { ev.Action, ev.Kind = "", model.EventStopped }, "", "stop\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ev := incident()
			if test.change != nil {
				test.change(&ev)
			}
			head, got := headers(t, render(c, one(model.Route{Address: "a@x", Format: test.format}, ev)))
			if test.header != "" {
				got = head.Get(test.header)
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if id := head.Get("Message-Id"); !strings.HasSuffix(id, "@mx.example.org>") {
				t.Errorf("Message-Id is %s", id)
			}
		})
	}
}

func TestEventText(t *testing.T) {
	tests := []struct {
		kind  model.EventKind
		topic model.Topic
		want  string
	}{
		{model.EventFailed, model.TopicConnection, "Connection failed"},
		{model.EventStillFailing, model.TopicConnection, "Connection failed"},
		{model.EventRecovered, model.TopicConnection, "Connection succeeded"},
		{model.EventChanged, model.TopicChecksum, "Checksum changed"},
		{model.EventStarted, model.TopicInstance, "Monit instance changed"},
		{model.EventStopped, "", "Monit instance changed"},
		{model.EventInternal, "", "Monit instance changed"},
		{model.EventAction, model.TopicAction, "Action done"},
		{model.EventAction, "", "Action done"},
		{model.EventAction, model.TopicExec, "Execution succeeded"},
		{model.EventActionFailed, model.TopicExec, "Execution failed"},
		{model.EventActionFailed, "", "Execution failed"},
		{"something_new", "", "something new"},
	}
	for _, test := range tests {
		if got := eventText(model.Event{Kind: test.kind, Topic: test.topic}); got != test.want {
			t.Errorf("%s %s: got %q, want %q", test.kind, test.topic, got, test.want)
		}
	}
}

func TestActionText(t *testing.T) {
	tests := []struct {
		event model.Event
		want  string
	}{
		{model.Event{Kind: model.EventFailed, Topic: model.TopicSize, Action: "restart"}, "restart"},
		{model.Event{Kind: model.EventFailed, Topic: model.TopicSize}, "alert"},
		{model.Event{Kind: model.EventAction, Topic: model.TopicAction, Action: "restart"}, "alert"}, // done already
		{model.Event{Kind: model.EventUnmonitored, Topic: model.TopicAction, Action: "unmonitor"}, "alert"},
		{model.Event{Kind: model.EventActionFailed, Topic: model.TopicExec, Action: "start"}, "alert"},
		{model.Event{Kind: model.EventStarted, Topic: model.TopicInstance}, "start"},
		{model.Event{Kind: model.EventReloaded, Topic: model.TopicInstance, Action: "reload"}, "start"},
		{model.Event{Kind: model.EventStopped, Topic: model.TopicInstance}, "stop"},
	}
	for _, test := range tests {
		if got := actionText(test.event); got != test.want {
			t.Errorf("%s %s: got %q, want %q", test.event.Kind, test.event.Topic, got, test.want)
		}
	}
}

func TestMessageIDTellsMailsApart(t *testing.T) {
	id := func(ev model.Event, to string) string {
		head, _ := headers(t, render(&model.Config{}, one(model.Route{Address: to}, ev)))
		return head.Get("Message-Id")
	}
	a, b := incident(), incident()
	b.Seq++
	if first, again := id(a, "a@x"), id(a, "a@x"); first != again {
		t.Error("the same mail has two ids")
	}
	if id(a, "a@x") == id(b, "a@x") || id(a, "a@x") == id(a, "b@x") {
		t.Error("two mails have one id")
	}
}

func TestLongTexts(t *testing.T) {
	ev := incident()
	ev.Service = strings.Repeat("é", 500)
	ev.Evidence = strings.Repeat("ü", 5000) + "\r" + strings.Repeat("x", bodyLimit)
	m := render(&model.Config{}, one(model.Route{Address: "a@x"}, ev))
	for line := range strings.SplitSeq(string(m.data), "\r\n") {
		if len(line) > 998 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
			t.Errorf("a line has %d bytes: %.60q", len(line), line)
		}
	}
	head, _ := headers(t, m)
	subject, err := new(mime.WordDecoder).DecodeHeader(head.Get("Subject"))
	if err != nil || !strings.HasPrefix(subject, "monit alert --  Does not exist éé") || utf8.RuneCountInString(subject) != subjectLimit {
		t.Errorf("the subject is %q, %v", subject, err)
	}
}

// Whatever a service is called and a program writes, it makes neither a header nor a second message.
func FuzzRender(f *testing.F) {
	f.Add("nginx", "not running", "evidence", "a@x", "o@$HOST", "$SERVICE")
	f.Add("a\r\nBcc: b@y", "x\r\n.\r\nMAIL FROM:<>", "\r\n\r\n", "a@x>\r\nRCPT TO:<b@y", "Ann\n <a@b\rc>", "x\ny\u2028z\u0085")
	f.Add("\xff\x00é", strings.Repeat("é", 1000), "", "", "<", "=?utf-8?q?x?=")
	f.Fuzz(func(t *testing.T, service, text, evidence, to, from, subject string) {
		ev := incident()
		ev.Service, ev.Text, ev.Evidence, ev.Host = service, text, evidence, service
		r := model.Route{Address: to, Format: model.MailFormat{From: from, Subject: subject, ReplyTo: to}}
		m := render(&model.Config{}, one(r, ev))
		for _, s := range []string{m.from, m.to} {
			if strings.ContainsAny(s, "\r\n <>\x00") {
				t.Errorf("the envelope has %q", s)
			}
		}
		head, _ := headers(t, m)
		for name := range head {
			switch name {
			case "Reply-To", "From", "To", "Subject", "Date", "X-Mailer", "Mime-Version", "Content-Type", "Content-Transfer-Encoding",
				"X-Auto-Response-Suppress", "Auto-Submitted", "Precedence", "X-Orderly-Id", "Message-Id":
			default:
				t.Errorf("a header %q", name)
			}
		}
		if bare := strings.ReplaceAll(string(m.data), "\r\n", ""); strings.ContainsAny(bare, "\r\n\x00") || !utf8.ValidString(bare) {
			t.Errorf("bytes that mail may not have in %q", m.data)
		}
	})
}

// What Monit's mail does not tell stands below it: for how long, how often that was said, and that it is late.
func TestMailTellsHowLong(t *testing.T) { // D-30
	began := time.Date(2026, 11, 20, 19, 42, 0, 0, time.Local)
	of := func(kind model.EventKind, after time.Duration) model.Event {
		ev := incident()
		ev.Kind, ev.At = kind, began.Add(after)
		ev.Failure = &model.Failure{Since: began, Before: ev.At.Add(-time.Minute), Cycles: 200}
		return ev
	}
	hourly := model.Route{Channel: "mail", Address: "a@example.org", Reminder: model.Reminder{Every: time.Hour}}
	asleep := hourly
	asleep.Quiet = []string{"19:00-22:00"}
	for _, tt := range []struct {
		name  string
		route model.Route
		event model.Event
		late  time.Duration
		want  string
	}{
		{"first", hourly, of(model.EventFailed, 0), 0, ""},
		{"reminder", hourly, of(model.EventStillFailing, 3*time.Hour), 0, "Still failing after 3 h, 4th notice."},
		{"recovered", hourly, of(model.EventRecovered, 134*time.Minute), 0, "It was down 2 h 14 min."},
		{"delayed", hourly, of(model.EventFailed, 0), 14 * time.Minute, "This message is delayed by 14 min."},
		{"held back", asleep, of(model.EventFailed, 0), 138 * time.Minute, "This was held back until quiet hours ended."},
	} {
		_, body := headers(t, renderParcel(&model.Config{}, parcel{tt.route, []model.Event{tt.event}, tt.event.At.Add(tt.late)}))
		if _, below, _ := strings.Cut(body, "\nWatching over it"); below == "" {
			t.Errorf("%s: the mail has no end:\n%s", tt.name, body)
		}
		got := body[strings.Index(body, "running\n")+len("running\n") : strings.Index(body, "Watching")]
		if strings.TrimSpace(got) != tt.want {
			t.Errorf("%s: below is %q, want %q", tt.name, strings.TrimSpace(got), tt.want)
		}
	}
}
