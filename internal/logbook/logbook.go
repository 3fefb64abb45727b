// Package logbook keeps the daemon's log where operators of Monit look for it: in a file, in Monit's line format,
// or with syslog.
//
// Entry point: [New], then [Book.Open] at each new configuration; [Book.Handler] is for slog. What is logged is handed to
// one goroutine, because a disk or a syslog daemon that hangs must not hold up a check.
package logbook

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

const (
	queueLength = 1024            // lines that wait for a slow disk; more are counted and dropped
	farewell    = 2 * time.Second // for the lines that are left when the book is closed
)

// A Place says where lines go. At most one field is set; the zero Place is nowhere.
type Place struct {
	File     string // appended to, made when it is missing
	Facility string // of syslog: "user", "daemon", "local0" to "local7"
}

// A Book is one log. Its methods may be called from any goroutine.
type Book struct {
	ident string
	lines chan line
	sinks chan sink // the one to go to, when it is another one
	done  chan struct{}

	mu     sync.Mutex // guards all below
	place  Place
	closed bool
	lost   int // lines that found the queue full
}

// A line is one message for a sink.
type line struct {
	at   time.Time
	rank rank
	text string
}

// A sink takes lines; only the book's goroutine uses it.
type sink interface {
	write(l line) error
	close()
}

// New returns a book that writes nowhere yet. Syslog knows it by its ident.
func New(ident string) *Book {
	b := &Book{ident: ident, lines: make(chan line, queueLength), sinks: make(chan sink, 1), done: make(chan struct{})}
	go b.run()
	return b
}

// Open makes the book write to a place from now on, and opens it again when that is where it wrote before: that is how a
// file that was moved away is begun anew. On an error the book goes on as before.
func (b *Book) Open(p Place) error {
	var next sink = nowhere{}
	var err error
	switch {
	case p.File != "":
		next, err = openFile(p.File)
	case p.Facility != "":
		next, err = openSyslog(p.Facility, b.ident)
	}
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		next.close()
		return errors.New("cannot open the log: it is closed")
	}
	select {
	case unused := <-b.sinks:
		unused.close()
	default:
	}
	b.place = p
	b.sinks <- next // there is room: only this function sends, under the lock
	return nil
}

// Place tells where the book writes.
func (b *Book) Place() Place {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.place
}

// Close writes what is left and ends the book, or says that the disk does not answer.
func (b *Book) Close() error {
	b.mu.Lock()
	if !b.closed {
		b.closed = true
		close(b.lines)
	}
	b.mu.Unlock()
	select {
	case <-b.done:
		return nil
	case <-time.After(farewell):
		return errors.New("cannot close the log: the disk does not answer")
	}
}

// Handler is the book as slog knows it. It takes everything: how much is logged is decided by whoever logs.
func (b *Book) Handler() slog.Handler { return &handler{put: b.add, least: slog.LevelDebug} }

// add queues a line; it never blocks.
func (b *Book) add(l line) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || b.place == (Place{}) {
		return
	}
	if b.lost > 0 && len(b.lines) < queueLength {
		b.lines <- line{l.at, warning, fmt.Sprintf("%d lines were lost: the log was not written in time", b.lost)}
		b.lost = 0
	}
	select {
	case b.lines <- l:
	default:
		b.lost++
	}
}

// run owns the sink.
func (b *Book) run() {
	defer close(b.done)
	var to sink = nowhere{}
	unwritten := 0
	for {
		select {
		case next := <-b.sinks:
			to.close()
			to = next
		case l, more := <-b.lines:
			if !more {
				to.close()
				return
			}
			to = b.latest(to)
			switch err := to.write(l); {
			case err != nil:
				unwritten++
			case unwritten > 0:
				if to.write(line{l.at, warning, fmt.Sprintf("%d lines were lost: the log could not be written", unwritten)}) == nil {
					unwritten = 0
				}
			}
		}
	}
}

// latest is the sink that was opened before the line was added.
func (b *Book) latest(to sink) sink {
	select {
	case next := <-b.sinks:
		to.close()
		return next
	default:
		return to
	}
}

// nowhere takes lines while no place is open.
type nowhere struct{}

func (nowhere) write(line) error { return nil }
func (nowhere) close()           {}
