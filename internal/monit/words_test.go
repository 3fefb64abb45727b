package monit

import (
	"slices"
	"testing"

	"orderly/internal/model"
)

func TestWords(t *testing.T) { // C-11
	const failing = model.Topics(1<<31 - 1)
	for name, c := range map[string]struct {
		is                model.Snapshot
		words, monitoring string
		tone              Tone
	}{
		"unmonitored": {
			model.Snapshot{Initializing: true, Waiting: true, Failing: failing},
			"Not monitored", "Not monitored", Warning,
		},
		"never checked":         {model.Snapshot{Monitored: true, Initializing: true}, "Initializing", "Initializing", Initializing},
		"held back from before": {model.Snapshot{Monitored: true, Initializing: true, Waiting: true}, "Waiting", "Waiting", Waiting},
		"held back later":       {model.Snapshot{Monitored: true, Waiting: true}, "OK", "Waiting", Good},
		"well":                  {model.Snapshot{Monitored: true}, "OK", "Monitored", Good},
		"action waits":          {model.Snapshot{Monitored: true, Pending: "stop"}, "OK - stop pending", "Monitored", Good},
		"action runs":           {model.Snapshot{Monitored: true, Doing: "restart", Pending: "stop"}, "OK - restart pending", "Monitored", Good},
		"unmonitored, to start": {model.Snapshot{Pending: "start"}, "Not monitored - start pending", "Not monitored", Warning},
		"changed": {
			model.Snapshot{Monitored: true, Failing: model.TopicContent.Bit(), Changed: model.TopicContent.Bit()},
			"Content match", "Monitored", Warning,
		},
		"changed and failed": {
			model.Snapshot{
				Monitored: true, Failing: model.TopicContent.Bit() | model.TopicStatus.Bit(),
				Changed: model.TopicContent.Bit(), Pending: "stop",
			},
			"Content match | Status failed - stop pending", "Monitored", Failing,
		},
		"exist comes last": {
			model.Snapshot{Monitored: true, Failing: model.TopicExist.Bit() | model.TopicUptime.Bit() | model.TopicChecksum.Bit()},
			"Checksum failed | Uptime failed | Does exist", "Monitored", Failing,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Words(&c.is); got != c.words {
				t.Errorf("words: got %q, want %q", got, c.words)
			}
			if got := monitoring(&c.is).text; got != c.monitoring {
				t.Errorf("monitoring: got %q, want %q", got, c.monitoring)
			}
			if got := ToneOf(&c.is); got != c.tone {
				t.Errorf("tone: got %q, want %q", got, c.tone)
			}
		})
	}
}

func TestEveryTopicHasItsPlace(t *testing.T) { // C-11
	var named []string
	for _, topic := range topics {
		named = append(named, string(topic))
	}
	if got := len(model.AllTopics.Names()); got != len(named) {
		t.Errorf("%d topics have a place, of %d", len(named), got)
	}
	if last := len(named) - 1; !slices.IsSorted(named[:last]) || named[last] != "exist" {
		t.Errorf("they are out of order: %q", named)
	}
}

func TestTypeName(t *testing.T) {
	for kind, want := range map[model.Kind]string{
		model.KindHost: "Remote Host", model.KindFifo: "Fifo", model.KindUnit: "Unit", "other": "other",
	} {
		if got := TypeName(kind); got != want {
			t.Errorf("%s: got %s, want %s", kind, got, want)
		}
	}
}
