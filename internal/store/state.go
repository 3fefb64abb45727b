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

// A Record is the saved state of one service. The store does not look into Data.
type Record struct {
	Service string
	Kind    model.Kind
	Data    []byte
}

// batch is what one transaction writes beside events. The keys of records are service names in lower case;
// a record without data removes the row.
type batch struct {
	records   map[string]Record
	cursors   map[string]uint64
	meta      map[string]string
	diagnoses map[uint64]string // of events that are on disk, by their numbers
	objects   objects
	rollups   rollups
	tallies   tallies
	told      attempts
}

func newBatch() batch {
	return batch{
		records: map[string]Record{}, cursors: map[string]uint64{}, meta: map[string]string{}, diagnoses: map[uint64]string{},
		objects: objects{}, tallies: tallies{}, told: attempts{},
	}
}

func (b batch) empty() bool {
	return len(b.records)+len(b.cursors)+len(b.meta)+len(b.diagnoses)+len(b.objects)+len(b.rollups)+len(b.tallies)+len(b.told) == 0
}

// queue is what is to be written, and the small tables as they will be then.
type queue struct {
	batch   batch
	writing batch           // in the transaction that runs now
	due     time.Time       // when batch and the unsaved events are to be committed; zero: nothing is queued
	urgent  map[string]bool // services whose next state belongs to an urgent event, by their names in lower case
	cursors map[string]uint64
	meta    map[string]string
}

func newQueue() queue {
	return queue{batch: newBatch(), urgent: map[string]bool{}, cursors: map[string]uint64{}, meta: map[string]string{}}
}

// adopt fills in what the database knows and memory does not.
func (q *queue) adopt(p past) {
	for name, seq := range p.cursors {
		q.cursors[name] = max(q.cursors[name], seq)
	}
	for key, value := range p.meta {
		if _, known := q.meta[key]; !known {
			q.meta[key] = value
		}
	}
}

// take empties the queue for the writer.
func (q *queue) take() batch {
	b := q.batch
	q.batch = newBatch()
	return b
}

// restore puts back what could not be written, unless something newer was queued meanwhile.
func (q *queue) restore(b batch) {
	merge(b.records, q.batch.records)
	merge(b.cursors, q.batch.cursors)
	merge(b.meta, q.batch.meta)
	merge(b.diagnoses, q.batch.diagnoses)
	merge(b.objects, q.batch.objects)
	merge(b.tallies, q.batch.tallies)
	merge(b.told, q.batch.told)
	q.batch.rollups = append(b.rollups, q.batch.rollups...).bounded()
}

func merge[K comparable, V any](from, into map[K]V) {
	for k, v := range from {
		if _, newer := into[k]; !newer {
			into[k] = v
		}
	}
}

// everything is a batch that fills the small tables of an empty database.
func (q *queue) everything() batch {
	return batch{cursors: maps.Clone(q.cursors), meta: maps.Clone(q.meta)}
}

// Save queues the state of services; of several for one service the latest wins. State that follows an event of which people
// are told goes to the disk with that, so that they are not told again after a crash. The store keeps Data, which must not
// be changed any more.
func (s *Store) Save(records ...Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delay := stateDelay
	for _, r := range records {
		if r.Data == nil {
			r.Data = []byte{}
		}
		key := strings.ToLower(r.Service)
		s.queue.batch.records[key] = r
		if s.queue.urgent[key] {
			delete(s.queue.urgent, key)
			delay = urgentDelay
		}
	}
	s.due(delay)
}

// Remove queues the removal of a service's saved state.
func (s *Store) Remove(service string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue.batch.records[strings.ToLower(service)] = Record{Service: service}
	s.due(stateDelay)
}

// Records returns the latest state of every service, by name, whether it is on disk yet or not.
// The error says that the disk has more which cannot be read; what is in memory is returned all the same.
func (s *Store) Records(ctx context.Context) ([]Record, error) {
	// What is queued first: it may be in the table by the time that is read.
	s.mu.Lock()
	db := s.db
	queued := map[string]Record{}
	maps.Copy(queued, s.queue.writing.records)
	maps.Copy(queued, s.queue.batch.records)
	s.mu.Unlock()
	all := map[string]Record{}
	var err error
	if db != nil {
		all, err = db.records(ctx)
		if err != nil {
			s.suspect(err)
			err = fmt.Errorf("cannot read the saved state: %w", err)
		}
	}
	maps.Copy(all, queued)
	var out []Record
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if r := all[name]; r.Data != nil {
			out = append(out, r)
		}
	}
	return out, err
}

// Meta returns a value of the daemon's own, "" if there is none.
func (s *Store) Meta(key string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queue.meta[key]
}

// SetMeta queues a value of the daemon's own, such as the boot it runs in.
func (s *Store) SetMeta(key, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, known := s.queue.meta[key]; known && old == value {
		return
	}
	s.queue.meta[key] = value
	s.queue.batch.meta[key] = value
	s.due(stateDelay)
}

const recordQuery = "select service, kind, data from record where host = ''"

// records reads the table; on an error it returns what it got.
func (d *database) records(ctx context.Context) (map[string]Record, error) {
	out := map[string]Record{}
	err := each(ctx, d.read, recordQuery, nil, func(scan scanner) error {
		r := Record{}
		err := scan(&r.Service, &r.Kind, &r.Data)
		if r.Data == nil {
			r.Data = []byte{}
		}
		out[strings.ToLower(r.Service)] = r
		return err
	})
	return out, err
}

// write writes all but the rollups, whose series the database numbers.
func (b batch) write(ctx context.Context, tx *sql.Tx) error {
	run := func(query string, args ...any) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	}
	for _, r := range b.records {
		err := run("delete from record where host = '' and service = ?", r.Service)
		if err == nil && r.Data != nil {
			err = run("insert into record (host, service, kind, data) values ('', ?, ?, ?)", r.Service, string(r.Kind), r.Data)
		}
		if err != nil {
			return err
		}
	}
	for name, seq := range b.cursors {
		if err := run("insert or replace into cursor (host, name, seq) values ('', ?, ?)", name, int64(seq)); err != nil {
			return err
		}
	}
	for key, value := range b.meta {
		if err := run("insert or replace into meta (host, key, value) values ('', ?, ?)", key, value); err != nil {
			return err
		}
	}
	for seq, text := range b.diagnoses {
		if err := run("update event set diagnosis = ? where seq = ?", text, int64(seq)); err != nil {
			return err
		}
	}
	if err := b.objects.write(ctx, tx); err != nil {
		return err
	}
	if err := b.tallies.write(ctx, tx); err != nil {
		return err
	}
	return b.told.write(ctx, tx)
}
