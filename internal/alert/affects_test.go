package alert

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"orderly/internal/model"
	"orderly/internal/notice"
)

// What broke something and the services that need it is one message, and says so wherever it arrives.
func TestWhatIsAffectedIsTold(t *testing.T) {
	ev := failing()
	ev.Failure = &model.Failure{Since: ev.At, Bad: 1, Cycles: 1, Affects: []string{"api", "shop"}}
	const list = "not checked meanwhile: api, shop"

	if got := line(&model.Config{}, model.Route{}, ev); !strings.HasSuffix(got, " ["+list+"]") {
		t.Errorf("chat: %s", got)
	}
	_, body := headers(t, render(&model.Config{}, one(model.Route{Channel: "mail", Address: "a@example.org"}, ev)))
	if !strings.Contains(body, "\n"+list+"\n") && !strings.Contains(body, "\r\n"+list+"\r\n") {
		t.Errorf("mail:\n%s", body)
	}
	got := ask(t, "webhook", ev, func(url string) model.Params { return params("url", url) }, "")
	if !strings.Contains(got.body, `"affects":["api","shop"]`) {
		t.Errorf("webhook: %s", got.body)
	}
	n := notice.Of(model.Route{}, ev)
	if !slices.Equal(n.Affects, []string{"api", "shop"}) || !slices.Contains(environment(n, ev), "ORDERLY_AFFECTS=api, shop") {
		t.Errorf("programs and templates: %q", n.Affects)
	}

	well := recovered()
	well.Failure.Affects = ev.Failure.Affects
	if got := line(&model.Config{}, model.Route{}, well); strings.Contains(got, "api") {
		t.Errorf("when it is over: %s", got)
	}
	if n := notice.Of(model.Route{}, well); n.Affects != nil {
		t.Errorf("when it is over: %q", n.Affects)
	}
}

func TestWhatIsAffectedIsBounded(t *testing.T) {
	ev := failing()
	for i := range 1000 {
		ev.Failure.Affects = append(ev.Failure.Affects, fmt.Sprint("service", i))
	}
	got := affected(ev, affectsLimit)
	if !strings.Contains(got, "service0, service1, ") || !strings.HasSuffix(got, " more") || len(got) > affectsLimit+40 {
		t.Errorf("%d characters: %s", len(got), got)
	}
}
