package host

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"orderly/internal/model"
)

func at(kind model.Kind, path string, metrics ...model.Metric) *model.Service {
	return &model.Service{Name: path, Kind: kind, Subject: model.Subject{Path: path}, Rules: rules(metrics...)}
}

// Covers T-file-size, T-file-hardlink, T-file-permission, T-file-uid, T-file-gid, T-file-mtime and those like them.
func TestFile(t *testing.T) {
	h := open(t, Options{})
	path := filepath.Join(t.TempDir(), "a file")
	if err := os.WriteFile(path, []byte("hello\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640|os.ModeSetuid); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(path, path+"2"); err != nil {
		t.Fatal(err)
	}
	mtime := time.Now().Add(-time.Hour).Truncate(time.Second)
	if err := os.Chtimes(path, mtime.Add(-time.Hour), mtime); err != nil {
		t.Fatal(err)
	}
	s := at(model.KindFile, path, model.Hardlinks, model.AccessTime, model.ModifyAge, model.AnyTime, model.AnyAge, model.ChangeAge,
		model.ChecksumMD5, model.ChecksumSHA1, model.ChecksumSHA256)
	got := measure(t, h, s).Readings
	compare(t, got, map[model.Metric]float64{
		model.Exist: 1, model.TypeValid: 1, model.Size: 6, model.Permission: 0o4640, model.Hardlinks: 2,
		model.UID: float64(os.Getuid()), model.GID: float64(os.Getgid()),
		model.ModifyTime: float64(mtime.Unix()), model.AccessTime: float64(mtime.Unix() - 3600),
	})
	if age := got.Get(model.ModifyAge).Number(); age < 3600 || age > 4200 {
		t.Errorf("age %v", age)
	}
	if age, changed := got.Get(model.AnyAge), got.Get(model.ChangeAge); age != changed {
		t.Errorf("age of any change %v, want that of the status, %v", age, changed)
	}
	for m, want := range map[model.Metric]string{
		model.ChecksumMD5:    "b1946ac92492d2347c6235b4d2611184",
		model.ChecksumSHA1:   "f572d396fae9206628714fb2ce00f72e94f2258f",
		model.ChecksumSHA256: "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
	} {
		if sum := got.Get(m).Text(); sum != want {
			t.Errorf("%s is %q, want %q", m, sum, want)
		}
	}
	before := got.Get(model.ChecksumMD5)
	if again := measure(t, h, s).Readings.Get(model.ChecksumMD5); again != before {
		t.Errorf("the checksum changed to %v", again)
	}
	if err := os.WriteFile(path, []byte("other\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	if sum := measure(t, h, s).Readings.Get(model.ChecksumMD5); sum == before {
		t.Error("the checksum did not change with the content")
	}
}

// Covers T-file-type, T-fifo-type, T-dir-type, T-file-notexist and those like them.
func TestTypes(t *testing.T) {
	h := open(t, Options{})
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(path("file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mkfifo(path("fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path("directory"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("file", path("link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", path("dangling")); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", path("socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for name, kinds := range map[string][]model.Kind{
		"file": {model.KindFile}, "socket": {model.KindFile}, "link": {model.KindFile},
		"fifo": {model.KindFifo}, "directory": {model.KindDirectory}, "dangling": nil, "missing": nil, "file/below": nil,
	} {
		for _, kind := range []model.Kind{model.KindFile, model.KindFifo, model.KindDirectory} {
			s := at(kind, path(name), model.ChecksumMD5)
			got := measure(t, h, s).Readings
			switch valid := slices.Contains(kinds, kind); {
			case kinds == nil:
				if len(got) != 1 || got.Get(model.Exist).Number() != 0 {
					t.Errorf("%s as %s: %v", name, kind, got)
				}
			case got.Get(model.Exist).Number() != 1 || got.Get(model.TypeValid) != model.Bool(valid):
				t.Errorf("%s as %s: %v", name, kind, got)
			case valid != got.Get(model.Permission).Present():
				t.Errorf("%s as %s: permission %v", name, kind, got.Get(model.Permission))
			}
		}
	}
}

// A log is a file whose lines a service looks at.
type log struct {
	t    *testing.T
	h    *Host
	path string
	s    *model.Service
	mark model.Bookmark
}

func follow(t *testing.T, matches ...model.Match) *log {
	l := &log{t: t, h: open(t, Options{}), path: filepath.Join(t.TempDir(), "log")}
	l.s = at(model.KindFile, l.path)
	for i := range matches {
		l.s.Rules = append(l.s.Rules, model.Rule{Metric: model.OK, Probe: &model.Probe{Kind: model.ProbeContent, Match: &matches[i]}})
	}
	return l
}

func (l *log) write(text string, flags int) {
	l.t.Helper()
	f, err := os.OpenFile(l.path, flags|os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		l.t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		l.t.Fatal(err)
	}
}

func (l *log) add(text string) { l.t.Helper(); l.write(text, os.O_APPEND) }

// look makes one check and returns the result of the first rule.
func (l *log) look() model.Result {
	l.t.Helper()
	sample, err := l.h.Measure(l.t.Context(), l.s, time.Now(), l.mark)
	if err != nil {
		l.t.Fatal(err)
	}
	l.mark = sample.Bookmark
	if len(sample.Probes) != len(l.s.Probes()) {
		l.t.Fatalf("%d results for %d probes", len(sample.Probes), len(l.s.Probes()))
	}
	return sample.Probes[0]
}

func (l *log) want(what, evidence string) {
	l.t.Helper()
	r := l.look()
	if r.Skipped || r.Evidence != evidence || r.OK != (evidence == "") {
		l.t.Errorf("%s: evidence %q (ok %v, skipped %v), want %q", what, r.Evidence, r.OK, r.Skipped, evidence)
	}
}

// Covers T-file-content, T-file-content-position, T-file-content-partial, T-file-content-truncate, T-file-content-rotate.
func TestContent(t *testing.T) {
	l := follow(t, model.Match{Patterns: []string{"error"}})
	l.add("error before\n")
	l.want("first sight", "")
	l.want("nothing new", "")
	l.add("fine\nerror 1\nan error 2\nerror unfinished")
	l.want("new lines", "error 1\nan error 2")
	l.want("an unfinished line", "")
	l.add(" and done\r\n")
	l.want("the finished line", "error unfinished and done")

	l.h.Forget(l.s.Name)
	l.add("error while away\n")
	l.want("after a restart", "error while away")

	l.write("error anew\n", os.O_TRUNC)
	l.want("truncated", "error anew")

	if err := os.Rename(l.path, l.path+".1"); err != nil {
		t.Fatal(err)
	}
	if r := l.look(); !r.Skipped {
		t.Errorf("while the file is missing: %+v", r)
	}
	l.add("error one\nerror two\nerror three, so that the new file is longer than the old\n")
	l.want("rotated", "error one\nerror two\nerror three, so that the new file is longer than the old")
}

// Covers T-file-content-not, T-file-ignore.
func TestContentSelection(t *testing.T) {
	l := follow(t, model.Match{Patterns: []string{"^ok", "fine"}, Not: true}, model.Match{Patterns: []string{"bad"}})
	l.s.Ignore = []model.Match{{Patterns: []string{"^debug"}}, {Patterns: []string{"[0-9]"}, Not: true}}
	l.add("")
	l.want("first sight", "")
	l.add("ok 1\ndebug 2\nbad\nall fine 3\nbad 4\nbad 5\n")
	sample, err := l.h.Measure(t.Context(), l.s, time.Now(), l.mark)
	if err != nil {
		t.Fatal(err)
	}
	first, second := sample.Probes[0], sample.Probes[1]
	if first.Summary != "2 lines that do not match any of 2 patterns" || first.Evidence != "bad 4\nbad 5" {
		t.Errorf("first: %+v", first)
	}
	if second.Summary != `2 lines that match "bad"` || second.Readings.Get(model.Matched).Number() != 2 {
		t.Errorf("second: %+v", second)
	}
}

func TestContentIsBounded(t *testing.T) {
	l := follow(t, model.Match{Patterns: []string{"x"}})
	l.s.Limits.FileContent = 20
	l.add("")
	l.want("first sight", "")
	l.add(strings.Repeat("a", 20) + "x\n" + "x\x1b[31m\xff" + strings.Repeat("b", 100) + "\n")
	l.want("cut lines", "x?[31m?"+strings.Repeat("b", 13))
	l.add(strings.Repeat("x\n", 5000))
	if r := l.look(); len(r.Evidence) > evidenceLimit || r.Readings.Get(model.Matched).Number() != 5000 {
		t.Errorf("%d bytes of evidence for %v lines", len(r.Evidence), r.Readings.Get(model.Matched))
	}

	f, err := os.OpenFile(l.path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(1 << 33); err != nil {
		t.Skipf("no sparse files here: %v", err)
	}
	before := l.mark.Offset
	l.want("an endless line", "")
	if l.mark.Offset != before+perVisit {
		t.Errorf("%d bytes were read of it, want %d", l.mark.Offset-before, perVisit)
	}
}

func TestContentOfProc(t *testing.T) {
	h := open(t, Options{})
	s := at(model.KindFile, "/proc/self/status")
	s.Rules = []model.Rule{{Metric: model.OK, Probe: &model.Probe{Kind: model.ProbeContent, Match: &model.Match{Patterns: []string{"^Name:"}}}}}
	var mark model.Bookmark
	for range 2 {
		sample, err := h.Measure(t.Context(), s, time.Now(), mark)
		if err != nil {
			t.Fatal(err)
		}
		if r := sample.Probes[0]; r.OK || r.Readings.Get(model.Matched).Number() != 1 {
			t.Errorf("a file of the kernel is not read from its begin: %+v", r)
		}
		mark = sample.Bookmark
	}
}

// Other probes are none of the host's business.
func TestOtherProbesAreSkipped(t *testing.T) {
	h := open(t, Options{})
	path := filepath.Join(t.TempDir(), "pid")
	writePID(t, path, os.Getpid())
	s := byPidfile(path)
	s.Rules = []model.Rule{{Metric: model.OK, Probe: &model.Probe{Kind: model.ProbePort, Port: 80}}}
	if sample := measure(t, h, s); len(sample.Probes) != 1 || !sample.Probes[0].Skipped {
		t.Errorf("probes %+v", sample.Probes)
	}
}

// bytesOf is a file in memory.
type bytesOf []byte

func (b bytesOf) ReadAt(p []byte, at int64) (int, error) {
	if at >= int64(len(b)) {
		return 0, nil
	}
	return copy(p, b[at:min(int64(len(b)), at+7)]), nil // in small pieces
}

func FuzzEachLine(f *testing.F) {
	f.Add([]byte("a\nbb\n\nc"), 2)
	f.Add([]byte("\r\n"), 1)
	f.Fuzz(func(t *testing.T, text []byte, limit int) {
		if limit < 1 || limit > 1000 {
			return
		}
		var got []string
		end, err := eachLine(context.Background(), bytesOf(text), 0, limit, func(line []byte) { got = append(got, string(line)) })
		if err != nil {
			t.Fatal(err)
		}
		complete := string(text[:strings.LastIndexByte(string(text), '\n')+1])
		if end != int64(len(complete)) && len(complete) > 0 {
			t.Fatalf("ended at %d of %d", end, len(complete))
		}
		var want []string
		for line := range strings.Lines(complete) {
			line = line[:len(line)-1]
			want = append(want, strings.TrimSuffix(line[:min(len(line), limit)], "\r"))
		}
		if !slices.Equal(got, want) {
			t.Fatalf("lines %q, want %q", got, want)
		}
	})
}

func TestDigestIsKept(t *testing.T) {
	var d digests
	now := stamp{inode: 1}
	first, err := d.of(t.Context(), bytesOf("hello\n"), now, fromMD5)
	if err != nil {
		t.Fatal(err)
	}
	same, _ := d.of(t.Context(), bytesOf("other\n"), now, fromMD5)
	other, _ := d.of(t.Context(), bytesOf("other\n"), stamp{inode: 2}, fromMD5)
	if same != first || other == first || first[1] != "" {
		t.Errorf("sums %q, %q, %q", first, same, other)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.of(ctx, bytesOf("x"), stamp{inode: 3}, fromMD5); err == nil {
		t.Error("a checksum was made without time")
	}
	if again, err := d.of(t.Context(), bytesOf("hello\n"), stamp{inode: 3}, fromMD5); err != nil || again != first {
		t.Errorf("after a failure: %q, %v", again, err)
	}
}

func BenchmarkFile(b *testing.B) {
	h := open(b, Options{})
	dir := b.TempDir()
	services := make([]*model.Service, 1000)
	for i := range services {
		path := filepath.Join(dir, strconv.Itoa(i))
		if err := os.WriteFile(path, []byte(fmt.Sprint(i)), 0o600); err != nil {
			b.Fatal(err)
		}
		services[i] = at(model.KindFile, path, model.Size, model.ModifyAge)
	}
	benchmarkServices(b, h, services)
}
