package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A monitTask is what an option asks for instead of a command.
type monitTask string

const (
	taskTest    monitTask = "test"
	taskID      monitTask = "id"
	taskResetID monitTask = "resetid"
	taskHash    monitTask = "hash"
	taskVersion monitTask = "version"
	taskHelp    monitTask = "help"
)

// monitOptions are what a command line of Monit says.
type monitOptions struct {
	file       string // control file
	named      bool   // there was one named; else it is sought
	group      string
	logfile    string // path or "syslog"
	pidfile    string
	statefile  string
	interval   time.Duration // 0: as the control file says
	foreground bool
	batch      bool
	verbose    bool
	task       monitTask // "": the command decides
	hashed     string    // what taskHash reads; "": standard input
	words      []string  // the command and its argument; what follows has no meaning
}

// A monitOption is one option of Monit's command line.
type monitOption struct {
	letter byte
	long   string
	once   bool // a second time makes the first one void, which is worth a warning
	value  func(o *monitOptions, value string) error
	flag   func(o *monitOptions)
}

// monitOptionTable holds all options but --hash, whose value is the next word or nothing.
var monitOptionTable = []monitOption{
	{letter: 'c', long: "conf", once: true, value: func(o *monitOptions, v string) error { o.file, o.named = v, true; return nil }},
	{letter: 'd', long: "daemon", value: setMonitInterval},
	{letter: 'g', long: "group", once: true, value: func(o *monitOptions, v string) error { o.group = v; return nil }},
	{letter: 'l', long: "logfile", once: true, value: func(o *monitOptions, v string) error { o.logfile = v; return nil }},
	{letter: 'p', long: "pidfile", once: true, value: func(o *monitOptions, v string) error { o.pidfile = v; return nil }},
	{letter: 's', long: "statefile", once: true, value: func(o *monitOptions, v string) error { o.statefile = v; return nil }},
	{letter: 'I', long: "interactive", flag: func(o *monitOptions) { o.foreground = true }},
	{letter: 'i', long: "id", flag: func(o *monitOptions) { o.task = taskID }},
	{letter: 'r', long: "resetid", flag: func(o *monitOptions) { o.task = taskResetID }},
	{letter: 'B', long: "batch", flag: func(o *monitOptions) { o.batch = true }},
	{letter: 't', long: "test", flag: func(o *monitOptions) { o.task = taskTest }},
	{letter: 'v', long: "verbose", flag: func(o *monitOptions) { o.verbose = true }},
	{letter: 'H', long: "hash", flag: func(o *monitOptions) { o.task = taskHash }},
	{letter: 'V', long: "version", flag: func(o *monitOptions) { o.task = taskVersion }},
	{letter: 'h', long: "help", flag: func(o *monitOptions) { o.task = taskHelp }},
}

// atOnce tells the tasks that are done where they are met: what follows on the command line is not even looked at.
func (t monitTask) atOnce() bool { return t == taskHash || t == taskVersion || t == taskHelp }

func setMonitInterval(o *monitOptions, value string) error {
	n, err := strconv.ParseUint(value, 10, 31)
	if err != nil || n == 0 {
		return monitErrorf("Option -d requires a natural number")
	}
	o.interval = time.Duration(n) * time.Second
	return nil
}

// A monitParser goes through a command line. Options and words may come in any order.
type monitParser struct {
	options  monitOptions
	rest     []string
	seen     map[byte]bool
	warnings []string
}

// parseMonit reads a command line of Monit. Warnings are worth telling even when it has errors.
func parseMonit(args []string) (o monitOptions, warnings []string, err error) {
	p := monitParser{rest: args, seen: map[byte]bool{}}
	for len(p.rest) > 0 && err == nil && !p.options.task.atOnce() {
		word := p.next()
		long, isLong := strings.CutPrefix(word, "--")
		switch {
		case word == "--":
			p.options.words = append(p.options.words, p.rest...)
			p.rest = nil
		case isLong:
			err = p.long(long)
		case len(word) > 1 && word[0] == '-':
			err = p.short(word[1:])
		default:
			p.options.words = append(p.options.words, word)
		}
	}
	return p.options, p.warnings, err
}

func (p *monitParser) next() string {
	word := p.rest[0]
	p.rest = p.rest[1:]
	return word
}

// long reads "--name", "--name value" or "--name=value".
func (p *monitParser) long(text string) error {
	name, value, given := strings.Cut(text, "=")
	for _, option := range monitOptionTable {
		if option.long != name {
			continue
		}
		if given && option.value == nil && option.letter != 'H' {
			break
		}
		return p.apply(option, value, given)
	}
	return invalidMonitOption(name)
}

// short reads "-a", "-abc", "-c value" or "-cvalue".
func (p *monitParser) short(letters string) error {
	for i := 0; i < len(letters); i++ {
		option := monitOptionOf(letters[i])
		if option == nil {
			return invalidMonitOption(letters[i : i+1])
		}
		if option.value != nil || option.letter == 'H' {
			return p.apply(*option, letters[i+1:], i+1 < len(letters))
		}
		if option.flag(&p.options); p.options.task.atOnce() {
			return nil
		}
	}
	return nil
}

func monitOptionOf(letter byte) *monitOption {
	for i := range monitOptionTable {
		if monitOptionTable[i].letter == letter {
			return &monitOptionTable[i]
		}
	}
	return nil
}

// apply takes the value of an option from the next word unless it was given already.
func (p *monitParser) apply(option monitOption, value string, given bool) error {
	if option.flag != nil {
		option.flag(&p.options)
		if option.letter == 'H' {
			p.options.hashed = value
			if !given && len(p.rest) > 0 {
				p.options.hashed = p.next()
			}
		}
		return nil
	}
	if !given {
		if len(p.rest) == 0 {
			return monitErrorf("Option -- %c requires an argument", option.letter)
		}
		value = p.next()
	}
	if option.once && p.seen[option.letter] {
		p.warnings = append(p.warnings, fmt.Sprintf("WARNING: The -%c option was specified multiple times, only the last value will be used", option.letter))
	}
	p.seen[option.letter] = true
	return option.value(&p.options, value)
}

func invalidMonitOption(name string) error {
	return monitErrorf("Invalid option -- %s  (-h will show valid options)", name)
}
