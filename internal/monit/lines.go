package monit

import (
	"cmp"
	"slices"
	"time"

	"orderly/internal/model"
)

// A Line is one labelled fact of a service. Its value may have several lines; "-" stands for one that is not known.
type Line struct {
	Label, Value string
	Tone         Tone
}

// Lines are the facts of a service that a status shows, the state of the service first. Uptimes are those at now.
func Lines(s *model.Snapshot, now time.Time) []Line {
	f := facts{s: s, now: now}
	f.lines = []Line{
		{"status", Words(s), ToneOf(s)},
		{"monitoring status", monitoring(s).text, monitoring(s).tone},
		{"monitoring mode", cmp.Or(string(s.Spec.Mode), "active"), Unmarked},
		{"on reboot", rebootWord(s.Spec.OnReboot), Unmarked},
	}
	if measured(s) {
		f.ofKind()
	}
	collected := s.Checked
	if collected.IsZero() {
		collected = s.Since
	}
	f.add("data collected", formatDate(collected))
	return f.lines
}

// measured tells whether there is more to say of a service than its state.
func measured(s *model.Snapshot) bool {
	gone := model.TopicNonexist.Bit() | model.TopicData.Bit()
	return s.Monitored && !s.Initializing && s.Denied == "" && s.Failing&gone == 0
}

// facts collects the lines of one service.
type facts struct {
	s     *model.Snapshot
	now   time.Time
	lines []Line
}

func (f *facts) ofKind() {
	switch f.s.Spec.Kind {
	case model.KindSystem:
		f.system()
	case model.KindProcess:
		f.process()
		f.connections()
	case model.KindFile:
		f.file()
	case model.KindFifo, model.KindDirectory:
		f.node()
	case model.KindFilesystem:
		f.filesystem()
	case model.KindHost:
		f.connections()
	case model.KindNetwork:
		f.network()
	case model.KindProgram:
		f.program()
	}
}

func (f *facts) get(m model.Metric) model.Value { return f.s.Readings.Get(m) }

// add adds a line that is marked when a rule about one of the metrics finds fault. An empty value is not known.
func (f *facts) add(label, value string, metrics ...model.Metric) {
	if value == "" {
		f.lines = append(f.lines, Line{label, "-", Missing})
		return
	}
	f.lines = append(f.lines, Line{label, value, f.tone(func(r *model.Rule) bool {
		return r.Probe == nil && slices.Contains(metrics, r.Metric)
	})})
}

// tone is the worst that the rules about a value say of it.
func (f *facts) tone(about func(*model.Rule) bool) Tone {
	tone := Neutral
	for i := range f.s.Rules {
		switch state := &f.s.Rules[i]; {
		case !state.Failed && !state.Changed, !about(&f.s.Spec.Rules[i]):
		case state.Failed:
			return Failing
		default:
			tone = Warning
		}
	}
	return tone
}

// uptime is how long the subject runs by now.
func (f *facts) uptime() string {
	v := f.get(model.Uptime)
	if !v.Present() {
		return ""
	}
	up := time.Duration(v.Number() * float64(time.Second))
	if !f.s.Sampled.IsZero() {
		up += max(0, f.now.Sub(f.s.Sampled))
	}
	return formatUptime(up)
}

// withShare is a value and how much of something else that is: "2.8 MB [0.1%]". Without a value it is "".
func withShare(value, share string) string {
	if value == "" || share == "" {
		return value
	}
	return value + " [" + share + "]"
}

// rebootWord is Monit's word: it has one for both ways not to be watched.
func rebootWord(r model.OnReboot) string {
	if r == model.RebootUnlessNew {
		r = model.RebootNoStart
	}
	return cmp.Or(string(r), "start")
}
