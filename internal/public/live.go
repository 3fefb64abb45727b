package public

import (
	"fmt"
	"net/http"
	"time"
)

// The limits of pages that listen.
const (
	maxLive  = 100              // at a time; others ask each minute
	heartbit = 20 * time.Second // between signs of life
	lifetime = time.Hour        // then the browser connects anew
	lookOut  = time.Second      // between looks at what is new
)

// stream tells a page when something has changed, as long as it is open.
func (s *Site) stream(w http.ResponseWriter, r *http.Request) {
	select {
	case s.live <- struct{}{}:
		defer func() { <-s.live }()
	default:
		w.Header().Set("Retry-After", "300")
		http.Error(w, "too many pages are open at the moment", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // nginx would keep it to itself
	line := http.NewResponseController(w)
	send := func(text string) bool {
		_ = line.SetWriteDeadline(time.Now().Add(writePatience))
		_, err := w.Write([]byte(text))
		return err == nil && line.Flush() == nil
	}
	revision := s.Book.Read().Revision
	if !send("retry: 5000\n: hello\n\n") {
		return
	}
	tick := time.NewTicker(lookOut)
	defer tick.Stop()
	for begun, spoken := time.Now(), time.Now(); ; {
		select {
		case <-r.Context().Done():
			return
		case now := <-tick.C:
			text := ": still here\n\n"
			switch next := s.Book.Read().Revision; {
			case now.Sub(begun) > lifetime:
				return
			case next != revision:
				revision = next
				text = fmt.Sprintf("event: changed\ndata: %d\n\n", next)
			case now.Sub(spoken) < heartbit:
				continue
			}
			if !send(text) {
				return
			}
			spoken = now
		}
	}
}
