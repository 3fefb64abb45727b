// Package native reads and writes orderly.yaml, orderly's own format.
//
// YAML gives the structure: who is told, what is watched, which programs start and stop it. A rule is one English
// sentence in the language of Monit's tests, compiled by package monit. So there is one language of rules, and a
// service means the same in either format.
//
// [Compile] is the entry point. [Encode] writes a configuration of any dialect, and [Schema] describes the format
// to editors.
package native

import (
	"maps"
	"slices"

	"orderly/internal/config/monit"
	"orderly/internal/diag"
	"orderly/internal/model"
)

// A Compilation is one compiled orderly.yaml, with what checks over several files need to know of its text.
type Compilation struct {
	Config  *model.Config            // not sealed; names in Depends are not resolved
	Implied *model.Service           // the entry of the host, when the file has none; also in Config
	Unnamed bool                     // the file does not name the host: that is its own name
	Places  map[*model.Service]Place // none for Implied

	Statements []diag.Span            // settings outside of services
	Texts      map[diag.Pos]diag.Span // rules, by Rule.Pos
	Reporting  diag.Span              // what names collectors
	Secrets    []string               // values from elsewhere in the words of programs, which nobody may see

	Maintenances []diag.Span // as many as Config.Settings.Maintenance, in its order
}

// A Place tells where a service is written.
type Place struct {
	Name       diag.Span
	Depends    []diag.Span // as many as Service.Depends, in its order
	Statements []diag.Span // all keys but the rules
}

// Env is how compiling sees the machine that a file is for. Nothing is created or changed.
type Env struct {
	monit.Env

	Variable func(name string) (value string, set bool) // of the environment, for secrets
	Channels func(r model.Route) error                  // what is wrong with how a route tells somebody; nil: nothing is
	Named    map[string]model.Route                     // what other files name under notify, as [Named] has it
}

// Compile reads an orderly.yaml and says what it means for the machine that env describes. It always returns a
// Compilation; it can be used when diags has no errors.
func Compile(src *diag.Source, env Env, diags *diag.List) *Compilation {
	d := newDecoder(src, env, diags)
	f := &file{limits: model.DefaultLimits(), hold: model.DefaultHold, flapping: true, diagnosis: model.DiagnosisOn}
	if root := d.document(); root != nil {
		d.notifyFirst(root)
		for _, it := range readMap(d, item{name: "the file", value: root}, "the file", fileFields, f) {
			if it.name != "services" {
				f.statements = append(f.statements, d.whole(it))
			}
		}
	}
	if f.host != "" {
		env.Hostname = f.host
	}
	return d.compile(f, env.Env)
}

func newDecoder(src *diag.Source, env Env, diags *diag.List) *decoder {
	d := &decoder{
		src: src, diags: diags, first: len(*diags), lines: linesOf(src.Text), phrases: map[string]*phrase{}, speaks: env.Protocols, env: env,
		named: map[string]model.Route{}, names: slices.Sorted(maps.Keys(env.Named)),
	}
	maps.Copy(d.named, env.Named)
	return d
}

// compile turns what was read into a configuration.
func (d *decoder) compile(f *file, env monit.Env) *Compilation {
	services := d.services(f.services, f.limits)
	from := len(*d.diags)
	x := monit.NewEntries(d.src, env, d.diags)
	x.Secure(f.tls)
	d.secure(x)
	made := &Compilation{Places: map[*model.Service]Place{}, Statements: f.statements, Texts: map[diag.Pos]diag.Span{}}
	for _, s := range services {
		if s.void || d.full() {
			continue // reported
		}
		service := s.compile(d, x)
		d.finish(service, x, made.Texts)
		made.Places[service] = s.place
	}
	for _, s := range f.general {
		x.Set(s, f.limits)
	}
	done := x.Close(f.limits)
	made.Config, made.Implied, made.Reporting = done.Config, done.Implied, done.Reporting
	made.Unnamed = f.host == "" && made.Implied != nil
	made.Config.Routes, made.Secrets = f.routes, d.secrets
	made.Maintenances = d.maintained
	f.settle(&made.Config.Settings, x)
	d.relocate((*d.diags)[from:])
	return made
}
