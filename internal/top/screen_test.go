package top

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"orderly/internal/client"
	"orderly/internal/model"
	"orderly/internal/story"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// service is one that was last changed some minutes before noon.
func service(name string, state model.ServiceState, minutes int) model.ServiceStatus {
	return model.ServiceStatus{
		Name: name, Kind: model.KindProcess, State: state, Monitored: state != model.StateUnmonitored,
		Since: noon.Add(-time.Duration(minutes) * time.Minute), Checked: noon.Add(-time.Second),
	}
}

// town is a host with something of everything.
func town() model.HostStatus {
	web, db := service("web", model.StateFailing, 12), service("db", model.StateOK, 500)
	web.Problem, web.Groups, web.PID = "failed port 8080: connection refused", []string{"shop"}, 4711
	web.Rules = []model.RuleStatus{
		{Text: "failed port 8080 protocol http", State: model.RuleFailing, Summary: "connection refused"},
		{Text: "cpu > 80%", State: model.RuleOK, Value: "12.3%"},
	}
	db.Groups = []string{"shop"}
	host := service("web1", model.StateOK, 5000)
	host.Kind = model.KindSystem
	host.Values = map[model.Metric]string{model.Load1: "0.42", model.Load5: "0.4", model.Load15: "0.38", model.CPU: "12.3%", model.MemoryPercent: "43.1%"}
	root := service("rootfs", model.StateOK, 5000)
	root.Kind, root.Values = model.KindFilesystem, map[model.Metric]string{model.SpacePercent: "61.2%"}
	return model.HostStatus{Host: "web1", Services: []model.ServiceStatus{host, db, web, root, service("cron", model.StateUnmonitored, 90)}}
}

// happened are events, a minute apart, the last of which is at noon.
func happened(texts ...string) (out []model.Event) {
	for i, text := range texts {
		out = append(out, model.Event{
			Seq: uint64(i + 1), At: noon.Add(-time.Duration(len(texts)-1-i) * time.Minute), Service: "web", Kind: model.EventFailed, Text: text,
		})
	}
	return out
}

// shown is a screen of a size that has got an answer.
func shown(width, height int, host model.HostStatus, events ...model.Event) screen {
	s, _ := newScreen(noon).react(size{width, height})
	s, _ = s.react(seen{host: host, events: events})
	return s
}

// typing presses keys by their names, separated by spaces; what is in quotes is typed letter by letter.
func (s screen) typing(keys string) (screen, []any) {
	var all []any
	for name := range strings.FieldsSeq(keys) {
		if text, found := strings.CutPrefix(name, "'"); found {
			for _, r := range text {
				s, _ = s.react(key{string(r), string(r)})
			}
			continue
		}
		text := ""
		if len(name) == 1 {
			text = name
		}
		var wishes []any
		s, wishes = s.react(key{name, text})
		all = append(all, wishes...)
	}
	return s, all
}

func TestKeys(t *testing.T) {
	for _, tt := range []struct {
		keys   string
		chosen string
		wishes []any
	}{
		{"", "web", nil},
		{"j", "db", nil},
		{"down down k", "db", nil},
		{"up", "web", nil},
		{"end", "cron", nil},
		{"shift+g home", "web", nil},
		{"pgdown", "cron", nil},
		{"r", "web", nil},
		{"r y", "web", []any{order{"web", model.CommandRestart}}},
		{"r n", "web", nil},
		{"r q", "web", nil}, // whatever is no yes is a no
		{"r enter", "web", nil},
		{"j s y", "db", []any{hush{"db", noon.Add(30 * time.Minute)}}},
		{"m y", "web", []any{order{"web", model.CommandUnmonitor}}},
		{"end m y", "cron", []any{order{"cron", model.CommandMonitor}}},
		{"y", "web", nil},
		{"q", "web", []any{leave{}}},
		{"ctrl+c", "web", []any{leave{}}},
		{"r ctrl+c", "web", []any{leave{}}},
		{"ctrl+z", "web", []any{pause{}}},
		{"enter", "web", []any{tell{"web", noon}}},
		{"enter r y", "web", []any{tell{"web", noon}, order{"web", model.CommandRestart}}},
		{"enter j esc j", "db", []any{tell{"web", noon}}},
		{"/ 'shop down j", "db", nil},
		{"/ 'qry enter r y", "", nil},
		{"/ 'cro enter m y", "cron", []any{order{"cron", model.CommandMonitor}}},
		{"/ 'cro esc k", "web1", nil}, // cron, which was chosen, is the last
		{"/ 'crx backspace enter", "cron", nil},
		{"/ ctrl+c", "web", []any{leave{}}},
	} {
		t.Run(tt.keys, func(t *testing.T) {
			s, wishes := shown(80, 24, town()).typing(tt.keys)
			if s.list.chosen != tt.chosen || !reflect.DeepEqual(wishes, tt.wishes) {
				t.Errorf("%q is chosen, and wished is %+v; want %q and %+v", s.list.chosen, wishes, tt.chosen, tt.wishes)
			}
		})
	}
}

// What is asked for each second is asked for once, however long the answer takes.
func TestOneAnswerAtATime(t *testing.T) {
	s := shown(80, 24, town(), happened("refused")...)
	s, first := s.react(noon.Add(time.Second))
	s, second := s.react(noon.Add(2 * time.Second))
	s, _ = s.react(seen{host: town()})
	_, third := s.react(noon.Add(3 * time.Second))
	want := []any{look{noon}}
	if !reflect.DeepEqual(first, want) || second != nil || !reflect.DeepEqual(third, want) {
		t.Errorf("wished are %v, then %v, then %v", first, second, third)
	}
}

// Who looks at a service closely sees what is new of it, at once when something happens and else every five seconds.
func TestCloseUpIsLive(t *testing.T) {
	s, _ := shown(80, 24, town(), happened("refused")...).typing("enter")
	s, _ = s.react(told{service: "web", story: story.Story{Summary: "web is failing"}})
	asks := func(what any) (asks bool) {
		var wishes []any
		s, wishes = s.react(what)
		for _, w := range wishes {
			_, is := w.(tell)
			asks = asks || is
		}
		return asks
	}
	if asks(noon.Add(time.Second)) || asks(seen{host: town(), events: happened("refused")}) {
		t.Error("it asks for a service of which nothing is new")
	}
	if !asks(seen{host: town(), events: happened("refused", "refused again")}) {
		t.Error("it does not ask for a service that fails again")
	}
	if asks(noon.Add(8 * time.Second)) {
		t.Error("it asks a second time before there is an answer")
	}
	s, _ = s.react(told{service: "db", story: story.Story{Summary: "of another one"}})
	s, _ = s.react(told{service: "web", story: story.Story{Summary: "web is ok"}})
	if s.detail.story.Summary != "web is ok" || !asks(noon.Add(9*time.Second)) {
		t.Errorf("it shows %q, and does not ask anew", s.detail.story.Summary)
	}
}

func TestAway(t *testing.T) {
	s := shown(80, 24, town())
	s, _ = s.react(seen{err: errors.New("orderly is not running (no socket at /run/x)")})
	s, wishes := s.react(noon.Add(5 * time.Second))
	text := s.draw()
	if !strings.Contains(text, "nothing new since 12:00:00: orderly is not running") || !strings.Contains(text, "connection refused") || wishes == nil {
		t.Errorf("it wishes %v and shows\n%s", wishes, text)
	}
	s, _ = s.react(seen{host: town()})
	if text := s.draw(); strings.Contains(text, "nothing new") || !strings.Contains(text, "1 service is failing") {
		t.Errorf("back, it shows\n%s", text)
	}
}

func TestNoticesEnd(t *testing.T) {
	s := shown(80, 24, town())
	s, wishes := s.react(done{"asked to restart web", nil})
	if !strings.Contains(s.draw(), "asked to restart web") || !reflect.DeepEqual(wishes, []any{look{noon.Add(-past)}}) {
		t.Errorf("wished is %v, shown\n%s", wishes, s.draw())
	}
	s, _ = s.react(done{"asked", errors.New("there is no service \"web\"")})
	s, _ = s.react(noon.Add(14 * time.Second))
	if !strings.Contains(s.draw(), "there is no service") {
		t.Error("what went wrong is not to be read for long")
	}
	s, _ = s.react(noon.Add(16 * time.Second))
	if strings.Contains(s.draw(), "there is no service") {
		t.Error("a notice does not end")
	}
}

// Where the order changes, the same service stays chosen: a key is never about another one than a moment before.
func TestChosenStays(t *testing.T) {
	s, _ := shown(80, 24, town()).typing("j")
	host := town()
	host.Services[1].State = model.StateUnmonitored
	s, _ = s.react(seen{host: host})
	if s.list.chosen != "db" {
		t.Errorf("%q is chosen", s.list.chosen)
	}
	host.Services = host.Services[:3]
	s, _ = s.react(seen{host: host})
	if s.list.chosen == "" || s.list.index(s.host.Services) < 0 {
		t.Errorf("%q is chosen, which is gone", s.list.chosen)
	}
}

// A thousand services are gone through with what is chosen always on the screen.
func TestThousand(t *testing.T) {
	host := model.HostStatus{Host: "big"}
	for i := range 1000 {
		host.Services = append(host.Services, service(fmt.Sprintf("s%03d", i), model.StateOK, i))
	}
	s := shown(80, 24, host)
	for _, step := range []struct{ key, chosen string }{{"j", ""}, {"pgdown", ""}, {"k", ""}, {"end", "s999"}, {"pgup", ""}, {"ctrl+u", ""}, {"home", "s000"}} {
		for range 20 {
			s, _ = s.typing(step.key)
			if !strings.Contains(s.draw(), "\x1b[7m "+s.list.chosen) {
				t.Fatalf("after %s, %s is not on the screen:\n%s", step.key, s.list.chosen, s.draw())
			}
		}
		if step.chosen != "" && s.list.chosen != step.chosen {
			t.Errorf("after %s, %s is chosen", step.key, s.list.chosen)
		}
	}
	s, _ = s.typing("/ 's99 enter end")
	if s.list.chosen != "s999" || len(s.list.shown) != 10 {
		t.Errorf("%d are found, and %s is the last", len(s.list.shown), s.list.chosen)
	}
}

func TestEventsAreKeptOnce(t *testing.T) {
	s := shown(80, 24, town(), happened("one", "two")...)
	s, _ = s.react(seen{host: town(), events: happened("one", "two", "three")})
	if len(s.events) != 3 || s.events[2].Text != "three" {
		t.Errorf("kept are %+v", s.events)
	}
	var many []model.Event
	for i := range 3 * maxEvents {
		many = append(many, model.Event{Seq: uint64(100 + i), At: noon})
	}
	if s, _ = s.react(seen{host: town(), events: many}); len(s.events) != maxEvents {
		t.Errorf("%d events are kept", len(s.events))
	}
}

func TestSpark(t *testing.T) {
	at := func(minute int, mean float64) client.Point {
		return client.Point{At: noon.Add(time.Duration(minute) * time.Minute), Mean: mean}
	}
	for _, tt := range []struct {
		name   string
		points []client.Point
		want   string
	}{
		{"nothing", nil, "          "},
		{"rises", []client.Point{at(0, 0), at(1, 1), at(2, 2), at(3, 3), at(4, 4), at(5, 5), at(6, 6), at(7, 7)}, "▁▂▃▄▅▆▇█  "},
		{"a gap", []client.Point{at(0, 1), at(9, 3)}, "▁        █"},
		{"calm", []client.Point{at(4, 100), at(5, 100.5), at(6, 100)}, "    ▁▁▁   "},
		{"too old, and to come", []client.Point{at(-1, 7), at(0, 1), at(1, 2), at(10, 7)}, "▁█        "},
	} {
		if got := spark(tt.points, noon, noon.Add(10*time.Minute), 10); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
