package metrics

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A text is metrics in Prometheus' text format. There may be tens of thousands of samples in one, so each is written as it is told.
type text struct {
	w      *bufio.Writer
	name   string // of the family that is told
	labels []string
	line   []byte
}

func newText(w io.Writer) *text { return &text{w: bufio.NewWriterSize(w, 1<<16)} }

// family begins what is told under one name.
func (t *text) family(name, help string, labels []string) {
	t.name, t.labels = name, labels
	kind := "gauge"
	if strings.HasSuffix(name, "_total") {
		kind = "counter"
	}
	t.line = append(append(append(append(t.line[:0], "# HELP "...), name...), ' '), help...)
	t.line = append(append(append(append(t.line, "\n# TYPE "...), name...), ' '), kind...)
	t.end()
}

// sample tells one value of the family, with a value for each label.
func (t *text) sample(value float64, labels ...string) {
	t.line = append(t.line[:0], t.name...)
	for i, label := range t.labels {
		t.line = append(t.line, "{,"[min(i, 1)])
		t.line = append(append(t.line, label...), `="`...)
		t.line = append(appendLabel(t.line, labels[i]), '"')
	}
	if len(t.labels) > 0 {
		t.line = append(t.line, '}')
	}
	t.line = strconv.AppendFloat(append(t.line, ' '), value, 'g', -1, 64)
	t.end()
}

// end ends a line. An error shows when the text is flushed.
func (t *text) end() { _, _ = t.w.Write(append(t.line, '\n')) }

var labelEscapes = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

// appendLabel appends the value of a label as it stands between quotes.
func appendLabel(b []byte, value string) []byte {
	if strings.ContainsAny(value, "\\\n\"") || !utf8.ValidString(value) {
		value = labelEscapes.Replace(strings.ToValidUTF8(value, "\uFFFD"))
	}
	return append(b, value...)
}
