package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"orderly/internal/model"
)

// How long what is queued may wait for company in a transaction.
const (
	eventDelay  = time.Second
	stateDelay  = time.Second
	urgentDelay = 5 * time.Millisecond // until the state that belongs to an event is queued as well
)

const (
	retryEvery  = 5 * time.Second  // between attempts while the disk gives trouble
	commitLimit = 30 * time.Second // for one transaction
	unsaidLimit = 10
)

// delayOf commits at once what explains a restart of a service, should the host die of it, and what people are told, who would
// be told again.
func delayOf(k model.EventKind) time.Duration {
	switch k {
	case model.EventAction, model.EventActionFailed, model.EventFailed, model.EventRecovered,
		model.EventFlapping, model.EventSteady:
		return urgentDelay
	}
	return eventDelay
}

// trouble is the state of the disk as people are told of it.
type trouble struct {
	since   time.Time // zero: none
	retry   time.Time // the next attempt
	suspect error     // a reader found damage
	tell    func(string)
	unsaid  []string // said before there was someone to tell
}

// due asks for a commit within the delay. The caller holds s.mu.
func (s *Store) due(delay time.Duration) {
	at := time.Now().Add(delay)
	if s.queue.due.IsZero() || at.Before(s.queue.due) {
		s.queue.due = at
		s.wakeWriter()
	}
}

func (s *Store) wakeWriter() {
	select {
	case s.kick <- struct{}{}:
	default:
	}
}

// suspect lets the writer look after an error of a reader that means damage.
func (s *Store) suspect(err error) {
	if !damaged(err) {
		return
	}
	s.mu.Lock()
	s.trouble.suspect = err
	s.mu.Unlock()
	s.wakeWriter()
}

// run is the writer: the only goroutine that writes to the disk. It ends when closing is closed.
func (s *Store) run(ready chan<- error) {
	defer close(s.gone)
	var lock *os.File
	defer func() {
		if lock != nil {
			lock.Close()
		}
	}()
	lock, err := s.attachFor(patience, nil)
	if errors.Is(err, ErrLocked) {
		ready <- err
		return
	}
	if err != nil {
		if s.current() == nil {
			s.startNumbering(time.Now())
		}
		s.failed(err)
	}
	ready <- nil
	defer s.detach()
	s.serve(&lock)
}

func (s *Store) attachFor(limit time.Duration, lock *os.File) (*os.File, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	return s.attach(ctx, lock)
}

func (s *Store) serve(lock **os.File) {
	chores := newChores(time.Now())
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-s.closing:
			s.end = s.commit(lock)
			return
		case reply := <-s.flushes:
			reply <- s.commit(lock)
		case <-s.kick:
		case <-timer.C:
		}
		now := time.Now()
		at := s.commitAt()
		if !at.IsZero() && !at.After(now) {
			s.commit(lock)
			at = s.commitAt()
		}
		next := s.do(chores, now)
		if at.IsZero() || next.Before(at) {
			at = next
		}
		timer.Reset(time.Until(at))
	}
}

// commitAt is when the next commit is due, the zero time if nothing is queued.
func (s *Store) commitAt() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.trouble.suspect != nil && s.trouble.since.IsZero() {
		return time.Now()
	}
	if !s.trouble.since.IsZero() {
		return s.trouble.retry
	}
	return s.queue.due
}

// commit writes everything that is queued in one transaction, opening the database first if need be.
// What cannot be written stays queued.
func (s *Store) commit(lock **os.File) error {
	err := s.reopen(lock)
	if err == nil {
		err = s.regain(lock)
	}
	if err == nil {
		err = s.write()
	}
	if err != nil && damaged(err) {
		if err = s.replace(err); err == nil {
			err = s.write()
		}
	}
	if err != nil {
		s.failed(err)
		return err
	}
	s.healed()
	return nil
}

// reopen makes sure that there is a writing connection to a sound database.
func (s *Store) reopen(lock **os.File) error {
	s.mu.Lock()
	suspect, db := s.trouble.suspect, s.db
	s.trouble.suspect = nil
	s.mu.Unlock()
	if suspect != nil {
		return s.replace(suspect)
	}
	if db != nil && db.write != nil {
		return nil
	}
	var err error
	*lock, err = s.attachFor(commitLimit, *lock)
	return err
}

// replace puts a new database in the place of a damaged one.
func (s *Store) replace(cause error) error {
	ctx, cancel := context.WithTimeout(context.Background(), commitLimit)
	defer cancel()
	db, p, err := s.replaceDamaged(ctx, cause)
	if err != nil {
		return err
	}
	s.adopt(db, p)
	return nil
}

func (s *Store) write() error {
	s.mu.Lock()
	events := s.journal.unsaved()
	b := s.queue.take()
	s.queue.writing = b
	s.queue.due = time.Time{}
	db := s.db
	s.mu.Unlock()
	if len(events) == 0 && b.empty() {
		return nil
	}

	ctx, cancel := context.WithTimeout(context.Background(), commitLimit)
	defer cancel()
	err := db.save(ctx, events, b)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue.writing = batch{}
	if err == nil {
		if len(events) > 0 {
			s.journal.save(events[len(events)-1].Seq)
		}
		s.folding.written(b.rollups)
		return nil
	}
	s.queue.restore(b)
	db.closeWrite()
	return fmt.Errorf("cannot write %s: %w", s.path(), err)
}

func (d *database) save(ctx context.Context, events []model.Event, b batch) error {
	tx, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := insertEvents(ctx, tx, events); err != nil {
		return err
	}
	if err := b.write(ctx, tx); err != nil {
		return err
	}
	if err := d.insertRollups(ctx, tx, b.rollups); err != nil {
		return err
	}
	return tx.Commit()
}

// failed notes that the disk gives trouble and says so once.
func (s *Store) failed(err error) {
	now := time.Now()
	s.mu.Lock()
	first := s.trouble.since.IsZero()
	if first {
		s.trouble.since = now
	}
	s.trouble.retry = now.Add(retryEvery)
	s.mu.Unlock()
	if first {
		s.tell(slog.LevelWarn, fmt.Sprintf("%v; what happens is kept in memory until that works again", err))
	}
}

// healed notes that the disk works and says so if it did not before.
func (s *Store) healed() {
	s.mu.Lock()
	since, lost := s.trouble.since, s.journal.lost
	s.trouble.since, s.journal.lost = time.Time{}, 0
	s.mu.Unlock()
	switch {
	case since.IsZero() && lost == 0:
	case since.IsZero():
		s.tell(slog.LevelWarn, fmt.Sprintf("%d events came faster than %s could be written, and were not kept", lost, s.path()))
	case lost == 0:
		s.tell(slog.LevelInfo, s.path()+" is written again")
	default:
		s.tell(slog.LevelInfo, fmt.Sprintf("%s is written again; %d events were too many to be kept meanwhile", s.path(), lost))
	}
}

// tell logs the text and hands it to the function of OnTrouble, now or when there is one.
func (s *Store) tell(level slog.Level, text string) {
	s.log.Log(context.Background(), level, text)
	s.mu.Lock()
	tell := s.trouble.tell
	if tell == nil && len(s.trouble.unsaid) < unsaidLimit {
		s.trouble.unsaid = append(s.trouble.unsaid, text)
	}
	s.mu.Unlock()
	if tell != nil {
		tell(text)
	}
}
