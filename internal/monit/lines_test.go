package monit

import (
	"slices"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// linesOf are the lines of a service between those that all services have.
func linesOf(s *model.Snapshot, now time.Time) []Line {
	all := Lines(s, now)
	return all[4 : len(all)-1]
}

// find returns the first line of a label.
func find(t *testing.T, lines []Line, label string) Line {
	t.Helper()
	for _, l := range lines {
		if l.Label == label {
			return l
		}
	}
	t.Fatalf("there is no line %q in %v", label, lines)
	return Line{}
}

func monitoredService(spec model.Service, readings ...model.Reading) *model.Snapshot {
	return &model.Snapshot{
		Spec: &spec, Monitored: true, Rules: make([]model.RuleSnapshot, len(spec.Rules)), Readings: readings,
	}
}

func reading(m model.Metric, v model.Value) model.Reading { return model.Reading{Metric: m, Value: v} }

func TestLinesOfWhatIsNotKnown(t *testing.T) { // C-10: missing values
	for kind, want := range map[model.Kind]string{
		model.KindSystem: "load average, cpu, memory usage, swap usage, swap pagein/s, swap pageout/s, uptime, boot time, filedescriptors",
		model.KindProcess: "pid, parent pid, uid, effective uid, gid, uptime, threads, children, cpu, cpu total, memory, memory total, " +
			"security attribute, filedescriptors, total filedescriptors, read bytes, disk read bytes, disk read operations, " +
			"write bytes, disk write bytes, disk write operations",
		model.KindFile:      "permission, uid, gid, size, hardlink, access timestamp, change timestamp, modify timestamp",
		model.KindFifo:      "permission, uid, gid, hardlink, access timestamp, change timestamp, modify timestamp",
		model.KindDirectory: "permission, uid, gid, hardlink, access timestamp, change timestamp, modify timestamp",
		model.KindFilesystem: "filesystem type, filesystem flags, permission, uid, gid, block size, space total, " +
			"space free for non superuser, space free total",
		model.KindHost:    "",
		model.KindNetwork: "link, download bytes, upload bytes, download packets, upload packets",
		model.KindProgram: "", // has not run
		model.KindUnit:    "",
	} {
		t.Run(string(kind), func(t *testing.T) {
			var labels []string
			for _, l := range linesOf(monitoredService(model.Service{Kind: kind}), time.Now()) {
				labels = append(labels, l.Label)
				if l.Value != "-" || l.Tone != Missing {
					t.Errorf("%s: got %q in tone %q", l.Label, l.Value, l.Tone)
				}
			}
			if got := strings.Join(labels, ", "); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestLinesOfWhatIsNotThere(t *testing.T) { // C-10
	for name, change := range map[string]func(*model.Snapshot){
		"unmonitored":   func(s *model.Snapshot) { s.Monitored = false },
		"not checked":   func(s *model.Snapshot) { s.Initializing = true },
		"absent":        func(s *model.Snapshot) { s.Note(model.TopicNonexist, true, false) },
		"unreadable":    func(s *model.Snapshot) { s.Note(model.TopicData, true, false) },
		"not permitted": func(s *model.Snapshot) { s.Denied = "permission denied" },
	} {
		s := monitoredService(model.Service{Kind: model.KindFile})
		change(s)
		if got := linesOf(s, time.Now()); len(got) != 0 {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestLinesMarkTheValueOfARule(t *testing.T) { // C-10: only what is wrong is marked
	spec := model.Service{Kind: model.KindProcess, Rules: rules(
		about(model.TopicResource, model.CPU, nil), about(model.TopicResource, model.Memory, nil), about(model.TopicPID, model.PID, nil),
	)}
	s := monitoredService(spec, reading(model.CPU, model.Num(95)), reading(model.MemoryPercent, model.Num(1)),
		reading(model.Memory, model.Num(mB)), reading(model.PID, model.Num(7)), reading(model.CPUTotal, model.Num(95)))
	s.Rules[0].Failed, s.Rules[2].Changed = true, true
	lines := linesOf(s, time.Now())
	for label, want := range map[string]Line{
		"cpu":        {Value: "95.0%", Tone: Failing},
		"cpu total":  {Value: "95.0%", Tone: Neutral},
		"memory":     {Value: "1.0% [1 MB]", Tone: Neutral},
		"pid":        {Value: "7", Tone: Warning},
		"parent pid": {Value: "-", Tone: Missing},
	} {
		want.Label = label
		if got := find(t, lines, label); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func TestLinesOfUptimeAreOfNow(t *testing.T) { // C-12
	s := monitoredService(model.Service{Kind: model.KindProcess}, reading(model.Uptime, model.Num(59*60)))
	s.Sampled = moment("12:00:00")
	for clock, want := range map[string]string{"12:00:00": "59m", "12:06:00": "1h 5m", "11:00:00": "59m"} {
		if got := find(t, Lines(s, moment(clock)), "uptime").Value; got != want {
			t.Errorf("at %s: got %s, want %s", clock, got, want)
		}
	}
}

func TestLinesOfAVirtualFilesystem(t *testing.T) { // C-10: neither blocks nor inodes nor a device
	s := monitoredService(model.Service{Kind: model.KindFilesystem}, reading(model.SpaceTotal, model.Num(0)),
		reading(model.SpaceFree, model.Num(0)), reading(model.SpaceFreeRoot, model.Num(0)), reading(model.InodesTotal, model.Num(0)))
	lines := linesOf(s, time.Now())
	if got, want := find(t, lines, "space total").Value, "0 B (of which 0.0% is reserved for root user)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := find(t, lines, "space free total").Value, "0 B [0.0%]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if slices.ContainsFunc(lines, func(l Line) bool { return strings.HasPrefix(l.Label, "inodes") }) {
		t.Errorf("there are inodes in %v", lines)
	}
}

func TestLinesOfALink(t *testing.T) { // C-10
	for name, c := range map[string]struct {
		readings []model.Reading
		want     map[string]string
	}{
		"speed unknown": {
			[]model.Reading{
				reading(model.Link, model.Num(1)), reading(model.DownloadErrorsTotal, model.Num(2)),
				reading(model.UploadErrorsTotal, model.Num(1)), reading(model.DownloadBytes, model.Num(1843.2)),
			},
			map[string]string{"link": "3 errors", "download bytes": "1.8 kB/s", "upload bytes": "-"},
		},
		"half duplex": {
			[]model.Reading{
				reading(model.Link, model.Num(1)), reading(model.LinkSpeed, model.Num(10e6)),
				reading(model.LinkDuplex, model.Num(0)), reading(model.UploadBytes, model.Num(625000)),
				reading(model.UploadPackets, model.Num(11.2)),
			},
			map[string]string{
				"capacity": "10 Mb/s half-duplex", "upload bytes": "610.4 kB/s (50.0% link saturation)",
				"upload packets": "11 per second",
			},
		},
		"down": {[]model.Reading{reading(model.Link, model.Num(0))}, map[string]string{"link": "-"}},
	} {
		t.Run(name, func(t *testing.T) {
			lines := linesOf(monitoredService(model.Service{Kind: model.KindNetwork}, c.readings...), time.Now())
			for label, want := range c.want {
				if got := find(t, lines, label).Value; got != want {
					t.Errorf("%s: got %q, want %q", label, got, want)
				}
			}
		})
	}
}

func TestLinesOfAProgram(t *testing.T) { // C-10
	limits := model.DefaultLimits()
	for name, c := range map[string]struct {
		output, want string
	}{
		"nothing":           {"", "-"},
		"ends of lines":     {"first\r\n\n\ttail\n\n", "first\n\n\ttail"},
		"commands":          {"a\x1b[31mred\x00", "a?[31mred?"},
		"too much":          {strings.Repeat("x", 600), strings.Repeat("x", 512)},
		"half a character":  {strings.Repeat("x", 511) + "ü", strings.Repeat("x", 511)},
		"not text":          {"\xff\xfe", "\uFFFD\uFFFD"},
		"only ends of line": {"\n\r\n", "-"},
	} {
		t.Run(name, func(t *testing.T) {
			s := monitoredService(model.Service{Kind: model.KindProgram, Limits: limits},
				reading(model.Status, model.Num(2)), reading(model.Output, model.Str(c.output)))
			lines := linesOf(s, time.Now())
			if got := find(t, lines, "last output").Value; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if got := find(t, lines, "last exit value").Value; got != "2" {
				t.Errorf("exit value: got %q", got)
			}
		})
	}
}

func TestLinesMarkContent(t *testing.T) { // C-10
	probe := &model.Probe{Kind: model.ProbeContent}
	for kind, label := range map[model.Kind]string{model.KindFile: "content match", model.KindProgram: "last output"} {
		s := monitoredService(model.Service{Kind: kind, Rules: rules(about(model.TopicContent, model.Matched, probe))},
			reading(model.Status, model.Num(0)), reading(model.Output, model.Str("text")))
		s.Probes = []model.Result{{Skipped: true}}
		if got := find(t, linesOf(s, time.Now()), label); kind == model.KindFile && (got.Value != "-" || got.Tone != Missing) {
			t.Errorf("%s, not searched: got %+v", kind, got)
		}
		s.Probes = []model.Result{{Readings: model.Readings{reading(model.Matched, model.Num(3))}}}
		s.Rules[0].Changed = true
		if got := find(t, linesOf(s, time.Now()), label); got.Tone != Warning {
			t.Errorf("%s, changed: got %+v", kind, got)
		}
		s.Rules[0].Changed, s.Rules[0].Failed = false, true
		if got := find(t, linesOf(s, time.Now()), label); got.Tone != Failing {
			t.Errorf("%s, failed: got %+v", kind, got)
		}
	}
}
