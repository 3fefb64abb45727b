package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"orderly/internal/model"
)

const (
	rollupLimit = 50_000  // rollups that may wait for the disk; then the oldest are given up
	seriesLimit = 100_000 // numbers of series that the writer knows by heart
	readLimit   = 20_000  // rollups of one series that are read at a time
	exportBatch = 1000    // rows
)

// spanned are rollups of one span.
type spanned struct {
	span model.Span
	rows []model.SeriesRollup
}

// rollups wait for the disk, the oldest first.
type rollups []spanned

// bounded gives up the oldest while there are too many.
func (r rollups) bounded() rollups {
	total := 0
	for i := range slices.Backward(r) {
		if total += len(r[i].rows); total > rollupLimit {
			return slices.Clone(r[i+1:])
		}
	}
	return r
}

// SaveRollups queues what was measured in one span each. A rollup is added to what the disk has of the same span: whoever
// was restarted within a minute goes on with it. The store keeps rows, which must not be changed any more.
//
// While the disk gives trouble, 50000 are kept, the newest.
func (s *Store) SaveRollups(span model.Span, rows []model.SeriesRollup) {
	if len(rows) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for chunk := range slices.Chunk(rows, rollupLimit/10) {
		s.queue.batch.rollups = append(s.queue.batch.rollups, spanned{span, chunk})
	}
	s.queue.batch.rollups = s.queue.batch.rollups.bounded()
	s.due(stateDelay)
}

const rollupQuery = "select at, count, low, high, sum from rollup"

const rollupInsert = `insert into rollup (span, at, series, count, low, high, sum) values (?, ?, ?, ?, ?, ?, ?)
	on conflict (span, at, series) do update set count = count + excluded.count, sum = sum + excluded.sum,
		low = min(low, excluded.low), high = max(high, excluded.high)`

func (d *database) insertRollups(ctx context.Context, tx *sql.Tx, all rollups) error {
	if len(all) == 0 {
		return nil
	}
	insert, err := tx.PrepareContext(ctx, rollupInsert)
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, s := range all {
		for i := range s.rows {
			r := &s.rows[i]
			id, err := d.number(ctx, tx, r.Series, r.At)
			if err != nil {
				return err
			}
			if _, err := insert.ExecContext(ctx, seconds(s.span), r.At.Unix(), id, r.Count, r.Low, r.High, r.Sum); err != nil {
				return err
			}
		}
	}
	return nil
}

// number returns the number of a series, a new one if it has none.
func (d *database) number(ctx context.Context, tx *sql.Tx, s model.Series, at time.Time) (id int64, err error) {
	if id, known := d.series[s]; known {
		return id, nil
	}
	err = tx.QueryRowContext(ctx, seriesID, s.Service, s.Part, string(s.Metric)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		err = tx.QueryRowContext(ctx, "insert into series (host, service, part, metric, seen) values ('', ?, ?, ?, ?) returning id",
			s.Service, s.Part, string(s.Metric), at.Unix()).Scan(&id)
	}
	if err != nil {
		return 0, err
	}
	if len(d.series) >= seriesLimit {
		clear(d.series)
	}
	d.series[s] = id
	return id, nil
}

const seriesID = "select id from series where host = '' and service = ? and part = ? and metric = ?"

// Rollups returns what is known of a series in the spans that begin from from on and before to, oldest first; of more than
// 20000 spans the newest. What was queued in the last second may be missing.
func (s *Store) Rollups(ctx context.Context, span model.Span, series model.Series, from, to time.Time) ([]model.Rollup, error) {
	db := s.current()
	var out []model.Rollup
	var err error
	if db != nil {
		out, err = db.rollups(ctx, span, series, from, to)
	}
	if err != nil {
		s.suspect(err)
		return nil, fmt.Errorf("cannot read the history of %s: %w", series.Service, err)
	}
	return out, nil
}

func (d *database) rollups(ctx context.Context, span model.Span, s model.Series, from, to time.Time) ([]model.Rollup, error) {
	var id int64
	var first, last sql.NullInt64
	err := d.read.QueryRowContext(ctx, seriesID, s.Service, s.Part, string(s.Metric)).Scan(&id)
	if err == nil {
		err = d.read.QueryRowContext(ctx, "select min(at) from rollup where span = ?", seconds(span)).Scan(&first)
	}
	if err == nil {
		err = d.read.QueryRowContext(ctx, "select max(at) from rollup where span = ?", seconds(span)).Scan(&last)
	}
	if errors.Is(err, sql.ErrNoRows) || err == nil && !first.Valid {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	step := seconds(span)
	end := min(to.Unix(), last.Int64+1)
	begin := max(from.Unix()+step-1, first.Int64, end-readLimit*step)
	begin -= begin % step
	// A row for each time, so that each is one step down the tree.
	const query = `with recursive t(at) as (select ?1 where ?1 < ?3 union all select at + ?2 from t where at + ?2 < ?3)
		select r.at, r.count, r.low, r.high, r.sum from t cross join rollup r on r.span = ?2 and r.at = t.at and r.series = ?4`
	var out []model.Rollup
	err = each(ctx, d.read, query, []any{begin, step, end, id}, func(scan scanner) error {
		r, at := model.Rollup{}, int64(0)
		err := scan(&at, &r.Count, &r.Low, &r.High, &r.Sum)
		r.At = time.Unix(at, 0)
		out = append(out, r)
		return err
	})
	return out, err
}

// SeriesOf lists what is on disk of a service: that of itself first, then by part and metric.
func (s *Store) SeriesOf(ctx context.Context, service string) ([]model.Series, error) {
	db := s.current()
	if db == nil {
		return nil, nil
	}
	var out []model.Series
	err := each(ctx, db.read, "select service, part, metric from series where host = '' and service = ? order by part, metric", []any{service},
		func(scan scanner) error {
			var one model.Series
			err := scan(&one.Service, &one.Part, &one.Metric)
			out = append(out, one)
			return err
		})
	if err != nil {
		s.suspect(err)
		return nil, fmt.Errorf("cannot read the history of %s: %w", service, err)
	}
	return out, nil
}

// AllRollups yields the rollups of every series in the spans that begin from from on and before to, oldest first. Others
// may read between two of them, and what is added meanwhile may be among them. An error ends them.
func (s *Store) AllRollups(ctx context.Context, span model.Span, from, to time.Time) iter.Seq2[model.SeriesRollup, error] {
	return func(yield func(model.SeriesRollup, error) bool) {
		at, id := from.Unix(), int64(-1)
		for {
			rows, err := s.someRollups(ctx, span, &at, &id, to)
			if err != nil {
				s.suspect(err)
				yield(model.SeriesRollup{}, fmt.Errorf("cannot read the history: %w", err))
				return
			}
			for _, r := range rows {
				if !yield(r, nil) {
					return
				}
			}
			if len(rows) < exportBatch {
				return
			}
		}
	}
}

// someRollups reads those that follow a time and a series, and leaves there where they end.
func (s *Store) someRollups(ctx context.Context, span model.Span, at, id *int64, to time.Time) ([]model.SeriesRollup, error) {
	db := s.current()
	if db == nil {
		return nil, errAway
	}
	const query = `select r.at, r.series, s.service, s.part, s.metric, r.count, r.low, r.high, r.sum
		from rollup r join series s on s.id = r.series and s.host = ''
		where r.span = ? and (r.at, r.series) > (?, ?) and r.at < ? order by r.at, r.series limit ?`
	var out []model.SeriesRollup
	err := each(ctx, db.read, query, []any{seconds(span), *at, *id, to.Unix(), exportBatch}, func(scan scanner) error {
		var r model.SeriesRollup
		err := scan(at, id, &r.Service, &r.Part, &r.Metric, &r.Count, &r.Low, &r.High, &r.Sum)
		r.At = time.Unix(*at, 0)
		out = append(out, r)
		return err
	})
	return out, err
}
