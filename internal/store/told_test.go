package store

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"orderly/internal/model"
)

// recorded fails unless exactly these are on record, one list of "channel address error" for each event.
func recorded(t *testing.T, s *Store, want map[uint64][]string, seqs ...uint64) {
	t.Helper()
	all, err := s.WhoWasTold(t.Context(), seqs)
	if err != nil {
		t.Fatal(err)
	}
	got := map[uint64][]string{}
	for seq, list := range all {
		for _, one := range list {
			got[seq] = append(got[seq], fmt.Sprintf("%s %s %s", one.Channel, one.Address, one.Error))
		}
	}
	if !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("on record is %v, want %v", got, want)
	}
}

func attempt(seq uint64, at int, channel, address, err string) model.Told {
	return model.Told{Seq: seq, At: time.Unix(int64(at), 0), Channel: channel, Address: address, Error: err}
}

func TestTold(t *testing.T) {
	s := open(t, t.TempDir())
	s.Told(attempt(1, 10, "mail", "a@x", "no route"))
	s.Told(attempt(1, 11, "slack", "ops", ""))
	s.Told(attempt(2, 12, "mail", "b@x", ""))
	s.Told(attempt(3, 13, "mail", "c@x", ""))
	want := map[uint64][]string{1: {"mail a@x no route", "slack ops "}, 2: {"mail b@x "}}
	recorded(t, s, want, 1, 2)
	flush(t, s)
	recorded(t, s, want, 1, 2)
	s.Told(attempt(1, 20, "mail", "a@x", "")) // it arrived after all
	want[1] = []string{"slack ops ", "mail a@x "}
	recorded(t, s, want, 1, 2)
	s = reopen(t, s)
	recorded(t, s, want, 1, 2)
	recorded(t, s, nil)
	recorded(t, s, nil, 99)
}

func TestToldKeepsEverything(t *testing.T) {
	s := open(t, t.TempDir())
	want := attempt(7, 10, "mail", "a@x", "")
	want.Instead, want.Together, want.Quiet = "sms 1234", 3, time.Unix(99, 1)
	s.Told(want)
	s = reopen(t, s)
	got, err := s.WhoWasTold(t.Context(), []uint64{7})
	if err != nil || len(got[7]) != 1 || got[7][0] != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

// More events are asked about than fit into one query.
func TestToldOfManyEvents(t *testing.T) {
	s := open(t, t.TempDir())
	var seqs []uint64
	for seq := uint64(1); seq <= 3*toldAtOnce+1; seq++ {
		s.Told(attempt(seq, int(seq), "mail", "a@x", ""))
		seqs = append(seqs, seq)
	}
	flush(t, s)
	got, err := s.WhoWasTold(t.Context(), seqs)
	if err != nil || len(got) != len(seqs) {
		t.Errorf("%d of %d are known, %v", len(got), len(seqs), err)
	}
}

func TestToldIsBounded(t *testing.T) {
	s := open(t, t.TempDir())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for seq := range uint64(attemptLimit + 5) {
		s.Told(attempt(seq, 1, "mail", "a@x", ""))
	}
	s.Told(attempt(1, 2, "mail", "a@x", "later"))
	if n := len(s.queue.batch.told); n != attemptLimit {
		t.Errorf("%d wait for the disk, want %d", n, attemptLimit)
	}
	recorded(t, s, map[uint64][]string{1: {"mail a@x later"}}, 1, attemptLimit+4)
}

func TestToldGoesWithItsEvent(t *testing.T) {
	s := open(t, t.TempDir())
	old := s.Append(model.Event{At: time.Now().AddDate(-2, 0, 0), Kind: model.EventFailed})
	kept := s.Append(model.Event{At: time.Now(), Kind: model.EventFailed})
	s.Told(attempt(old, 1, "mail", "a@x", ""))
	s.Told(attempt(kept, 2, "mail", "a@x", ""))
	s.Told(attempt(kept+1, 3, "mail", "a@x", "")) // its event is not on disk yet
	flush(t, s)
	db := s.current()
	if _, err := db.pruneEvents(t.Context(), time.Now().AddDate(-1, 0, 0), maxCount, pruneStep); err != nil {
		t.Fatal(err)
	}
	if err := db.pruneTold(t.Context()); err != nil {
		t.Fatal(err)
	}
	recorded(t, s, map[uint64][]string{kept: {"mail a@x "}, kept + 1: {"mail a@x "}}, old, kept, kept+1)
}
