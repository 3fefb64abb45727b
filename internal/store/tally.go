package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"strings"
	"time"

	"orderly/internal/model"
)

// tallyLimit bounds the tallies that wait for the disk, and those that are saved from a damaged database.
const tallyLimit = 50_000

// tallyKey names a row of the table. The service is in lower case.
type tallyKey struct {
	service string
	at      int64
}

type tallies map[tallyKey]model.ServiceTally

// SaveTallies queues how services were. A row takes the place of the one that begins with the same hour; one of no hours
// removes it. The caller sees to it that rows do not overlap.
//
// While the disk gives trouble, 50000 are kept.
func (s *Store) SaveTallies(rows []model.ServiceTally) {
	if len(rows) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	waiting := s.queue.batch.tallies
	for _, r := range rows {
		key := tallyKey{strings.ToLower(r.Service), r.At.Unix()}
		if _, known := waiting[key]; known || len(waiting) < tallyLimit {
			waiting[key] = r
		}
	}
	s.due(stateDelay)
}

const tallyQuery = "select service, at, hours, up, degraded, partial, down, maintenance from tally"

// Tallies yields how all services were since a time that begins a day (UTC), oldest first. An error ends them. What was queued
// in the last second may be missing.
func (s *Store) Tallies(ctx context.Context, from time.Time) iter.Seq2[model.ServiceTally, error] {
	return func(yield func(model.ServiceTally, error) bool) {
		at, service := from.Unix(), ""
		for {
			var rows []model.ServiceTally
			err := errAway
			if db := s.current(); db != nil {
				rows, err = db.tallies(ctx, " where host = '' and (at, service) > (?, ?) order by at, service limit ?", at, service, exportBatch)
			}
			if err != nil {
				s.suspect(err)
				yield(model.ServiceTally{}, fmt.Errorf("cannot read the uptime: %w", err))
				return
			}
			for _, r := range rows {
				if at, service = r.At.Unix(), r.Service; !yield(r, nil) {
					return
				}
			}
			if len(rows) < exportBatch {
				return
			}
		}
	}
}

func (d *database) tallies(ctx context.Context, where string, args ...any) ([]model.ServiceTally, error) {
	var out []model.ServiceTally
	err := each(ctx, d.read, tallyQuery+where, args, func(scan scanner) error {
		r, at := model.ServiceTally{}, int64(0)
		err := scan(&r.Service, &at, &r.Hours, &r.Up, &r.Degraded, &r.Partial, &r.Down, &r.Maintenance)
		r.At = time.Unix(at, 0)
		out = append(out, r)
		return err
	})
	return out, err
}

// newestTallies reads as many as there may be in memory; on an error it returns what it got.
func (d *database) newestTallies(ctx context.Context, limit int) (tallies, error) {
	rows, err := d.tallies(ctx, " where host = '' order by at desc limit ?", limit)
	out := make(tallies, len(rows))
	for _, r := range rows {
		out[tallyKey{strings.ToLower(r.Service), r.At.Unix()}] = r
	}
	return out, err
}

func (t tallies) write(ctx context.Context, tx *sql.Tx) error {
	if len(t) == 0 {
		return nil
	}
	put, err := tx.PrepareContext(ctx, `insert or replace into tally
		(host, service, at, hours, up, degraded, partial, down, maintenance) values ('', ?, ?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	defer put.Close()
	drop, err := tx.PrepareContext(ctx, "delete from tally where host = '' and service = ? and at = ?")
	if err != nil {
		return err
	}
	defer drop.Close()
	for _, r := range t {
		if r.Hours <= 0 {
			_, err = drop.ExecContext(ctx, r.Service, r.At.Unix())
		} else {
			_, err = put.ExecContext(ctx, r.Service, r.At.Unix(), r.Hours, r.Up, r.Degraded, r.Partial, r.Down, r.Maintenance)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
