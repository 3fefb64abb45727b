package host

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
	"unicode"

	"orderly/internal/model"
	"orderly/internal/pattern"
)

// One visit of a file reads so many bytes, and for so long, at most. What is left waits for the next visit: a file that
// grows faster than it can be searched is searched behind its end, but it is searched.
const (
	perVisit      = 16 << 20
	visitTime     = 5 * time.Second
	evidenceLimit = 2 << 10
)

// chunks is a file. ReadAt may read less than asked for without an error; at the end it reads nothing.
type chunks interface {
	ReadAt(p []byte, at int64) (int, error)
}

// A position is what a file was like when it was opened.
type position struct {
	inode uint64
	size  int64
	whole bool // each reading of it is new, so it is always read from the begin
}

// A search looks for lines in a file.
type search struct {
	probes []contentProbe
	ignore []selector
}

// A contentProbe looks for some lines.
type contentProbe struct {
	index int // among Service.Probes
	what  string
	selector
}

// A selector selects lines that match any of some patterns, or none.
type selector struct {
	patterns []*regexp.Regexp
	not      bool
}

// A finding is what one probe found.
type finding struct {
	count    int
	evidence []byte
}

func newSearch(s *model.Service) (search, error) {
	var out search
	for i, p := range s.Probes() {
		if p.Kind != model.ProbeContent || p.Match == nil || s.Kind != model.KindFile {
			continue
		}
		sel, err := newSelector(*p.Match)
		if err != nil {
			return search{}, err
		}
		out.probes = append(out.probes, contentProbe{i, described(*p.Match), sel})
	}
	for _, m := range s.Ignore {
		sel, err := newSelector(m)
		if err != nil {
			return search{}, err
		}
		out.ignore = append(out.ignore, sel)
	}
	return out, nil
}

func newSelector(m model.Match) (selector, error) {
	out := selector{not: m.Not}
	for _, p := range m.Patterns {
		re, err := pattern.Compile(p)
		if err != nil {
			return selector{}, fmt.Errorf("cannot use pattern %q: %w", p, err)
		}
		out.patterns = append(out.patterns, re)
	}
	return out, nil
}

// described says what is looked for, as the end of a sentence that begins with a number of lines.
func described(m model.Match) string {
	verb := "match"
	if m.Not {
		verb = "do not match"
	}
	if len(m.Patterns) == 1 {
		return fmt.Sprintf("%s %q", verb, m.Patterns[0])
	}
	return fmt.Sprintf("%s any of %d patterns", verb, len(m.Patterns))
}

func (s selector) selects(line []byte) bool {
	for _, re := range s.patterns {
		if re.Match(line) {
			return !s.not
		}
	}
	return s.not
}

// follow looks at the complete lines that were written since a bookmark, each cut after limit bytes. At first sight of a
// file that is none: it begins at the end. A file that was replaced or shortened is read from its begin.
func (s *search) follow(
	ctx context.Context, file chunks, at position, since model.Bookmark, limit int,
) ([]finding, model.Bookmark, error) {
	found := make([]finding, len(s.probes))
	mark := model.Bookmark{Inode: at.inode, Offset: at.size, Seen: true}
	if !since.Seen && !at.whole {
		return found, mark, nil
	}
	mark.Offset = since.Offset
	if at.whole || since.Inode != at.inode || since.Offset < 0 || at.size < since.Offset {
		mark.Offset = 0
	}
	end, err := eachLine(ctx, file, mark.Offset, limit, func(line []byte) { s.look(line, found) })
	mark.Offset = end
	if at.whole {
		mark.Offset = 0
	}
	return found, mark, err
}

// look shows one line to all probes.
func (s *search) look(line []byte, found []finding) {
	for _, ignored := range s.ignore {
		if ignored.selects(line) {
			return
		}
	}
	for i := range s.probes {
		if !s.probes[i].selects(line) {
			continue
		}
		f := &found[i]
		f.count++
		if room := evidenceLimit - len(f.evidence) - 1; room > 0 {
			f.evidence = append(f.evidence, line[:min(len(line), room)]...)
			f.evidence = append(f.evidence, '\n')
		}
	}
}

// answer turns findings into the results of their probes.
func (s *search) answer(found []finding, results []model.Result) {
	for i, f := range found {
		probe := &s.probes[i]
		r := model.Result{OK: f.count == 0, Evidence: printable(f.evidence)}
		switch {
		case f.count == 1:
			r.Summary = "1 line that " + singular(probe.what)
		case f.count > 1:
			r.Summary = fmt.Sprintf("%d lines that %s", f.count, probe.what)
		}
		r.Readings.Add(model.Matched, model.Num(float64(f.count)))
		results[probe.index] = r
	}
}

func singular(what string) string {
	if after, ok := strings.CutPrefix(what, "do not "); ok {
		return "does not " + after
	}
	return strings.Replace(what, "match", "matches", 1)
}

// printable replaces what a terminal or mail could take for more than text.
func printable(text []byte) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) && r != unicode.ReplacementChar {
			return r
		}
		return '?'
	}, strings.TrimSuffix(string(text), "\n"))
}

// eachLine calls do for each complete line from a place on, without its end and cut after limit bytes, and returns where
// the first incomplete one begins. It reads no more than one visit may; a line longer than that is taken as several.
// do must not keep the line.
func eachLine(ctx context.Context, file chunks, from int64, limit int, do func(line []byte)) (int64, error) {
	buf := make([]byte, 64<<10)
	line := make([]byte, 0, limit)
	done, at := from, from
	begin := time.Now()
	for at-from < perVisit && (done == from || time.Since(begin) < visitTime) {
		if err := ctx.Err(); err != nil {
			return done, fmt.Errorf("cannot read all new content in time: %w", err)
		}
		n, err := file.ReadAt(buf[:min(len(buf), int(perVisit-(at-from)))], at)
		for chunk := buf[:n]; len(chunk) > 0; {
			end := bytes.IndexByte(chunk, '\n')
			part := chunk
			if end >= 0 {
				part = chunk[:end]
			}
			line = append(line, part[:min(len(part), limit-len(line))]...)
			at += int64(len(part))
			if end < 0 {
				break
			}
			do(bytes.TrimSuffix(line, []byte("\r")))
			at++
			done, line, chunk = at, line[:0], chunk[end+1:]
		}
		if err != nil && err != io.EOF {
			return done, err
		}
		if n == 0 {
			return done, nil
		}
	}
	if done == from { // nothing but the begin of one endless line
		do(line)
		done = at
	}
	return done, nil
}
