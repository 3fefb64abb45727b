package top

import (
	"slices"
	"time"

	"orderly/internal/client"
	"orderly/internal/model"
	"orderly/internal/story"
)

// A screen is everything that is shown and how it is looked at. It is a value: react returns the next one.
type screen struct {
	now           time.Time
	width, height int

	host     model.HostStatus // its services in the order in which they are shown
	answered time.Time        // when that was so
	away     string           // why nothing newer is known; "": it is
	looking  bool             // an answer is under way
	events   []model.Event    // the last ones, oldest first

	list   list
	detail detail // of one service, if it has a name

	question question // waits for a yes, if it has a text
	notice   notice
}

// A notice is what became of something, for a while.
type notice struct {
	text  string
	bad   bool
	until time.Time
}

// A question is asked before something is done.
type question struct {
	text string
	wish any // when the answer is yes
}

// A detail is one service, looked at closely.
type detail struct {
	service string
	offset  int // of the first line that is shown
	asked   time.Time
	telling bool // an answer is under way
	stale   bool // more has happened since it was asked for
	known   bool
	story   story.Story
	graphs  []client.Graph
	events  []model.Event
	err     string
}

// A key is one that was pressed, by its name, and the text it stands for, if it does. Text without a name was pasted.
type key struct{ name, text string }

// A size is that of the terminal, in columns and lines.
type size struct{ width, height int }

// The size of a terminal that does not tell it.
const (
	usualWidth  = 80
	usualHeight = 24
)

// often is how often everything about one service is asked for while nothing happens to it.
const often = 5 * time.Second

// How long notices are shown.
const (
	goodNotice = 5 * time.Second
	badNotice  = 15 * time.Second
)

func newScreen(now time.Time) screen {
	return screen{now: now, width: usualWidth, height: usualHeight, looking: true}
}

// look is the wish to know what is new.
func (s *screen) look() look {
	if n := len(s.events); n > 0 {
		return look{s.events[n-1].At}
	}
	return look{s.now.Add(-past)}
}

// react takes in the time, a key, a size or an answer, and returns the screen that follows and what that one wishes.
func (s screen) react(what any) (screen, []any) {
	var wishes []any
	switch m := what.(type) {
	case time.Time:
		wishes = s.tick(m)
	case key:
		wishes = s.press(m)
	case size:
		s.resize(m)
	case seen:
		wishes = s.see(m)
	case told:
		s.hear(m)
	case done:
		s.note(m.text, m.err)
		wishes = s.refresh()
	}
	s.list.follow(s.host.Services, s.rows())
	s.detail.offset = max(0, min(s.detail.offset, s.furthest()))
	return s, wishes
}

func (s *screen) tick(now time.Time) []any {
	s.now = now
	if s.notice.until.Before(now) {
		s.notice = notice{}
	}
	wishes := s.refresh()
	if now.Sub(s.detail.asked) >= often {
		s.detail.stale = true
	}
	return append(wishes, s.inquire()...)
}

// refresh wishes to know what is new, unless an answer is under way.
func (s *screen) refresh() []any {
	if s.looking {
		return nil
	}
	s.looking = true
	return []any{s.look()}
}

// inquire wishes to know what is new about the service that is looked at closely.
func (s *screen) inquire() []any {
	d := &s.detail
	if d.service == "" || d.telling || !d.stale || s.away != "" {
		return nil
	}
	d.telling, d.stale, d.asked = true, false, s.now
	return []any{tell{d.service, s.now}}
}

func (s *screen) resize(m size) {
	s.width, s.height = m.width, m.height
	if s.width <= 0 {
		s.width = usualWidth
	}
	if s.height <= 0 {
		s.height = usualHeight
	}
}

// see takes in how everything is. What is known stays when nobody answers.
func (s *screen) see(m seen) []any {
	s.looking = false
	if m.err != nil {
		s.away = m.err.Error()
		return nil
	}
	s.away, s.answered = "", s.now
	for _, ev := range s.add(m.events) {
		if ev.Service == s.detail.service {
			s.detail.stale = true
		}
	}
	s.host = m.host
	s.list.arrange(s.host.Services)
	return s.inquire()
}

// add keeps the last events and returns those that were not known.
func (s *screen) add(events []model.Event) []model.Event {
	known := map[uint64]bool{}
	for i := range s.events {
		known[s.events[i].Seq] = true
	}
	fresh := slices.DeleteFunc(slices.Clone(events), func(ev model.Event) bool { return known[ev.Seq] })
	all := slices.Concat(s.events, fresh)
	s.events = all[max(0, len(all)-maxEvents):]
	return fresh
}

func (s *screen) hear(m told) {
	d := &s.detail
	if m.service != d.service {
		return
	}
	d.telling, d.err = false, ""
	if m.err != nil {
		d.err = m.err.Error()
		return
	}
	d.known, d.story, d.graphs, d.events = true, m.story, m.graphs, m.events
}

func (s *screen) note(text string, err error) {
	s.notice = notice{text, false, s.now.Add(goodNotice)}
	if err != nil {
		s.notice = notice{err.Error(), true, s.now.Add(badNotice)}
	}
}

// subject is the service that keys are about; nil: there is none.
func (s *screen) subject() *model.ServiceStatus {
	name := s.list.chosen
	if s.detail.service != "" {
		name = s.detail.service
	}
	for i := range s.host.Services {
		if s.host.Services[i].Name == name {
			return &s.host.Services[i]
		}
	}
	return nil
}
