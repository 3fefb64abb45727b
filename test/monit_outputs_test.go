package test

import (
	"strings"
	"testing"
)

// texts is what may be different in what the command line prints.
var texts = variety{
	title: "Command line",
	text: "`status`, `summary`, `report`, `procmatch`, `-t`, `-V`, `start` and their like, with right and wrong arguments, with and without a daemon:\n" +
		"what they print to which stream, and their exit status.",
	measured: []string{
		"  load average  ~", "  cpu  ~", "  memory usage  ~", "  swap usage  ~", "  uptime  ~", "  pid  ~", "  memory  ~", "  memory total  ~",
		"  read bytes  ~", "  write bytes  ~", "  disk read bytes  ~", "  disk write bytes  ~",
		"  disk read operations  ~", "  disk write operations  ~", "  service time  ~",
		"  space total  ~", "  space free for non superuser  ~", "  space free total  ~", "  inodes free  ~",
		"  ping response time  ~ ms", "  port response time  ~ ms to ...",
		"  download bytes  ~", "  upload bytes  ~", "  download packets  ~", "  upload packets  ~",
		"  access timestamp  ~", "  change timestamp  ~", "  modify timestamp  ~", "  data collected  ~", "  boot time  ~",
		"Monit daemon with PID ~ awakened", "Monit daemon with pid [~] killed",
		"  *  ~  #  tail -f @DIR@/queue  ",
	},
	differences: []difference{
		{"status summary validate", "Monit 5.#.# uptime: #m", "Monit 6.1.0 uptime: #m", "orderly has the interfaces of Monit 6.1"},
		{"-V", "This is Monit version 5.#.#", "This is Monit version 6.1.0", "the same"},
		{"-V", "Built with ...", "Built with ssl, with ipv6, with compression, without pam and with large files", "a static program cannot ask PAM"},
		{"-V", "Copyright ...", "These are the words of orderly ...", "somebody else wrote it"},
		{"status validate", "", "  hardlink  #", "Monit has this since 5.34"},
		{"status", "", "  swap pagein/s  #.#", "Monit has this since 6.0"},
		{"status", "", "  swap pageout/s  #.#", "Monit has this since 6.0"},
		{"status", "  filedescriptors  # [#.#% of 9223372036854775807 limit]", "  filedescriptors  #", "no limit: as Monit 6.1 tells it"},
		{"procmatch", `Regex ( parsing error: Unmatched ( or \(`, "Regex ( parsing error: ...", "the reason in other words"},
		{"", "", "@DIR@/monitrc:#: the directory of set eventqueue is not used ...", "what has no effect is told; events wait in orderly's journal"},
	},
}

// TestOutputsAreMonits has both programs live on the same control file and compares every line that they print.
func TestOutputsAreMonits(t *testing.T) { // C-03, C-06, C-08, C-10 to C-17, C-19, C-21, C-22
	t.Parallel()
	monit, orderly := bothSides(t)
	compare := func(args ...string) {
		t.Helper()
		theirs, ours := monit.do(monit.fill(args)...), orderly.do(orderly.fill(args)...)
		texts.compare(t, strings.Join(args, " "), [2]*side{monit, orderly}, [2]reply{theirs, ours})
	}
	for _, a := range []*side{monit, orderly} {
		first := a.do("-t")
		lines := strings.Split(first.stdout, "\n")
		if first.status != 0 || len(lines) != 4 || !whole(" New Monit id: ...", lines[0]) || lines[1] != " Stored in '"+a.path("id")+"'" {
			t.Errorf("%s: the first command says %+v", a.name, first)
		}
	}
	for _, args := range [][]string{{"-t"}, {"summary"}, {"quit"}, {"reload"}} {
		compare(args...)
	}
	for _, a := range []*side{monit, orderly} {
		a.start()
		a.settle()
	}
	for _, args := range [][]string{
		{"status"},
		{"summary"},
		{"report"},
		{"-V"},
		{"-t"},
		{"status", "APPD"},
		{"status", "app_.*"},
		{"status", "nosuch"},
		{"-g", "app", "status"},
		{"-g", "nosuch", "status"},
		{"summary", "spool"},
		{"summary", "[a"},
		{"-g", "app", "summary"},
		{"-g", "nosuch", "summary"},
		{"-B", "summary"},
		{"report", "up"},
		{"report", "down"},
		{"report", "initialising"},
		{"report", "unmonitored"},
		{"report", "total"},
		{"report", "bogus"},
		{"-g", "app", "report"},
		{"procmatch", "tail -f @DIR@/queue"},
		{"procmatch", "nobody is called so"},
		{"procmatch", "("},
		{"procmatch"},
		{"stop", "nosuch"},
		{"start"},
		{"restart", "-g", "nosuch"},
		{"frobnicate"},
		{"-Z"},
		{"-c"},
		{"-d", "0"},
	} {
		compare(args...)
	}
	texts.unmet(t)
}

// compare holds what two sides answered to a command against each other, Monit's first.
func (v *variety) compare(t *testing.T, command string, sides [2]*side, replies [2]reply) {
	t.Helper()
	if replies[0].status != replies[1].status {
		t.Errorf("%s: exit status %d, Monit's is %d", command, replies[1].status, replies[0].status)
	}
	for name, stream := range map[string]func(reply) string{
		"stdout": func(r reply) string { return r.stdout },
		"stderr": func(r reply) string { return r.stderr },
	} {
		want := v.reduce(sides[0], command, strings.Split(stream(replies[0]), "\n"))
		got := v.reduce(sides[1], command, strings.Split(stream(replies[1]), "\n"))
		if text := unlike(got, want); text != "" {
			t.Errorf("%s: %s: %s", command, name, text)
		}
	}
}

// fill puts the directory of this side into arguments.
func (a *side) fill(args []string) []string {
	var out []string
	for _, arg := range args {
		out = append(out, strings.ReplaceAll(arg, "@DIR@", a.dir))
	}
	return out
}
