// Package config finds configuration files, tells their dialects apart, compiles them and puts the parts together.
//
// [Read] is the entry point; [Explain] shows what the files became.
package config

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"orderly/internal/config/monit"
	"orderly/internal/config/native"
	"orderly/internal/diag"
	"orderly/internal/model"
)

// Options say what to load. The zero Options load what this host is configured with.
type Options struct {
	Paths     []string                       // files and directories; none: where configuration is kept on this host
	Dialect   string                         // "monit", "inspeqtor", "minitor" or "orderly"; "": told by name and content
	Lenient   bool                           // checks of Inspeqtor whose files have errors are left out, with warnings
	PyCompat  bool                           // Minitor's option of that name was given
	Protocols func(name string) (known bool) // which protocols can be spoken; nil: all
	Channels  func(r model.Route) error      // what is wrong with whom a route tells, and how; nil: nothing
}

// A Reading is the result of one attempt to load a configuration.
type Reading struct {
	Config      *model.Config // sealed; not to be used when Diagnostics has errors; never nil
	Diagnostics diag.List     // sorted
	Idle        []model.Route // those of Inspeqtor and Minitor that no check names, so that Config lacks them
	Files       []string      // everything that was read, includes and all; none: the built-in configuration
	Origins     []string      // for whom files were written, and how that shows: one line for each of which it is a guess

	places     map[*model.Service]place
	statements []diag.Span            // outside of services
	texts      map[diag.Pos]diag.Span // statements that became rules, by Rule.Pos
	secrets    []string               // values that nobody may see
	kept       native.Secrets         // of these, those that an orderly.yaml can refer to
}

// Read reads, compiles, checks and seals a configuration. Nothing is created and nothing is started.
func Read(o Options) *Reading {
	r := Check(o)
	r.Config.Seal()
	return r
}

// Check is Read for those who only want the findings: the configuration is not sealed.
func Check(o Options) *Reading {
	paths := o.Paths
	if len(paths) == 0 {
		paths = find(os.Geteuid(), os.Getenv)
	}
	r := &Reading{texts: map[diag.Pos]diag.Span{}, kept: native.Secrets{}}
	if len(paths) == 0 {
		r.Config = builtin(hostname(), mounts())
		return r
	}
	l := loader{options: o, env: machine(), reading: r}
	if l.env.Protocols = o.Protocols; o.Protocols == nil {
		l.env.Protocols = func(string) bool { return true }
	}
	if o.Dialect != "" && dialectNamed(o.Dialect) == nil {
		d := r.Diagnostics.Error(diag.Span{}, "config/dialect", "unknown dialect %q", o.Dialect)
		d.Hinted("one of %s", strings.Join(dialectNames(), ", "))
		r.Config = &model.Config{}
		return r
	}
	for _, path := range paths {
		l.path(path)
	}
	l.name()
	for _, t := range l.files {
		l.compile(t)
	}
	if l.inspeqtor != nil {
		l.take(compileInspeqtor(&l))
	}
	r.Config, r.places = join(l.parts, &r.Diagnostics)
	r.Config.Settings.Source = source(r.Files)
	r.Diagnostics.Sort()
	return r
}

// source is the full path of the file that was read first; "" without any.
func source(files []string) string {
	if len(files) == 0 {
		return ""
	}
	path, err := filepath.Abs(files[0])
	if err != nil {
		return files[0]
	}
	return path
}

// A loader goes through files in order.
type loader struct {
	options Options
	env     monit.Env
	reading *Reading
	files   []text
	parts   []*part

	named     map[string]model.Route // the channels that files of ours name, for each other
	inspeqtor []*diag.Source         // Inspeqtor's files, compiled together in the end
}

// channels tells what is wrong with a route.
func (l *loader) channels() func(model.Route) error {
	if l.options.Channels == nil {
		return func(model.Route) error { return nil }
	}
	return l.options.Channels
}

func (l *loader) fail(path, code, format string, args ...any) *diag.Diagnostic {
	return l.reading.Diagnostics.Error(diag.NewSource(path, nil).Whole(), "config/"+code, format, args...)
}

// path loads a file, or the files of a directory. Beside orderly.yaml the directory conf.d is read as well, and beside
// inspeqtor.conf the checks.
func (l *loader) path(path string) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		l.fail(path, "open", "cannot read: %v", cause(err))
	case info.IsDir() && l.isInspeqtorDir(path):
		l.inspeqtorDir(path)
	case info.IsDir():
		l.directory(path)
	case filepath.Base(path) == inspeqtorName && l.mayBeInspeqtor():
		l.inspeqtorDir(filepath.Dir(path))
	default:
		l.file(path, false)
		if beside := filepath.Join(filepath.Dir(path), "conf.d"); filepath.Base(path) == nativeName && isDir(beside) {
			l.directory(beside)
		}
	}
}

// directory loads the files of a directory by name; what is hidden, a backup or a directory itself is left out.
func (l *loader) directory(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		l.fail(dir, "open", "cannot read: %v", cause(err))
		return
	}
	read := 0
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if strings.HasPrefix(e.Name(), ".") || strings.HasSuffix(e.Name(), "~") || isDir(path) {
			continue
		}
		l.file(path, true)
		read++
	}
	if read == 0 && slices.Contains(l.options.Paths, dir) {
		l.reading.Diagnostics.Warn(diag.NewSource(dir, nil).Whole(), "config/empty", "there is no configuration in this directory")
	}
}

func (l *loader) mayBeInspeqtor() bool {
	return l.options.Dialect == "" || l.options.Dialect == "inspeqtor"
}

// isInspeqtorDir recognises a directory by one of the two files that Inspeqtor cannot do without.
func (l *loader) isInspeqtorDir(dir string) bool {
	return l.mayBeInspeqtor() && (isThere(filepath.Join(dir, inspeqtorName)) || isThere(filepath.Join(dir, "host.inq")))
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// inspeqtorDir loads what Inspeqtor loads of a directory, in its order.
func (l *loader) inspeqtorDir(dir string) {
	for _, name := range []string{inspeqtorName, "host.inq"} {
		if path := filepath.Join(dir, name); isThere(path) {
			l.file(path, false)
		} else {
			l.reading.Diagnostics.Warn(diag.NewSource(dir, nil).Whole(), "config/missing", "there is no %s in this directory", name)
		}
	}
	for _, pattern := range []string{"services.d/*.inq", "jobs.d/*.inq"} {
		files, err := fs.Glob(os.DirFS(dir), pattern)
		if err != nil {
			l.fail(dir, "open", "cannot read: %v", cause(err))
		}
		for _, file := range files {
			l.file(filepath.Join(dir, file), false)
		}
	}
}

// A text is a file that was read and is still to be compiled, when all others were read as well.
type text struct {
	*diag.Source
	info        monit.FileInfo
	inDirectory bool
	dialect     *dialect
}

// file reads one file.
func (l *loader) file(path string, inDirectory bool) {
	content, info, err := readFile(path)
	if err != nil {
		l.fail(path, "open", "cannot read: %v", cause(err))
		return
	}
	t := text{diag.NewSource(path, content), info, inDirectory, dialectNamed(l.options.Dialect)}
	if t.dialect == nil {
		t.dialect = detect(path, content)
	}
	l.files = append(l.files, t)
}

// name has files of ours know the channels that others name, in two passes because these may be fallbacks of each other.
func (l *loader) name() {
	var ours []text
	for _, t := range l.files {
		if t.dialect.name == "orderly" && !isBinary(t.Text) {
			ours = append(ours, t)
		}
	}
	for pass := 0; len(ours) > 1 && pass < 2; pass++ {
		all := map[string]model.Route{}
		for _, t := range ours {
			for name, r := range native.Named(t.Source, l.native(t.Source)) {
				if _, taken := all[name]; !taken { // the second is told
					all[name] = r
				}
			}
		}
		l.named = all
	}
}

// compile compiles one file. Who may write to it decides what runs on this host, so that is checked as well.
func (l *loader) compile(t text) {
	l.reading.Files = append(l.reading.Files, t.Name)
	switch {
	case isBinary(t.Text):
		l.fail(t.Name, "binary", "this is not text")
		return
	case t.dialect.compile == nil:
		l.fail(t.Name, "dialect", "%s cannot be read yet", t.dialect.title).
			Hinted("use --dialect to read it as something else")
		return
	}
	if p := t.dialect.compile(t.Source, l); p != nil {
		l.take(p)
	}
	l.protection(t.Name, t.info, t.dialect.private && !t.inDirectory)
}

func (l *loader) take(p *part) {
	l.parts = append(l.parts, p)
	l.reading.Files = append(l.reading.Files, p.included...)
	l.reading.Idle = append(l.reading.Idle, p.idle...)
	l.reading.statements = append(l.reading.statements, p.statements...)
	l.reading.secrets = append(l.reading.secrets, p.secrets...)
	maps.Copy(l.reading.kept, p.kept)
	if p.origin != "" {
		l.reading.Origins = append(l.reading.Origins, p.origin)
	}
	maps.Copy(l.reading.texts, p.texts)
}

// protection refuses a file that someone else may change. A private file is nobody else's business at all.
func (l *loader) protection(path string, info monit.FileInfo, private bool) {
	mode, most := info.Mode.Perm(), os.FileMode(0o755)
	if private {
		most = 0o700
		if info.UID != l.env.EUID {
			l.fail(path, "owner", "the file belongs to user %d, but orderly runs as user %d", info.UID, l.env.EUID).
				Hinted("chown %d %s", l.env.EUID, path)
		}
	}
	if mode&^most != 0 {
		l.fail(path, "mode", "the file has mode %04o, at most %04o is allowed", mode, most).
			Hinted("chmod %04o %s", mode&most, path)
	}
}

// isBinary recognises files that were named by mistake; a stray control character does not make one.
func isBinary(text []byte) bool {
	head := text[:min(len(text), 1024)]
	strange := 0
	for _, b := range head {
		if b < ' ' && b != '\n' && b != '\r' && b != '\t' && b != '\f' {
			strange++
		}
	}
	return strange > len(head)/10+1
}
