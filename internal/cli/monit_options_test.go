package cli

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestParseMonit(t *testing.T) { // C-01
	for _, tt := range []struct {
		args string
		want monitOptions
	}{
		{"", monitOptions{}},
		{"status web", monitOptions{words: []string{"status", "web"}}},
		{"-c f status", monitOptions{file: "f", named: true, words: []string{"status"}}},
		{"status -c f", monitOptions{file: "f", named: true, words: []string{"status"}}},
		{"start -cf web -B more", monitOptions{file: "f", named: true, batch: true, words: []string{"start", "web", "more"}}},
		{"--conf f --group=g stop all", monitOptions{file: "f", named: true, group: "g", words: []string{"stop", "all"}}},
		{
			"-l syslog -p p -s s -d 30 -I",
			monitOptions{logfile: "syslog", pidfile: "p", statefile: "s", interval: 30 * time.Second, foreground: true},
		},
		{
			"--logfile=a --pidfile b --statefile c --daemon 5 --interactive --batch --verbose",
			monitOptions{logfile: "a", pidfile: "b", statefile: "c", interval: 5 * time.Second, foreground: true, batch: true, verbose: true},
		},
		{"-vIt", monitOptions{verbose: true, foreground: true, task: taskTest}},
		{"-v -v", monitOptions{verbose: true}},
		{"-t -i -r", monitOptions{task: taskResetID}},
		{"-rit -c f", monitOptions{file: "f", named: true, task: taskTest}},
		{"-tc f", monitOptions{file: "f", named: true, task: taskTest}},
		{"--id --resetid --test --id", monitOptions{task: taskID}},
		{"-t -V -Z", monitOptions{task: taskVersion}},
		{"-Vt", monitOptions{task: taskVersion}},
		{"--help --nonsense", monitOptions{task: taskHelp}},
		{"-H", monitOptions{task: taskHash}},
		{"-H -c", monitOptions{task: taskHash, hashed: "-c"}},
		{"-Hf g", monitOptions{task: taskHash, hashed: "f"}},
		{"--hash f -Z", monitOptions{task: taskHash, hashed: "f"}},
		{"--hash=f", monitOptions{task: taskHash, hashed: "f"}},
		{"-- -c f", monitOptions{words: []string{"-c", "f"}}},
		{"- x", monitOptions{words: []string{"-", "x"}}},
	} {
		got, warnings, err := parseMonit(strings.Fields(tt.args))
		if err != nil || len(warnings) > 0 || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %+v, %q, %v", tt.args, got, warnings, err)
		}
	}
}

func TestParseMonitRefuses(t *testing.T) { // C-03
	for _, tt := range []struct{ args, want string }{
		{"-Z", "Invalid option -- Z  (-h will show valid options)"},
		{"-tZ", "Invalid option -- Z  (-h will show valid options)"},
		{"--foo", "Invalid option -- foo  (-h will show valid options)"},
		{"--ver", "Invalid option -- ver  (-h will show valid options)"},
		{"--test=1", "Invalid option -- test  (-h will show valid options)"},
		{"-c", "Option -- c requires an argument"},
		{"status --group", "Option -- g requires an argument"},
		{"-td", "Option -- d requires an argument"},
		{"-d 0", "Option -d requires a natural number"},
		{"-d -5", "Option -d requires a natural number"},
		{"-d 5x", "Option -d requires a natural number"},
		{"--daemon=99999999999999", "Option -d requires a natural number"},
		{"-Z -h", "Invalid option -- Z  (-h will show valid options)"},
	} {
		if _, _, err := parseMonit(strings.Fields(tt.args)); err == nil || err.Error() != tt.want {
			t.Errorf("%s: got %v, want %s", tt.args, err, tt.want)
		}
	}
}

func TestParseMonitWarnsOfRepetition(t *testing.T) { // C-03
	o, warnings, err := parseMonit(strings.Fields("-c a -c b -g a --group b -l a -l b -l c -p a -p b -s a -s b -d 1 -d 2 -B -B"))
	if err != nil || o.file != "b" || o.group != "b" || o.logfile != "c" || o.pidfile != "b" || o.statefile != "b" || o.interval != 2*time.Second {
		t.Errorf("the last values do not count: %+v, %v", o, err)
	}
	var letters string
	for _, w := range warnings {
		letter, rest, _ := strings.Cut(strings.TrimPrefix(w, "WARNING: The -"), " ")
		letters += letter
		if rest != "option was specified multiple times, only the last value will be used" {
			t.Errorf("got %s", w)
		}
	}
	if letters != "cgllps" {
		t.Errorf("warned of %s", letters)
	}
}

func FuzzParseMonit(f *testing.F) {
	for _, seed := range []string{"-vIt", "-c\x00f\x00status", "--hash=\x00-", "--\x00-c", "-d\x001"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		args := strings.Split(line, "\x00")
		o, _, err := parseMonit(args)
		if err == nil && len(o.words) > len(args) {
			t.Errorf("%q: more words than there were", args)
		}
	})
}
