package differential

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

// A scenario is one file of testdata. Its comment says in the first line what it is about. Its parts are:
//
//	control     the control file, after the prelude that all have in common
//	setup       a shell script that prepares the directory before the daemon starts
//	steps       what happens then, see [run.step]
//	want        the transcript of both, or
//	monit, orderly, difference   the transcript of each, and why they differ
//
// Other parts are files of the directory. @DIR@ stands for the directory in all of them, @PORT@ for a port of 127.0.0.1 where
// nobody answers until the step that opens it, @MAIL@ for one where somebody always does.
type scenario struct {
	name    string
	file    string
	title   string
	setup   string
	steps   []string
	want    map[string]string // by program
	because string            // why the programs differ; "" when they do not
	files   []txtar.File
}

func readScenario(file string) (*scenario, error) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		return nil, err
	}
	s := &scenario{file: file, name: strings.TrimSuffix(filepath.Base(file), ".txtar"), want: map[string]string{}}
	s.title, _, _ = strings.Cut(strings.TrimSpace(string(archive.Comment)), "\n")
	for _, f := range archive.Files {
		text := string(f.Data)
		switch f.Name {
		case "setup":
			s.setup = text
		case "steps":
			s.steps = strings.Split(strings.TrimSpace(text), "\n")
		case "want":
			s.want["monit"], s.want["orderly"] = text, text
		case "monit", "orderly":
			s.want[f.Name] = text
		case "difference":
			s.because = strings.TrimSpace(text)
		default:
			s.files = append(s.files, f)
		}
	}
	return s, nil
}

func (s *scenario) check() error {
	differ := s.want["monit"] != s.want["orderly"]
	switch {
	case s.title == "":
		return fmt.Errorf("it does not say what it is about")
	case len(s.steps) == 0:
		return fmt.Errorf("it has no steps")
	case s.want["monit"] == "" || s.want["orderly"] == "":
		return fmt.Errorf("it does not say what is wanted")
	case !slices.ContainsFunc(s.files, func(f txtar.File) bool { return f.Name == "control" }):
		return fmt.Errorf("it has no control file")
	case differ && s.because == "":
		return fmt.Errorf("the programs differ, and it does not say why")
	case !differ && s.because != "":
		return fmt.Errorf("it explains a difference that is not there")
	}
	return nil
}

// prelude is the beginning of every control file: where the daemon keeps things, how fast it goes, and whom it tells.
const prelude = `
set daemon @PACE@
set log @DIR@/log
set pidfile @DIR@/pid
set idfile @DIR@/id
set statefile @DIR@/state
set httpd unixsocket @DIR@/httpd allow ops:letmein
set mailserver 127.0.0.1 port @MAIL@
set mail-format {
  from: watchdog@example.net
  subject: $SERVICE
  message: $SERVICE|$EVENT|$ACTION
}
set alert all@example.net but not on { instance }
`

// postlude is the end of every control file. The last service beats once a cycle, after the others had time to react.
const postlude = `
check system here
check program beat with path "@DIR@/beat"
  if status != 0 then alert
`

// programs are what the actions of a scenario run. A service that `up` has started is a sleeping process with a parent that
// reaps it, because not every process 1 does so at once.
var programs = map[string]string{
	"beat": `echo begun >>@DIR@/begun
sleep 0.2
echo $$ >>@DIR@/beats`,
	"note": `echo "$MONIT_SERVICE [$*]" >>@DIR@/ran`,
	"tell": `echo "$MONIT_SERVICE [$*: $MONIT_EVENT]" >>@DIR@/ran`,
	"up": `echo "$MONIT_SERVICE [up]" >>@DIR@/ran
rm -f @DIR@/$1.pid
setsid sh -c "sleep ${2:-1000} & echo \$! >@DIR@/$1.new; mv @DIR@/$1.new @DIR@/$1.pid; wait" >/dev/null 2>&1 &
until test -s @DIR@/$1.pid; do sleep 0.01; done`,
	"down": `echo "$MONIT_SERVICE [down]" >>@DIR@/ran
kill $(cat @DIR@/$1.pid)
rm @DIR@/$1.pid`,
}
