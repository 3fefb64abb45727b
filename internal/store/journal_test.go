package store

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

// take reads n events of a follower and fails the test if they are not numbered one by one.
func take(t *testing.T, s *Store, from uint64, n int) {
	t.Helper()
	next := from + 1
	for ev := range s.Follow(t.Context(), from) {
		if ev.Seq != next {
			t.Fatalf("event %d comes where %d should", ev.Seq, next)
		}
		if next++; next > from+uint64(n) {
			return
		}
	}
	t.Fatalf("the follower ended at %d", next)
}

func TestFollowerCatchesUpFromTheTable(t *testing.T) {
	s := open(t, t.TempDir())
	const n = 3 * keepSaved
	for i := range n {
		s.Append(event("a", i))
		if i%keepSaved == 0 {
			flush(t, s)
		}
	}
	flush(t, s)
	s.mu.Lock()
	kept := len(s.journal.tail)
	s.mu.Unlock()
	if kept >= n {
		t.Fatal("everything is still in memory")
	}
	take(t, s, 0, n)
	take(t, s, 100, n-100)
	s = reopen(t, s)
	s.Append(event("a", 1))
	take(t, s, 0, n+1)
	take(t, s, n, 1)
}

func TestFollowerWaitsAndEndsWithItsContext(t *testing.T) {
	s := open(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	from, got := s.Last(), make(chan model.Event)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ev := range s.Follow(ctx, from) {
			got <- ev
		}
	}()
	for i := 1; i <= 3; i++ {
		s.Append(event("a", i))
		if ev := <-got; ev.Count != i {
			t.Errorf("got %v", ev)
		}
	}
	cancel()
	<-ended
}

func TestManyWritersManyFollowers(t *testing.T) {
	s := open(t, t.TempDir())
	const writers, each = 4, 200
	done := make(chan struct{})
	for range 3 {
		go func() {
			defer func() { done <- struct{}{} }()
			n, last := 0, uint64(0)
			for ev := range s.Follow(t.Context(), 0) {
				if ev.Seq != last+1 {
					t.Errorf("event %d follows %d", ev.Seq, last)
				}
				last = ev.Seq
				s.Done("x", last, time.Second)
				if n++; n == writers*each {
					return
				}
			}
		}()
	}
	for w := range writers {
		go func() {
			for i := range each {
				s.Append(event(fmt.Sprint("s", w), i))
			}
		}()
	}
	for range 3 {
		<-done
	}
}

// The writer commits by itself: an explained failure at once, a reload within a second.
func TestCommitTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, t.TempDir())
		onDisk := func() int {
			synctest.Wait()
			events, err := s.current().events(t.Context(), Query{oldest: true, Limit: 100}, maxSeq)
			if err != nil {
				t.Fatal(err)
			}
			return len(events)
		}
		s.Append(model.Event{Kind: model.EventReloaded})
		if n := onDisk(); n != 0 {
			t.Errorf("%d events on disk at once", n)
		}
		s.Append(model.Event{Kind: model.EventFailed, Service: "Web"})
		if n := onDisk(); n != 0 {
			t.Errorf("%d events on disk before the state that belongs to them", n)
		}
		s.Save(Record{Service: "web", Data: []byte("failed")})
		time.Sleep(urgentDelay)
		if n := onDisk(); n != 2 {
			t.Errorf("%d events on disk after a failure, want 2", n)
		}
		state := func() string {
			rows, err := s.current().records(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return string(rows["web"].Data)
		}
		if got := state(); got != "failed" {
			t.Errorf("the state on disk is %q", got)
		}
		s.Save(Record{Service: "web", Data: []byte("still failed")})
		time.Sleep(urgentDelay)
		if n, got := onDisk(), state(); n != 2 || got != "failed" {
			t.Errorf("state that can wait does not: %q", got)
		}
		s.Append(model.Event{Kind: model.EventReloaded})
		if n := onDisk(); n != 2 {
			t.Errorf("%d events on disk, want 2", n)
		}
		time.Sleep(eventDelay)
		if n := onDisk(); n != 3 {
			t.Errorf("%d events on disk after a second, want 3", n)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A cursor that may wait goes along with one that may not, and many of them share a commit.
func TestCursorsWaitForCompany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, t.TempDir())
		onDisk := func(name string, want uint64) {
			t.Helper()
			synctest.Wait()
			p, err := s.current().past(t.Context())
			if err != nil || p.cursors[name] != want {
				t.Errorf("the cursor of %s is %d on disk, %v, want %d", name, p.cursors[name], err, want)
			}
		}
		s.Done("patient", 1, time.Second)
		time.Sleep(500 * time.Millisecond)
		onDisk("patient", 0)
		s.Done("hasty", 1, 20*time.Millisecond)
		time.Sleep(20 * time.Millisecond)
		onDisk("hasty", 1)
		onDisk("patient", 1)

		commits, before := 0, dataVersion(t, s)
		for seq := range uint64(100) {
			s.Done("patient", 2+seq, time.Second)
			time.Sleep(20 * time.Millisecond)
			synctest.Wait()
			if now := dataVersion(t, s); now != before {
				commits, before = commits+1, now
			}
		}
		if commits == 0 || commits > 2 {
			t.Errorf("%d commits in two seconds", commits)
		}
		time.Sleep(time.Second)
		onDisk("patient", 101)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// dataVersion is a number that changes with each commit.
func dataVersion(t *testing.T, s *Store) (n int) {
	t.Helper()
	if err := s.current().read.QueryRow("pragma data_version").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestMemoryIsBounded(t *testing.T) {
	j := journal{wake: make(chan struct{})}
	j.adopt(41)
	const n = 3 * keepUnsaved
	for range n {
		j.append(model.Event{})
	}
	if got := len(j.unsaved()); got != keepUnsaved {
		t.Errorf("%d unsaved events are kept", got)
	}
	if len(j.tail) > keepUnsaved+2*keepSaved {
		t.Errorf("%d events are kept", len(j.tail))
	}
	if j.lost != n-keepUnsaved || j.last != 41+n {
		t.Errorf("lost %d, last %d", j.lost, j.last)
	}
	if j.dropped+1 != j.tail[0].Seq {
		t.Errorf("dropped up to %d, but the tail begins with %d", j.dropped, j.tail[0].Seq)
	}
	j.save(j.last)
	if len(j.tail) > 2*keepSaved {
		t.Errorf("%d saved events are kept", len(j.tail))
	}
}
