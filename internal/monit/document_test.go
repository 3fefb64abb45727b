package monit

import (
	"bytes"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// recordedInstance is the instance that status.xml and status2.xml are of.
func recordedInstance(started, now string) Instance {
	return Instance{
		ID: "3be72589d136538fa6cf746bef70b5df", Started: moment(started), Incarnation: moment(started), Now: moment(now),
		Settings: &model.Settings{
			Host: "web1.example.org", Interval: 5 * time.Second, Source: "/etc/monit/monitrc",
			HTTPD: &model.HTTPD{Port: 2812, Address: "127.0.0.1", Allow: []model.Admission{
				{Kind: model.AdmitHost, Name: "127.0.0.1"},
				{Kind: model.AdmitUser, Name: "guest", Password: "guest", ReadOnly: true},
				{Kind: model.AdmitUser, Name: "admin", Password: "monit"},
			}},
			Collectors: []model.Collector{{Scheme: "http", Host: "127.0.0.1", Port: 8080, Path: "/collector"}},
		},
		Groups: []Group{{"base", []string{"web1.example.org"}}, {"app", []string{"appd", "worker", "ok_script"}}},
		Platform: Platform{
			Name: "Linux", Release: "6.18.44-fc-v669", Version: "#1 SMP PREEMPT_DYNAMIC @0", Machine: "x86_64", CPUs: 2,
			Memory: 24684084 * kB,
		},
	}
}

// exactly adds what a document tells of the recorded host and a text does not.
func (h *recorded) exactly() *recorded {
	h.with("web1.example.org", factList{{model.Memory, 879124 * kB}, {model.FDsUnused, 0}})
	for _, name := range []string{"appd", "worker"} {
		h.with(name, factList{{model.FDsLimitHard, 20000}})
	}
	h.with("rootfs", factList{
		{model.ServiceTimeRead, 240.643 / (364.7 + 241.6)}, {model.ServiceTimeWrite, 376.249 / (364.7 + 241.6)},
	})
	h.with("eth0", factList{
		{model.DownloadBytesTotal, 586},
		{model.DownloadPacketsTotal, 7},
		{model.DownloadErrors, 0},
		{model.UploadBytesTotal, 586},
		{model.UploadPacketsTotal, 7},
		{model.UploadErrors, 0},
	})
	bad := h.service("bad_script")
	bad.Spec.Schedule.Cycles, bad.Cycle = 2, 3
	h.service("slowcheck").Spec.Schedule.Cron = "* 3 * * *"
	return h
}

// outline is a document as a list of paths and values, in its order. It fails a test for what is not well-formed.
func outline(t *testing.T, doc []byte) []string {
	t.Helper()
	out, err := parse(doc)
	if err != nil {
		t.Fatalf("%v in a document that ends in\n%q", err, doc[max(0, len(doc)-300):])
	}
	return out
}

func parse(doc []byte) ([]string, error) {
	var out, path []string
	in := xml.NewDecoder(bytes.NewReader(doc))
	in.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // recordings are ASCII
	text, leaf := "", false
	for {
		token, err := in.Token()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			path = append(path, token.Name.Local)
			for _, a := range token.Attr {
				out = append(out, strings.Join(path, "/")+"@"+a.Name.Local+"="+a.Value)
			}
			text, leaf = "", true
		case xml.CharData:
			text += string(token)
		case xml.EndElement:
			if leaf {
				out = append(out, strings.Join(path, "/")+"="+text)
			}
			path, leaf = path[:len(path)-1], false
		}
	}
}

// alike makes documents of different zones and versions alike: times are those of this zone, what only newer
// versions tell is left out, and so is what the recorded host does not know.
func alike(outline []string, shift int64, skip ...string) []string {
	var out []string
	for _, line := range outline {
		path, value, _ := strings.Cut(line, "=")
		last := path[strings.LastIndexAny(path, "/@")+1:]
		switch last {
		case "collected_sec", "access", "change", "modify", "started", "incarnation", "boottime":
			if n, err := strconv.ParseInt(value, 10, 64); err == nil && n > 0 {
				value = strconv.FormatInt(n+shift, 10)
			}
		case "collected_usec", "version":
			value = "any"
		}
		line = path + "=" + value
		if !slices.ContainsFunc(skip, func(end string) bool { return strings.HasSuffix(path, end) || strings.HasSuffix(line, end) }) {
			out = append(out, line)
		}
	}
	return out
}

// zone is what has to be added to a recorded time to have the same time of day here.
var zone = moment("19:33:15").Unix() - 1795203195

// newer are the elements that the recorded version does not have.
var newer = []string{
	"/errors", "/errors/event@id", "/errors/event@state", "/errors/event", "service/uptime=1127", "/boottime", "/hardlink",
	"/paging/in", "/paging/out",
}

func recordedDocument(t *testing.T, name string) []byte {
	t.Helper()
	doc, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestDocumentIsAsRecorded(t *testing.T) {
	for _, c := range []struct {
		file   string
		format int
	}{{"status.xml", FormatPage}, {"status2.xml", FormatPost}} {
		t.Run(c.file, func(t *testing.T) {
			h := recordedHost().exactly()
			doc := Document(recordedInstance("19:33:05", "19:33:18"), h.services, c.format, nil)
			got := alike(outline(t, doc), 0, newer...)
			want := alike(outline(t, recordedDocument(t, c.file)), zone)
			for i := range want {
				want[i] = strings.ReplaceAll(want[i], "]]&gt;", "]]>") // was not reversible
			}
			differ(t, strings.Join(got, "\n"), strings.Join(want, "\n"))
		})
	}
}

func TestDocumentOfFailuresIsAsRecorded(t *testing.T) {
	h := recordedFailures().exactly()
	got := alike(statesIn(outline(t, Document(recordedInstance("19:42:59", "19:43:12"), h.services, FormatPost, nil))), 0)
	want := alike(statesIn(outline(t, recordedDocument(t, "status2-with-failures.xml"))), zone)
	differ(t, strings.Join(got, "\n"), strings.Join(want, "\n"))
}

// statesIn selects what a document tells of every service, measured or not.
func statesIn(outline []string) []string {
	return slices.DeleteFunc(outline, func(line string) bool {
		path, _, _ := strings.Cut(line, "=")
		path, ok := strings.CutPrefix(path, "monit/services/service")
		return !ok || !slices.Contains([]string{
			"@name", "/type", "/collected_sec", "/status", "/status_hint", "/monitor", "/monitormode", "/onreboot", "/pendingaction",
		}, path)
	})
}

// TestDocumentOfTheNewerVersion compares with a recording that was edited by hand to have what newer versions add.
func TestDocumentOfTheNewerVersion(t *testing.T) {
	h := recordedFailures().exactly()
	conf := h.service("app_conf")
	conf.Failing, conf.Changed, conf.Rules[1].Changed = model.TopicChecksum.Bit(), 0, false
	h.fail("app_fifo", model.TopicPermission, false)
	ev := &model.Event{
		At: moment("19:43:10"), Service: "app_conf", Topic: model.TopicChecksum, Kind: model.EventFailed, Action: "alert",
		Text: "checksum failed, expected " + strings.Repeat("b", 64) + " got " + strings.Repeat("a", 64),
	}
	h.with("app_conf", factList{{model.ChecksumSHA256, strings.Repeat("a", 64)}})
	conf.Readings = slices.DeleteFunc(conf.Readings, func(r model.Reading) bool { return r.Metric == model.ChecksumMD5 })
	names := func(outline []string) []string { // the order and the names are compared; values that count are in newest
		var out []string
		for _, line := range outline {
			path, value, _ := strings.Cut(line, "=")
			if newest := []string{"/errors", "/event", "monit/event", "/hardlink", "/checksum", "@type", "@id", "@state"}; slices.ContainsFunc(newest,
				func(part string) bool { return strings.Contains(path, part) }) && !strings.Contains(path, "collected") {
				path += "=" + value
			}
			out = append(out, path)
		}
		return out
	}
	in := recordedInstance("19:42:59", "19:43:10")
	in.ID = "41dbd056794347e00a1184ac0a05f83b"
	got := names(outline(t, Document(in, h.services, FormatPost, ev)))
	want := names(outline(t, recordedDocument(t, "event-6.1.xml")))
	differ(t, strings.Join(got, "\n"), strings.Join(want, "\n"))
}

// TestNamesAreInSections pins what an outline does not show.
func TestNamesAreInSections(t *testing.T) {
	h := recordedHost()
	in := recordedInstance("19:33:05", "19:33:18")
	page := string(Document(in, h.services, FormatPage, nil))
	post := string(Document(in, h.services, FormatPost, &model.Event{Service: "spool", Kind: model.EventFailed}))
	for _, c := range []struct{ doc, want string }{
		{page, `<service type="1"><name><![CDATA[spool]]></name>`},
		{post, `<service name="spool"><type>1</type>`},
		{post, `<servicegroup name="app"><service><![CDATA[appd]]></service>`},
		{post, `<event><collected_sec>`},
		{post, `<service><![CDATA[spool]]></service><type>1</type>`},
	} {
		if !strings.Contains(c.doc, c.want) {
			t.Errorf("%q is not in\n%s", c.want, c.doc)
		}
	}
	if strings.Contains(page, "servicegroup") {
		t.Error("a page has groups")
	}
}

func TestWhoIsToldHowToLogIn(t *testing.T) {
	admin := []string{"username=admin", "password=monit"}
	for _, c := range []struct {
		name  string
		alter func(*model.Settings)
		want  []string
	}{
		{"as recorded", func(*model.Settings) {}, append([]string{"address=127.0.0.1", "port=2812", "ssl=0"}, admin...)},
		{"no collector", func(s *model.Settings) { s.Collectors = nil }, []string{"address=127.0.0.1", "port=2812", "ssl=0"}},
		{"without credentials", func(s *model.Settings) { s.Collectors[0].NoCredentials = true }, []string{"address=127.0.0.1", "port=2812", "ssl=0"}},
		{"read-only", func(s *model.Settings) { s.HTTPD.ReadOnly = true }, []string{"address=127.0.0.1", "port=2812", "ssl=0"}},
		{"guests only", func(s *model.Settings) { s.HTTPD.Allow = s.HTTPD.Allow[:2] }, []string{"address=127.0.0.1", "port=2812", "ssl=0"}},
		{"nobody", func(s *model.Settings) { s.HTTPD.Allow = nil }, nil},
		{"no server", func(s *model.Settings) { s.HTTPD = nil }, nil},
		{"TLS", func(s *model.Settings) { s.HTTPD.TLS = &model.ServerTLS{} }, append([]string{"address=127.0.0.1", "port=2812", "ssl=1"}, admin...)},
		{"any address", func(s *model.Settings) { s.HTTPD.Address = "" }, append([]string{"address=192.0.2.7", "port=2812", "ssl=0"}, admin...)},
		{
			"socket only", func(s *model.Settings) { s.HTTPD.Port, s.HTTPD.Socket = 0, &model.HTTPSocket{Path: "/run/monit.sock"} },
			[]string{"unixsocket=/run/monit.sock"},
		},
		{
			"both", func(s *model.Settings) { s.HTTPD.Socket = &model.HTTPSocket{Path: "/run/monit.sock"} },
			append([]string{"address=127.0.0.1", "port=2812", "ssl=0", "unixsocket=/run/monit.sock"}, admin...),
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := recordedInstance("19:33:05", "19:33:18")
			in.Address = "192.0.2.7"
			c.alter(in.Settings)
			var got []string
			for _, line := range outline(t, Document(in, nil, FormatPost, nil)) {
				for _, part := range []string{"monit/server/httpd/", "monit/server/credentials/"} {
					if rest, ok := strings.CutPrefix(line, part); ok {
						got = append(got, rest)
					}
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestHostGroups(t *testing.T) {
	in := recordedInstance("19:33:05", "19:33:18")
	in.Settings.Collectors = []model.Collector{{HostGroups: []string{"A", "B & c"}}, {HostGroups: []string{"A"}}}
	doc := string(Document(in, nil, FormatPost, nil))
	if want := "</platform><hostgroups><name><![CDATA[A]]></name><name><![CDATA[B & c]]></name></hostgroups><services>"; !strings.Contains(doc, want) {
		t.Errorf("%q is not in\n%s", want, doc)
	}
}
