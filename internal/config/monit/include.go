package monit

import (
	"bytes"
	"strings"

	"orderly/internal/diag"
)

// An Includer gives access to the files that include statements name.
type Includer interface {
	// Expand returns the names that match a glob pattern, sorted. Relative patterns are relative to the working
	// directory. Directories and names that end in "~" are left out. No match is no error, but a directory that is
	// not there is one.
	Expand(pattern string) ([]string, error)
	// Read returns the content of a file. It bounds what it reads.
	Read(name string) ([]byte, error)
}

// The limits of includes. The first is Monit's, the others keep a tree of includes from eating all memory.
const (
	maxNesting       = 1024
	maxIncludes      = 10000
	maxIncludedBytes = 64 << 20
)

// include puts the files that an include statement names in front of what follows it. The keyword was read.
func (lx *lexer) include(keyword token) {
	r := &lx.open[len(lx.open)-1]
	pattern := r.pattern()
	stmt := Include{Node: Node{keyword.span().To(pattern.Span)}, Pattern: pattern}
	if lx.inc == nil {
		lx.diags.Error(stmt.Span, "monit/include", "include cannot be used here")
		return
	}
	names, err := lx.inc.Expand(pattern.Text)
	if err != nil {
		lx.diags.Warn(pattern.Span, "monit/include", "cannot include %q: %v", pattern.Text, err).
			Hinted("nothing is included")
	}
	var readers []reader
	for _, name := range names {
		if src := lx.load(stmt.Span, name); src != nil {
			stmt.Sources = append(stmt.Sources, src)
			readers = append(readers, reader{src: src})
		}
	}
	lx.file.Includes = append(lx.file.Includes, stmt)
	lx.file.Sources = append(lx.file.Sources, stmt.Sources...)
	for i := len(readers) - 1; i >= 0; i-- {
		lx.open = append(lx.open, readers[i])
	}
}

// pattern reads what stands behind the word include.
func (r *reader) pattern() Word {
	text := r.src.Text
	r.pos = skip(text, r.pos, " \t\r\n")
	end := r.pos
	if end < len(text) && (text[end] == '"' || text[end] == '\'') {
		if n := bytes.IndexByte(text[end+1:], text[end]); n >= 0 {
			end += n + 2
		}
	}
	if end == r.pos {
		for end < len(text) && text[end] > ' ' {
			end++
		}
	}
	t := r.token(tokWord, "", end)
	return Word{Node{t.span()}, strings.Trim(string(t.bytes()), `"' `), Bare}
}

// load reads one file of an include. It returns nil when there is nothing to read, and says why.
func (lx *lexer) load(at diag.Span, name string) *diag.Source {
	if len(lx.file.Sources) > maxIncludes || lx.read > maxIncludedBytes {
		if !lx.full {
			lx.diags.Error(at, "monit/include", "cannot include %q: too many files are included", name)
		}
		lx.full = true
		return nil
	}
	text, err := lx.inc.Read(name)
	if err != nil {
		lx.diags.Error(at, "monit/include", "cannot include %q: %v", name, err)
		return nil
	}
	nesting := 0
	for _, open := range lx.open {
		if open.pos == 0 {
			continue // included, but its turn has not come yet
		}
		// The same text can only be nested in itself if it is the same file under another name.
		if open.src.Name == name || len(text) > 0 && bytes.Equal(open.src.Text, text) {
			lx.diags.Warn(at, "monit/include-loop", "%s includes itself", name).Hinted("it is not read again")
			return nil
		}
		nesting++
	}
	if nesting >= maxNesting {
		lx.diags.Error(at, "monit/include", "cannot include %q: more than %d files are nested", name, maxNesting)
		return nil
	}
	lx.read += len(text)
	return diag.NewSource(name, text)
}
