package alert

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"orderly/internal/model"
)

const loadNow = "load 4.50 2.00 1.00 on 2 processors\njava[8] 2 GB"

func diagnosed() model.Event {
	ev := failing()
	ev.Diagnosis = loadNow
	return ev
}

// Pins A-006: how the host was goes to those who may know it, and to nobody else.
func TestDiagnosisGoesToPrivateChannelsOnly(t *testing.T) {
	c := to("a@x")
	hook := model.Params{{Name: "url", Value: "https://hook.example/x"}}
	all := slogText(t, model.Route{Channel: "log"})
	mail := string(render(c, one(c.Routes[0], diagnosed())).data)
	worded := c.Routes[0]
	worded.Format.Message = "$SERVICE is broken"
	for _, tt := range []struct {
		name string
		text string
		want bool
	}{
		{"mail", strings.ReplaceAll(mail, "\r\n", "\n"), true},
		{"mail in the words of the user", strings.ReplaceAll(string(render(c, one(worded, diagnosed())).data), "\r\n", "\n"), false},
		{"mail about several", strings.ReplaceAll(string(renderParcel(c, parcel{route: c.Routes[0], events: []model.Event{recovered(), diagnosed()}}).data), "\r\n", "\n"), true},
		{"log", all, true},
		{"slack", body(t, slackRequest, c, model.Route{Channel: "slack", Params: hook}), false},
		{"private slack", body(t, slackRequest, c, model.Route{Channel: "slack", Params: hook, Private: true}), true},
		{"webhook", body(t, webhookRequest, c, model.Route{Channel: "webhook", Params: hook}), false},
		{"private webhook", body(t, webhookRequest, c, model.Route{Channel: "webhook", Params: hook, Private: true}), true},
		{"template of a webhook", body(t, webhookRequest, c, model.Route{Channel: "webhook", Params: hook, Text: "{{.Service}} {{.Diagnosis}}"}), false},
		{"template of a private one", body(t, webhookRequest, c, model.Route{Channel: "webhook", Params: hook, Text: "{{.Diagnosis}}", Private: true}), true},
		{"shoutrrr", shoutText(c, one(model.Route{Channel: "shoutrrr", Params: model.Params{{Name: "url", Value: "discord://t@1"}}}, diagnosed())), false},
		{"private shoutrrr", shoutText(c, one(model.Route{Channel: "shoutrrr", Private: true, Params: model.Params{{Name: "url", Value: "discord://t@1"}}}, diagnosed())), true},
	} {
		for _, line := range strings.Split(loadNow, "\n") {
			if got := strings.Contains(tt.text, line); got != tt.want {
				t.Errorf("%s: %q in it is %v, want %v:\n%s", tt.name, line, got, tt.want, tt.text)
			}
		}
	}
	if strings.Index(mail, "java[8]") > strings.Index(mail, "Watching over it") {
		t.Error("the mail has it below its end")
	}
}

func slogText(t *testing.T, r model.Route) string {
	t.Helper()
	var out bytes.Buffer
	l := logger{slog.New(slog.NewJSONHandler(&out, nil))}
	if _, err := l.send(t.Context(), &model.Config{}, one(r, diagnosed())); err != nil {
		t.Fatal(err)
	}
	var line struct{ Diagnosis string }
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	return line.Diagnosis
}

// body is what a request would carry, decoded as far as that makes it readable.
func body(t *testing.T, compose func(*model.Config, parcel) (request, error), c *model.Config, r model.Route) string {
	t.Helper()
	req, err := compose(c, one(r, diagnosed()))
	if err != nil {
		t.Fatal(err)
	}
	text := string(req.body)
	if plain, err := url.QueryUnescape(text); err == nil {
		text = plain
	}
	return strings.ReplaceAll(text, `\n`, "\n")
}
