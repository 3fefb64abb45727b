package store

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

var (
	latency = model.Series{Service: "web", Part: "port 80", Metric: model.Latency}
	cpu     = model.Series{Service: "web", Metric: model.CPU}
)

// noon is a round time: a day (UTC) begins twelve hours before.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func one(s model.Series, at time.Time, value float64) model.SeriesRollup {
	return model.SeriesRollup{Series: s, Rollup: model.Rollup{At: at, Count: 1, Low: value, High: value, Sum: value}}
}

func rollupsOf(t *testing.T, s *Store, span model.Span, series model.Series) string {
	t.Helper()
	found, err := s.Rollups(t.Context(), span, series, noon.AddDate(0, 0, -10), noon.AddDate(0, 0, 10))
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for _, r := range found {
		text += fmt.Sprintf("%s %d %g..%g %g; ", r.At.UTC().Format("2T15:04"), r.Count, r.Low, r.High, r.Sum)
	}
	return text
}

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// What was queued before and after a restart within a minute is one rollup.
func TestRollupsOfOneMinuteAreAdded(t *testing.T) {
	s := open(t, t.TempDir())
	s.SaveRollups(model.Minute, []model.SeriesRollup{one(latency, noon, 3), one(cpu, noon, 50)})
	s = reopen(t, s)
	s.SaveRollups(model.Minute, []model.SeriesRollup{one(latency, noon, 1), one(latency, noon.Add(time.Minute), 7)})
	flush(t, s)
	expect(t, "latency", rollupsOf(t, s, model.Minute, latency), "1T12:00 2 1..3 4; 1T12:01 1 7..7 7; ")
	expect(t, "cpu", rollupsOf(t, s, model.Minute, cpu), "1T12:00 1 50..50 50; ")
	expect(t, "nothing", rollupsOf(t, s, model.Minute, model.Series{Service: "db", Metric: model.CPU}), "")
	of, err := s.SeriesOf(t.Context(), "WEB")
	if err != nil || !slices.Equal(of, []model.Series{cpu, latency}) {
		t.Errorf("series are %v, %v", of, err)
	}
	got, err := s.Rollups(t.Context(), model.Minute, latency, noon.Add(time.Second), noon.Add(time.Minute))
	if err != nil || len(got) != 0 {
		t.Errorf("between two minutes there is %v, %v", got, err)
	}
}

// still returns a store without a writer, whose chores a test does.
func still(t *testing.T, dir string) *Store {
	t.Helper()
	s := &Store{dir: dir, log: discard, kick: make(chan struct{}, 1), queue: newQueue(), journal: journal{wake: make(chan struct{})}, keep: model.DefaultRetention()}
	lock, err := s.attach(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.detach(); lock.Close() })
	return s
}

// put writes what is queued of a store that is still.
func put(t *testing.T, s *Store) {
	t.Helper()
	if err := s.write(); err != nil {
		t.Fatal(err)
	}
}

func foldAll(t *testing.T, s *Store, now time.Time) {
	t.Helper()
	put(t, s)
	for range 100 {
		if !s.fold(now) {
			put(t, s)
			return
		}
	}
	t.Fatal("summing up does not end")
}

func TestMinutesBecomeQuartersBecomeDays(t *testing.T) {
	dir := t.TempDir()
	s := still(t, dir)
	for _, m := range []int{0, 1, 14, 15, 29, 31} {
		s.SaveRollups(model.Minute, []model.SeriesRollup{one(latency, noon.Add(time.Duration(m)*time.Minute), float64(m)), one(cpu, noon, 1)})
	}
	put(t, s)
	foldAll(t, s, noon.Add(31*time.Minute))
	expect(t, "while the second quarter may get more", rollupsOf(t, s, model.Quarter, latency), "1T12:00 3 0..14 15; ")
	foldAll(t, s, noon.Add(33*time.Minute))
	const both = "1T12:00 3 0..14 15; 1T12:15 2 15..29 44; "
	expect(t, "quarters", rollupsOf(t, s, model.Quarter, latency), both)
	expect(t, "of the other", rollupsOf(t, s, model.Quarter, cpu), "1T12:00 6 1..1 6; ")
	expect(t, "days", rollupsOf(t, s, model.Day, latency), "")

	foldAll(t, s, noon.Add(13*time.Hour))
	expect(t, "days", rollupsOf(t, s, model.Day, latency), "1T00:00 6 0..31 90; ")

	// What comes late is not forgotten.
	s.SaveRollups(model.Minute, []model.SeriesRollup{one(latency, noon.Add(2*time.Minute), 100)})
	foldAll(t, s, noon.Add(14*time.Hour))
	expect(t, "quarters", rollupsOf(t, s, model.Quarter, latency), "1T12:00 4 0..100 115; 1T12:15 2 15..29 44; 1T12:30 1 31..31 31; ")
	expect(t, "days", rollupsOf(t, s, model.Day, latency), "1T00:00 7 0..100 190; ")

	// Neither is where it was; to do it again changes nothing.
	before := rollupsOf(t, s, model.Quarter, latency)
	s.folding = folding{}
	foldAll(t, s, noon.Add(14*time.Hour))
	expect(t, "again", rollupsOf(t, s, model.Quarter, latency), before)
}

func pruneAll(t *testing.T, s *Store, now time.Time) {
	t.Helper()
	for range 100 {
		if !s.prune(now) {
			return
		}
	}
	t.Fatal("deleting does not end")
}

// D-67: nothing is kept longer than it is wanted, and nothing is deleted before it was summed up.
func TestHistoryIsDeletedWhenItIsTooOld(t *testing.T) {
	s := still(t, t.TempDir())
	s.Retain(model.Retention{Minutes: 24 * time.Hour, Quarters: 48 * time.Hour, Days: 5 * 24 * time.Hour})
	for m := range 3000 { // more than one step deletes
		s.SaveRollups(model.Minute, []model.SeriesRollup{one(latency, noon.Add(time.Duration(m)*time.Second*4).Truncate(time.Minute), 1)})
	}
	s.SaveTallies([]model.ServiceTally{{Service: "web", Hours: 3, Tally: model.Tally{At: noon, Up: 3600}}})
	put(t, s)
	pruneAll(t, s, noon.AddDate(0, 0, 2))
	if rollupsOf(t, s, model.Minute, latency) == "" {
		t.Error("minutes were deleted that are in no quarter yet")
	}
	foldAll(t, s, noon.AddDate(0, 0, 2))
	pruneAll(t, s, noon.AddDate(0, 0, 2))
	expect(t, "minutes", rollupsOf(t, s, model.Minute, latency), "")
	if rollupsOf(t, s, model.Quarter, latency) == "" {
		t.Error("quarters were deleted too early")
	}
	pruneAll(t, s, noon.AddDate(0, 0, 3))
	expect(t, "quarters", rollupsOf(t, s, model.Quarter, latency), "")
	expect(t, "days", rollupsOf(t, s, model.Day, latency), "1T00:00 3000 1..1 3000; ")
	expect(t, "tallies", talliesOf(t, s), "web 1T12 3h 3600/0/0/0/0; ")
	pruneAll(t, s, noon.AddDate(0, 0, 9))
	expect(t, "days", rollupsOf(t, s, model.Day, latency), "")
	expect(t, "tallies", talliesOf(t, s), "")
	if of, err := s.SeriesOf(t.Context(), "web"); err != nil || len(of) != 0 {
		t.Errorf("series are %v, %v", of, err)
	}
	s.SaveRollups(model.Minute, []model.SeriesRollup{one(latency, noon, 1)})
	put(t, s)
	expect(t, "after its number went", rollupsOf(t, s, model.Minute, latency), "1T12:00 1 1..1 1; ")
}

// What would take too much is kept for a shorter time, and the longer spans of it are still whole.
func TestHistoryTakesNoMoreThanItMay(t *testing.T) {
	s := still(t, t.TempDir())
	for m := range 300 {
		s.SaveRollups(model.Minute, []model.SeriesRollup{one(latency, noon.Add(time.Duration(m)*time.Minute), 1)})
	}
	put(t, s)
	now := noon.Add(5 * time.Hour)
	foldAll(t, s, now)
	pruneAll(t, s, now)
	if n := strings.Count(rollupsOf(t, s, model.Minute, latency), ";"); n != 300 {
		t.Errorf("of 300 minutes %d are left", n)
	}
	keep := model.DefaultRetention()
	keep.Size = 1
	s.Retain(keep)
	pruneAll(t, s, now)
	if n := strings.Count(rollupsOf(t, s, model.Minute, latency), ";"); n != 60 {
		t.Errorf("%d minutes are left of those of the last hour", n)
	}
	if n := strings.Count(rollupsOf(t, s, model.Quarter, latency), ";"); n != 19 { // the last is not summed up yet
		t.Errorf("%d quarters of an hour are left", n)
	}
}

func TestEventsAreKeptAsLongAsTheyAreWanted(t *testing.T) {
	s := still(t, t.TempDir())
	s.Retain(model.Retention{Events: time.Hour})
	for _, at := range []time.Time{noon.Add(-2 * time.Hour), noon.Add(-time.Minute), noon} {
		s.Append(model.Event{At: at, Text: at.Format("15:04")})
	}
	put(t, s)
	pruneAll(t, s, noon)
	var left int
	if err := s.db.read.QueryRow("select count(*) from event").Scan(&left); err != nil || left != 2 {
		t.Errorf("%d events are left, %v", left, err)
	}
	s.Retain(model.Retention{})
	pruneAll(t, s, noon.AddDate(50, 0, 0))
	if err := s.db.read.QueryRow("select count(*) from event").Scan(&left); err != nil || left != 2 {
		t.Errorf("%d events are left of two that are kept for ever, %v", left, err)
	}
}

func talliesOf(t *testing.T, s *Store) string {
	t.Helper()
	text := ""
	for r, err := range s.Tallies(t.Context(), noon.AddDate(0, 0, -10)) {
		if err != nil {
			t.Fatal(err)
		}
		text += fmt.Sprintf("%s %s %dh %d/%d/%d/%d/%d; ", r.Service, r.At.UTC().Format("2T15"), r.Hours, r.Up, r.Degraded, r.Partial, r.Down, r.Maintenance)
	}
	return text
}

func TestTallies(t *testing.T) {
	s := open(t, t.TempDir())
	s.SaveTallies([]model.ServiceTally{
		{Service: "web", Hours: 1, Tally: model.Tally{At: noon, Up: 60}},
		{Service: "db", Hours: 2, Tally: model.Tally{At: noon, Down: 1, Degraded: 2, Partial: 3, Maintenance: 4}},
		{Service: "web", Hours: 1, Tally: model.Tally{At: noon.Add(time.Hour), Up: 60}},
	})
	flush(t, s)
	s.SaveTallies([]model.ServiceTally{
		{Service: "Web", Hours: 2, Tally: model.Tally{At: noon, Up: 3600}},
		{Service: "web", Tally: model.Tally{At: noon.Add(time.Hour)}},
	})
	s = reopen(t, s)
	expect(t, "tallies", talliesOf(t, s), "db 1T12 2h 0/2/3/1/4; Web 1T12 2h 3600/0/0/0/0; ")
}

// More than one read, and rows of one hour that are cut apart by its end.
func TestManyTallies(t *testing.T) {
	s := open(t, t.TempDir())
	var rows []model.ServiceTally
	for i := range 3*exportBatch + 7 {
		rows = append(rows, model.ServiceTally{Service: fmt.Sprint("s", i%700), Hours: 1, Tally: model.Tally{At: noon.Add(time.Duration(i/700) * time.Hour), Up: i}})
	}
	s.SaveTallies(rows)
	flush(t, s)
	sum, n := 0, 0
	for r, err := range s.Tallies(t.Context(), noon) {
		if err != nil {
			t.Fatal(err)
		}
		sum, n = sum+r.Up, n+1
	}
	if want := len(rows); n != want || sum != want*(want-1)/2 {
		t.Errorf("%d rows of %d, with %d in all", n, want, sum)
	}
}

func TestAllRollups(t *testing.T) {
	s := open(t, t.TempDir())
	for m := range 700 {
		at := noon.Add(time.Duration(m) * time.Minute)
		s.SaveRollups(model.Minute, []model.SeriesRollup{one(latency, at, 1), one(cpu, at, 2)})
	}
	flush(t, s)
	sum := map[model.Series]float64{}
	last := noon
	for r, err := range s.AllRollups(t.Context(), model.Minute, noon.Add(time.Minute), noon.Add(699*time.Minute)) {
		if err != nil || r.At.Before(last) {
			t.Fatalf("%v, %v", r, err)
		}
		sum[r.Series], last = sum[r.Series]+r.Sum, r.At
	}
	if sum[latency] != 698 || sum[cpu] != 2*698 {
		t.Errorf("sums are %v", sum)
	}
}

// While the disk is away, what waits is bounded and the newest counts.
func TestHistoryWithoutADisk(t *testing.T) {
	s := open(t, t.TempDir())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for m := range 3 * rollupLimit / 100 {
		s.SaveRollups(model.Minute, slices.Repeat([]model.SeriesRollup{one(latency, noon.Add(time.Duration(m)*time.Minute), 1)}, 100))
		s.SaveTallies(make([]model.ServiceTally, 1))
	}
	waiting, n := s.queue.batch.rollups, 0
	for _, r := range waiting {
		n += len(r.rows)
	}
	last := waiting[len(waiting)-1].rows[0].At
	if n > rollupLimit || n < rollupLimit-100 || !last.Equal(noon.Add(time.Duration(3*rollupLimit/100-1)*time.Minute)) {
		t.Errorf("%d rollups wait, up to %v", n, last)
	}
}

func TestUptimeOfADeletedDatabase(t *testing.T) {
	s := open(t, t.TempDir())
	s.SaveTallies([]model.ServiceTally{{Service: "web", Hours: 5, Tally: model.Tally{At: noon, Up: 3600}}})
	flush(t, s)
	if err := os.Remove(filepath.Join(s.dir, fileName)); err != nil {
		t.Fatal(err)
	}
	s.SaveRollups(model.Minute, []model.SeriesRollup{one(cpu, noon, 1)})
	s = reopen(t, s)
	expect(t, "tallies", talliesOf(t, s), "web 1T12 5h 3600/0/0/0/0; ")
	expect(t, "rollups", rollupsOf(t, s, model.Minute, cpu), "1T12:00 1 1..1 1; ")
}

// recordUntilKilled saves history and prints how much of it is promised to be on disk.
func recordUntilKilled(dir string) {
	s, err := Open(dir, discard)
	for n := 1; err == nil; n++ {
		s.SaveRollups(model.Minute, []model.SeriesRollup{one(cpu, noon, 1)})
		s.SaveTallies([]model.ServiceTally{{Service: "web", Hours: 1, Tally: model.Tally{At: noon, Up: n}}})
		if err = s.Flush(context.Background()); err == nil {
			fmt.Println(n)
		}
	}
	fmt.Println(err)
	os.Exit(1)
}

// What was measured before kill -9 is there afterwards, once.
func TestHistoryOfTheKilled(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "ORDERLY_TEST_RECORD_DIR="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	promised := 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if promised, err = strconv.Atoi(lines.Text()); err != nil {
			t.Fatal(lines.Text())
		}
		if promised == 50 {
			cmd.Process.Kill()
		}
	}
	cmd.Wait()
	s := open(t, dir)
	got, err := s.Rollups(t.Context(), model.Minute, cpu, noon, noon.Add(time.Minute))
	if err != nil || len(got) != 1 || got[0].Count < promised || got[0].Count > promised+1 {
		t.Fatalf("%d were promised, there are %v, %v", promised, got, err)
	}
	expect(t, "tallies", talliesOf(t, s), fmt.Sprintf("web 1T12 1h %d/0/0/0/0; ", got[0].Count))
}
