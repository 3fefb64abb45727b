package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sort"
	"strings"
	"time"

	"orderly/internal/model"
)

const (
	keepSaved   = 512    // events kept in memory although they are on disk, for followers that are nearly up to date
	keepUnsaved = 10_000 // events kept in memory because they are not
	followBatch = 128    // events a follower takes at a time
)

// journal is the part of the list of events that is in memory: all that is not on disk, and the newest that is.
type journal struct {
	tail    []model.Event // ascending
	last    uint64        // number of the newest event
	saved   uint64        // events up to this number are on disk, or lost
	dropped uint64        // events up to this number are not in tail
	lost    int           // events dropped without having been on disk, since trouble began
	wake    chan struct{} // closed at the next append
}

// adopt learns the number of the newest event on disk. Events appended before are still to be written.
func (j *journal) adopt(last uint64) {
	j.last = max(j.last, last)
	if len(j.tail) == 0 {
		j.saved, j.dropped = j.last, j.last
	}
}

// rewrite makes everything that is in memory go to disk again, because the disk has lost it.
func (j *journal) rewrite() { j.saved = j.dropped }

func (j *journal) append(ev model.Event) uint64 {
	j.last++
	ev.Seq = j.last
	j.tail = append(j.tail, ev)
	if excess := len(j.unsaved()) - keepUnsaved; excess > 0 {
		j.lost += excess
		j.saved = max(j.saved, j.tail[len(j.tail)-keepUnsaved-1].Seq)
	}
	j.trim()
	close(j.wake)
	j.wake = make(chan struct{})
	return ev.Seq
}

// unsaved are the events that are to be written, a part of tail.
func (j *journal) unsaved() []model.Event { return j.after(j.saved) }

func (j *journal) after(seq uint64) []model.Event {
	return j.tail[sort.Search(len(j.tail), func(i int) bool { return j.tail[i].Seq > seq }):]
}

// save notes that events up to seq are on disk.
func (j *journal) save(seq uint64) {
	j.saved = max(j.saved, seq)
	j.trim()
}

// trim forgets the oldest events in steps, so that the cost of moving the rest is shared by many.
func (j *journal) trim() {
	excess := len(j.tail) - len(j.unsaved()) - keepSaved
	if excess < keepSaved/2 {
		return
	}
	j.dropped = j.tail[excess-1].Seq
	j.tail = slices.Clone(j.tail[excess:])
}

// Diagnose adds what was found out to one of the newest events, at most model.MaxDiagnosis bytes. Older ones stay as they are.
func (s *Store) Diagnose(seq uint64, text string) {
	text = strings.ToValidUTF8(text[:min(len(text), model.MaxDiagnosis)], "")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal.diagnose(seq, text)
	if seq <= s.journal.last && s.journal.last-seq < keepSaved { // it may be on its way to the disk already, or be there
		s.queue.batch.diagnoses[seq] = text
		s.due(0)
	}
}

// diagnose adds a diagnosis to the event in memory. Others may be reading the list, so that it is another one afterwards.
func (j *journal) diagnose(seq uint64, text string) {
	i, found := slices.BinarySearchFunc(j.tail, seq, func(ev model.Event, seq uint64) int { return cmp.Compare(ev.Seq, seq) })
	if found {
		j.tail = slices.Clone(j.tail)
		j.tail[i].Diagnosis = text
	}
}

// Last is the number of the newest event, 0 if there has never been one.
func (s *Store) Last() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.journal.last
}

// Follow yields the events after the one numbered from, oldest first and each once, then waits for new ones until ctx
// ends. A follower that is too slow for memory reads the table; events that are neither there nor in memory any
// more are passed over.
func (s *Store) Follow(ctx context.Context, from uint64) iter.Seq[model.Event] {
	return func(yield func(model.Event) bool) {
		for ctx.Err() == nil {
			batch, upTo, wake := s.next(ctx, from)
			for _, ev := range batch {
				if ctx.Err() != nil || !yield(ev) {
					return
				}
			}
			switch {
			case len(batch) > 0:
				from = batch[len(batch)-1].Seq
			case upTo > from:
				from = upTo
			default:
				select {
				case <-wake:
				case <-ctx.Done():
				}
			}
		}
	}
}

// next returns some events after from. With none, everything up to upTo has been seen, and wake is closed when there is more.
func (s *Store) next(ctx context.Context, from uint64) (batch []model.Event, upTo uint64, wake <-chan struct{}) {
	for attempt := 0; ; attempt++ {
		s.mu.Lock()
		dropped, db := s.journal.dropped, s.db
		if from >= dropped {
			found := s.journal.after(from)
			batch = slices.Clone(found[:min(len(found), followBatch)])
			wake = s.journal.wake
			s.mu.Unlock()
			return batch, from, wake
		}
		s.mu.Unlock()
		batch, err := db.events(ctx, Query{After: from, Limit: followBatch, oldest: true}, dropped)
		if err == nil || ctx.Err() != nil {
			return batch, dropped, nil
		}
		s.suspect(err)
		if attempt == 2 {
			// New events matter more than old ones that cannot be read.
			s.log.Warn("a follower of the journal passes over events", "from", from+1, "to", dropped, "err", err)
			return nil, dropped, nil
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return nil, from, nil
		}
	}
}

// A Query selects events.
type Query struct {
	Service string    // "": of any, and of none
	Since   time.Time // not before; zero: from the beginning
	Until   time.Time // before; zero: to the end
	After   uint64    // only events numbered above it
	Limit   int       // at most so many, 10000 if zero or more: with After the oldest of them, otherwise the newest

	oldest bool // the oldest of them even without After
}

const maxEvents = 10_000

// Events returns what matches, oldest first, whether it is on disk yet or not. While the database is out of reach
// it returns what is in memory.
func (s *Store) Events(ctx context.Context, q Query) ([]model.Event, error) {
	if q.Limit <= 0 || q.Limit > maxEvents {
		q.Limit = maxEvents
	}
	s.mu.Lock()
	db, dropped := s.db, s.journal.dropped
	var recent []model.Event
	for _, ev := range s.journal.after(q.After) {
		if q.matches(ev) {
			recent = append(recent, ev)
		}
	}
	s.mu.Unlock()

	older := q
	if !q.forward() {
		recent = recent[max(0, len(recent)-q.Limit):]
		older.Limit = q.Limit - len(recent)
	}
	if db == nil || older.Limit == 0 || q.After >= dropped {
		return recent[:min(len(recent), q.Limit)], nil
	}
	found, err := db.events(ctx, older, dropped)
	if err != nil {
		s.suspect(err)
		return nil, err
	}
	found = append(found, recent...)
	return found[:min(len(found), q.Limit)], nil
}

func (q Query) forward() bool { return q.oldest || q.After > 0 }

func (q Query) matches(ev model.Event) bool {
	return (q.Service == "" || strings.EqualFold(q.Service, ev.Service)) &&
		(q.Since.IsZero() || !ev.At.Before(q.Since)) &&
		(q.Until.IsZero() || ev.At.Before(q.Until)) && ev.Seq > q.After
}

// Done notes that the follower of a name needs nothing up to seq any more. A follower never goes back.
//
// That is on disk within the given time, earlier if something else is written before. What was done but is not on disk
// is done again after a crash, and only the follower knows what harm that does: a follower that is in no hurry
// leaves more time, because each commit costs the disk a write.
func (s *Store) Done(name string, seq uint64, within time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seq > s.queue.cursors[name] {
		s.queue.cursors[name] = seq
		s.queue.batch.cursors[name] = seq
		s.due(within)
	}
}

// Cursor is the number last given to Done by the follower of a name, also by an earlier process; 0 if there is none.
func (s *Store) Cursor(name string) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queue.cursors[name]
}

var errAway = errors.New("the database is out of reach")

const eventColumns = "seq, at, host, service, rule, kind, topic, action, text, evidence, count, silent, silenced, failure, severity, diagnosis"

// events reads what matches from the table, ascending, up to the event numbered upTo.
func (d *database) events(ctx context.Context, q Query, upTo uint64) ([]model.Event, error) {
	query := "select " + eventColumns + " from event where seq > ? and seq <= ?"
	args := []any{int64(q.After), int64(upTo)}
	if q.Service != "" {
		query += " and service = ?"
		args = append(args, q.Service)
	}
	if !q.Since.IsZero() {
		query += " and at >= ?"
		args = append(args, q.Since.UnixNano())
	}
	if !q.Until.IsZero() {
		query += " and at < ?"
		args = append(args, q.Until.UnixNano())
	}
	if q.forward() {
		query += " order by seq limit ?"
	} else {
		query += " order by seq desc limit ?"
	}
	if d == nil {
		return nil, errAway
	}
	var out []model.Event
	err := each(ctx, d.read, query, append(args, q.Limit), func(scan scanner) error {
		var ev model.Event
		var at int64
		var failure string
		err := scan(&ev.Seq, &at, &ev.Host, &ev.Service, &ev.Rule, &ev.Kind, &ev.Topic, &ev.Action, &ev.Text,
			&ev.Evidence, &ev.Count, &ev.Silent, &ev.Silenced, &failure, &ev.Severity, &ev.Diagnosis)
		if failure != "" {
			ev.Failure = new(model.Failure)
			err = cmp.Or(err, json.Unmarshal([]byte(failure), ev.Failure))
		}
		ev.At = time.Unix(0, at)
		out = append(out, ev)
		return err
	})
	if !q.forward() {
		slices.Reverse(out)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read events: %w", err)
	}
	return out, nil
}

func insertEvents(ctx context.Context, tx *sql.Tx, events []model.Event) error {
	if len(events) == 0 {
		return nil
	}
	insert, err := tx.PrepareContext(ctx, "insert into event ("+eventColumns+") values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) on conflict do nothing")
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, ev := range events {
		failure := ""
		if ev.Failure != nil {
			text, err := json.Marshal(ev.Failure)
			if err != nil {
				return err
			}
			failure = string(text)
		}
		_, err := insert.ExecContext(ctx, int64(ev.Seq), ev.At.UnixNano(), ev.Host, ev.Service, ev.Rule, string(ev.Kind),
			string(ev.Topic), ev.Action, ev.Text, ev.Evidence, ev.Count, ev.Silent, ev.Silenced, failure, string(ev.Severity), ev.Diagnosis)
		if err != nil {
			return err
		}
	}
	return nil
}
