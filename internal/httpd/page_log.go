package httpd

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"orderly/internal/model"
)

// logTail is how much of the end of a log is shown, in bytes.
const logTail = 1 << 20

type logPage struct {
	frame
	Note, Log string
}

// viewLog shows the end of the log file. Who may only read the state of services may not read that.
func (s *Server) viewLog(ctx context.Context, q *request) (answer, error) {
	if q.guest.readOnly {
		return answer{}, errReadOnly
	}
	in := s.View.Instance()
	page := logPage{frame: frameOf(q, &in, "Log")}
	if page.Note = logElsewhere(in.Settings.Log); page.Note == "" {
		var text []byte
		var err error
		if late := s.logs.look(ctx, func() { text, err = tail(in.Settings.Log.File) }); late != nil {
			return answer{}, late
		}
		switch {
		case err != nil:
			page.Note = err.Error()
		case len(text) == 0:
			page.Note = "The log is empty."
		}
		page.Log = strings.ToValidUTF8(string(text), "\uFFFD")
	}
	return show("log", &page)
}

// logElsewhere says why there is nothing to show, "" if there is.
func logElsewhere(l model.Log) string {
	switch {
	case l.File != "":
		return ""
	case l.Facility != "":
		return "The log goes to syslog, facility " + l.Facility + "."
	}
	return "There is no log file: see 'set log' for how to have one."
}

// tail reads the end of a file, from the beginning of a line.
func tail(path string) ([]byte, error) {
	info, err := os.Stat(path) // opening a fifo would wait for a writer
	if err != nil {
		return nil, fmt.Errorf("cannot read the log: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("cannot read the log: %s is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the log: %w", err)
	}
	defer f.Close()
	from := max(0, info.Size()-logTail)
	text, err := io.ReadAll(io.NewSectionReader(f, from, logTail))
	if err != nil {
		return nil, fmt.Errorf("cannot read the log: %w", err)
	}
	if from > 0 {
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
	return text, nil
}
