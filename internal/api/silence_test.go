package api

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"orderly/internal/client"
	"orderly/internal/model"
)

func TestSilences(t *testing.T) {
	b := &fakeBackend{status: twoServices()}
	c := client.New(serve(t, b))
	begun, err := c.Silence(t.Context(), model.Silence{Names: []string{"WEB"}, From: epoch, Until: epoch.Add(time.Hour), Reason: "deploy"})
	if err != nil || begun.ID != "1" || begun.Names[0] != "web" {
		t.Fatalf("began %+v: %v", begun, err)
	}
	if got := b.silences[0].From; !got.Equal(epoch) { // the engine makes the present of what is past
		t.Errorf("it begins at %v", got)
	}
	if _, err := c.Silence(t.Context(), model.Silence{Names: []string{"wbe"}, Until: epoch}); err == nil || !strings.Contains(err.Error(), `"web"`) {
		t.Errorf("of an unknown service: %v", err)
	}
	if _, err := c.Silence(t.Context(), model.Silence{Group: "frnot", Until: epoch}); err == nil {
		t.Error("an unknown group was silenced")
	}
	list, err := c.Silences(t.Context())
	if err != nil || len(list) != 1 || list[0].Reason != "deploy" {
		t.Errorf("list %+v: %v", list, err)
	}
	if err := c.EndSilence(t.Context(), "1"); err != nil {
		t.Error(err)
	}
	if err := c.EndSilence(t.Context(), "../do"); err == nil || !strings.Contains(err.Error(), "cannot end silence") {
		t.Errorf("an ID like a path: %v", err)
	}
}

func TestAcknowledge(t *testing.T) {
	c := client.New(serve(t, &fakeBackend{status: twoServices()}))
	out, err := c.Acknowledge(t.Context(), model.Command{Kind: model.CommandAcknowledge, Names: []string{"WEB"}}, "ann & bob")
	if err != nil || len(out) != 1 || out[0].Service != "web" || out[0].Done != "acknowledged by ann & bob" {
		t.Errorf("%+v, %v", out, err)
	}
	until := time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)
	out, err = c.Acknowledge(t.Context(), model.Command{Kind: model.CommandAcknowledge, Names: []string{"web"}, Until: until}, "ann")
	if err != nil || len(out) != 1 || out[0].Done != "acknowledged by ann until "+until.String() {
		t.Errorf("with a time: %+v, %v", out, err)
	}
	if _, err := c.Acknowledge(t.Context(), model.Command{Kind: model.CommandStop, Names: []string{"web"}, Until: until}, "ann"); err == nil {
		t.Error("a stop that lasts until a time was accepted")
	}
	if _, err := c.Acknowledge(t.Context(), model.Command{Kind: model.CommandAcknowledge, All: true}, strings.Repeat("x", maxName+1)); err == nil {
		t.Error("a name without end was accepted")
	}
}

func TestBeat(t *testing.T) {
	b := &fakeBackend{status: twoServices()}
	c := client.New(serve(t, b))
	for _, sig := range []model.Signal{
		{},
		{Kind: model.SignalEnd, Status: 3, Run: "r1", Body: "no\x00space"},
		{Kind: model.SignalStart, Body: strings.Repeat("x", 2*model.MaxBody)},
	} {
		if err := c.Beat(t.Context(), "backup", sig); err != nil {
			t.Error(err)
		}
	}
	want := []string{`backup end 0  ""`, "backup end 3 r1 \"no\uFFFDspace\"", `backup start 0  "` + strings.Repeat("x", model.MaxBody) + `"`}
	if !slices.Equal(b.beats, want) {
		t.Errorf("heard %.200q", b.beats)
	}
	for _, sig := range []model.Signal{{Kind: "stop"}, {Status: 256}, {Status: -1}} {
		if err := c.Beat(t.Context(), "backup", sig); err == nil {
			t.Errorf("%v was heard", sig)
		}
	}
	if err := c.Beat(t.Context(), "nobody", model.Signal{}); err == nil || err.Error() != "no heartbeat is named so" {
		t.Errorf("of nobody: %v", err)
	}
}

func TestSilenceRefusesWhatItCannotRead(t *testing.T) {
	socket := serve(t, &fakeBackend{status: twoServices()})
	for _, body := range []string{"", "[]", `{"all":true,"force":1}`, strings.Repeat(" ", maxBody+1), `{"all":1}`} {
		for _, path := range []string{client.PathSilences, client.PathBeat} {
			resp := post(t, socket, path, body)
			if resp.StatusCode != http.StatusBadRequest && resp.StatusCode != http.StatusRequestEntityTooLarge {
				t.Errorf("%s %.30q: %s", path, body, resp.Status)
			}
		}
	}
}

func post(t *testing.T, socket, path, body string) *http.Response {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://localhost"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := over(socket).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp
}

// over returns a client that speaks to a socket.
func over(socket string) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
	}}
}
