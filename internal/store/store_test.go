package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

var discard = slog.New(slog.DiscardHandler)

func open(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir, discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func flush(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func reopen(t *testing.T, s *Store) *Store {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return open(t, s.dir)
}

func event(service string, n int) model.Event {
	return model.Event{
		At: time.Unix(int64(n), 5), Host: "web1", Service: service, Rule: "failed port 80", Kind: model.EventFailed,
		Topic: model.TopicConnection, Action: "restart", Text: fmt.Sprint("no ", n), Evidence: "line\n", Count: n, Silent: n%2 == 0,
	}
}

func texts(events []model.Event) string {
	var out []string
	for _, ev := range events {
		out = append(out, strings.TrimPrefix(ev.Text, "no "))
	}
	return strings.Join(out, " ")
}

func TestEventsSurviveARestart(t *testing.T) {
	s := open(t, t.TempDir())
	want := event("nginx", 7)
	want.Seq = s.Append(want)
	if want.Seq != 1 {
		t.Errorf("the first event has the number %d", want.Seq)
	}
	s = reopen(t, s)
	got, err := s.Events(t.Context(), Query{})
	if err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if seq := s.Append(event("nginx", 8)); seq != 2 {
		t.Errorf("the numbers go on with %d", seq)
	}
	if s.Last() != 2 {
		t.Errorf("Last is %d", s.Last())
	}
}

func TestQuery(t *testing.T) {
	s := open(t, t.TempDir())
	for i := 1; i <= 6; i++ {
		s.Append(event([]string{"a", "b"}[i%2], i))
	}
	s = reopen(t, s) // 1 to 6 on disk only, 7 to 10 in memory
	for i := 7; i <= 10; i++ {
		s.Append(event([]string{"a", "b"}[i%2], i))
	}
	tests := []struct {
		name  string
		query Query
		want  string
	}{
		{"all", Query{}, "1 2 3 4 5 6 7 8 9 10"},
		{"service, in any case", Query{Service: "A"}, "2 4 6 8 10"},
		{"no such service", Query{Service: "c"}, ""},
		{"since", Query{Since: time.Unix(9, 5)}, "9 10"},
		{"until", Query{Until: time.Unix(2, 5)}, "1"},
		{"between", Query{Since: time.Unix(5, 0), Until: time.Unix(8, 0)}, "5 6 7"},
		{"newest", Query{Limit: 2}, "9 10"},
		{"newest, from memory and disk", Query{Limit: 6}, "5 6 7 8 9 10"},
		{"newest of a service", Query{Service: "b", Limit: 4}, "3 5 7 9"},
		{"after", Query{After: 8}, "9 10"},
		{"page on disk", Query{After: 2, Limit: 2}, "3 4"},
		{"page over the edge", Query{After: 4, Limit: 4}, "5 6 7 8"},
		{"page in memory", Query{After: 6, Limit: 2}, "7 8"},
		{"after the last", Query{After: 10}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := s.Events(t.Context(), test.query)
			if err != nil || texts(got) != test.want {
				t.Errorf("got %q, %v, want %q", texts(got), err, test.want)
			}
		})
	}
}

func TestRecords(t *testing.T) {
	s := open(t, t.TempDir())
	s.Save(Record{"web", model.KindProcess, []byte("1")}, Record{"db", model.KindProcess, []byte("1")})
	s.Save(Record{"WEB", model.KindProcess, []byte("2")}, Record{"old", model.KindFile, nil})
	check := func(want string) {
		t.Helper()
		records, err := s.Records(t.Context())
		var got []string
		for _, r := range records {
			got = append(got, fmt.Sprintf("%s:%s:%s", r.Service, r.Kind, r.Data))
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	check("db:process:1 old:file: WEB:process:2")
	flush(t, s)
	check("db:process:1 old:file: WEB:process:2")
	s = reopen(t, s)
	s.Remove("DB")
	s.Save(Record{"Old", model.KindFifo, []byte("3")})
	check("Old:fifo:3 WEB:process:2")
	s = reopen(t, s)
	check("Old:fifo:3 WEB:process:2")
}

func TestMetaAndCursorsSurviveARestart(t *testing.T) {
	s := open(t, t.TempDir())
	if s.Meta("boot") != "" || s.Cursor("mail") != 0 {
		t.Error("a new store knows something")
	}
	s.SetMeta("boot", "x")
	s.SetMeta("boot", "y")
	s.Done("mail", 5, time.Second)
	s.Done("mail", 3, 0)
	s.Done("fleet", 9, time.Hour)
	s = reopen(t, s)
	if got := s.Meta("boot"); got != "y" {
		t.Errorf("boot is %q", got)
	}
	if m, f := s.Cursor("mail"), s.Cursor("fleet"); m != 5 || f != 9 {
		t.Errorf("cursors are %d and %d, want 5 and 9", m, f)
	}
}

func TestSecondDaemonIsRefused(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir)
	_, err := Open(dir, discard)
	if !errors.Is(err, ErrLocked) || !strings.HasPrefix(err.Error(), "cannot use "+dir+": another orderly") {
		t.Fatalf("got %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
}

func TestModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b ?#%41")
	s := open(t, dir)
	s.Append(event("a", 1))
	flush(t, s)
	want := map[string]os.FileMode{"": 0o700, fileName: 0o600, fileName + "-wal": 0o600, fileName + "-shm": 0o600}
	for name, mode := range want {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v, want %v", name, info.Mode(), err, mode)
		}
	}
}

func TestFlushAfterCloseAndWithoutTime(t *testing.T) {
	s := open(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.Append(event("a", 1))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(t.Context()); err == nil {
		t.Error("Flush of a closed store says it is on disk")
	}
	if s.Append(event("a", 2)) != 2 || s.Close() != nil {
		t.Error("a closed store does not go on in memory")
	}
	if err := open(t, t.TempDir()).Flush(ctx); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestPrune(t *testing.T) {
	s := open(t, t.TempDir())
	for i := 1; i <= 20; i++ {
		s.Append(event("a", i))
	}
	s = reopen(t, s)
	db := s.current()
	steps := []struct {
		before     time.Time
		count      int
		step       int
		want, left int
	}{
		{time.Unix(4, 0), 100, 2, 2, 18},
		{time.Unix(4, 0), 100, 2, 1, 17},
		{time.Unix(4, 0), 100, 2, 0, 17},
		{time.Time{}, 10, 5, 5, 12},
		{time.Time{}, 10, 5, 2, 10},
		{time.Time{}, 10, 5, 0, 10},
		{time.Unix(100, 0), 100, 50, 9, 1},
		{time.Time{}, 0, 5, 0, 1},
	}
	for i, step := range steps {
		n, err := db.pruneEvents(t.Context(), step.before, step.count, step.step)
		if err != nil || n != step.want {
			t.Fatalf("step %d deleted %d, %v, want %d", i, n, err, step.want)
		}
		left, err := s.Events(t.Context(), Query{})
		if err != nil || len(left) != step.left || left[len(left)-1].Text != "no 20" {
			t.Fatalf("step %d leaves %q, %v", i, texts(left), err)
		}
	}
}
