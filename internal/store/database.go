package store

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"orderly/internal/model"
)

//go:embed schema.sql
var schema string

//go:embed history.sql
var history string

// steps lead from an empty file to the present schema. The database's user_version counts those it has taken,
// so a step never changes once it was released; a new one is appended.
var steps = []string{
	schema,
	"alter table event add column silenced text not null default '';", // why nobody was told, where a silence is why
	"alter table event add column failure text not null default '';",  // how long it had been failing, as JSON
	history,
	"alter table event add column severity text not null default '';\nalter table event add column diagnosis text not null default '';",
	attemptTable,
}

// database is an open orderly.db: one connection for the writer, one for everybody who reads.
type database struct {
	write *sql.DB // nil where the file can only be read
	read  *sql.DB
	file  os.FileInfo // which file it is; nil where it can only be read

	series map[model.Series]int64 // their numbers, as far as they were written since it was opened; only the writer uses it
}

// errDamaged is wrapped by errors that no retry will cure: the file is not, or no longer, a database of ours.
var errDamaged = errors.New("the database is damaged")

// errNewer is wrapped by the error of a database that this orderly is too old to read. It is kept for one that is not.
var errNewer = errors.New("the database is that of a newer orderly")

// openDatabase opens or creates the file and brings its schema up to date.
//
// In WAL mode with synchronous=NORMAL a commit is a write without fsync: it survives the death of the process at
// any moment, kill -9 included. Only a power failure may take back the last commits, and never leaves half of one.
func openDatabase(ctx context.Context, path string) (*database, error) {
	// SQLite gives its -wal and -shm files the mode of the database.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot open %s: %w", path, errors.Unwrap(err))
	}
	defer f.Close()
	file, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("cannot open %s: %w", path, errors.Unwrap(err))
	}
	// The caches are small because the whole daemon is to stay small: every query runs along an index.
	d := &database{
		file: file, series: map[model.Series]int64{},
		write: connect(path, "_txlock=immediate", "_pragma=journal_mode(wal)", "_pragma=synchronous(normal)",
			"_pragma=busy_timeout(2000)", "_pragma=cache_size(-512)", "_pragma=journal_size_limit(4194304)"),
		read: connect(path, "_pragma=query_only(1)", "_pragma=busy_timeout(2000)", "_pragma=cache_size(-256)"),
	}
	if err := d.migrate(ctx); err != nil {
		d.close()
		return nil, openError(path, err)
	}
	return d, nil
}

// openReadOnly opens an existing file where nothing can be written.
func openReadOnly(ctx context.Context, path string) (*database, error) {
	how := []string{"mode=ro", "_pragma=query_only(1)", "_pragma=cache_size(-256)"}
	if _, err := os.Stat(path + "-wal"); err != nil {
		how = append(how, "immutable=1") // no log to replay, so SQLite needs none of its helper files
	}
	d := &database{read: connect(path, how...)}
	if err := d.read.PingContext(ctx); err != nil {
		d.close()
		return nil, openError(path, err)
	}
	return d, nil
}

func connect(path string, params ...string) *sql.DB {
	name := url.URL{Scheme: "file", Path: path, RawQuery: strings.Join(params, "&")}
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		panic("store: the sqlite driver is not linked: " + err.Error())
	}
	db.SetMaxOpenConns(1)
	return db
}

func (d *database) close() {
	if d == nil {
		return
	}
	d.closeWrite()
	d.read.Close()
}

// closeWrite gives up the writing connection, whose state after a failed transaction is not to be trusted.
func (d *database) closeWrite() {
	if d.write != nil {
		d.write.Close()
		d.write = nil
	}
}

func (d *database) migrate(ctx context.Context) error {
	var version int
	if err := d.write.QueryRowContext(ctx, "pragma user_version").Scan(&version); err != nil {
		return err
	}
	switch {
	case version < 0:
		return fmt.Errorf("%w: it has version %d", errDamaged, version)
	case version > len(steps):
		return fmt.Errorf("%w: it has version %d, this orderly knows %d", errNewer, version, len(steps))
	}
	for ; version < len(steps); version++ {
		step := fmt.Sprintf("begin immediate;\n%s\npragma user_version = %d;\ncommit", steps[version], version+1)
		if _, err := d.write.ExecContext(ctx, step); err != nil {
			return err
		}
	}
	return nil
}

// past is what the writer must know of a database before it goes on writing.
type past struct {
	last    uint64 // number of the newest event
	cursors map[string]uint64
	meta    map[string]string
}

// maxSeq bounds the numbers: beyond it JSON readers would round them.
const maxSeq = 1 << 53

func (d *database) past(ctx context.Context) (past, error) {
	p := past{cursors: map[string]uint64{}, meta: map[string]string{}}
	var last int64
	if err := d.read.QueryRowContext(ctx, "select coalesce(max(seq), 0) from event").Scan(&last); err != nil {
		return p, opening(err)
	}
	if last < 0 || last > maxSeq {
		return p, fmt.Errorf("%w: an event has the number %d", errDamaged, last)
	}
	p.last = uint64(last)
	err := each(ctx, d.read, "select name, seq from cursor where host = ''", nil, func(scan scanner) error {
		var name string
		var seq uint64
		err := scan(&name, &seq)
		p.cursors[name] = seq
		return err
	})
	if err != nil {
		return p, opening(err)
	}
	err = each(ctx, d.read, "select key, value from meta where host = ''", nil, func(scan scanner) error {
		var key, value string
		err := scan(&key, &value)
		p.meta[key] = value
		return err
	})
	if err != nil {
		return p, opening(err)
	}
	// The columns of the other tables, so that a foreign file shows itself now rather than at the first write.
	for _, q := range []string{"select " + eventColumns + " from event limit 0", recordQuery + " limit 0", objectQuery + "limit 0", tallyQuery + " limit 0", rollupQuery + " limit 0", attemptQuery + " limit 0"} {
		if err := each(ctx, d.read, q, nil, func(scanner) error { return nil }); err != nil {
			return p, opening(err)
		}
	}
	return p, nil
}

type scanner func(...any) error

// each runs a query to its end, so that the one reading connection is free again when it returns.
func each(ctx context.Context, db *sql.DB, query string, args []any, row func(scanner) error) error {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return fmt.Errorf("%w: %w", errDamaged, err) // a cell holds what we never write
		}
	}
	return rows.Err()
}

func openError(path string, err error) error {
	return fmt.Errorf("cannot open %s: %w", path, opening(err))
}

// opening marks errors that mean damage when they occur while a database is opened: our own statements do not
// fit the tables, or cells are not what we wrote.
func opening(err error) error {
	var e *sqlite.Error
	if damaged(err) || !errors.As(err, &e) || e.Code() != sqlite3.SQLITE_ERROR {
		return err
	}
	return fmt.Errorf("%w: %w", errDamaged, err)
}

// damaged tells whether only a new file helps.
func damaged(err error) bool {
	if errors.Is(err, errDamaged) || errors.Is(err, errNewer) {
		return true
	}
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return true
	}
	return false
}

// moveAside makes room for a new database and keeps the old one for whoever wants to look into it.
func moveAside(path string, now time.Time) (to string, err error) {
	to = path + ".bad-" + now.UTC().Format("20060102T150405.000")
	if err := os.Rename(path, to); err != nil {
		return "", fmt.Errorf("cannot move %s aside: %w", path, errors.Unwrap(err))
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Rename(path+suffix, to+suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", fmt.Errorf("cannot move %s aside: %w", path+suffix, errors.Unwrap(err))
		}
	}
	return filepath.Base(to), nil
}
