package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"
)

var (
	errDeleted  = errors.New("it was deleted while in use")
	errReplaced = errors.New("it was replaced by another file while in use")
)

// lost tells whether the name no longer leads to the open file. SQLite does not notice when it does not, and goes on
// writing to a file that ends with the process.
func (d *database) lost(path string) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && os.SameFile(info, d.file):
		return nil
	case err == nil:
		err = errReplaced
	case errors.Is(err, os.ErrNotExist):
		err = errDeleted
	default:
		err = errors.Unwrap(err)
	}
	return fmt.Errorf("cannot write %s: %w", path, err)
}

// regain begins a new database if the one in use has lost its name. The old one can still be read: its state, and as
// many of its events as memory may hold, go into the new one.
func (s *Store) regain(lock **os.File) error {
	cause := s.current().lost(s.path())
	if !errors.Is(cause, errDeleted) && !errors.Is(cause, errReplaced) {
		return cause
	}
	ctx, cancel := context.WithTimeout(context.Background(), commitLimit)
	defer cancel()
	s.recollect(ctx)
	s.salvage(ctx)
	s.detach() // a connection that outlives the name of its file would remove the files of its successor
	text := cause.Error() + "; a new one was begun"
	if errors.Is(cause, errReplaced) {
		to, err := moveAside(s.path(), time.Now())
		if err != nil {
			return fmt.Errorf("%w, and %w", cause, err)
		}
		text += ", and that file moved to " + to
	} else if err := removeHelpers(s.path()); err != nil {
		return fmt.Errorf("%w, and %w", cause, err)
	}
	if *lock != nil && !leadsTo(s.dir, *lock) {
		(*lock).Close()
		*lock = nil
	}
	var err error
	if *lock, err = s.attach(ctx, *lock); err != nil {
		return err
	}
	s.tell(slog.LevelWarn, text)
	return nil
}

// recollect takes events that are only on disk back into memory, the newest of them.
func (s *Store) recollect(ctx context.Context) {
	s.mu.Lock()
	db, dropped := s.db, s.journal.dropped
	room := keepUnsaved - len(s.journal.tail)
	s.mu.Unlock()
	if room <= 0 {
		return
	}
	older, err := db.events(ctx, Query{Limit: room}, dropped)
	if err != nil || len(older) == 0 { // without a past there is still a future
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if j := &s.journal; j.dropped == dropped {
		j.tail = slices.Concat(older, j.tail)
		j.dropped = older[0].Seq - 1
	}
}

// removeHelpers removes what SQLite left beside a database that was deleted. It would take the log for that of the
// successor.
func removeHelpers(path string) error {
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("cannot remove %s: %w", path+suffix, errors.Unwrap(err))
		}
	}
	return nil
}

// leadsTo tells whether a name is that of an open file.
func leadsTo(name string, f *os.File) bool {
	named, err := os.Stat(name)
	if err != nil {
		return false
	}
	open, err := f.Stat()
	return err == nil && os.SameFile(named, open)
}
