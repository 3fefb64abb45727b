package monit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// The texts in testdata were recorded from Monit 5.33 with thirteen services, at three moments. A recorded host is those
// services as orderly would know them, so that its texts must be the recorded ones.
type recorded struct {
	services []model.Snapshot
	at       map[string]int
}

// A fact is a number or a text of a service.
type fact struct {
	metric model.Metric
	value  any
}

type factList []fact

const (
	kB = 1 << 10
	mB = 1 << 20
	gB = 1 << 30
)

// moment is a time of the day of all recordings.
func moment(clock string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04:05", "2026-11-20 "+clock, time.Local)
	if err != nil {
		panic(err)
	}
	return t
}

func seconds(clock string) float64 { return float64(moment(clock).Unix()) }

func toValue(x any) model.Value {
	switch x := x.(type) {
	case string:
		return model.Str(x)
	case int:
		return model.Num(float64(x))
	case float64:
		return model.Num(x)
	}
	panic("a fact is a number or a text")
}

// with sets facts of a service, in place of those of the same metric.
func (h *recorded) with(name string, facts factList) {
	s := &h.services[h.at[name]]
next:
	for _, f := range facts {
		for i := range s.Readings {
			if s.Readings[i].Metric == f.metric {
				s.Readings[i].Value = toValue(f.value)
				continue next
			}
		}
		s.Readings.Add(f.metric, toValue(f.value))
	}
}

// checked sets when some services were checked.
func (h *recorded) checked(clock string, names ...string) {
	for _, name := range names {
		s := &h.services[h.at[name]]
		s.Checked, s.Sampled = moment(clock), moment(clock)
	}
}

func (h *recorded) service(name string) *model.Snapshot { return &h.services[h.at[name]] }

// fail makes the rules about a topic fail, or find a change.
func (h *recorded) fail(name string, t model.Topic, changed bool) {
	s := h.service(name)
	for i := range s.Spec.Rules {
		if s.Spec.Rules[i].Topic == t {
			s.Rules[i].Failed, s.Rules[i].Changed = !changed, changed
		}
	}
	s.Note(t, !changed, changed)
}

func (h *recorded) add(spec *model.Service, facts factList) {
	spec.Limits = model.DefaultLimits()
	if h.at == nil {
		h.at = map[string]int{}
	}
	h.at[spec.Name] = len(h.services)
	h.services = append(h.services, model.Snapshot{
		Spec: spec, Monitored: true, Since: moment("19:33:05"), Rules: make([]model.RuleSnapshot, len(spec.Rules)),
	})
	h.with(spec.Name, facts)
}

func rules(list ...model.Rule) []model.Rule { return list }

func about(t model.Topic, m model.Metric, p *model.Probe) model.Rule {
	return model.Rule{Topic: t, Metric: m, Probe: p}
}

// recordedHost is the host at the moment of status-coloured.txt.
func recordedHost() *recorded {
	h := &recorded{}
	h.add(&model.Service{Name: "web1.example.org", Kind: model.KindSystem, Groups: []string{"base"}}, factList{
		{model.Load1, 5.92},
		{model.Load5, 5.62},
		{model.Load15, 3.28},
		{model.CPUUser, 25.2},
		{model.CPUSystem, 31.5},
		{model.CPUNice, 42.6},
		{model.CPUWait, 0},
		{model.CPUHardIRQ, 0},
		{model.CPUSoftIRQ, 0.4},
		{model.CPUSteal, 0.3},
		{model.CPUGuest, 0},
		{model.CPUGuestNice, 0},
		{model.Memory, 858.5 * mB},
		{model.MemoryPercent, 3.6},
		{model.Swap, 0},
		{model.SwapPercent, 0},
		{model.Uptime, 18*60 + 47},
		{model.BootTime, seconds("19:14:28")},
		{model.FDs, 2106},
		{model.PageIn, 0},
		{model.PageOut, 0},
	})
	process := factList{
		{model.PPID, 1},
		{model.UID, 0},
		{model.EUID, 0},
		{model.GID, 0},
		{model.Uptime, 11},
		{model.Threads, 1},
		{model.Children, 1},
		{model.CPU, 0},
		{model.CPUTotal, 0},
		{model.MemoryPercent, 0},
		{model.MemTotalPercent, 0},
		{model.FDs, 6},
		{model.FDsLimit, 20000},
		{model.FDsTotal, 11},
		{model.ReadBytes, 0},
		{model.ReadBytesTotal, 10742},
		{model.DiskReadBytes, 0},
		{model.DiskReadBytesTotal, 0},
		{model.DiskReadOps, 0},
		{model.DiskReadOpsTotal, 23},
		{model.WriteBytes, 0},
		{model.WriteBytesTotal, 0},
		{model.DiskWriteBytes, 0},
		{model.DiskWriteBytesTotal, 0},
		{model.DiskWriteOps, 0},
		{model.DiskWriteOpsTotal, 0},
	}
	h.add(&model.Service{Name: "appd", Kind: model.KindProcess, Groups: []string{"app"}}, process)
	h.with("appd", factList{
		{model.PID, 20}, {model.Memory, 2980 * kB}, {model.MemTotal, 4384 * kB}, {model.DiskReadBytesTotal, 16 * kB},
	})
	h.add(&model.Service{Name: "worker", Kind: model.KindProcess, Groups: []string{"app"}, Rules: rules(
		about(model.TopicNonexist, model.Exist, nil),
	)}, process)
	h.with("worker", factList{{model.PID, 23}, {model.Memory, 3100 * kB}, {model.MemTotal, 4472 * kB}})
	h.addFiles()
	h.addRemote()
	h.addPrograms()
	h.checked("19:33:15", "web1.example.org", "appd", "worker", "app_conf", "app_fifo", "spool", "rootfs", "localweb",
		"eth0", "ok_script", "bad_script")
	return h
}

func (h *recorded) addFiles() {
	node := func(mode int, clock string) factList {
		return factList{
			{model.Permission, mode},
			{model.UID, 0},
			{model.GID, 0},
			{model.Hardlinks, 1},
			{model.AccessTime, seconds(clock)},
			{model.ChangeTime, seconds("19:33:03")},
			{model.ModifyTime, seconds("19:33:03")},
		}
	}
	errors := &model.Probe{Kind: model.ProbeContent, Match: &model.Match{Patterns: []string{"ERROR"}}}
	h.add(&model.Service{Name: "app_conf", Kind: model.KindFile, Rules: rules(
		about(model.TopicChecksum, model.ChecksumMD5, nil), about(model.TopicContent, model.Matched, errors),
	)}, node(0o644, "19:33:05"))
	h.with("app_conf", factList{{model.Size, 6}, {model.ChecksumMD5, "b1946ac92492d2347c6235b4d2611184"}})
	h.service("app_conf").Probes = []model.Result{{OK: true}}
	h.add(&model.Service{Name: "app_fifo", Kind: model.KindFifo, Rules: rules(
		about(model.TopicPermission, model.Permission, nil),
	)}, node(0o644, "19:33:03"))
	h.fail("app_fifo", model.TopicPermission, false)
	h.add(&model.Service{Name: "spool", Kind: model.KindDirectory}, node(0o755, "19:33:03"))
	h.add(&model.Service{Name: "rootfs", Kind: model.KindFilesystem}, factList{
		{model.FSType, "ext4"},
		{model.FSFlags, "rw,relatime,discard,resv_strict,resuid=65534,resgid=65534"},
		{model.Permission, 0o755},
		{model.UID, 0},
		{model.GID, 0},
		{model.BlockSize, 4096},
		{model.SpaceTotal, 258019.6 * mB},
		{model.SpaceFree, 72045 * mB},
		{model.SpaceFreeRoot, 236797.4 * mB},
		{model.InodesTotal, 16777216},
		{model.InodesFree, 16135268},
		{model.ReadBytes, 4783884},
		{model.ReadBytesTotal, 8548455424},
		{model.DiskReadOps, 364.7},
		{model.DiskReadOpsTotal, 376164},
		{model.WriteBytes, 18415545},
		{model.WriteBytesTotal, 10988888064},
		{model.DiskWriteOps, 241.6},
		{model.DiskWriteOpsTotal, 73783},
		{model.ServiceTime, 0.199},
		{model.ServiceTimeRead, 0.078},
		{model.ServiceTimeWrite, 0.122},
	})
}

func (h *recorded) addRemote() {
	ping := &model.Probe{Kind: model.ProbePing, Host: "127.0.0.1"}
	page := &model.Probe{
		Kind: model.ProbePort, Host: "127.0.0.1", Port: 8000, Protocol: "http",
		Params: model.Params{{Name: "request", Value: "/status"}},
	}
	discard := &model.Probe{Kind: model.ProbePort, Host: "127.0.0.1", Port: 9}
	h.add(&model.Service{Name: "localweb", Kind: model.KindHost, Rules: rules(
		about(model.TopicICMP, model.OK, ping), about(model.TopicConnection, model.OK, discard),
		about(model.TopicConnection, model.OK, page),
	)}, nil)
	h.answer("localweb", 0.044, 7.052)
	h.service("localweb").Rules[1].Failed = true
	h.service("localweb").Note(model.TopicConnection, true, false)
	h.add(&model.Service{Name: "eth0", Kind: model.KindNetwork}, factList{
		{model.Link, 1},
		{model.DownloadErrorsTotal, 0},
		{model.UploadErrorsTotal, 0},
		{model.LinkSpeed, 10e9},
		{model.LinkDuplex, 1},
		{model.DownloadBytes, 0},
		{model.UploadBytes, 0},
		{model.DownloadPackets, 0},
		{model.UploadPackets, 0},
	})
}

// answer sets how long the ping and the page of a host took, in milliseconds. The connection between them was refused.
func (h *recorded) answer(name string, ping, page float64) {
	took := func(ms float64) model.Result {
		return model.Result{OK: true, Readings: model.Readings{{Metric: model.Latency, Value: model.Num(ms / 1e3)}}}
	}
	h.service(name).Probes = []model.Result{took(ping), {Summary: "connection refused"}, took(page)}
}

func (h *recorded) addPrograms() {
	h.add(&model.Service{Name: "ok_script", Kind: model.KindProgram, Groups: []string{"app"}},
		factList{{model.Status, 0}, {model.Output, "all fine\nsecond line\n"}})
	h.add(&model.Service{Name: "bad_script", Kind: model.KindProgram, Rules: rules(
		about(model.TopicStatus, model.Status, nil),
	)}, factList{{model.Status, 3}, {model.Output, "disk <sda> & co ]]> broken\n"}})
	h.fail("bad_script", model.TopicStatus, false)
	h.add(&model.Service{Name: "ghost", Kind: model.KindProcess, Mode: model.Passive, OnReboot: model.RebootNoStart}, nil)
	h.service("ghost").Monitored = false
	h.add(&model.Service{Name: "slowcheck", Kind: model.KindFile}, nil)
	h.service("slowcheck").Initializing, h.service("slowcheck").Waiting = true, true
}

// recordedEarlier is the host at the moment of status.txt.
func recordedEarlier() *recorded {
	h := recordedHost()
	h.with("web1.example.org", factList{
		{model.Load1, 7.42},
		{model.Load5, 5.46},
		{model.Load15, 2.54},
		{model.CPUUser, 47.4},
		{model.CPUSystem, 25.7},
		{model.CPUNice, 26.3},
		{model.CPUSoftIRQ, 0},
		{model.Memory, 857.2 * mB},
		{model.Uptime, 14*60 + 46},
		{model.FDs, 1803},
	})
	h.with("appd", factList{
		{model.PID, 43},
		{model.Memory, 2.8 * mB},
		{model.MemTotal, 4.2 * mB},
		{model.FDs, 4},
		{model.FDsTotal, 7},
		{model.DiskReadBytesTotal, 0},
	})
	h.with("worker", factList{
		{model.PID, 49}, {model.Memory, 2.9 * mB}, {model.MemTotal, 4.3 * mB}, {model.FDs, 4}, {model.FDsTotal, 7},
	})
	for _, name := range []string{"app_conf", "app_fifo", "spool"} {
		h.with(name, factList{
			{model.AccessTime, seconds("19:25:52")}, {model.ChangeTime, seconds("19:25:52")}, {model.ModifyTime, seconds("19:25:52")},
		})
	}
	h.with("app_conf", factList{{model.AccessTime, seconds("19:26:16")}})
	h.with("rootfs", factList{
		{model.SpaceFree, 74.01 * gB},
		{model.SpaceFreeRoot, 234.9 * gB},
		{model.InodesFree, 16264633},
		{model.ReadBytes, 14.1 * mB},
		{model.ReadBytesTotal, 4.7 * gB},
		{model.DiskReadOps, 632.6},
		{model.DiskReadOpsTotal, 211711},
		{model.WriteBytes, 25.4 * mB},
		{model.WriteBytesTotal, 6.4 * gB},
		{model.DiskWriteOps, 30},
		{model.DiskWriteOpsTotal, 59899},
		{model.ServiceTime, 0.509},
		{model.ServiceTimeRead, 0.398},
		{model.ServiceTimeWrite, 0.112},
	})
	h.answer("localweb", 0.044, 2.922)
	h.with("eth0", factList{{model.UploadBytes, 40}})
	h.checked("19:29:14", "web1.example.org", "appd", "worker", "app_conf", "app_fifo", "spool", "rootfs", "localweb",
		"eth0", "ok_script")
	h.checked("19:29:12", "bad_script")
	h.checked("19:29:02", "ghost", "slowcheck")
	return h
}

// recordedFailures is the host at the moment of status-with-failures.txt.
func recordedFailures() *recorded {
	h := recordedHost()
	h.with("web1.example.org", factList{
		{model.Load1, 7.46},
		{model.Load5, 5.31},
		{model.Load15, 4.01},
		{model.CPUUser, 28},
		{model.CPUSystem, 21.8},
		{model.CPUNice, 44.5},
		{model.CPUSoftIRQ, 5.7},
		{model.CPUSteal, 0},
		{model.Memory, 1.2 * gB},
		{model.MemoryPercent, 5.3},
		{model.Uptime, 28*60 + 43},
		{model.BootTime, seconds("19:14:27")},
		{model.FDs, 3340},
	})
	h.with("appd", factList{{model.MemTotal, 4.2 * mB}, {model.DiskReadBytesTotal, 20 * kB}})
	h.fail("worker", model.TopicNonexist, false)
	h.with("app_conf", factList{
		{model.Size, 18},
		{model.AccessTime, seconds("19:42:59")},
		{model.ChangeTime, seconds("19:43:06")},
		{model.ModifyTime, seconds("19:43:06")},
		{model.ChecksumMD5, "56140d8c9b22da64f1709fe1a1b92be0"},
	})
	h.fail("app_conf", model.TopicChecksum, false)
	h.fail("app_conf", model.TopicContent, true)
	h.service("app_conf").Probes = []model.Result{{Readings: model.Readings{{Metric: model.Matched, Value: model.Num(1)}}}}
	fifo := h.service("app_fifo")
	fifo.Failing, fifo.Rules[0].Failed = 0, false
	h.with("app_fifo", factList{{model.Permission, 0o600}, {model.ChangeTime, seconds("19:43:06")}})
	h.with("rootfs", factList{
		{model.SpaceFree, 66.5 * gB},
		{model.SpaceFreeRoot, 227.43 * gB},
		{model.InodesFree, 16070688},
		{model.ReadBytes, 7.0*mB + 1},
		{model.ReadBytesTotal, 12.7 * gB},
		{model.DiskReadOps, 416.4},
		{model.DiskReadOpsTotal, 617703},
		{model.WriteBytes, 21.2 * mB},
		{model.WriteBytesTotal, 18.4 * gB},
		{model.DiskWriteOps, 34.5},
		{model.DiskWriteOpsTotal, 203569},
		{model.ServiceTime, 0.306},
		{model.ServiceTimeRead, 0.153},
		{model.ServiceTimeWrite, 0.153},
	})
	h.answer("localweb", 0.018, 0.813)
	h.checked("19:43:10", "web1.example.org", "appd", "worker", "app_conf", "app_fifo", "spool", "rootfs", "localweb",
		"eth0", "ok_script", "bad_script")
	h.checked("19:42:59", "ghost", "slowcheck")
	return h
}

// recording reads a recorded text, of the version we tell.
func recording(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(b), "Monit 5.33.0", "Monit "+Version)
	return strings.ReplaceAll(text, " [0.0% of 9223372036854775807 limit]", "") // newer ones leave out a limit that is none
}

// asRecorded takes out the lines that Monit has only since later versions.
func asRecorded(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		label := strings.TrimSpace(line)
		if !strings.HasPrefix(label, "hardlink ") && !strings.HasPrefix(label, "swap page") {
			out.WriteString(line)
		}
	}
	return out.String()
}

// differ fails a test with the first line in which texts differ.
func differ(t *testing.T, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			line := func(l []string) string {
				if i < len(l) {
					return l[i]
				}
				return "(end)"
			}
			t.Fatalf("line %d:\n got %q\nwant %q", i+1, line(a), line(b))
		}
	}
}
