package monit

import (
	"strings"
	"testing"
)

func processes(first, second string) *Table {
	return &Table{
		Columns: []Column{{Width: 1}, {Title: "PID", Width: 8, Right: true}, {Title: "PPID", Width: 8, Right: true}, {Title: "Command", Width: 50, Wrap: true}},
		Rows: [][]Cell{
			{{"*", Chosen}, {first, Chosen}, {"1", Chosen}, {"/bin/bash /srv/worker.sh appd", Chosen}},
			{{}, {Text: second}, {Text: "1"}, {Text: "/bin/bash /srv/worker.sh jobd"}},
		},
	}
}

func TestTableIsAsRecorded(t *testing.T) { // C-14, C-16
	differ(t, processes("20", "23").String(), recording(t, "procmatch-boxed.txt"))
	differ(t, Plain(processes("43", "49").String()), recording(t, "procmatch.txt"))
}

func TestTableWraps(t *testing.T) { // C-16
	table := &Table{
		Columns: []Column{{Title: "N", Width: 2, Right: true}, {Title: "Text", Width: 4, Wrap: true}},
		Rows:    [][]Cell{{{Text: "7"}, {Text: "abcdefghi"}}, {{Text: "8"}, {Text: "four"}}},
	}
	want := " N   Text \n" +
		"  7  abcd \n" +
		"     efgh \n" +
		"     i    \n" +
		"  8  four \n"
	if got := Plain(table.String()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestCellsDoNotLeaveTheirLine(t *testing.T) {
	table := &Table{Columns: []Column{{Title: "T", Width: 20}}, Rows: [][]Cell{{{Text: "a\nb\x1b[2J\tc\r"}}}}
	if got := Plain(table.String()); !strings.Contains(got, " a b?[2J c ") {
		t.Errorf("got %q", got)
	}
}

func TestPlain(t *testing.T) { // C-14
	for in, want := range map[string]string{
		"":                                 "",
		"\n":                               "\n",
		"a\n\nb":                           "a\n\nb",
		Failing.paint("bad") + " | fine\n": "bad | fine\n",
		frame + "├──┤" + reset + "\nnext\n": "next\n",
		"a program's own │ box ──\n":        "a program's own │ box ──\n",
	} {
		if got := Plain(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
