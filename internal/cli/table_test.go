package cli

import (
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	long := strings.Repeat("n", 500)
	for _, tt := range []struct {
		name string
		rows [][]string
		want string
	}{
		{"columns", [][]string{{"a", "bb", "c"}, {"ähm", "b", ""}}, "a    bb  c\nähm  b\n"},
		{"a long name moves only its own row", [][]string{{long, "ok"}, {"b", "ok"}}, long + "  ok\nb" + strings.Repeat(" ", widest+1) + "ok\n"},
		{"control characters", [][]string{{"a\x1b[31m", "b\nc"}}, "a\ufffd[31m  b c\n"},
	} {
		p, stdout, _ := newProgram()
		var table table
		for _, row := range tt.rows {
			table.row(row...)
		}
		if p.print(&table); stdout.String() != tt.want {
			t.Errorf("%s: got\n%swant\n%s", tt.name, stdout, tt.want)
		}
	}
}
