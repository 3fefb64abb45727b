package probe

import (
	"encoding/base64"
	"strings"
	"testing"

	"orderly/internal/model"
)

// A server that repeats what it was told does not make a secret public.
func TestServersCannotTellSecrets(t *testing.T) {
	const user, password = "me", `s3s"me`
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	p := &model.Probe{Kind: model.ProbePort, Protocol: "http", Params: model.Params{
		{Name: "username", Value: user},
		{Name: "password", Value: password},
		{Name: "secret", Value: "hush"},
		{Name: "header", Value: "Authorization: Bearer opensesame"},
		{Name: "header", Value: "X-Plain: visible"},
	}}
	for _, told := range []string{
		password, `s3s\"me`, encode(password), encode(user + ":" + password), encode("\x00" + user + "\x00" + password), "hush",
		"Bearer opensesame", "opensesame",
	} {
		said := "it says: 535 " + told + " is wrong, visible"
		got := withoutSecrets(p, model.Result{Summary: said, Evidence: said})
		want := "it says: 535 ******** is wrong, visible"
		if got.Summary != want || got.Evidence != want {
			t.Errorf("%q is told as %q, %q", said, got.Summary, got.Evidence)
		}
	}
	short := &model.Probe{Params: model.Params{{Name: "password", Value: "no"}}}
	if got := withoutSecrets(short, model.Result{Summary: "no answer"}); got.Summary != "no answer" {
		t.Errorf("a short password spoils the message: %q", got.Summary)
	}
}

func TestRunTellsNoSecrets(t *testing.T) {
	s := serve(t, script(t, "< 220 hi", "> EHLO localhost", "< 250-x", "< 250 AUTH PLAIN", "> AUTH PLAIN AG1lAHNlc2FtZQ==", "< 535 AG1lAHNlc2FtZQ== for sesame"))
	s.Protocol, s.Params = "smtp", model.Params{param("username", "me"), param("password", "sesame")}
	r := Run(t.Context(), s)
	if r.OK || !strings.Contains(r.Summary, "535 ******** for ********") || strings.Contains(r.Summary+r.Evidence, "sesame") {
		t.Errorf("got %+v", r)
	}
}
