package test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

var writeDocs = flag.Bool("write-docs", false, "write docs/monit-output.md anew")

// A difference is a way in which what the two programs say may differ: a line, as a shape. A # in it stands for a number, ... for
// anything, two blanks for as many as there are. A program whose shape is empty has no such line.
type difference struct {
	where          string // words of the commands, or requests, where this is so; none: everywhere
	monit, orderly string
	why            string
}

// A variety is all that may be different in one kind of output. What is measured is never the same twice; which of the
// differences were met is noted.
type variety struct {
	title, text string
	measured    []string
	differences []difference
	met         sync.Map // by the place of the difference
}

// formOf is the expression of a shape. Where it has a ~ is what was measured.
func formOf(shape string) *regexp.Regexp {
	pattern := strings.NewReplacer("#", `-?\d+`, `\.\.\.`, `.*`, "~", "(.*)", "  ", " +").Replace(regexp.QuoteMeta(shape))
	return regexp.MustCompile("^" + pattern + "$")
}

// whole tells whether a line has a shape.
func whole(shape, line string) bool { return formOf(shape).MatchString(line) }

// unlike shows where two outputs part: a few lines of each from there on, "" where they never do.
func unlike(got, want []string) string {
	i := 0
	for i < min(len(got), len(want)) && got[i] == want[i] {
		i++
	}
	if i == len(got) && i == len(want) {
		return ""
	}
	from := func(lines []string) string { return strings.Join(lines[i:min(i+6, len(lines))], "\n\t") }
	return fmt.Sprintf("after %d lines that are the same, orderly says\n\t%s\nwhere Monit says\n\t%s", i, from(got), from(want))
}

// reduce makes what a side said about something comparable: what may differ becomes the same, or goes.
func (v *variety) reduce(a *side, about string, lines []string) []string {
	id, _ := os.ReadFile(a.path("id"))
	hide := strings.NewReplacer(a.dir, "@DIR@", fmt.Sprint(a.port), "@PORT@", cmp.Or(string(id), "@ID@"), "@ID@")
	var out []string
next:
	for _, line := range lines {
		colours := strings.Join(colour.FindAllString(line, -1), "")
		line = hide.Replace(colour.ReplaceAllString(line, ""))
		for i, d := range v.differences {
			shape := cmp.Or(d.monit, d.orderly)
			if a.name == "orderly" {
				shape = cmp.Or(d.orderly, d.monit)
			}
			if !d.concerns(about) || !whole(shape, line) {
				continue
			}
			v.met.Store(i, true)
			if d.monit != "" && d.orderly != "" {
				out = append(out, colours+"("+d.why+")")
			}
			continue next
		}
		for _, shape := range v.measured {
			if at := formOf(shape).FindStringSubmatchIndex(line); at != nil {
				line = line[:at[2]] + "~" + line[at[3]:]
			}
		}
		out = append(out, colours+line)
	}
	return out
}

// colour is what makes a terminal show one.
var colour = regexp.MustCompile("\x1b\\[[0-9;]*m")

func (d *difference) concerns(about string) bool {
	words := strings.Fields(about)
	return d.where == "" || slices.ContainsFunc(strings.Fields(d.where), func(w string) bool { return slices.Contains(words, w) })
}

// unmet complains about differences that there are not.
func (v *variety) unmet(t *testing.T) {
	t.Helper()
	for i, d := range v.differences {
		if _, met := v.met.Load(i); !met {
			t.Errorf("a difference that there is not: %+v", d)
		}
	}
}

// TestDocsTellDifferences holds docs/monit-output.md against what the tests beside this one let pass.
func TestDocsTellDifferences(t *testing.T) {
	const file = "../docs/monit-output.md"
	want := "# What differs in what Monit's users and programs see\n\n" +
		"The tests run Monit 5.33 and orderly side by side, on one control file with every kind of service, and compare each line of what\n" +
		"they print, answer and report. Besides what is measured (two programs do not measure at the same moment), these differences are\n" +
		"all that they meet. Not compared: HEAD and forbidden requests, `-v -t` beyond names and groups, boxes on a terminal. `#` stands for a number, `...` for anything, `-` for nothing.\n"
	for _, v := range []*variety{&texts, &documents, &routes, &reports} {
		want += "\n## " + v.title + "\n\n" + v.text + "\n\n| " + "Monit | orderly | why |\n| --- | --- | --- |\n"
		for _, d := range v.differences {
			want += fmt.Sprintf("| %s | %s | %s |\n", shown(d.monit), shown(d.orderly), d.why)
		}
	}
	if *writeDocs {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != want {
		t.Errorf("%s is out of date: go test ./test -run TestDocsTellDifferences -write-docs (%v)", file, err)
	}
}

func shown(shape string) string {
	if shape == "" {
		return "-"
	}
	return "`" + strings.Join(strings.Fields(strings.ReplaceAll(shape, "|", `\|`)), " ") + "`"
}
