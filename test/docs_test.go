package test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the reference of commands anew")

// A page is one file of the documentation.
type page struct {
	file   string
	text   string
	blocks []block
}

// A block is a fenced piece of a page. After its language may stand, in this order, "wrong" for a configuration with
// errors, "for=KIND" for options of a service shown without the service, and the name of a file that has this content.
type block struct {
	line     int
	language string
	wrong    bool
	kind     string
	file     string
	text     string
}

func newBlock(line int, info string) *block {
	b := &block{line: line}
	for i, word := range strings.Fields(info) {
		kind, isKind := strings.CutPrefix(word, "for=")
		switch {
		case i == 0:
			b.language = word
		case word == "wrong":
			b.wrong = true
		case isKind:
			b.kind = kind
		default:
			b.file = word
		}
	}
	return b
}

// readme is the door to the pages; what it shows in passing is not run.
const readme = "../README.md"

// languages are those that blocks may be written in, so that no example escapes its test by a misspelling.
var languages = []string{"monit", "yaml", "console", "sh", "ini", "json", "text"}

func pages(t *testing.T) []page {
	t.Helper()
	files, err := filepath.Glob("../docs/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("no documentation: %v", err)
	}
	var out []page
	for _, file := range append(files, readme) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, page{file, string(text), blocks(string(text))})
	}
	return out
}

func blocks(text string) (out []block) {
	var open *block
	for i, line := range strings.Split(text, "\n") {
		info, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && open == nil:
			open = newBlock(i+1, info)
		case fence:
			out = append(out, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	if open != nil {
		out = append(out, block{line: open.line, language: "a block that is never closed"})
	}
	return out
}

// subjects are entries that options of each kind of service can follow.
var subjects = map[string]string{
	"service":    "check service example",
	"process":    "check process example with pidfile /run/example.pid",
	"file":       "check file example with path /etc/hosts",
	"directory":  "check directory example with path /etc",
	"filesystem": "check filesystem example with path /",
	"host":       "check host example with address example.org\n if failed ping then alert",
	"system":     "check system example",
	"network":    "check network example with interface lo",
	"program":    "check program example with path /bin/true\n if status = 255 then alert",
}

// TestDocsConfigurations has every control file and every orderly.yaml of the documentation checked.
func TestDocsConfigurations(t *testing.T) {
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			if !slices.Contains(languages, b.language) && p.file != readme {
				t.Errorf("%s:%d: the language %q is none of %q", p.file, b.line, b.language, languages)
			}
			if b.language == "monit" || b.language == "yaml" {
				checkConfiguration(t, fmt.Sprintf("%s:%d", p.file, b.line), b)
			}
		}
	}
}

func checkConfiguration(t *testing.T, at string, b block) {
	t.Helper()
	dir := t.TempDir()
	text := strings.ReplaceAll(b.text, demoDir, dir)
	if b.kind != "" {
		if subjects[b.kind] == "" {
			t.Errorf("%s: there is no example of the kind %q", at, b.kind)
		}
		text = subjects[b.kind] + "\n" + text
	}
	name := filepath.Join(dir, map[string]string{"monit": "monitrc", "yaml": "orderly.yaml"}[b.language])
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(binary, "check", "--json", name).Output()
	var found struct {
		Diagnostics []struct{ Severity, Code, Summary string }
		Errors      int
	}
	if json.Unmarshal(out, &found) != nil {
		t.Fatalf("%s: orderly check: %v\n%s", at, err, out)
	}
	if (found.Errors > 0) != b.wrong {
		t.Errorf("%s: %d errors in %s\n%s", at, found.Errors, text, out)
	}
	for _, d := range found.Diagnostics {
		// Programs of examples need not be installed here; all else that is worth a warning belongs in a file that a
		// console block checks.
		if d.Severity == "warning" && d.Code != "monit/program-missing" && b.file == "" {
			t.Errorf("%s: a warning: %s", at, d.Summary)
		}
	}
}

var (
	link    = regexp.MustCompile(`\[[^\]]*\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	fenced  = regexp.MustCompile("(?ms)^```.*?^```$")
	noSlug  = regexp.MustCompile(`[^a-z0-9 _-]`)
)

// TestDocsLinks follows the links between pages, down to their headings.
func TestDocsLinks(t *testing.T) {
	anchors := func(file string) []string {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil
		}
		var out []string
		for _, m := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(string(text), ""), -1) {
			out = append(out, strings.ReplaceAll(noSlug.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
		}
		return out
	}
	index, err := os.ReadFile("../docs/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages(t) {
		for _, m := range link.FindAllStringSubmatch(fenced.ReplaceAllString(p.text, ""), -1) {
			to, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(to, "://") {
				continue
			}
			file := p.file
			if to != "" {
				file = filepath.Join(filepath.Dir(p.file), to)
			}
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s: the link %s leads nowhere: %v", p.file, m[1], err)
			} else if anchor != "" && !slices.Contains(anchors(file), anchor) {
				t.Errorf("%s: the link %s leads to no heading of %q", p.file, m[1], anchors(file))
			}
		}
		if name := filepath.Base(p.file); name != "README.md" && !strings.Contains(string(index), "("+name+")") {
			t.Errorf("%s is not in the index", p.file)
		}
	}
}

// help is what a command says of itself, with the places that root gets.
func help(t *testing.T, command ...string) string {
	t.Helper()
	cmd := exec.Command(binary, append(command, "--help")...)
	cmd.Env = []string{"HOME=/root", "XDG_STATE_HOME=/var/lib", "ORDERLY_SOCKET=/run/orderly/orderly.sock"}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("orderly %s --help: %v", strings.Join(command, " "), err)
	}
	return string(out)
}

var (
	helpCommand = regexp.MustCompile(`(?m)^  ([a-z]+) {2,}\S`)
	helpFlag    = regexp.MustCompile(`(?m)^ +(?:(-[a-z]), )?(--[a-z-]+)`)
)

func commands(t *testing.T) (names []string) {
	t.Helper()
	for _, m := range helpCommand.FindAllStringSubmatch(help(t), -1) {
		if m[1] != "help" {
			names = append(names, m[1])
		}
	}
	if len(names) < 10 {
		t.Fatalf("the help names only %q", names)
	}
	slices.Sort(names)
	return names
}

// begin is where the generated part of the reference of commands starts.
const begin = "<!-- From here on: go test ./test -run TestDocsCommands -update -->\n"

// TestDocsCommands compares the reference of commands with the help of the program.
func TestDocsCommands(t *testing.T) {
	const file = "../docs/commands.md"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, have, ok := strings.Cut(string(text), begin)
	if !ok {
		t.Fatalf("%s has no line %q", file, begin)
	}
	var want strings.Builder
	for _, name := range commands(t) {
		text := help(t, name)
		fmt.Fprintf(&want, "\n## orderly %s\n\n```text\n%s```\n", name, text)
		for _, m := range helpCommand.FindAllStringSubmatch(text, -1) {
			fmt.Fprintf(&want, "\n### orderly %s %s\n\n```text\n%s```\n", name, m[1], help(t, name, m[1]))
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(head+begin+want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if have != want.String() {
		t.Errorf("%s does not say what the help of the commands does; write it anew with -update", file)
	}
}

var (
	span    = regexp.MustCompile("`([^`\n]+)`")
	calling = regexp.MustCompile(`(?:^|[ =/])orderly ([a-z]+|-\S+)([^|;&>]*)`)
	flags   = regexp.MustCompile(`(?:^| )(-[a-z]\b|--[a-z][a-z-]*)`)
)

// TestDocsNameWhatExists finds every command and flag that the pages name in the help of the program.
func TestDocsNameWhatExists(t *testing.T) {
	known := map[string][]string{}
	all := map[string]bool{}
	for _, name := range commands(t) {
		known[name] = []string{"--help", "-h"}
		texts := []string{help(t, name)}
		for _, m := range helpCommand.FindAllStringSubmatch(texts[0], -1) {
			texts = append(texts, help(t, name, m[1]))
		}
		for _, text := range texts {
			for _, m := range helpFlag.FindAllStringSubmatch(text, -1) {
				known[name] = append(known[name], m[1:]...)
			}
		}
		for _, flag := range known[name] {
			all[flag] = true
		}
	}
	known["help"], known["--help"] = []string{"--help"}, nil
	for _, p := range pages(t) {
		for _, code := range calls(p) {
			for _, m := range calling.FindAllStringSubmatch(code, -1) {
				if _, ok := known[m[1]]; !ok {
					t.Errorf("%s: `%s`: there is no command %q, only %q", p.file, code, m[1], slices.Sorted(maps.Keys(known)))
				}
				for _, f := range flags.FindAllStringSubmatch(m[2], -1) {
					if !slices.Contains(known[m[1]], f[1]) {
						t.Errorf("%s: `%s`: orderly %s has no flag %s", p.file, code, m[1], f[1])
					}
				}
			}
			if name, _, _ := strings.Cut(code, " "); strings.HasPrefix(code, "--") && !all[name] {
				t.Errorf("%s: `%s`: no command has that flag", p.file, code)
			}
		}
	}
}

// calls are the pieces of code on a page that may call orderly.
func calls(p page) (out []string) {
	for _, m := range span.FindAllStringSubmatch(fenced.ReplaceAllString(p.text, ""), -1) {
		if strings.HasPrefix(m[1], "--") || strings.HasPrefix(strings.TrimPrefix(m[1], "sudo "), "orderly ") {
			out = append(out, m[1])
		}
	}
	for _, b := range p.blocks {
		for line := range strings.Lines(b.text) {
			line = strings.TrimSpace(line)
			command, typed := strings.CutPrefix(line, "$ ")
			switch {
			case b.language == "console" && typed:
				out = append(out, command)
			case b.language == "sh" || b.language == "ini":
				out = append(out, line)
			}
		}
	}
	return out
}

var eventKind = regexp.MustCompile(`(?m)^\tEvent\w+ .*= "([a-z_]+)"`)

// TestDocsExplainEvents misses no kind of event.
func TestDocsExplainEvents(t *testing.T) {
	text, err := os.ReadFile("../docs/events.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("../internal/model/event.go")
	if err != nil {
		t.Fatal(err)
	}
	kinds := eventKind.FindAllSubmatch(source, -1)
	if len(kinds) < 10 {
		t.Errorf("only %d kinds of event were found", len(kinds))
	}
	for _, m := range kinds {
		if !bytes.Contains(text, []byte("`"+string(m[1])+"`")) {
			t.Errorf("events.md does not tell of events of kind %q", m[1])
		}
	}
}
