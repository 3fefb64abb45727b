package inq

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"orderly/internal/diag"
)

// corpus are real files with what Inspeqtor 2.0.0 says of them, kept beside the repository.
var corpus = filepath.Join("..", "..", "..", "..", "shared", "corpus", "inspeqtor")

// neighbour is the inspeqtor.conf beside which checks were judged.
const neighbour = `send alerts via email with smtp_server localhost, to_email all@example.org
send alerts to ops via null with a b
send alerts to dev via null with a b
send alerts to mike via null with a b
send alerts to bob via null with a b
send alerts to analytics via null with a b
`

// Where the verdict is another one than Inspeqtor's, by a part of the first finding.
const (
	unknownMetric = "there is no measurement" // Inspeqtor accepts rules about what it never measures (I-15)
	oldNames      = "is an old name"          // Inspeqtor misses to_email, though "email" says it (I-06)
)

// Pins I-01 and the rows of the grammar: the same files are accepted and refused, but for the differences above.
func TestCorpus(t *testing.T) {
	verdicts, err := os.ReadFile(filepath.Join(corpus, "VERDICTS.tsv"))
	if err != nil {
		t.Skip("no corpus beside the repository")
	}
	differ := map[string]int{}
	for _, line := range strings.Split(strings.TrimSpace(string(verdicts)), "\n")[1:] {
		row := strings.Split(line, "\t")
		diags := judge(t, row[0], row[1])
		accepted := !diags.HasErrors()
		switch {
		case accepted == (row[2] == "accept"):
		case accepted && mentions(diags, oldNames):
			differ[oldNames]++
		case !accepted && mentions(diags, unknownMetric):
			differ[unknownMetric]++
		default:
			t.Errorf("%s: accepted %v, Inspeqtor's verdict is %s: %v", row[0], accepted, row[2], diags)
		}
	}
	if differ[unknownMetric] != 5 || differ[oldNames] != 9 {
		t.Errorf("differences: %v", differ)
	}
}

func judge(t *testing.T, name, kind string) (diags diag.List) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(corpus, name))
	if err != nil {
		t.Fatal(err)
	}
	set := []*diag.Source{diag.NewSource("inspeqtor.conf", text)}
	if kind != "conf" {
		set = []*diag.Source{diag.NewSource("inspeqtor.conf", []byte(neighbour)), diag.NewSource("x.inq", text)}
	}
	Compile(set, box, &diags)
	return diags
}

func mentions(diags diag.List, text string) bool {
	for _, d := range diags {
		if strings.Contains(d.Summary, text) {
			return true
		}
	}
	return false
}
