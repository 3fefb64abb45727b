package cli

import (
	"io/fs"
	"os"
	"strings"
	"unicode"

	"orderly/internal/model"
)

// A style is how a word is shown where colours are wanted: the parameter of an SGR escape sequence.
type style string

const (
	plain  style = ""
	bold   style = "1"
	red    style = "31"
	green  style = "32"
	yellow style = "33"
	grey   style = "90"
)

// wantsColour tells whether f is a terminal whose user did not ask for plain text.
func wantsColour(f *os.File, getenv func(string) string) bool {
	return isTerminal(f) && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&fs.ModeCharDevice != 0
}

// paint puts the style around text when this run shows colours.
func (p *program) paint(s style, text string) string {
	if !p.colour || s == plain || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

// clean makes one line of text harmless for a terminal: what programs and servers say ends up in it.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return unicode.ReplacementChar
		}
		return r
	}, strings.TrimRight(text, "\n"))
}

// stateWord is what people call the state of a service, and how it looks.
func stateWord(s *model.ServiceStatus) (string, style) {
	switch s.State {
	case model.StateOK:
		return "ok", green
	case model.StateFailing:
		return "failing", red
	case model.StateUnmonitored:
		return "not monitored", grey
	case model.StateActing:
		if s.Doing != "" {
			return "acting: " + s.Doing, yellow
		}
		return "acting", yellow
	}
	return string(s.State), yellow
}

func ruleStyle(s model.RuleState) style {
	switch s {
	case model.RuleOK:
		return green
	case model.RuleFailing:
		return red
	}
	return yellow
}

func eventStyle(k model.EventKind) style {
	switch k {
	case model.EventFailed, model.EventStillFailing, model.EventActionFailed, model.EventInternal, model.EventFlapping:
		return red
	case model.EventRecovered, model.EventSteady:
		return green
	case model.EventChanged, model.EventAction:
		return yellow
	}
	return plain
}
