// Package inq reads Inspeqtor's files: inspeqtor.conf, host.inq, and those of services.d and jobs.d.
//
// What Inspeqtor accepts is accepted, but for texts that cannot have been meant: rules about measurements that do not
// exist, or that can never fail. Where Inspeqtor leaves out a file that it cannot read, here it is an error.
//
// [Compile] is the entry point. It takes all files at once, because rules name routes of another file.
package inq

import (
	"strings"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// Env is how compiling sees the machine that the files are for.
type Env struct {
	Hostname  string                 // the host's own name
	Protocols func(name string) bool // whether a protocol of the probe catalogue is there; must be set
}

// A Compilation is one configuration, with what checks over other files need to know of its text.
type Compilation struct {
	Config  *model.Config            // not sealed
	Implied *model.Service           // the entry of the host, when no file checks it; also in Config
	Places  map[*model.Service]Place // none for Implied
	Idle    []model.Route            // those that no check names

	Statements []diag.Span            // of inspeqtor.conf
	Texts      map[diag.Pos]diag.Span // rules, by Rule.Pos
}

// A Place tells where a service is written.
type Place struct {
	Name       diag.Span
	Statements []diag.Span // all but the rules
}

// Compile reads the files of one Inspeqtor and says what they mean together. It always returns a Compilation; it can be
// used when diags has no errors. Which file is of which sort is told by how it begins, else by its name.
func Compile(sources []*diag.Source, env Env, diags *diag.List) *Compilation {
	c := newCompiler(env, diags)
	for _, src := range sources {
		c.files = append(c.files, parse(src, diags))
	}
	c.run()
	return c.made
}

// isCheck tells whether a text without statements is one of checks, by the name of its file.
func isCheck(src *diag.Source) bool { return strings.HasSuffix(src.Name, ".inq") }
