package inspeqtor

import (
	"slices"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// Pins I-24: every command, and what is said to those who mistype it.
func TestAnswer(t *testing.T) {
	w := &world{services: box(), jobs: map[string]int{"backup": 0, "two words": 0}}
	s := serving(t, w)
	for _, c := range []struct{ line, want string }{
		{"", usage},
		{"  ", usage},
		{"help", usage},
		{"--help", usage},
		{"♡", "Awwww, I love you too.\n"},
		{"nonsense", "Unknown command: nonsense\n"},
		{"nonsense it is\r", "Unknown command: nonsense it is\n"},
		{"show", "show [target] [metric]\n"},
		{"show host", "show [target] [metric]\n"},
		{"show nobody cpu:user", "Invalid target: nobody\n"},
		{"show web cpu:iowait", "Unknown metric: cpu:iowait\n"},
		{"show web memory:rss", "web memory:rss min 11.01m max 11.01m avg 11.01m\n▁\n"},
		{"show WEB memory:rss\r", "web memory:rss min 11.01m max 11.01m avg 11.01m\n▁\n"},
		{"show host disk:/", "vm disk:/ min 28.0% max 28.0% avg 28.0%\n▁\n"},
		{"show host swap", "vm swap min n/a max n/a avg n/a\n\n"},
		{"start deploy", "Starting deploy, now silenced\n"},
		{"finish deploy\r", "Finished deploy, volume turned to 11\n"},
		{"start  anything", "Starting deploy, now silenced\n"},
		{"job_done", "Usage: job_done <name>\n"},
		{"job_done  ", "Usage: job_done <name>\n"},
		{"job_done backup", "OK\n"},
		{" job_done backup \r", "OK\n"},
		{`job_done "two words"`, "OK\n"},
		{"job_done two words", "OK\n"},
		{"job_done nothing", `Error: no such job "nothing", verify spelling or reload Inspeqtor` + "\n"},
	} {
		if got := s.answer(t.Context(), c.line); got != c.want {
			t.Errorf("%q: got %q, want %q", c.line, got, c.want)
		}
	}
	if !slices.Equal(w.deploys, []bool{true, false, true}) || w.jobs["backup"] != 2 || w.jobs["two words"] != 2 {
		t.Errorf("deploys %v, jobs %v", w.deploys, w.jobs)
	}
	if got := s.answer(t.Context(), "status"); !strings.HasPrefix(got, "Inspeqtor 2.0.0, uptime: ") || !strings.Contains(got, "\nService: web [Up/29719]\n") {
		t.Errorf("status is %q", got)
	}
	if got := s.answer(t.Context(), "export"); !strings.HasPrefix(got, `{"exported_at":`) {
		t.Errorf("export is %q", got)
	}
}

func TestAnswerWhenNothingWorks(t *testing.T) {
	w := &world{jobs: map[string]int{"backup": 0}, broken: errBroken}
	s := serving(t, w)
	for _, line := range []string{"status", "export", "show host cpu", "start deploy", "finish deploy", "job_done backup"} {
		if got := s.answer(t.Context(), line); !strings.HasPrefix(got, "Error: ") || !strings.HasSuffix(got, "the services do not answer\n") {
			t.Errorf("%s: got %q", line, got)
		}
	}
}

func TestSilentUntil(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	at := func(minutes int) time.Time { return now.Add(time.Duration(minutes) * time.Minute) }
	for _, c := range []struct {
		name     string
		silences []model.Silence
		want     time.Time
		deploy   bool
	}{
		{"none", nil, time.Time{}, false},
		{"a deploy", []model.Silence{{ID: DeployID, All: true, Until: at(5)}}, at(5), true},
		{"a deploy that is over", []model.Silence{{ID: DeployID, All: true, Until: now}}, time.Time{}, false},
		{"one service", []model.Silence{{ID: "1", Names: []string{"web"}, Until: at(5)}}, time.Time{}, false},
		{"two", []model.Silence{{ID: "1", All: true, Until: at(9)}, {ID: DeployID, All: true, Until: at(5)}}, at(9), true},
	} {
		if got := silentUntil(c.silences, now); !got.Equal(c.want) {
			t.Errorf("%s: until %v, want %v", c.name, got, c.want)
		}
		if got := deploying(c.silences, now); got != c.deploy {
			t.Errorf("%s: deploying is %v", c.name, got)
		}
	}
}
