package probe

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestDocs holds the page about protocols against the catalogue, and against the servers they are tested with.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../../docs/protocols.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(line, "|\n "), " | ")
		if len(cells) == 6 {
			rows[strings.Trim(cells[0], "`")] = cells
		}
	}
	delete(rows, "protocol")
	delete(rows, "---")
	for _, p := range Protocols() {
		row := rows[p.Name]
		if row == nil {
			t.Errorf("there is no row of %s", p.Name)
			continue
		}
		delete(rows, p.Name)
		if got, want := row[1:3], []string{usualPort(p), p.Net}; !slices.Equal(got, want) {
			t.Errorf("%s: the page says %q, the catalogue %q", p.Name, got, want)
		}
		if !saysTLS(row[3], p) {
			t.Errorf("%s: the page says of TLS: %s", p.Name, row[3])
		}
		tester := "-"
		for _, peer := range peers {
			if slices.Contains(peer.protocols, p.Name) {
				tester = peer.name
			}
		}
		if name, version, _ := strings.Cut(row[5], " "); name != tester || (version == "") != (tester == "-") {
			t.Errorf("%s: the page says it is tested with %q, it is with %q", p.Name, row[5], tester)
		}
		for _, param := range p.Params {
			// Headers are written as a list. The password of redis is not part of Monit's language.
			if param.Name != "header" && p.Name != "redis" && !strings.Contains(string(text), "`"+param.Name) {
				t.Errorf("%s: the page does not tell of %s", p.Name, param.Name)
			}
		}
	}
	for name := range rows {
		t.Errorf("the page has a row of %s, which is no protocol", name)
	}
}

func usualPort(p Protocol) string {
	if p.Port == 0 {
		return "-"
	}
	return strconv.Itoa(p.Port)
}

// saysTLS tells whether a cell is true of a protocol.
func saysTLS(cell string, p Protocol) bool {
	first, rest, _ := strings.Cut(cell, ", ")
	switch {
	case !p.TLS:
		return cell == "no"
	case p.Name == "mysqls":
		return cell == "always, after the greeting"
	case p.asksForTLS(everyPort):
		return cell == "yes, by asking for it"
	case p.Name == "https":
		return cell == "always"
	}
	var ports []string
	for _, port := range p.StartTLS {
		ports = append(ports, strconv.Itoa(port))
	}
	if ports == nil {
		return cell == "yes"
	}
	return first == "yes" && rest == "STARTTLS at "+strings.Join(ports, " and ")
}
