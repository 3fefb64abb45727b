package top

import (
	"strings"
	"time"
	"unicode/utf8"

	"orderly/internal/model"
)

// quiet is for how long a service is silenced.
const quiet = 30 * time.Minute

// press does what a key is for. A question takes the next key, whichever it is.
func (s *screen) press(k key) []any {
	switch {
	case k.name == "ctrl+c":
		return []any{leave{}}
	case k.name == "ctrl+z":
		return []any{pause{}}
	case s.question.text != "":
		q := s.question
		s.question = question{}
		if k.name == "y" || k.text == "Y" {
			return []any{q.wish}
		}
		return nil
	case s.list.typing:
		s.typed(k)
		return nil
	}
	switch k.name {
	case "q":
		return []any{leave{}}
	case "r", "s", "m":
		s.ask(k.name)
		return nil
	}
	if s.detail.service != "" {
		s.move(k, &s.detail.offset)
		if k.name == "esc" || k.name == "backspace" || k.name == "left" || k.name == "h" {
			s.detail = detail{}
		}
		return nil
	}
	return s.browse(k)
}

// ask asks before something is done to the service that keys are about.
func (s *screen) ask(what string) {
	v := s.subject()
	if v == nil {
		return
	}
	switch {
	case what == "r":
		s.question = question{"restart " + v.Name + "?", order{v.Name, model.CommandRestart}}
	case what == "s":
		until := s.now.Add(quiet)
		s.question = question{"tell nobody of " + v.Name + " until " + until.Format("15:04") + "?", hush{v.Name, until}}
	case v.Monitored:
		s.question = question{"no longer watch " + v.Name + "?", order{v.Name, model.CommandUnmonitor}}
	default:
		s.question = question{"watch " + v.Name + " again?", order{v.Name, model.CommandMonitor}}
	}
}

// browse goes through the list of services.
func (s *screen) browse(k key) []any {
	switch k.name {
	case "/":
		s.list.typing = true
	case "esc":
		s.list.search("", s.host.Services)
	case "enter", "right", "l":
		if v := s.subject(); v != nil {
			s.detail = detail{service: v.Name, stale: true}
			return s.inquire()
		}
	default:
		at := s.list.index(s.host.Services)
		s.move(k, &at)
		s.list.choose(at, s.host.Services)
	}
	return nil
}

// move changes a place in a list; whoever keeps it sees to its bounds.
func (s *screen) move(k key, at *int) {
	page := max(1, s.rows()-1)
	switch k.name {
	case "j", "down", "ctrl+n":
		*at++
	case "k", "up", "ctrl+p":
		*at--
	case "pgdown", "space", "ctrl+f":
		*at += page
	case "pgup", "ctrl+b":
		*at -= page
	case "ctrl+d":
		*at += max(1, page/2)
	case "ctrl+u":
		*at -= max(1, page/2)
	case "g", "home":
		*at = 0
	case "shift+g", "G", "end":
		*at = 1 << 20
	}
}

// maxFilter bounds what is searched for, in bytes.
const maxFilter = 100

// typed changes what is searched for.
func (s *screen) typed(k key) {
	text := s.list.filter
	switch k.name {
	case "enter":
		s.list.typing = false
	case "esc":
		s.list.typing, text = false, ""
	case "backspace":
		_, last := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-last]
	case "ctrl+u":
		text = ""
	case "ctrl+w":
		text = strings.TrimRight(text, " ")
		text = text[:strings.LastIndex(text, " ")+1]
	case "down", "up":
		s.list.typing = false
	default:
		if more := clean(k.text); len(text)+len(more) <= maxFilter {
			text += more
		}
	}
	s.list.search(text, s.host.Services)
}
