package web

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/url"
	"time"

	"orderly/internal/model"
)

// The limits of live connections.
const (
	maxLive  = 64               // at a time; who comes later reloads the page
	heartbit = 20 * time.Second // between signs of life on a connection where nothing happens
	lifetime = time.Hour        // then the browser connects anew
)

// A digest is what rows show of a service; it differs when they do.
type digest struct{ shown, checked uint64 }

func digestOf(s *model.ServiceStatus) digest {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s\x00%d\x00%s\x00%s\x00%s\x00%s\x00%s\x00%s\x00%t\x00%d",
		s.State, s.Since.UnixNano(), s.Problem, s.Doing, s.Silenced, s.Acked, s.GaveUp, s.Needs, s.Monitored, s.Restarts)
	return digest{h.Sum64(), s.Check}
}

// liveQuery asks for the news of one service, every check of it included.
func liveQuery(name string) string { return url.Values{"service": {name}}.Encode() }

// liveBook asks for what people and checks tell the public.
const liveBook = "/live?book=1"

// A news is what has changed since the last one.
type news struct {
	Services []string `json:"services,omitempty"` // to be shown anew
	All      bool     `json:"all,omitempty"`      // so much that the page is better loaded again
}

// stream tells a page what has changed, as long as it is open: of all services what rows show, or of the one that it asks
// for each check, or, for a page about the journal, that there is something new in it.
func (d *dashboard) stream(w http.ResponseWriter, v *visit) error {
	select {
	case d.live <- struct{}{}:
		defer func() { <-d.live }()
	default:
		w.Header().Set("Retry-After", "60")
		return refuse(http.StatusServiceUnavailable, "Too many pages are open at the moment.")
	}
	w.Header().Set("Content-Type", "text/event-stream")
	line := wire{w, http.NewResponseController(w)}
	watch, err := d.watch(v)
	if err != nil {
		return err
	}
	if line.send("retry: 3000\n: hello\n\n") != nil {
		return nil
	}
	tick := time.NewTicker(fresh)
	defer tick.Stop()
	for end, spoken := v.now.Add(lifetime), v.now; ; {
		select {
		case <-v.r.Context().Done():
			return nil
		case now := <-tick.C:
			if now.After(end) || !d.still(v) {
				return nil
			}
			n, changed := watch(now)
			switch {
			case changed:
				text, err := json.Marshal(n)
				if err != nil || line.send("event: news\ndata: "+string(text)+"\n\n") != nil {
					return nil
				}
			case now.Sub(spoken) < heartbit:
				continue
			default:
				if line.send(": still here\n\n") != nil {
					return nil
				}
			}
			spoken = now
		}
	}
}

// still tells whether a visitor may still read: who has logged out, or was taken their account, hears nothing more.
func (d *dashboard) still(v *visit) bool {
	if d.Open != nil && d.Open(v.r) {
		return true
	}
	account, err := d.Guard.Identify(v.r)
	return err == nil && (&visit{account: account}).may(model.ScopeRead)
}

// A progress is how far what happens has come.
type progress struct {
	event uint64 // the newest of the journal
	book  uint64 // the revision of what the public is told; 0 for pages that are not about it
}

func (d *dashboard) progress(book bool) progress {
	p := progress{event: d.Journal.Last()}
	if book && d.Book != nil {
		p.book = d.Book.Read().Revision
	}
	return p
}

// watch returns what tells, each time it is called, what has changed since the time before.
func (d *dashboard) watch(v *visit) (func(now time.Time) (news, bool), error) {
	query := v.r.URL.Query()
	one, journal, book := query.Get("service"), query.Has("journal"), query.Has("book")
	seen := d.progress(book)
	ctx, cancel := v.patient()
	defer cancel()
	before, err := d.board.look(ctx, v.now)
	if err != nil {
		return nil, err
	}
	return func(now time.Time) (news, bool) {
		ctx, cancel := v.patient()
		defer cancel()
		last := d.progress(book)
		if journal || book {
			changed := last != seen
			seen = last
			return news{All: true}, changed
		}
		o, err := d.board.look(ctx, now)
		if err != nil || o == before && last == seen {
			return news{}, false
		}
		n := differ(before, o, one)
		if one != "" && last != seen && o.find(one) != nil {
			n.Services = []string{one}
		}
		before, seen = o, last
		return n, n.All || len(n.Services) > 0
	}, nil
}

// differ lists the services that are not as they were; with the name of one, only that, if it was checked since.
func differ(before, now *outlook, one string) (n news) {
	if one != "" {
		a, b := before.find(one), now.find(one)
		switch {
		case (a == nil) != (b == nil):
			n.All = true
		case b != nil && digestOf(a) != digestOf(b):
			n.Services = []string{one}
		}
		return n
	}
	if len(before.Services) != len(now.Services) {
		return news{All: true}
	}
	for i := range now.Services {
		j, known := before.index[now.Services[i].Name]
		if !known {
			return news{All: true}
		}
		if before.digests[j].shown != now.digests[i].shown {
			n.Services = append(n.Services, now.Services[i].Name)
		}
	}
	if len(n.Services) > maxRows {
		return news{All: true}
	}
	return n
}

// A wire is a connection of a page that is open. Each piece has its own deadline.
type wire struct {
	w    http.ResponseWriter
	conn *http.ResponseController
}

func (l wire) send(text string) error {
	_ = l.conn.SetWriteDeadline(time.Now().Add(writePatience))
	if _, err := l.w.Write([]byte(text)); err != nil {
		return err
	}
	return l.conn.Flush()
}
