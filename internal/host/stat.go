package host

import (
	"bytes"
	"strings"
)

// ticksPerSecond is the unit of times in /proc. Linux has told user space 100 on every architecture since it has them.
const ticksPerSecond = 100

// A procStat is what is used of /proc/PID/stat.
type procStat struct {
	pid, ppid int
	state     byte
	threads   int
	ticks     uint64 // processor time used, in ticks
	user      uint64 // of that in programs, not in the kernel
	ended     ticks  // used by children that it has waited for
	start     uint64 // ticks after the start of the machine
	pages     uint64 // resident memory
	name      string // at most 15 bytes, or 63 of a kernel thread
}

// ticks are processor time used in programs and in the kernel.
type ticks struct{ user, system uint64 }

// gone tells whether nothing of the process runs any more: its parent has only not looked yet. While other threads run,
// a process is alive although its first thread has ended.
func (p *procStat) gone() bool {
	return (p.state == 'Z' || p.state == 'X' || p.state == 'x') && p.threads <= 1
}

// Fields of /proc/PID/stat after the name, counted from the state.
const (
	fieldPPID      = 1
	fieldUserTicks = 11
	fieldSysTicks  = 12
	fieldUserEnded = 13
	fieldSysEnded  = 14
	fieldThreads   = 17
	fieldStart     = 19
	fieldPages     = 21
)

// parseStat reads one line of /proc/PID/stat. The name between parentheses may hold anything, parentheses too.
func parseStat(line []byte, p *procStat) bool {
	open, end := bytes.IndexByte(line, '('), bytes.LastIndexByte(line, ')')
	if open < 2 || end < open || end+2 >= len(line) {
		return false
	}
	pid, ok := parseUint(line[:open-1])
	if !ok {
		return false
	}
	*p = procStat{pid: int(pid), name: p.name}
	if string(line[open+1:end]) != p.name {
		p.name = string(line[open+1 : end])
	}
	rest := line[end+2:]
	p.state = rest[0]
	for field := 0; field <= fieldPages; field++ {
		word := rest
		if i := bytes.IndexByte(rest, ' '); i >= 0 {
			word, rest = rest[:i], rest[i+1:]
		} else {
			rest = nil
		}
		n, ok := uint64(0), true
		switch field {
		case fieldPPID, fieldUserTicks, fieldSysTicks, fieldUserEnded, fieldSysEnded, fieldThreads, fieldStart, fieldPages:
			n, ok = parseUint(bytes.TrimSuffix(word, []byte("\n")))
		}
		if !ok {
			return false
		}
		switch field {
		case fieldPPID:
			p.ppid = int(n)
		case fieldUserTicks:
			p.user, p.ticks = n, n
		case fieldSysTicks:
			p.ticks += n
		case fieldUserEnded:
			p.ended.user = n
		case fieldSysEnded:
			p.ended.system = n
		case fieldThreads:
			p.threads = int(n)
		case fieldStart:
			p.start = n
		case fieldPages:
			p.pages = n
		}
	}
	return true
}

// parseUint reads decimal digits and nothing else, up to 19 of them.
func parseUint(digits []byte) (uint64, bool) {
	if len(digits) == 0 || len(digits) > 19 {
		return 0, false
	}
	var n uint64
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return n, true
}

// counters reads the numbers of a line that is separated by blanks into out and returns how many there were, at most
// len(out). Words that are no numbers count as 0.
func counters(line []byte, out []uint64) int {
	i := 0
	for word := range bytes.FieldsSeq(line) {
		if i == len(out) {
			break
		}
		out[i], _ = parseUint(word)
		i++
	}
	return i
}

// keyed returns what follows a key at the begin of a line, like "MemTotal:" or "cpu ".
func keyed(text []byte, key string) ([]byte, bool) {
	for line := range bytes.Lines(text) {
		if after, ok := bytes.CutPrefix(line, []byte(key)); ok {
			return bytes.TrimSpace(after), true
		}
	}
	return nil, false
}

// number returns the first number that follows a key at the begin of a line.
func number(text []byte, key string) (uint64, bool) {
	after, ok := keyed(text, key)
	if !ok {
		return 0, false
	}
	if i := bytes.IndexAny(after, " \t"); i >= 0 {
		after = after[:i]
	}
	return parseUint(after)
}

// maxPID is the largest process number Linux can be made to use.
const maxPID = 1 << 22

// parsePidfile returns the process number a pidfile holds: the digits it begins with, after blanks. 0 means none.
func parsePidfile(text []byte) int {
	const blanks = " \t\r\n\v\f\x00"
	text = bytes.TrimLeft(text, blanks)
	end := 0
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	if end < len(text) && strings.IndexByte(blanks, text[end]) < 0 {
		return 0
	}
	n, ok := parseUint(text[:end])
	if !ok || n > maxPID {
		return 0
	}
	return int(n)
}
