package alert

import (
	"fmt"
	"strings"
	"testing"

	"orderly/internal/model"
)

func topics(names ...model.Topic) model.Topics {
	var set model.Topics
	for _, t := range names {
		set |= t.Bit()
	}
	return set
}

func TestRecipients(t *testing.T) {
	all := model.AllTopics
	mail := func(to string, set model.Topics, reminder int) model.Route {
		return model.Route{Channel: "mail", Address: to, Topics: set, Reminder: model.Reminder{Cycles: reminder}}
	}
	slack := func(to, url string) model.Route {
		return model.Route{Channel: "slack", Address: to, Topics: all, Params: model.Params{{Name: "url", Value: url}, {Name: "username", Value: to}}}
	}
	mute := func(to string) model.Route { return model.Route{Channel: "mail", Address: to, Mute: true} }
	failed := model.Event{Service: "web", Kind: model.EventFailed, Topic: model.TopicConnection, Count: 1}
	with := func(change func(*model.Event)) model.Event { ev := failed; change(&ev); return ev }
	of := func(k model.EventKind) model.Event { return with(func(ev *model.Event) { ev.Kind = k }) }
	still := func(n int) model.Event {
		return with(func(ev *model.Event) { ev.Kind, ev.Count = model.EventStillFailing, n })
	}
	tests := []struct {
		name   string
		global []model.Route
		own    []model.Route
		event  model.Event
		want   string
	}{
		{"global", []model.Route{mail("a@x", all, 0), mail("b@x", all, 0)}, nil, failed, "a@x/0 b@x/0"},
		{"twice in one scope", []model.Route{mail("a@x", all, 0), mail("a@x", all, 0)}, nil, failed, "a@x/0 a@x/0"},
		{"own besides global", []model.Route{mail("a@x", all, 0)}, []model.Route{mail("b@x", all, 0)}, failed, "b@x/0 a@x/0"},
		{"own replaces global", []model.Route{mail("a@x", all, 0)}, []model.Route{mail("A@X", all, 5)}, failed, "A@X/5"},
		{"own filter replaces too", []model.Route{mail("a@x", all, 0)}, []model.Route{mail("a@x", topics(model.TopicSize), 0)}, failed, ""},
		{"another channel is another recipient", []model.Route{{Channel: "ntfy", Address: "a@x", Topics: all}}, []model.Route{mail("a@x", all, 0)}, failed, "a@x/0 a@x/0"},
		{"two hooks of one label", []model.Route{slack("x", "1")}, []model.Route{slack("x", "2")}, failed, "x/0 x/0"},
		{"one hook twice", []model.Route{slack("x", "1")}, []model.Route{slack("X", "1")}, failed, "X/0"},
		{"mute a hook", []model.Route{slack("x", "1"), slack("y", "1")}, []model.Route{{Channel: "slack", Address: "x", Mute: true}}, failed, "y/0"},
		{"mute", []model.Route{mail("a@x", all, 0), mail("b@x", all, 0)}, []model.Route{mute("a@x")}, failed, "b@x/0"},
		{"mute beats own", nil, []model.Route{mail("a@x", all, 0), mute("a@x")}, failed, ""},
		{"mute holds for its service", []model.Route{mail("a@x", all, 0)}, []model.Route{mute("a@x")}, with(func(ev *model.Event) { ev.Service = "db" }), "a@x/0"},
		{"topic wanted", []model.Route{mail("a@x", topics(model.TopicConnection, model.TopicSize), 0)}, nil, failed, "a@x/0"},
		{"topic not wanted", []model.Route{mail("a@x", all&^model.TopicConnection.Bit(), 0)}, nil, failed, ""},
		{"no topic", []model.Route{mail("a@x", topics(model.TopicSize), 0)}, nil, with(func(ev *model.Event) { ev.Topic = "" }), "a@x/0"},
		{"silent", []model.Route{mail("a@x", all, 0)}, nil, with(func(ev *model.Event) { ev.Silent = true }), ""},
		{"silenced", []model.Route{mail("a@x", all, 0)}, nil, with(func(ev *model.Event) { ev.Silenced = "silenced until 12:00:00: deploy" }), ""},
		{"service in another case", []model.Route{mail("a@x", all, 0)}, []model.Route{mute("a@x")}, with(func(ev *model.Event) { ev.Service = "WEB" }), ""},
		{"of orderly itself", []model.Route{mail("a@x", all, 0)}, []model.Route{mute("a@x")}, model.Event{Kind: model.EventStarted, Topic: model.TopicInstance}, "a@x/0"},
		{"instance not wanted", []model.Route{mail("a@x", all&^model.TopicInstance.Bit(), 0)}, nil, model.Event{Kind: model.EventReloaded, Topic: model.TopicInstance}, ""},
		{"no reminder", []model.Route{mail("a@x", all, 0)}, nil, still(3), ""},
		{"reminder", []model.Route{mail("a@x", all, 3)}, nil, still(3), "a@x/3"},
		{"reminder, not yet", []model.Route{mail("a@x", all, 3)}, nil, still(4), ""},
		{"reminder of one of two", []model.Route{mail("a@x", all, 3), mail("b@x", all, 2)}, nil, still(4), "b@x/2"},
		{"reminder, at the change", []model.Route{mail("a@x", all, 3)}, nil, failed, "a@x/3"},
		{"recovered", []model.Route{mail("a@x", all, 0)}, nil, of(model.EventRecovered), "a@x/0"},
		{"changed", []model.Route{mail("a@x", all, 0)}, nil, of(model.EventChanged), "a@x/0"},
		{"action", []model.Route{mail("a@x", all, 0)}, nil, of(model.EventAction), "a@x/0"},
		{"action failed", []model.Route{mail("a@x", all, 0)}, nil, of(model.EventActionFailed), "a@x/0"},
		{"internal", []model.Route{mail("a@x", all, 0)}, nil, of(model.EventInternal), "a@x/0"},
		{"monitored on request", []model.Route{mail("a@x", all, 0)}, nil, of(model.EventMonitored), "a@x/0"},
		{"unmonitored on request", []model.Route{mail("a@x", all, 0)}, nil, of(model.EventUnmonitored), "a@x/0"},
		{"a silence begins", []model.Route{mail("a@x", all, 0)}, nil, of(model.EventSilenced), ""},
		{"a silence ends", []model.Route{mail("a@x", all, 0)}, nil, of(model.EventUnsilenced), ""},
		{"bookkeeping", []model.Route{mail("a@x", all, 0)}, nil, of(model.EventAdded), ""},
		{"nobody", nil, nil, failed, ""},
		{"mute everybody", []model.Route{mail("a@x", all, 0)}, []model.Route{mute("")}, failed, ""},
		{"mute everybody but own", []model.Route{mail("a@x", all, 0)}, []model.Route{mail("b@x", all, 0), mute("")}, failed, "b@x/0"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := &model.Config{Services: []*model.Service{{Name: "web", Routes: test.own}, {Name: "db"}}, Routes: test.global}
			var got []string
			for _, r := range recipients(c, test.event) {
				got = append(got, fmt.Sprintf("%s/%d", r.Address, r.Reminder.Cycles))
			}
			if g := strings.Join(got, " "); g != test.want {
				t.Errorf("got %q, want %q", g, test.want)
			}
		})
	}
}

// Pins I-07: who a rule names hears of it, in place of those of its service and of everybody's.
func TestRecipientsOfARule(t *testing.T) {
	to := func(address string) []model.Route {
		return []model.Route{{Channel: "mail", Address: address, Topics: model.AllTopics}}
	}
	c := &model.Config{
		Routes: to("all@x"),
		Services: []*model.Service{{
			Name: "db", Routes: to("owner@x"),
			Rules: []model.Rule{{Text: "cpu", Routes: to("team@x")}, {Text: "quiet", Routes: []model.Route{{Mute: true}}}, {Text: "memory"}},
		}},
	}
	for rule, want := range map[string]string{"cpu": "team@x", "quiet": "", "memory": "owner@x all@x", "": "owner@x all@x", "gone": "owner@x all@x"} {
		var got []string
		for _, r := range recipients(c, model.Event{Service: "db", Rule: rule, Kind: model.EventFailed, Topic: model.TopicResource}) {
			got = append(got, r.Address)
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("rule %q: got %q, want %q", rule, g, want)
		}
	}
}
