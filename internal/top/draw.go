package top

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// tall is from how many lines on there is room for what is good to have.
const tall = 16

// draw shows the screen as text with as many lines as the terminal has.
func (s *screen) draw() string {
	var lines []line
	if s.detail.service != "" {
		lines = s.closeup()
	} else {
		lines = s.overview()
	}
	room := max(0, s.height-1)
	lines = lines[:min(len(lines), room)]
	var b strings.Builder
	for i := range room {
		if i < len(lines) {
			b.WriteString(lines[i].draw(s.width))
		}
		b.WriteByte('\n')
	}
	b.WriteString(s.foot().draw(s.width))
	return b.String()
}

// rows is how many lines there are for what can be gone through.
func (s *screen) rows() int {
	head, below := s.head(), s.below()
	return max(1, s.height-len(head)-len(below)-1)
}

// head is what stands above that, below what stands between that and the last line.
func (s *screen) head() []line {
	if s.detail.service != "" {
		return s.closeHead()
	}
	return s.overHead()
}

func (s *screen) below() []line {
	var lines []line
	if s.detail.service == "" {
		lines = s.lately()
	}
	if s.height >= tall {
		lines = append(lines, line{})
	}
	return lines
}

// title is the first line.
func (s *screen) title(left line) line {
	return split(append(line{{text: " "}}, left...), cell{text: s.now.Format(time24) + " "}, s.width)
}

const time24 = "15:04:05"

// foot is the last line: a question, what is searched for, what became of something, or else the keys there are.
func (s *screen) foot() line {
	switch {
	case s.question.text != "":
		return split(line{{text: " "}, {text: s.question.text, style: "1;33"}}, cell{text: "y: yes, others: no "}, s.width)
	case s.list.typing:
		return line{{text: " /" + s.list.filter}, {text: " ", style: reversed}}
	case s.notice.text != "" && s.notice.bad:
		return line{{text: " " + s.notice.text, style: red}}
	case s.notice.text != "":
		return line{{text: " " + s.notice.text, style: bold}}
	}
	return hints(s.keys(), s.width)
}

// keys are those that do something here, the most needed first, each before what it does.
func (s *screen) keys() [][2]string {
	watch := "watch"
	if v := s.subject(); v != nil && v.Monitored {
		watch = "unmonitor"
	}
	if s.detail.service != "" {
		return [][2]string{{"esc", "back"}, {"↑↓", "more"}, {"r", "restart"}, {"s", "silence"}, {"m", watch}, {"q", "quit"}}
	}
	all := [][2]string{{"↑↓", "choose"}, {"enter", "open"}, {"/", "search"}, {"r", "restart"}, {"s", "silence"}, {"m", watch}, {"q", "quit"}}
	if s.list.filter != "" {
		all[2] = [2]string{"esc", "show all"}
	}
	return all
}

// hints show as many keys as there is room for; where there is little, without what they do.
func hints(keys [][2]string, width int) line {
	full, short := line{}, line{}
	for _, k := range keys {
		full = append(full, cell{text: "  "}, cell{text: k[0], style: bold}, cell{text: " " + k[1], style: grey})
		short = append(short, cell{text: " "}, cell{text: k[0], style: bold})
	}
	full[0].text = " "
	if ansi.StringWidth(ansi.Strip(full.draw(1<<10))) <= width {
		return full
	}
	return short
}
