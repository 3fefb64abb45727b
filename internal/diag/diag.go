// Package diag holds findings about configuration text: where, what, and what to do about it.
//
// Parsers append to a List and go on, so that a user sees many mistakes in one run; printing is [Print]'s
// and [List.Report]'s business. Entry points: [NewSource], [List.Error], [Print].
package diag

import (
	"fmt"
	"slices"
	"strings"
)

// Severity tells whether a configuration can be used.
type Severity int8

// Only an Error keeps a configuration from being used.
const (
	Error Severity = iota
	Warning
)

func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// MarshalText writes "error" or "warning".
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *Severity) UnmarshalText(b []byte) error {
	switch string(b) {
	case "error":
		*s = Error
	case "warning":
		*s = Warning
	default:
		return fmt.Errorf("cannot read severity %q", b)
	}
	return nil
}

// A Related place helps to understand a finding: "first declared here".
type Related struct {
	Span    Span
	Summary string
}

// A Diagnostic is one finding.
type Diagnostic struct {
	Severity Severity
	Span     Span   // what to underline
	Code     string // stable, "monit/unknown-protocol"; for documentation and tests
	Summary  string // lower case, no full stop: `unknown protocol "htpp"`
	Hint     string // what to do; may be empty
	Related  []Related
}

// A List collects findings. The zero List is ready to use; it is not safe for concurrent use.
type List []Diagnostic

// Error appends an error and returns it for a hint or related places to be added.
// The pointer is valid until the next append.
func (l *List) Error(at Span, code, format string, args ...any) *Diagnostic {
	return l.add(Error, at, code, fmt.Sprintf(format, args...))
}

// Warn appends a warning and returns it, like Error.
func (l *List) Warn(at Span, code, format string, args ...any) *Diagnostic {
	return l.add(Warning, at, code, fmt.Sprintf(format, args...))
}

func (l *List) add(s Severity, at Span, code, summary string) *Diagnostic {
	*l = append(*l, Diagnostic{Severity: s, Span: at, Code: code, Summary: summary})
	return &(*l)[len(*l)-1]
}

// Hinted sets the hint and returns the diagnostic.
func (d *Diagnostic) Hinted(format string, args ...any) *Diagnostic {
	d.Hint = fmt.Sprintf(format, args...)
	return d
}

// Relate adds a related place and returns the diagnostic.
func (d *Diagnostic) Relate(at Span, summary string) *Diagnostic {
	d.Related = append(d.Related, Related{at, summary})
	return d
}

// Count tells how many errors and warnings the list holds.
func (l List) Count() (errors, warnings int) {
	for _, d := range l {
		if d.Severity == Error {
			errors++
		} else {
			warnings++
		}
	}
	return errors, warnings
}

// HasErrors tells whether the configuration is unusable.
func (l List) HasErrors() bool {
	errors, _ := l.Count()
	return errors > 0
}

// Sort orders the list by file, line and column, keeping the order of findings at one place.
// Findings about a whole file come first.
func (l List) Sort() {
	slices.SortStableFunc(l, func(a, b Diagnostic) int {
		p, q := a.Span.Pos(), b.Span.Pos()
		if c := strings.Compare(p.File, q.File); c != 0 {
			return c
		}
		if p.Line != q.Line {
			return p.Line - q.Line
		}
		return p.Column - q.Column
	})
}

// Bounded keeps the first n errors and the first n warnings of each file and says how many it left out.
func (l List) Bounded(n int) List {
	type key struct {
		file string
		sev  Severity
	}
	seen := map[key]int{}
	var out List
	for _, d := range l {
		k := key{d.Span.Pos().File, d.Severity}
		if seen[k]++; seen[k] <= n {
			out = append(out, d)
		}
	}
	for _, d := range out {
		k := key{d.Span.Pos().File, d.Severity}
		if extra := seen[k] - n; extra > 0 {
			delete(seen, k)
			at := Span{}
			if d.Span.Src != nil {
				at = d.Span.Src.Whole()
			}
			out.add(k.sev, at, "diag/more", fmt.Sprintf("%d more like these are not shown", extra))
		}
	}
	return out
}
