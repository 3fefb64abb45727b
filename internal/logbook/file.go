package logbook

import (
	"fmt"
	"io"
	"os"
	"syscall"
	"time"
)

// moveCheck is how often a log file is looked for under its name: one that was moved away is begun anew without a reload.
const moveCheck = 5 * time.Second

// A file is a log that is appended to.
type file struct {
	path   string
	f      *os.File
	looked time.Time
}

func openFile(path string) (sink, error) {
	f, err := create(path)
	if err != nil {
		return nil, err
	}
	return &file{path: path, f: f, looked: time.Now()}, nil
}

// create opens a file to append to. It does not wait for the reader of a fifo: that may never come.
func create(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY|syscall.O_NONBLOCK, 0o644)
	if err != nil {
		return nil, fmt.Errorf("cannot write the log: %w", err)
	}
	return f, nil
}

func (w *file) write(l line) error {
	if l.at.Sub(w.looked) >= moveCheck {
		w.look(l.at)
	}
	_, err := io.WriteString(w.f, format(l))
	return err
}

// look goes to the file that now has the name, if that is another one.
func (w *file) look(now time.Time) {
	w.looked = now
	have, err := w.f.Stat()
	if err != nil {
		return
	}
	if named, err := os.Stat(w.path); err == nil && os.SameFile(have, named) {
		return
	}
	if f, err := create(w.path); err == nil {
		w.close()
		w.f = f
	}
}

func (w *file) close() { _ = w.f.Close() }

// format is a line of Monit's log; a text of several lines goes on in the next ones.
func format(l line) string {
	return fmt.Sprintf("[%s] %-8s : %s\n", l.at.Format("2006-01-02T15:04:05-0700"), l.rank, l.text)
}
