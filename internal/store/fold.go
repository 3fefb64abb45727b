package store

import (
	"context"
	"database/sql"
	"strconv"
	"time"

	"orderly/internal/model"
)

// foldDelay is how long after the end of a span its last rollups may come.
const foldDelay = 2 * time.Minute

// foldSeries is how many series one step sums up.
const foldSeries = 1000

// folding is how far rollups were summed up to those of the next longer span. What is on disk of it is a note to save work:
// to sum something up again does no harm.
type folding struct {
	marks map[model.Span]int64 // by the longer span: what begins before is done; seconds since 1970
	next  map[model.Span]int64 // series that follows within the span that is being summed up
}

// folds are the spans that are summed up, and to what.
var folds = []struct{ from, into model.Span }{{model.Minute, model.Quarter}, {model.Quarter, model.Day}}

func foldKey(into model.Span) string { return "folded " + time.Duration(into).String() }

// upTo is the time before which everything was summed up.
func (f *folding) upTo(into model.Span) int64 { return f.marks[into] }

// back has everything since a time summed up again.
func (f *folding) back(into model.Span, at int64) {
	if at < f.marks[into] {
		f.marks[into] = at - at%seconds(into)
		f.next[into] = 0
	}
}

// written notes what came after its span was summed up.
func (f *folding) written(all rollups) {
	for _, s := range all {
		for _, fold := range folds {
			if fold.from != s.span {
				continue
			}
			for i := range s.rows {
				f.back(fold.into, s.rows[i].At.Unix())
			}
		}
	}
}

// fold sums up some of what is complete, and tells whether there may be more.
func (s *Store) fold(now time.Time) bool {
	db := s.current()
	if db == nil || db.write == nil {
		return false
	}
	if s.folding.marks == nil {
		s.folding = folding{map[model.Span]int64{}, map[model.Span]int64{}}
		for _, f := range folds {
			s.folding.marks[f.into], _ = strconv.ParseInt(s.Meta(foldKey(f.into)), 10, 64)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), commitLimit)
	defer cancel()
	for _, f := range folds {
		more, err := s.foldStep(ctx, db, f.from, f.into, now)
		if err != nil {
			s.log.Warn("cannot sum up history", "err", err)
			return false
		}
		if more {
			return true
		}
	}
	return false
}

// foldStep sums up one span of some series.
func (s *Store) foldStep(ctx context.Context, db *database, from, into model.Span, now time.Time) (more bool, err error) {
	step := seconds(into)
	end := now.Add(-foldDelay).Unix()
	end -= end % step
	var oldest sql.NullInt64
	err = db.read.QueryRowContext(ctx, "select min(at) from rollup where span = ? and at >= ?", seconds(from), s.folding.marks[into]).Scan(&oldest)
	if err != nil {
		return false, err
	}
	at := oldest.Int64 - oldest.Int64%step
	if !oldest.Valid || at >= end {
		s.folded(into, end)
		return false, nil
	}
	s.folded(into, at) // nothing is known of the spans between
	var last int64
	if err := db.read.QueryRowContext(ctx, "select coalesce(max(id), 0) from series").Scan(&last); err != nil {
		return false, err
	}
	begin := s.folding.next[into]
	if err := db.fold(ctx, from, into, at, begin, begin+foldSeries); err != nil {
		return false, err
	}
	if s.folding.next[into] = begin + foldSeries; s.folding.next[into] > last {
		s.folded(into, at+step)
	}
	for _, f := range folds {
		if f.from == into {
			s.folding.back(f.into, at)
		}
	}
	return true, nil
}

// folded notes that everything before a time was summed up.
func (s *Store) folded(into model.Span, upTo int64) {
	if upTo <= s.folding.marks[into] {
		return
	}
	s.folding.marks[into], s.folding.next[into] = upTo, 0
	s.SetMeta(foldKey(into), strconv.FormatInt(upTo, 10))
}

// fold sums up what some series were in one span. Where the parts were deleted since, the old sum knows more.
func (d *database) fold(ctx context.Context, from, into model.Span, at, firstSeries, endSeries int64) error {
	tx, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	_, err = tx.ExecContext(ctx, `
		with recursive t(at) as (select ?3 union all select at + ?1 from t where at + ?1 < ?3 + ?2)
		insert into rollup (span, at, series, count, low, high, sum)
		select ?2, ?3, r.series, sum(r.count), min(r.low), max(r.high), sum(r.sum)
		from t cross join rollup r on r.span = ?1 and r.at = t.at and r.series >= ?4 and r.series < ?5 where true group by r.series
		on conflict (span, at, series) do update set count = excluded.count, low = excluded.low, high = excluded.high, sum = excluded.sum
		where excluded.count >= count`, seconds(from), seconds(into), at, firstSeries, endSeries)
	if err == nil && into == model.Day {
		_, err = tx.ExecContext(ctx, `update series set seen = max(seen, ?2) where id >= ?3 and id < ?4
			and exists (select 1 from rollup where span = ?1 and at = ?2 and series = id)`, seconds(into), at, firstSeries, endSeries)
	}
	if err != nil {
		return err
	}
	return tx.Commit()
}
