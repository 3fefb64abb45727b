package alert

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A switchboard is where every request of the library goes that does not go to this host, and what the services answer.
type switchboard struct{ got []string }

// answers are those of services that look at them, by a part of the URL.
var answers = map[string]string{
	"GET https://matrix.example.org:8448/_matrix/client/r0/login":  `{"flows":[{"type":"m.login.password"}]}`,
	"POST https://matrix.example.org:8448/_matrix/client/r0/login": `{"access_token":"t0"}`,
	"POST https://matrix.example.org:8448/_matrix/client/r0/join":  `{"room_id":"!room:example.org"}`,
	"POST https://hooks.slack.com":                                 "ok",
	"POST https://api.telegram.org":                                `{"ok":true,"result":{}}`,
	"POST https://api.day.app":                                     `{"code":200}`,
	"POST https://api.pushbullet.com":                              `{"type":"note","body":"box[web]: connection refused (restart follows)\nSYN","title":"Shoutrrr notification","active":true}`,
	"POST https://example.webhook.office.com":                      "1",
}

func (s *switchboard) RoundTrip(r *http.Request) (*http.Response, error) {
	res := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: r}
	text := "{}"
	for begin, each := range answers {
		if strings.HasPrefix(r.Method+" "+r.URL.String(), begin) {
			text = each
		}
	}
	switch {
	case strings.Contains(r.URL.Host, "discord"):
		res.StatusCode = http.StatusNoContent
	case strings.Contains(r.URL.Host, "opsgenie"), strings.Contains(r.URL.Host, "pagerduty"):
		res.StatusCode = http.StatusAccepted
	}
	res.Body = io.NopCloser(strings.NewReader(text))
	s.got = append(s.got, wire(r))
	return res, nil
}

// changing finds what is different each time.
var changing = regexp.MustCompile(`("timestamp":|"sign":)"[^"]*"`)

// wire is a request as it leaves, in lines: what is asked for, who asks, what is said.
func wire(r *http.Request) string {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	var short bytes.Buffer
	if json.Compact(&short, body) == nil {
		body = short.Bytes()
	}
	text := r.Method + " " + r.URL.String()
	for _, name := range []string{"Content-Type", "Authorization", "Title", "X-Gotify-Key"} {
		if value := r.Header.Get(name); value != "" {
			text += "\n" + name + ": " + value
		}
	}
	return strings.TrimSpace(text + "\n" + changing.ReplaceAllString(string(body), `$1"*"`))
}

// shoutRequests is what leaves for the URLs of shoutURLs.
var shoutRequests = map[string]string{
	"bark": `POST https://api.day.app/push
Content-Type: application/json
{"body":"box[web]: connection refused (restart follows)\nSYN","device_key":"devicekey123","title":"","badge":0}`,
	"discord": `POST https://discord.com/api/webhooks/123456789/token-abcdef
Content-Type: application/json
{"embeds":[{"description":"box[web]: connection refused (restart follows)","color":5298687},{"description":"SYN","color":5298687}]}`,
	"generic": `POST https://hooks.example.org/path
Content-Type: application/json
{"message":"box[web]: connection refused (restart follows)\nSYN"}`,
	"googlechat": `POST https://chat.googleapis.com/v1/spaces/FOO/messages?key=bar&token=baz
Content-Type: application/json
{"text":"box[web]: connection refused (restart follows)\nSYN"}`,
	"hangouts": `POST https://chat.googleapis.com/v1/spaces/FOO/messages?key=bar&token=baz
Content-Type: application/json
{"text":"box[web]: connection refused (restart follows)\nSYN"}`,
	"ifttt": `POST https://maker.ifttt.com/trigger/alert/with/key/webhookid123
Content-Type: application/json
{"value1":"","value2":"box[web]: connection refused (restart follows)\nSYN","value3":""}`,
	"join": `POST https://joinjoaomgcd.appspot.com/_ah/api/messaging/v1/sendPush?apikey=apikey123&deviceIds=one&text=box%5Bweb%5D%3A+connection+refused+%28restart+follows%29%0ASYN
Content-Type: text/plain`,
	"lark": `POST https://open.larksuite.com/open-apis/bot/v2/hook/token123
Content-Type: application/json
{"msg_type":"text","content":{"text":"box[web]: connection refused (restart follows)\nSYN"},"timestamp":"*","sign":"*"}`,
	"matrix": `GET https://matrix.example.org:8448/_matrix/client/r0/login

POST https://matrix.example.org:8448/_matrix/client/r0/login
Content-Type: application/json
{"type":"m.login.password","identifier":{"type":"m.id.user","user":"user"},"password":"password"}

POST https://matrix.example.org:8448/_matrix/client/r0/join/%21room:example.org?access_token=t0
Content-Type: application/json
null

POST https://matrix.example.org:8448/_matrix/client/r0/rooms/%21room:example.org/send/m.room.message?access_token=t0
Content-Type: application/json
{"msgtype":"m.text","body":"box[web]: connection refused (restart follows)\nSYN"}`,
	"notifiarr": `POST https://notifiarr.com/api/v1/notification/passthrough/apikey123456
Content-Type: application/json
{"notification":{"name":"Shoutrrr"},"discord":{"text":{"description":"box[web]: connection refused (restart follows)\nSYN"}}}`,
	"opsgenie": `POST https://api.opsgenie.com:443/v2/alerts
Content-Type: application/json
Authorization: GenieKey apikey-123
{"message":"box[web]: connection refused (restart follows)\nSYN"}`,
	"pagerduty": `POST https://events.pagerduty.com:443/v2/enqueue
Content-Type: application/json
{"payload":{"summary":"box[web]: connection refused (restart follows)\nSYN","severity":"error","source":"default"},"routing_key":"eb243592faa24ba2a5511afdf565c889","event_action":"trigger"}`,
	"pushbullet": `POST https://api.pushbullet.com/v2/pushes
Content-Type: application/json
{"type":"note","title":"Shoutrrr notification","body":"box[web]: connection refused (restart follows)\nSYN","email":"","channel_tag":"","device_iden":"device"}`,
	"pushover": `POST https://api.pushover.net/1/messages.json
Content-Type: application/x-www-form-urlencoded
device=&message=box%5Bweb%5D%3A+connection+refused+%28restart+follows%29%0ASYN&priority=0&token=token12345&user=userkey123`,
	"rocketchat": `POST https://chat.example.org/hooks/tokenA/tokenB
Content-Type: application/json
{"text":"box[web]: connection refused (restart follows)\nSYN","username":"bot","channel":"#channel"}`,
	"signal": `POST https://localhost:8080/v2/send
Content-Type: application/json
{"message":"box[web]: connection refused (restart follows)\nSYN","number":"+1234567890","recipients":["+0987654321"]}`,
	"slack": `POST https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX
Content-Type: application/json
{"text":"","attachments":[{"text":"box[web]: connection refused (restart follows)"},{"text":"SYN"}]}`,
	"teams": `POST https://example.webhook.office.com/webhookb2/11111111-4444-4444-8444-cccccccccccc@22222222-4444-4444-8444-cccccccccccc/IncomingWebhook/33333333012222222222333333333344/44444444-4444-4444-8444-cccccccccccc/V2ESyij_gAljSoUQHvZoZYzlpAoAXExyOl26dlf1xHEx05
Content-Type: application/json
{"@type":"MessageCard","@context":"http://schema.org/extensions","summary":"box[web]: connection ","markdown":true,"sections":[{"text":"box[web]: connection refused (restart follows)"},{"text":"SYN"}]}`,
	"telegram": `POST https://api.telegram.org/bot110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/sendMessage
Content-Type: application/json
{"text":"box[web]: connection refused (restart follows)\nSYN","chat_id":"@channel","disable_web_page_preview":false,"disable_notification":false,"reply_to_message_id":0}`,
	"wecom": `POST https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa
Content-Type: application/json
{"msgtype":"text","text":{"content":"box[web]: connection refused (restart follows)\nSYN"}}`,
	"zulip": `POST https://bot%40example.org:botkey123@example.zulipchat.com/api/v1/messages
Content-Type: application/x-www-form-urlencoded
Authorization: Basic Ym90QGV4YW1wbGUub3JnOmJvdGtleTEyMw==
content=box%5Bweb%5D%3A+connection+refused+%28restart+follows%29%0ASYN&to=ops&topic=alerts&type=stream`,
}

// Pins A-001, A-002 (show 7): each service is asked as its interface wants it.
func TestEveryServiceIsAskedExactly(t *testing.T) {
	usual := http.DefaultTransport
	defer func() { http.DefaultTransport = usual }()
	for _, name := range slices.Sorted(maps.Keys(shoutURLs)) {
		if slices.Contains([]string{"logger", "smtp", "ntfy", "gotify", "mattermost"}, name) {
			continue // this asks nobody; the others are asked on this host, below
		}
		s := &switchboard{}
		http.DefaultTransport = s
		if err := shoutTo(t.Context(), shoutURLs[name], failing()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := strings.Join(s.got, "\n\n"); got != shoutRequests[name] {
			t.Errorf("%s is asked\n%s\nwant\n%s", name, got, shoutRequests[name])
		}
	}
}

// Services that have a connection of their own, on this host.
func TestServicesOnThisHostAreAskedExactly(t *testing.T) {
	got := make(chan string, 4)
	at := strings.TrimPrefix(newServer(t, func(w http.ResponseWriter, r *http.Request) {
		got <- wire(r)
		_, _ = io.WriteString(w, "{}")
	}), "http://")
	for _, tt := range []struct{ url, want string }{
		{"generic://" + at + "/hook?disabletls=yes&template=json", `POST /hook
Content-Type: application/json
{"message":"box[web]: connection refused (restart follows)\nSYN"}`},
		{"ntfy://" + at + "/topic?scheme=http", `POST /topic
Content-Type: text/plain; charset=utf-8
box[web]: connection refused (restart follows)
SYN`},
		{"gotify://" + at + "/AzyoeNS.D4iJLVa?disabletls=yes", `POST /message?token=AzyoeNS.D4iJLVa
Content-Type: application/json
{"message":"box[web]: connection refused (restart follows)\nSYN","title":"Shoutrrr notification","priority":0,"extras":null}`},
		{"mattermost://bot@" + at + "/token123/town-square?disabletls=yes", `POST /hooks/token123
Content-Type: application/json
{"text":"box[web]: connection refused (restart follows)\nSYN","username":"bot","channel":"town-square"}`},
		{"signal://" + at + "/+1234567890/+0987654321?disabletls=yes", `POST /v2/send
Content-Type: application/json
{"message":"box[web]: connection refused (restart follows)\nSYN","number":"+1234567890","recipients":["+0987654321"]}`},
	} {
		if err := shoutTo(t.Context(), tt.url, failing()); err != nil {
			t.Errorf("%s: %v", tt.url, err)
			continue
		}
		if r := <-got; r != tt.want {
			t.Errorf("%s is asked\n%s\nwant\n%s", tt.url, r, tt.want)
		}
	}
}

// Mail by the library is mail.
func TestMailOfShoutrrr(t *testing.T) {
	s := &mailServer{expected: 1, full: make(chan struct{})}
	at := s.start(t)
	url := fmt.Sprintf("smtp://127.0.0.1:%d/?from=a@example.org&to=b@example.org&auth=None&encryption=None&usestarttls=no", at.Port)
	if err := shoutTo(t.Context(), url, failing()); err != nil {
		t.Fatal(err)
	}
	<-s.full
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.mails[0]; m.from != "a@example.org" || m.to != "b@example.org" || !strings.Contains(m.data, "box[web]: connection refused (restart follows)\r\nSYN") {
		t.Errorf("got %+v", m)
	}
}
