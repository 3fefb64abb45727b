package store

import (
	"context"
	"time"

	"orderly/internal/model"
)

const (
	foldEvery  = time.Minute
	pruneEvery = time.Hour
	firstPrune = time.Minute
	pruneStep  = 500  // events deleted in one transaction
	pruneRows  = 2000 // rollups or tallies, about
	pruneBreak = 200 * time.Millisecond
	maxCount   = 1_000_000 // events
)

// Retain says how long history and events are kept; model.DefaultRetention before the first call. There are never more than
// a million events.
func (s *Store) Retain(r model.Retention) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep = r
}

func (s *Store) retention() model.Retention {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keep
}

// A chore is work on the database that can wait. It is done in small steps, so that commits need not wait for it.
type chore struct {
	at    time.Time // of the next step
	every time.Duration
	step  func(s *Store, now time.Time) (more bool)
}

func newChores(now time.Time) []*chore {
	return []*chore{
		{at: now, every: foldEvery, step: (*Store).fold},
		{at: now.Add(firstPrune), every: pruneEvery, step: (*Store).prune},
	}
}

// do takes a step of each chore that is due, and returns when the next one is.
func (s *Store) do(chores []*chore, now time.Time) time.Time {
	next := now.Add(pruneEvery)
	for _, c := range chores {
		if !c.at.After(now) {
			if c.at = now.Add(c.every); c.step(s, now) {
				c.at = now.Add(pruneBreak)
			}
		}
		if c.at.Before(next) {
			next = c.at
		}
	}
	return next
}

// prune deletes some of what is too old, and events that are too many, and tells whether there may be more of them.
func (s *Store) prune(now time.Time) bool {
	db := s.current()
	if db == nil || db.write == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), commitLimit)
	defer cancel()
	keep := s.retention()
	n, err := db.pruneEvents(ctx, before(now, keep.Events), maxCount, pruneStep)
	if err != nil {
		s.log.Warn("cannot delete old events", "err", err)
		return false
	}
	more := n >= pruneStep
	if err := db.pruneTold(ctx); err != nil {
		s.log.Warn("cannot delete who was told of old events", "err", err)
		return false
	}
	again, err := s.pruneHistory(ctx, db, keep, now)
	if err != nil {
		s.log.Warn("cannot delete old history", "err", err)
		return false
	}
	return more || again
}

// before is the time before which something that is kept so long is too old. What is kept for ever never is.
func before(now time.Time, keep time.Duration) time.Time {
	if keep <= 0 {
		return time.Unix(0, 0)
	}
	return now.Add(-keep)
}

// pruneEvents deletes up to step events that are from before the time or more than count, the oldest first. The newest event
// stays whatever its age, because its number must not be used again.
func (d *database) pruneEvents(ctx context.Context, before time.Time, count, step int) (deleted int, err error) {
	var total int
	if err := d.read.QueryRowContext(ctx, "select count(*) from event").Scan(&total); err != nil {
		return 0, err
	}
	const query = `delete from event where seq in (
		select seq from event where seq < (select max(seq) from event) order by seq limit ?) and (at < ? or ?)`
	excess := min(total-count, step)
	if excess > 0 {
		step = excess
	}
	return d.remove(ctx, query, step, before.UnixNano(), excess > 0)
}

func (s *Store) pruneHistory(ctx context.Context, db *database, keep model.Retention, now time.Time) (more bool, err error) {
	var series int // that are still measured
	err = db.read.QueryRowContext(ctx, "select count(*) from series where seen >= ?", now.Unix()-2*seconds(model.Day)).Scan(&series)
	if err != nil {
		return false, err
	}
	keep = keep.Within(series)
	days := before(now, keep.Days).Unix()
	limits := []struct {
		span model.Span
		at   int64
	}{
		{model.Minute, min(before(now, keep.Minutes).Unix(), s.folding.upTo(model.Quarter))},
		{model.Quarter, min(before(now, keep.Quarters).Unix(), s.folding.upTo(model.Day))},
		{model.Day, days},
	}
	for _, l := range limits {
		n, err := db.remove(ctx, `delete from rollup where span = ?1 and at < coalesce((
			select at from rollup where span = ?1 and at < ?2 order by at limit 1 offset ?3) + 1, ?2)`, seconds(l.span), l.at, pruneRows)
		if err != nil {
			return false, err
		}
		more = more || n > pruneRows
	}
	n, err := db.remove(ctx, `delete from tally where host = '' and at < coalesce((
		select at from tally where host = '' and at < ?1 order by at limit 1 offset ?2) + 1, ?1)`, days, pruneRows)
	if err != nil {
		return false, err
	}
	more = more || n > pruneRows
	// A series is seen when its day is summed up. Its number goes after the last of its rollups.
	oldest := min(days, before(now, keep.Quarters).Unix(), before(now, keep.Minutes).Unix())
	n, err = db.remove(ctx, "delete from series where seen < ?", oldest-2*seconds(model.Day))
	if n > 0 {
		clear(db.series)
	}
	return more, err
}

// remove runs a statement that deletes rows, and tells how many.
func (d *database) remove(ctx context.Context, query string, args ...any) (int, error) {
	r, err := d.write.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	n, err := r.RowsAffected()
	return int(n), err
}

func seconds(span model.Span) int64 { return int64(time.Duration(span) / time.Second) }
