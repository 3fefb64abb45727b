package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
)

// objectKey names an object of a package that keeps its own in the store.
type objectKey struct {
	kind string
	id   int64
}

// objects are what is to be written, by their names. Nil removes the object.
type objects map[objectKey][]byte

// PutObject queues an object; of several with its kind and id the latest wins. The store keeps data, which must not be
// changed any more, and does not look into it. Kinds and ids are those of the caller.
func (s *Store) PutObject(kind string, id int64, data []byte) {
	if data == nil {
		data = []byte{}
	}
	s.queueObject(objectKey{kind, id}, data)
}

// DropObject queues the removal of an object. It need not exist.
func (s *Store) DropObject(kind string, id int64) { s.queueObject(objectKey{kind, id}, nil) }

func (s *Store) queueObject(key objectKey, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue.batch.objects[key] = data
	s.due(stateDelay)
}

// Objects returns every object of a kind by its id, whether it is on disk yet or not. The error says that the disk has
// more which cannot be read; what is in memory is returned all the same.
func (s *Store) Objects(ctx context.Context, kind string) (map[int64][]byte, error) {
	// What is queued first: it may be in the table by the time that is read.
	s.mu.Lock()
	db := s.db
	queued := objects{}
	maps.Copy(queued, s.queue.writing.objects)
	maps.Copy(queued, s.queue.batch.objects)
	s.mu.Unlock()
	all := objects{}
	var err error
	if db != nil {
		if all, err = db.objects(ctx, "and kind = ?", kind); err != nil {
			s.suspect(err)
			err = fmt.Errorf("cannot read what is kept of %s: %w", kind, err)
		}
	}
	maps.Copy(all, queued)
	out := make(map[int64][]byte, len(all))
	for key, data := range all {
		if key.kind == kind && data != nil {
			out[key.id] = data
		}
	}
	return out, err
}

const objectQuery = "select kind, id, data from object where host = '' "

// objects reads the table; on an error it returns what it got.
func (d *database) objects(ctx context.Context, where string, args ...any) (objects, error) {
	out := objects{}
	err := each(ctx, d.read, objectQuery+where, args, func(scan scanner) error {
		var key objectKey
		var data []byte
		err := scan(&key.kind, &key.id, &data)
		if data == nil {
			data = []byte{}
		}
		out[key] = data
		return err
	})
	return out, err
}

func (o objects) write(ctx context.Context, tx *sql.Tx) error {
	for key, data := range o {
		query, args := "insert or replace into object (host, kind, id, data) values ('', ?, ?, ?)", []any{key.kind, key.id, data}
		if data == nil {
			query, args = "delete from object where host = '' and kind = ? and id = ?", args[:2]
		}
		if _, err := tx.ExecContext(ctx, query, args...); err != nil {
			return err
		}
	}
	return nil
}
