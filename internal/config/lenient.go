package config

import (
	"path/filepath"
	"slices"

	"orderly/internal/config/inq"
	"orderly/internal/diag"
)

// leaveOut puts aside files of Inspeqtor that have errors, if the rest makes sense without them: checks of services and
// jobs. What is wrong with them becomes a warning.
func (l *loader) leaveOut(env inq.Env) {
	var found diag.List
	inq.Compile(l.inspeqtor, env, &found)
	bad := map[*diag.Source]bool{}
	for _, d := range found {
		if d.Severity != diag.Error || !canDoWithout(d.Span.Src) {
			continue
		}
		if !bad[d.Span.Src] {
			bad[d.Span.Src] = true
			l.reading.Diagnostics.Warn(d.Span.Src.Whole(), "config/left-out", "what this file checks is left out")
		}
		d.Severity = diag.Warning
		l.reading.Diagnostics = append(l.reading.Diagnostics, d)
	}
	l.inspeqtor = slices.DeleteFunc(l.inspeqtor, func(src *diag.Source) bool { return bad[src] })
}

// canDoWithout tells the files that each hold one check, or some jobs, from those that concern everything.
func canDoWithout(src *diag.Source) bool {
	if src == nil {
		return false
	}
	dir := filepath.Base(filepath.Dir(src.Name))
	return dir == "services.d" || dir == "jobs.d"
}
