package api

import (
	"encoding/json"
	"net/http"
	"time"

	"orderly/internal/client"
)

// events streams the journal, one JSON object a line. The lines of a stream that breaks off end with a Failure.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	q, err := client.ParseEventQuery(r.URL.Query(), time.Now())
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	lines := lineWriter{w, http.NewResponseController(w)}
	w.Header().Set("Content-Type", "application/x-ndjson")
	if lines.flush() != nil {
		return
	}
	for ev, err := range s.view.Events(r.Context(), q) {
		if r.Context().Err() != nil {
			return
		}
		if err != nil {
			_ = lines.write(client.Failure{Error: err.Error()})
			return
		}
		if lines.write(ev) != nil {
			return
		}
	}
}

// A lineWriter writes lines that a client sees at once. Each has its own deadline, so that a client may
// listen for days but cannot hold the server up.
type lineWriter struct {
	w    http.ResponseWriter
	conn *http.ResponseController
}

func (l lineWriter) write(v any) error {
	if err := l.add(v); err != nil {
		return err
	}
	return l.conn.Flush()
}

// add writes a line that a client need not see at once.
func (l lineWriter) add(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if err := l.conn.SetWriteDeadline(time.Now().Add(writePatience)); err != nil {
		return err
	}
	_, err = l.w.Write(append(line, '\n'))
	return err
}

func (l lineWriter) flush() error {
	if err := l.conn.SetWriteDeadline(time.Now().Add(writePatience)); err != nil {
		return err
	}
	return l.conn.Flush()
}
