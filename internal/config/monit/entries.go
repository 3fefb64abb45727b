package monit

import (
	"orderly/internal/diag"
	"orderly/internal/model"
)

// ParseSentence reads a single sentence "if ... then ..." for a service of the given kind: a *Test or a *RestartLimit.
// It returns nil when the sentence is wrong; diags says why. Other than in Monit, a test may also compare any metric by
// its name, and act on another service.
func ParseSentence(src *diag.Source, kind model.Kind, diags *diag.List) Option {
	p := newParser(src, nil, diags)
	p.sentence = true
	p.setKind(kind)
	p.next()
	if !p.tok.is("if") {
		p.unexpected("a condition that begins with if", "if")
		return nil
	}
	option := p.ifThen()
	if !p.failed && p.tok.kind != tokEnd {
		p.unexpected("nothing more")
	}
	if p.failed {
		return nil
	}
	return option
}

// Entries compiles service entries that another dialect has put together from a text of its own, by the rules for
// entries of a control file. Use [NewEntries], add the entries in file order, then close.
type Entries struct{ compiler compiler }

// NewEntries makes an empty list for the entries of src. What is wrong with them goes to diags.
func NewEntries(src *diag.Source, env Env, diags *diag.List) *Entries {
	return &Entries{compiler{
		env: env, diags: diags, names: map[string]diag.Span{}, limits: model.DefaultLimits(),
		made: &Compilation{
			Config: &model.Config{}, File: &File{Sources: []*diag.Source{src}}, Entries: map[*model.Service]*Check{},
		},
	}}
}

// Secure sets the defaults of all connections that use TLS, and checks them.
func (x *Entries) Secure(options TLS) {
	x.compiler.checkTLS(options)
	x.compiler.tls = options
}

// Add compiles an entry under the given limits. With damaged set, parts of it could not be read, and nothing is
// reported missing. The service may still be changed.
func (x *Entries) Add(entry *Check, limits model.Limits, damaged bool) *model.Service {
	x.compiler.limits, x.compiler.damaged = limits, damaged
	x.compiler.check(entry)
	services := x.compiler.made.Config.Services
	return services[len(services)-1]
}

// Actions compiles what a rule does. Limits are those of the entry that was added last.
func (x *Entries) Actions(a Action) []model.Action { return x.compiler.action(a) }

// Pattern returns an extended regular expression as it is. It is not ok when it cannot be used, which was reported.
func (x *Entries) Pattern(text string, at diag.Span) (ere string, ok bool) {
	return text, x.compiler.pattern(text, at)
}

// TLS is what options mean on top of the defaults, for a connection that always uses TLS.
func (x *Entries) TLS(options TLS) *model.TLS { return x.compiler.tlsOf(options, true) }

// ServerTLS is what options mean for a server of ours; nil after an error.
func (x *Entries) ServerTLS(at Node, options TLS) *model.ServerTLS {
	return x.compiler.serverTLS(&SetHTTPD{Node: at, TLS: options})
}

// Set compiles a statement that is not about one service, under the given limits.
func (x *Entries) Set(s Stmt, limits model.Limits) {
	x.compiler.limits, x.compiler.damaged = limits, false
	x.compiler.statement(s)
}

// Close adds the entry of the host under the given limits if there was none, and returns what was compiled.
func (x *Entries) Close(limits model.Limits) *Compilation {
	x.compiler.limits = limits
	x.compiler.host()
	x.compiler.closedHTTPD()
	return x.compiler.made
}
