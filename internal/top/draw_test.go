package top

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"orderly/internal/client"
	"orderly/internal/model"
	"orderly/internal/story"
)

// opened is a look at one service of which everything is known.
func opened(width, height int) screen {
	events := happened("process is not running", "failed port 8080: connection refused")
	events[0].Action = "restart"
	s, _ := shown(width, height, town(), events...).typing("enter")
	at := events[1].At
	s, _ = s.react(told{
		service: "web", events: events,
		story: story.Story{
			Summary: "web is failing, for 12 min: failed port 8080: connection refused", Remarks: []string{"looked after: ann"},
			Steps: []story.Step{
				{At: at, Kind: model.EventFailed, Word: "failed", Text: "failed port 8080: connection refused", Rule: "failed port 8080 protocol http", Untold: "silenced"},
				{At: at, Kind: model.EventActionFailed, Word: "restart failed", Text: "exit status 1", Evidence: "bind: address in use"},
			},
			Evidence: "connect: connection refused", Diagnosis: "load 0.42\nmemory 43%",
			Incident: &story.Incident{ID: 7, Title: "web: major outage", Phase: "identified", Opened: at},
		},
		graphs: []client.Graph{
			{Service: "web", Metric: model.MemTotal, Unit: model.Bytes, Points: []client.Point{{At: noon.Add(-time.Minute), Mean: 1 << 20, High: 1 << 21}}},
			{Service: "web", Metric: model.Exist, Unit: model.Boolean, Points: []client.Point{{At: noon, Mean: 1, High: 1}}},
		},
	})
	return s
}

// looks is a screen as it is seen, without what is not.
func looks(s screen) string {
	lines := strings.Split(ansi.Strip(s.draw()), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

func TestOverviewLooks(t *testing.T) {
	host := town()
	host.Ailing = []model.Ailment{{Channel: "mail", Address: "ops@example.org", Since: noon.Add(-time.Hour), Waiting: 3, Error: "refused"}}
	const want = ` orderly · web1                                                        12:00:00
 1 service is failing · 5 in all · 1 not monitored
 load 0.42 0.4 0.38   cpu 12.3%   memory 43.1%   rootfs 61.2%
 cannot tell mail ops@example.org since 11:00:00, 3 waiting: refused

 SERVICE     STATE           SINCE  WHAT IS WRONG
 web         failing        12 min  failed port 8080: connection refused
 db          ok                8 h
 rootfs      ok                3 d
 web1        ok                3 d
 cron        not monitored     1 h



 12:00:00  web         failed          process is not running

 ↑↓ choose  enter open  / search  r restart  s silence  m unmonitor  q quit`
	if got := looks(shown(80, 17, host, happened("process is not running")...)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestCloseUpLooks(t *testing.T) {
	const want = ` web  failing for 12 min                                               12:00:00
 process · shop · pid 4711 · checked 1 s ago

 web is failing, for 12 min: failed port 8080: connection refused
   looked after: ann

 Rules
   failing        failed port 8080 protocol http  connection refused
   ok             cpu > 80%                       12.3%

 Measured in 1 h
   memory.total                                  ▁      1.0 MB  up to 2.0 MB

 Why
   12:00:00  failed          failed port 8080: connection refused
                             rule: failed port 8080 protocol http
                             nobody was told: silenced
   12:00:00  restart failed  exit status 1
                             bind: address in use

 On the status page
   incident 7, "web: major outage", identified, opened at 12:00:00

 What was seen then
   connect: connection refused

 How the host was then
   load 0.42
   memory 43%

 What happened in a day, the latest first
   12:00:00  failed          failed port 8080: connection refused
   11:59:00  failed          process is not running -> restart

 esc back  ↑↓ more  r restart  s silence  m unmonitor  q quit`
	if got := looks(opened(80, 35)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// The end can be reached, and there is nothing behind it.
func TestCloseUpEnds(t *testing.T) {
	s, _ := opened(80, 20).typing("end")
	if text := looks(s); !strings.Contains(text, "11:59:00") || strings.Contains(text, "more lines") {
		t.Errorf("at the end it shows\n%s", text)
	}
	at := s.detail.offset
	if s, _ = s.typing("pgdown j"); s.detail.offset != at {
		t.Errorf("one can go on from line %d to line %d", at, s.detail.offset)
	}
	if s, _ = s.typing("home"); !strings.Contains(looks(s), "more lines") {
		t.Errorf("at the beginning it shows\n%s", looks(s))
	}
}

// sgr are the sequences that change how text looks.
var sgr = regexp.MustCompile("\x1b\\[[0-9;]*m")

// hostile is text that would take over a terminal, in every place where there is text of somebody else.
const hostile = "\x1b[2J\x1b]0;owned\x07\r\x9b31m\u202etxet\x00 日本語 \t\xff e\u0301 very long, and longer than any line may be, and longer\nline"

// At every size there are as many lines as the terminal has, none is wider, and nothing but text and its looks gets there.
func TestEverythingFits(t *testing.T) {
	bad := service(hostile, model.StateFailing, 1)
	bad.Problem, bad.GaveUp, bad.Groups, bad.Values = hostile, hostile, []string{hostile}, map[model.Metric]string{model.MemTotal: hostile}
	bad.Rules = []model.RuleStatus{{Text: hostile, State: model.RuleFailing, Summary: hostile, Value: hostile}}
	foreign := town()
	foreign.Host = hostile
	foreign.Services = append(foreign.Services, bad)
	foreign.Ailing = []model.Ailment{{Channel: hostile, Error: hostile}}
	events := []model.Event{{Seq: 1, At: noon, Service: hostile, Kind: model.EventKind(hostile), Action: hostile, Text: hostile, Silenced: hostile}}
	tale := told{
		service: hostile, events: events,
		story: story.Story{
			Summary: hostile, Remarks: []string{hostile}, Evidence: hostile, Diagnosis: strings.Repeat(hostile+"\n", 40),
			Incident: &story.Incident{Title: hostile, Phase: hostile},
			Steps:    []story.Step{{Word: hostile, Text: hostile, Evidence: hostile, Rule: hostile, Kind: model.EventFailed}},
		},
		graphs: []client.Graph{{Metric: model.Metric(hostile), Part: hostile, Points: []client.Point{{At: noon, Mean: 1}}}},
	}
	for _, sz := range []size{{80, 24}, {200, 50}, {100, 30}, {130, 16}, {59, 15}, {40, 10}, {20, 5}, {10, 3}, {3, 2}, {1, 1}} {
		for _, keys := range []string{"", "/ 'a", "/ '\x1b[2J", "r", "s", "enter", "enter end", "enter m"} {
			s := shown(sz.width, sz.height, foreign, events...)
			s.list.choose(len(s.list.shown), s.host.Services)
			for i := range s.host.Services {
				if s.host.Services[i].Name == hostile {
					s.list.choose(i, s.host.Services)
				}
			}
			s, _ = s.typing(keys)
			s, _ = s.react(tale)
			text := s.draw()
			lines := strings.Split(text, "\n")
			if len(lines) != sz.height {
				t.Errorf("%v, %q: it has %d lines", sz, keys, len(lines))
			}
			for _, l := range lines {
				if w := ansi.StringWidth(l); w > sz.width {
					t.Errorf("%v, %q: a line is %d wide: %q", sz, keys, w, l)
				}
				for _, r := range sgr.ReplaceAllString(l, "") {
					if r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u202e' {
						t.Errorf("%v, %q: %q has %q", sz, keys, l, r)
					}
				}
			}
		}
	}
}
