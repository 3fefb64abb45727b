package alert

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"

	"orderly/internal/model"
)

// shoutURLs has a URL for every service of the library, as its users write them.
var shoutURLs = map[string]string{
	"bark":       "bark://:devicekey123@api.day.app",
	"discord":    "discord://token-abcdef@123456789",
	"generic":    "generic://hooks.example.org/path?template=json",
	"gotify":     "gotify://gotify.example.org/AzyoeNS.D4iJLVa",
	"googlechat": "googlechat://chat.googleapis.com/v1/spaces/FOO/messages?key=bar&token=baz",
	"hangouts":   "hangouts://chat.googleapis.com/v1/spaces/FOO/messages?key=bar&token=baz",
	"ifttt":      "ifttt://webhookid123/?events=alert",
	"join":       "join://shoutrrr:apikey123@join/?devices=one",
	"lark":       "lark://open.larksuite.com/token123?secret=s3cret",
	"logger":     "logger://",
	"matrix":     "matrix://user:password@matrix.example.org:8448/?rooms=!room:example.org",
	"mattermost": "mattermost://bot@chat.example.org/token123/town-square",
	"notifiarr":  "notifiarr://apikey123456",
	"ntfy":       "ntfy://ntfy.sh/topic",
	"opsgenie":   "opsgenie://api.opsgenie.com/apikey-123",
	"pagerduty":  "pagerduty://events.pagerduty.com/eb243592faa24ba2a5511afdf565c889",
	"pushbullet": "pushbullet://o.5NfxtU9h98PIzGJTXqJHNvvNVWIFCXpZ/device",
	"pushover":   "pushover://shoutrrr:token12345@userkey123/",
	"rocketchat": "rocketchat://bot@chat.example.org/tokenA/tokenB/channel",
	"signal":     "signal://localhost:8080/+1234567890/+0987654321",
	"slack":      "slack://hook:T00000000-B00000000-XXXXXXXXXXXXXXXXXXXXXXXX@webhook",
	"smtp":       "smtp://user:password@mail.example.org:587/?from=a@example.org&to=b@example.org",
	"teams":      "teams://11111111-4444-4444-8444-cccccccccccc@22222222-4444-4444-8444-cccccccccccc/33333333012222222222333333333344/44444444-4444-4444-8444-cccccccccccc/V2ESyij_gAljSoUQHvZoZYzlpAoAXExyOl26dlf1xHEx05?host=example.webhook.office.com",
	"telegram":   "telegram://110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw@telegram?chats=@channel",
	"wecom":      "wecom://693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa",
	"zulip":      "zulip://bot%40example.org:botkey123@example.zulipchat.com?stream=ops&topic=alerts",
}

func TestEveryServiceOfShoutrrr(t *testing.T) { // Show 7, A-002
	services := (&router.ServiceRouter{}).ListServices()
	if len(services) < 26 {
		t.Errorf("the library knows only %d services", len(services))
	}
	for _, name := range services {
		url, known := shoutURLs[name]
		if !known {
			t.Errorf("no URL of %s is tried", name)
			continue
		}
		if err := Check(model.Route{Channel: "shoutrrr", Params: params("url", url)}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if name == "logger" {
			continue
		}
		err := Check(model.Route{Channel: "shoutrrr", Params: params("url", strings.Split(url, ":")[0]+"://:%zz-s3cret")})
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: a URL that cannot be read: %v", name, err)
		}
	}
}

// shoutTo sends an event by a URL.
func shoutTo(ctx context.Context, url string, ev model.Event) error {
	r := model.Route{Channel: "shoutrrr", Params: params("url", url)}
	_, err := channels["shoutrrr"].open(Means{Log: discard}).send(ctx, &model.Config{}, one(r, ev))
	return err
}

// Whoever is asked and answers without end, or not at all, neither bloats the daemon nor holds it up.
func TestHostileServices(t *testing.T) {
	hang := make(chan struct{})
	defer close(hang)
	at := strings.TrimPrefix(newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "hang") {
			<-hang
			return
		}
		w.WriteHeader(http.StatusInternalServerError)
		chunk := []byte(strings.Repeat("x", 64<<10))
		for range 4 << 10 { // 256 MiB, unless somebody has had enough
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}), "http://")
	for _, url := range []string{
		"generic://" + at + "/hook?disabletls=yes", "ntfy://" + at + "/topic?scheme=http",
		"gotify://" + at + "/AzyoeNS.D4iJLVa?disabletls=yes", "mattermost://" + at + "/token123?disabletls=yes",
		"rocketchat://" + at + "/tokenA/tokenB/ops?disabletls=yes",
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := shoutTo(t.Context(), url, failing())
		runtime.ReadMemStats(&after)
		if err == nil || len(err.Error()) > 400 {
			t.Errorf("%s: %v", url, err)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 32*exchangeLimit {
			t.Errorf("%s: %d MiB", url, grown>>20)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if err := shoutTo(ctx, "generic://"+at+"/hang?disabletls=yes", failing()); err == nil || time.Since(begin) > exchangeTimeout/2 {
		t.Errorf("%v after %v", err, time.Since(begin))
	}
}

// Errors of the library quote what it was given. What may be secret of that is not passed on.
func TestSecretsOfShoutrrrStaySecret(t *testing.T) {
	for _, url := range shoutURLs {
		text := fmt.Sprintf(`Post "https://api.example.org/bot%s/send?x=%s": no such host, after %s`, url, url, url)
		got := private(url, errors.New(text)).Error()
		for _, secret := range []string{
			"AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", "XXXXXXXXXXXXXXXXXXXXXXXX", "password", "token123", "devicekey123", "apikey", "botkey123", "userkey123",
			"eb243592faa24ba2a5511afdf565c889", "5NfxtU9h98PIzGJTXqJHNvvNVWIFCXpZ", "V2ESyij_gAljSoUQHvZoZYzlpAoAXExyOl26dlf1xHEx05", "s3cret",
		} {
			if strings.Contains(url, secret) && strings.Contains(got, secret) {
				t.Errorf("%s is shown: %s", secret, got)
			}
		}
	}
	const plain = "slack says invalid_token for T00000000 and B00000000"
	got := private(shoutURLs["slack"], errors.New(plain)).Error()
	if got != "cannot tell slack: slack says invalid_token for *** and ***" {
		t.Error(got)
	}
}

// A message that has not returned holds up the next one to the same destination, and nobody else.
func TestOneMessageAtATimePerDestination(t *testing.T) {
	hang := make(chan struct{})
	at := strings.TrimPrefix(newServer(t, func(http.ResponseWriter, *http.Request) { <-hang }), "http://")
	s := channels["shoutrrr"].open(Means{Log: discard})
	r := model.Route{Channel: "shoutrrr", Params: params("url", "generic://"+at+"/hang?disabletls=yes")}
	var said []string
	for range 2 {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		_, err := s.send(ctx, &model.Config{}, one(r, failing()))
		cancel()
		said = append(said, fmt.Sprint(err))
	}
	close(hang)
	if !slices.Equal(said, []string{"generic does not answer: context deadline exceeded", "generic has not answered yet"}) {
		t.Errorf("said %q", said)
	}
}
