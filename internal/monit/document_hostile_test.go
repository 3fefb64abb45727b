package monit

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"orderly/internal/model"
)

// readable is what a reader gets of text: its own, as far as a document may hold it.
func readable(text string) string {
	var out strings.Builder
	for _, r := range text {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			r = utf8.RuneError
		}
		out.WriteRune(r)
	}
	return out.String()
}

// broken is readable for what has its ends of lines written as they are: a reader takes each for the same.
func broken(text string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(readable(text))
}

// FuzzDocument puts hostile text wherever text may come from outside. A strict parser must find it there again.
func FuzzDocument(f *testing.F) {
	for _, seed := range []string{
		"plain", "R&D <share>", "a&b<c", `"'`, "]]>", "]]]]>>", "]]&gt;", "caf\u00e9 \x1b[2J\x00\x07", "\xff\xfe raw \xe9", "\ufffe\uffff\ufffd",
		"two\nlines\r\nand\ttabs\r", "<![CDATA[x]]>", "\U0001F600", "\xed\xa0\x80", strings.Repeat("]", 70) + ">", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h := &recorded{}
		h.add(&model.Service{Name: text, Kind: model.KindProgram, Schedule: model.Schedule{Cron: text + "x"}}, factList{
			{model.Status, 1}, {model.Output, text + "x"},
		})
		h.service(text).Spec.Limits.ProgramOutput = 0
		probe := &model.Probe{Kind: model.ProbePort, Host: text, Protocol: "http", Params: model.Params{{Name: "request", Value: text}}}
		h.add(&model.Service{Name: "fs", Kind: model.KindFilesystem, Rules: rules(about(model.TopicConnection, model.OK, probe))}, factList{
			{model.FSFlags, text}, {model.FSType, text},
		})
		in := recordedInstance("19:33:05", "19:33:18")
		in.ID, in.Address, in.Groups = text, text, []Group{{text, []string{text}}}
		in.Settings.Host, in.Settings.Source = text, text
		in.Settings.HTTPD.Allow[2].Name, in.Settings.HTTPD.Allow[2].Password = text, text+"x"
		in.Settings.Collectors[0].HostGroups = []string{text}
		ev := &model.Event{Service: text, Kind: model.EventFailed, Topic: model.TopicStatus, Text: text}

		plain, raw := readable(text), broken(text)
		for _, format := range []int{FormatPage, FormatPost} {
			doc := Document(in, h.services, format, ev)
			if !utf8.Valid(doc) {
				t.Fatal("not in the encoding it declares")
			}
			found := map[string]bool{}
			for _, line := range outline(t, doc) {
				found[line] = true
			}
			service := "monit/service"
			want := []string{service + "/name=" + raw, "monit/server/id=" + plain}
			if format == FormatPost {
				service = "monit/services/service"
				want = []string{
					service + "@name=" + plain, "monit@id=" + plain, "monit/hostgroups/name=" + raw,
					"monit/servicegroups/servicegroup@name=" + plain, "monit/servicegroups/servicegroup/service=" + raw,
					"monit/event/message=" + raw,
				}
			}
			want = append(want, "monit/server/localhostname="+plain, "monit/server/controlfile="+plain,
				"monit/server/credentials/username="+plain, "monit/server/credentials/password="+plain+"x",
				service+"/every/cron="+plain+"x", service+"/program/output="+broken(text+"x"), service+"/fsflags="+plain,
				service+"/port/hostname="+plain, service+"/port/request="+raw)
			for _, line := range want {
				if !found[line] {
					t.Errorf("format %d: %q is not there", format, line)
				}
			}
		}
	})
}

// TestNumbersAreAlwaysNumbers: what cannot be measured must not spoil a document.
func TestNumbersAreAlwaysNumbers(t *testing.T) {
	for _, n := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300, -1e300, math.MaxInt64, -0.04, 1e-320} {
		h := recordedHost().exactly()
		for i := range h.services {
			for j := range h.services[i].Readings {
				if r := &h.services[i].Readings[j]; !r.Value.IsText() {
					r.Value = model.Num(n)
				}
			}
		}
		for _, line := range outline(t, Document(recordedInstance("19:33:05", "19:33:18"), h.services, FormatPost, nil)) {
			path, value, _ := strings.Cut(line, "=")
			text := []string{"@", "/server/", "/platform/", "/fstype", "/fsflags", "/checksum", "/icmp/", "/port/", "/output", "/cron", "/servicegroup", "/errors"}
			if containsAny(path, text) {
				continue
			}
			if f, err := strconv.ParseFloat(value, 64); err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
				t.Errorf("of %v: %s", n, line)
			}
		}
	}
}

func containsAny(s string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

func TestDecimals(t *testing.T) {
	for _, c := range []struct {
		f      float64
		digits int
		want   string
	}{
		{0, 1, "0.0"},
		{-1, 1, "-1.0"},
		{3.64, 1, "3.6"},
		{99.96, 1, "100.0"},
		{-0.04, 1, "0.0"},
		{5.915, 2, "5.92"},
		{0.000044, 6, "0.000044"},
		{-1, 6, "-1.000000"},
		{12.5, 0, "13"},
		{21222.2, 1, "21222.2"},
		{1e17, 1, "100000000000000000.0"},
		{math.NaN(), 1, "0.0"},
	} {
		if got := string(appendDecimal(nil, c.f, c.digits)); got != c.want {
			t.Errorf("%v with %d digits: got %s, want %s", c.f, c.digits, got, c.want)
		}
	}
}

// TestGoneTellsNothingMore: what was measured of a service that is not there any more is history.
func TestGoneTellsNothingMore(t *testing.T) {
	for name, alter := range map[string]func(*model.Snapshot){
		"not monitored": func(s *model.Snapshot) { s.Monitored = false },
		"initializing":  func(s *model.Snapshot) { s.Initializing = true },
		"not there":     func(s *model.Snapshot) { s.Note(model.TopicNonexist, true, false) },
		"no access":     func(s *model.Snapshot) { s.Note(model.TopicData, true, false) },
	} {
		h := recordedHost()
		s := h.service("appd")
		alter(s)
		doc := string(Document(Instance{}, []model.Snapshot{*s}, FormatPage, nil))
		if !strings.Contains(doc, "</errors></service>") {
			t.Errorf("%s: there is more in\n%s", name, doc)
		}
	}
}

func TestPendingActions(t *testing.T) {
	for _, c := range []struct {
		doing, pending string
		want           int
	}{{"", "", 0}, {"", "stop", 3}, {"restart", "", 2}, {"start", "stop", 6}, {"", "monitor", 7}} {
		s := *recordedHost().service("appd")
		s.Doing, s.Pending = c.doing, c.pending
		want := fmt.Sprintf("<pendingaction>%d</pendingaction>", c.want)
		if doc := string(Document(Instance{}, []model.Snapshot{s}, FormatPost, nil)); !strings.Contains(doc, want) {
			t.Errorf("doing %q, pending %q: no %s", c.doing, c.pending, want)
		}
	}
}

func TestErrorsWithoutARule(t *testing.T) {
	s := *recordedHost().service("worker")
	s.Note(model.TopicTimeout, true, false)
	s.Note(model.TopicExec, true, false)
	s.Note(model.TopicPID, false, true)
	want := `<errors><event id="6" state="1"></event><event id="16" state="2"></event><event id="19" state="1"></event></errors>`
	if doc := string(Document(Instance{}, []model.Snapshot{s}, FormatPost, nil)); !strings.Contains(doc, want) {
		t.Errorf("no %s in\n%s", want, doc)
	}
}

func BenchmarkDocumentOf1000Processes(b *testing.B) {
	h := recordedHost().exactly()
	services := make([]model.Snapshot, 1000)
	for i := range services {
		services[i] = *h.service("appd")
	}
	in := recordedInstance("19:33:05", "19:33:18")
	b.ReportAllocs()
	for b.Loop() {
		Document(in, services, FormatPost, nil)
	}
}
