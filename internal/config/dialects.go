package config

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"orderly/internal/config/inq"
	"orderly/internal/config/minitor"
	"orderly/internal/config/monit"
	"orderly/internal/config/native"
	"orderly/internal/diag"
	"orderly/internal/model"
)

// A dialect is a language that configuration is written in.
type dialect struct {
	name    string // as --dialect has it
	title   string // in messages
	private bool   // a file of its own right must be owned by us, and be closed to everybody else

	detect  func(path string, text []byte) bool
	compile func(src *diag.Source, l *loader) *part // nil: not possible yet; a nil part: it waits for other files
}

// A part is one compiled file.
type part struct {
	config   *model.Config
	implied  *model.Service           // a service of config that nobody wrote; void when another file has one of its kind
	unnamed  bool                     // nobody wrote the name of the host either
	places   map[*model.Service]place // none for implied services
	included []string                 // files read besides the one that was named

	statements []diag.Span            // outside of services
	texts      map[diag.Pos]diag.Span // statements that became rules, by Rule.Pos
	reporting  diag.Span              // what names collectors
	maintained []diag.Span            // maintenances, in the order of config.Settings
	idle       []model.Route          // that nothing names

	origin  string         // for whom the file was written, where that is a guess, and why
	secrets []string       // values that nobody may see, beside those that look like it
	kept    native.Secrets // of these, those that an orderly.yaml can refer to
}

// A place tells where a service is written.
type place struct {
	name       diag.Span
	depends    []diag.Span // as many as Service.Depends, in its order
	statements []diag.Span // all but those that became rules
}

// dialects are tried in this order. The last one takes everything: control files may have any name.
var dialects = []dialect{
	{name: "inspeqtor", title: "an Inspeqtor file", detect: isInspeqtor, compile: collectInspeqtor},
	{name: "minitor", title: "a Minitor file", detect: isMinitor, compile: compileMinitor},
	{name: "orderly", title: "an orderly.yaml file", detect: isNative, compile: compileNative},
	{
		name: "monit", title: "a Monit control file", private: true,
		detect: func(string, []byte) bool { return true }, compile: compileMonit,
	},
}

func dialectNamed(name string) *dialect {
	for i := range dialects {
		if dialects[i].name == name {
			return &dialects[i]
		}
	}
	return nil
}

func dialectNames() (names []string) {
	for _, d := range dialects {
		names = append(names, d.name)
	}
	return names
}

func detect(path string, text []byte) *dialect {
	for i := range dialects {
		if dialects[i].detect(path, text) {
			return &dialects[i]
		}
	}
	return nil
}

// inspeqtorName is what Inspeqtor's own settings are called; its checks are in files beside it.
const inspeqtorName = "inspeqtor.conf"

// inspeqtorWords begin statements that only Inspeqtor has.
var inspeqtorWords = regexp.MustCompile(
	`(?m)^[ \t]*(set\s+(cycle_time|deploy_length|expose_port|statsd_location|log_level)|send\s+alerts\s+(to|via)|check\s+jobs)\s`)

// isInspeqtor knows copies under other names as well: inspeqtor.conf.j2, service.inq.template.
func isInspeqtor(path string, text []byte) bool {
	switch ext := filepath.Ext(path); {
	case ext == ".inq", filepath.Base(path) == inspeqtorName, strings.HasSuffix(path, ".inq.template"):
		return true
	case ext == ".yaml", ext == ".yml", ext == ".hcl", ext == ".json":
		return false
	}
	return inspeqtorWords.Match(text)
}

var (
	monitorsKey  = regexp.MustCompile(`(?m)^["']?monitors["']?\s*:`)
	monitorBlock = regexp.MustCompile(`(?m)^monitor\s+"[^"]*"\s*\{`)
	monitorJSON  = regexp.MustCompile(`"monitors?"\s*:\s*[\[{]`)
)

func isMinitor(path string, text []byte) bool {
	switch filepath.Ext(path) {
	case ".hcl":
		return true
	case ".json":
		return monitorJSON.Match(text)
	case ".yaml", ".yml", "":
		return filepath.Base(path) != nativeName && monitorsKey.Match(text)
	}
	return monitorBlock.Match(text)
}

func isNative(path string, text []byte) bool {
	switch filepath.Ext(path) {
	case ".yaml", ".yml":
		return true
	}
	return bytes.HasPrefix(text, []byte("---\n"))
}

func compileMonit(src *diag.Source, l *loader) *part {
	made := monit.Compile(src, includer{}, l.env, &l.reading.Diagnostics)
	p := &part{
		config: made.Config, implied: made.Implied, unnamed: made.Implied != nil,
		places: map[*model.Service]place{}, texts: map[diag.Pos]diag.Span{}, reporting: made.Reporting,
	}
	for service, check := range made.Entries {
		at := place{name: check.Name.Pos(), statements: []diag.Span{check.Header}}
		for _, o := range check.Options {
			if _, ok := o.(*monit.Test); ok {
				p.texts[o.Pos().Pos()] = o.Pos()
				continue
			}
			at.statements = append(at.statements, o.Pos())
			if d, ok := o.(*monit.Depends); ok {
				for _, name := range d.Names {
					at.depends = append(at.depends, name.Pos())
				}
			}
		}
		p.places[service] = at
	}
	for _, s := range made.File.Stmts {
		if _, ok := s.(*monit.Check); !ok {
			p.statements = append(p.statements, s.Pos())
		}
	}
	for _, s := range made.File.Sources[1:] {
		p.included = append(p.included, s.Name)
	}
	return p
}

// collectInspeqtor puts a file by: Inspeqtor's files only say something together.
func collectInspeqtor(src *diag.Source, l *loader) *part {
	if !slices.ContainsFunc(l.inspeqtor, func(s *diag.Source) bool { return filepath.Clean(s.Name) == filepath.Clean(src.Name) }) {
		l.inspeqtor = append(l.inspeqtor, src)
	}
	return nil
}

// compileInspeqtor compiles the files that were put by.
func compileInspeqtor(l *loader) *part {
	env := inq.Env{Hostname: l.env.Hostname, Protocols: l.env.Protocols}
	if l.options.Lenient {
		l.leaveOut(env)
	}
	made := inq.Compile(l.inspeqtor, env, &l.reading.Diagnostics)
	p := &part{
		config: made.Config, implied: made.Implied, unnamed: true,
		places: map[*model.Service]place{}, statements: made.Statements, texts: made.Texts, idle: made.Idle,
	}
	for service, at := range made.Places {
		p.places[service] = place{name: at.Name, statements: at.Statements}
	}
	return p
}

func compileMinitor(src *diag.Source, l *loader) *part {
	env := minitor.Env{
		Hostname: l.env.Hostname, Variable: os.LookupEnv, ReadFile: l.env.ReadFile, PyCompat: l.options.PyCompat,
		Channels: l.channels(),
	}
	made := minitor.Compile(src, env, &l.reading.Diagnostics)
	p := &part{
		config: made.Config, unnamed: true, idle: made.Idle, included: made.Included, secrets: made.Secrets, kept: made.Kept,
		maintained: made.Maintained,
		places:     map[*model.Service]place{}, statements: made.Statements, texts: made.Texts,
	}
	if made.Reason != "" {
		p.origin = fmt.Sprintf("%s is for %v: %s", src.Name, made.Dialect, made.Reason)
	}
	for service, at := range made.Places {
		p.places[service] = place{name: at.Name, depends: at.Depends, statements: at.Statements}
	}
	return p
}

// native is the machine as one of our files sees it: with the channels that others name.
func (l *loader) native(src *diag.Source) native.Env {
	named := maps.Clone(l.named)
	maps.DeleteFunc(named, func(_ string, r model.Route) bool { return r.Pos.File == src.Name })
	return native.Env{Env: l.env, Variable: os.LookupEnv, Channels: l.channels(), Named: named}
}

func compileNative(src *diag.Source, l *loader) *part {
	made := native.Compile(src, l.native(src), &l.reading.Diagnostics)
	p := &part{
		config: made.Config, implied: made.Implied, unnamed: made.Unnamed,
		places: map[*model.Service]place{}, statements: made.Statements, texts: made.Texts, reporting: made.Reporting, secrets: made.Secrets,
		maintained: made.Maintenances,
	}
	for service, at := range made.Places {
		p.places[service] = place{name: at.Name, depends: at.Depends, statements: at.Statements}
	}
	return p
}
