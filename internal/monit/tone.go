package monit

import (
	"regexp"
	"strings"
)

// A Tone is what a piece of text says of itself, apart from its words. Terminals show it as a colour.
type Tone string

// The tones.
const (
	Unmarked     Tone = ""             // no colour at all
	Neutral      Tone = "neutral"      // a value that is as it should be, or that nobody judges
	Good         Tone = "ok"           // all is well
	Failing      Tone = "failing"      // something is wrong
	Warning      Tone = "warning"      // something changed, or is not monitored
	Initializing Tone = "initializing" // not checked yet
	Waiting      Tone = "waiting"      // its schedule holds it back
	Missing      Tone = "missing"      // there is no value
	Title        Tone = "title"        // of a block, or of a column
	Chosen       Tone = "chosen"       // one of several
)

// codes are what terminals understand.
var codes = map[Tone]string{
	Neutral: "\x1b[0;39m", Good: "\x1b[0;92m", Failing: "\x1b[0;91m", Warning: "\x1b[0;93m", Initializing: "\x1b[0;94m",
	Waiting: "\x1b[0;37m", Missing: frame, Title: "\x1b[1;36m", Chosen: "\x1b[1m",
}

const (
	frame = "\x1b[0;90m" // also the colour of boxes
	reset = "\x1b[0m"
)

// paint puts text between the codes of its tone.
func (t Tone) paint(text string) string {
	if t == Unmarked {
		return text
	}
	return codes[t] + text + reset
}

var (
	boxes   = regexp.MustCompile(`\x1b\[0;90m[─│┌┬┐├┼┤└┴┘]+\x1b\[0m`)
	colours = regexp.MustCompile(`\x1b\[[0-9;]*m`)
)

// Plain takes colours and boxes out of a text of this package. A line that was nothing but the side of a box is left out.
func Plain(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		plain := boxes.ReplaceAllString(line, "")
		if plain == "\n" && line != "\n" {
			continue
		}
		out.WriteString(colours.ReplaceAllString(plain, ""))
	}
	return out.String()
}
