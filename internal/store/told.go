package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"orderly/internal/model"
)

// attemptLimit bounds the attempts that wait for the disk.
const attemptLimit = 10_000

// attemptTable says who was told of which event. The rows of an event go when it does.
const attemptTable = `create table told (
	seq      integer not null, -- of the event
	channel  text not null,
	address  text not null,
	at       integer not null,
	error    text not null,
	instead  text not null,
	together integer not null,
	quiet    integer not null, -- 0: not
	primary key (seq, channel, address)
) without rowid;`

// attemptKey names a row of the table.
type attemptKey struct {
	seq              uint64
	channel, address string
}

type attempts map[attemptKey]model.Told

// Told queues how far it came with telling somebody of an event; the latest counts. While the disk gives trouble, 10000
// are kept.
func (s *Store) Told(t model.Told) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, waiting := attemptKey{t.Seq, t.Channel, t.Address}, s.queue.batch.told
	if _, known := waiting[key]; known || len(waiting) < attemptLimit {
		waiting[key] = t
		s.due(stateDelay)
	}
}

// WhoWasTold returns, by the numbers of the given events, whom it was tried to tell of them, in the order of the last
// attempts, whether that is on disk yet or not. While the database is out of reach it returns what is in memory.
func (s *Store) WhoWasTold(ctx context.Context, seqs []uint64) (map[uint64][]model.Told, error) {
	s.mu.Lock()
	db := s.db
	queued := attempts{}
	maps.Copy(queued, s.queue.writing.told)
	maps.Copy(queued, s.queue.batch.told)
	s.mu.Unlock()
	all := attempts{}
	if db != nil {
		for some := range slices.Chunk(seqs, toldAtOnce) {
			if err := db.told(ctx, some, all); err != nil {
				s.suspect(err)
				return nil, fmt.Errorf("cannot read who was told: %w", err)
			}
		}
	}
	for key, t := range queued {
		if slices.Contains(seqs, key.seq) {
			all[key] = t
		}
	}
	out := map[uint64][]model.Told{}
	for _, t := range all {
		out[t.Seq] = append(out[t.Seq], t)
	}
	for _, list := range out {
		slices.SortFunc(list, func(a, b model.Told) int {
			if order := a.At.Compare(b.At); order != 0 {
				return order
			}
			return strings.Compare(a.Channel+" "+a.Address, b.Channel+" "+b.Address)
		})
	}
	return out, nil
}

// toldAtOnce is of how many events one query asks.
const toldAtOnce = 100

const attemptQuery = "select seq, channel, address, at, error, instead, together, quiet from told"

// told reads the rows of some events.
func (d *database) told(ctx context.Context, seqs []uint64, into attempts) error {
	args := make([]any, len(seqs))
	for i, seq := range seqs {
		args[i] = int64(seq)
	}
	where := " where seq in (?" + strings.Repeat(", ?", len(seqs)-1) + ")"
	return each(ctx, d.read, attemptQuery+where, args, func(scan scanner) error {
		var t model.Told
		var at, quiet int64
		err := scan(&t.Seq, &t.Channel, &t.Address, &at, &t.Error, &t.Instead, &t.Together, &quiet)
		t.At = time.Unix(0, at)
		if quiet != 0 {
			t.Quiet = time.Unix(0, quiet)
		}
		into[attemptKey{t.Seq, t.Channel, t.Address}] = t
		return err
	})
}

func (all attempts) write(ctx context.Context, tx *sql.Tx) error {
	for key, t := range all {
		var quiet int64
		if !t.Quiet.IsZero() {
			quiet = t.Quiet.UnixNano()
		}
		_, err := tx.ExecContext(ctx, "insert or replace into told (seq, channel, address, at, error, instead, together, quiet) values (?,?,?,?,?,?,?,?)",
			int64(key.seq), key.channel, key.address, t.At.UnixNano(), t.Error, t.Instead, t.Together, quiet)
		if err != nil {
			return err
		}
	}
	return nil
}

// pruneTold deletes what belongs to events that are gone.
func (d *database) pruneTold(ctx context.Context) error {
	_, err := d.remove(ctx, "delete from told where seq < (select coalesce(min(seq), 0) from event)")
	return err
}
