package cli

import (
	"fmt"
	"strconv"
	"strings"

	"orderly/internal/host"
	"orderly/internal/monit"
)

// procmatch shows which processes a pattern matches, and which of them "check process ... matching" would watch.
func (m *monitRun) procmatch() error {
	if len(m.words) < 2 {
		m.line(`Invalid syntax - usage: procmatch "<pattern>"`)
		return errNo
	}
	pattern := m.words[1]
	machine := host.New(host.Options{})
	defer func() { _ = machine.Close() }() // nothing is lost with it
	found, err := machine.Matching(pattern)
	if err != nil {
		m.line(clean(fmt.Sprintf("Regex %s parsing error: %v", pattern, err)))
		return errNo
	}
	table := monit.Table{Columns: []monit.Column{
		{Width: 1}, {Title: "PID", Width: 8, Right: true}, {Title: "PPID", Width: 8, Right: true}, {Title: "Command", Width: 50, Wrap: true},
	}}
	for _, p := range found {
		if strings.Contains(p.Command, "procmatch") {
			continue
		}
		mark, tone := "", monit.Unmarked
		if p.Chosen {
			mark, tone = "*", monit.Chosen
		}
		row := []monit.Cell{{Text: mark}, {Text: strconv.Itoa(p.PID)}, {Text: strconv.Itoa(p.Parent)}, {Text: p.Command}}
		for i := range row {
			row[i].Tone = tone
		}
		table.Rows = append(table.Rows, row)
	}
	m.line(clean(fmt.Sprintf("List of processes matching pattern \"%s\":", pattern)))
	if len(table.Rows) > 0 {
		m.display(table.String())
	}
	m.line(fmt.Sprintf("Total matches: %d", len(table.Rows)))
	if len(table.Rows) > 1 {
		m.line("\nWARNING:\nSeveral processes match. Only the one that is marked, which runs for the longest time,\nwould be watched.")
	}
	return nil
}
