// Package minitor reads Minitor's files: the YAML of its Python and its first Go versions, and the HCL of its second.
//
// [Compile] is the entry point. Whichever syntax a file has, it becomes one tree of nodes (node.go), which is compiled
// the same way; which of the three Minitors it was written for decides the defaults (dialect.go).
package minitor

import (
	"orderly/internal/diag"
	"orderly/internal/model"
)

// Env is how compiling sees the machine that a file is for. All functions must be set.
type Env struct {
	Hostname string                            // the host's own name
	Variable func(name string) (string, bool)  // of the environment
	ReadFile func(path string) ([]byte, error) // what a file includes, or takes a secret from
	Channels func(model.Route) error           // why a route cannot be used, or nil
	PyCompat bool                              // the first Go version was told to fill Python's placeholders
}

// A Compilation is one file, with what checks over other files need to know of its text.
type Compilation struct {
	Config     *model.Config // not sealed
	Dialect    Dialect
	Reason     string // for the dialect, in words
	Places     map[*model.Service]Place
	Statements []diag.Span            // outside of monitors
	Maintained []diag.Span            // as many as Config.Settings.Maintenance, in its order
	Texts      map[diag.Pos]diag.Span // commands of monitors, by Rule.Pos
	Idle       []model.Route          // those of alerts that no monitor names
	Included   []string               // files that were read beside
	Secrets    []string               // values from outside of the file that nobody may see
	Kept       map[string]string      // of these, where they are kept: "${env:NAME}" or "${file:/path}"
}

// A Place tells where a monitor is written.
type Place struct {
	Name       diag.Span
	Depends    []diag.Span // as many as Service.Depends, in its order
	Statements []diag.Span // all but the command
}

// Compile reads a file and says what it means. It always returns a Compilation; it can be used when diags has no errors.
func Compile(src *diag.Source, env Env, diags *diag.List) *Compilation {
	c := newCompiler(src, env, diags)
	c.run()
	return c.made
}
