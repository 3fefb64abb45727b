package cli

// inspeqtorOptions are what a command line of Inspeqtor says.
type inspeqtorOptions struct {
	dir      string // of inspeqtor.conf
	socket   string // for inspeqtorctl
	stateDir string
	level    string // of the log; "": as configured
	test     bool
	alerts   bool // send one for a test through every route
	compat   bool // leave out checks with errors
	version  bool
}

// defaultInspeqtorDir is where Inspeqtor has its files.
const defaultInspeqtorDir = "/etc/inspeqtor"

// inspeqtorLevels are the words for how much is logged, as orderly has them: there is nothing beyond debugging.
var inspeqtorLevels = map[string]string{"": "", "warn": "warn", "info": "info", "debug": "debug", "verbose": "debug"}

// parseInspeqtor reads a command line of Inspeqtor. The error is flag.ErrHelp where help is asked for, else it is the user's.
func parseInspeqtor(args []string, at places) (inspeqtorOptions, error) {
	var o inspeqtorOptions
	flags := quietFlags(inspeqtorName)
	flags.StringVar(&o.dir, "c", defaultInspeqtorDir, "")
	flags.StringVar(&o.socket, "s", at.inspeqtorSocket, "")
	flags.StringVar(&o.stateDir, "state-dir", at.stateDir, "")
	flags.StringVar(&o.level, "l", "", "")
	flags.BoolVar(&o.test, "tc", false, "")
	flags.BoolVar(&o.alerts, "ta", false, "")
	flags.BoolVar(&o.compat, "compat", false, "")
	flags.BoolVar(&o.version, "v", false, "")
	if err := flags.Parse(args); err != nil {
		return o, badFlag(inspeqtorName, err)
	}
	if flags.NArg() > 0 {
		return o, misuse(inspeqtorName, "nothing but options is understood, not %q", flags.Arg(0))
	}
	if _, known := inspeqtorLevels[o.level]; !known {
		return o, misuse(inspeqtorName, "%q is no level of the log; there are warn, info, debug and verbose", o.level)
	}
	return o, nil
}
