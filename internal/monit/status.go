package monit

import (
	"fmt"
	"strings"

	"orderly/internal/model"
)

// Status tells all that is known of services, a block for each, in the order given.
func Status(in Instance, services []model.Snapshot) string {
	var out strings.Builder
	out.WriteString(headline(in) + "\n")
	for i := range services {
		s := &services[i]
		out.WriteString(Title.paint(fmt.Sprintf("%s '%s'", TypeName(s.Spec.Kind), oneLine(s.Spec.Name))) + "\n")
		writeLine(&out, "status", join(phrasesOf(s), func(p phrase) string { return p.tone.paint(p.text) })+pending(s))
		for _, l := range Lines(s, in.Now)[1:] {
			value := strings.ReplaceAll(l.Value, "\n", "\n"+strings.Repeat(" ", indent))
			writeLine(&out, l.Label, l.Tone.paint(value))
		}
		out.WriteString("\n")
	}
	return out.String()
}

// Labels are padded to a width; values begin in the column after it, in all of their lines.
const (
	labelWidth = 28
	indent     = 2 + labelWidth + 1
)

func writeLine(out *strings.Builder, label, value string) {
	fmt.Fprintf(out, "  %-*s %s\n", labelWidth, label, value)
}

// headline is the first line of every text about the state of services.
func headline(in Instance) string {
	return fmt.Sprintf("Monit %s uptime: %s\n", Version, formatUptime(in.Now.Sub(in.Started)))
}
