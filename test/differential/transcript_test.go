package differential

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// transcript tells what the program did, as far as both can be asked the same: for each service which of the programs were
// its own, with the marks of the steps between them, what each recipient was told so far, and its state now.
//
//	web ran  [up] killed [down] [up]
//	web told Does not exist (restart), Exists (restart)
//	web is   ok
func (r *run) transcript(ran []string) (string, error) {
	states, err := r.states()
	if err != nil {
		return "", err
	}
	delete(states, "beat")
	delete(states, "here")
	story := map[string][]string{}
	for _, service := range slices.Sorted(maps.Keys(states)) {
		story[service] = nil
	}
	for service := range states {
		if text := of(service, ran); text != "" {
			story[service] = append(story[service], "ran  "+text)
		}
	}
	told := map[[2]string][]string{}
	for _, m := range r.sink.received() {
		key := [2]string{m.service, m.to}
		told[key] = append(told[key], fmt.Sprintf("%s (%s)", m.event, m.action))
	}
	for _, key := range slices.SortedFunc(maps.Keys(told), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		to := ""
		if key[1] != "all" {
			to = key[1] + " "
		}
		story[key[0]] = append(story[key[0]], "told "+to+strings.Join(told[key], ", "))
	}
	var out strings.Builder
	for _, service := range slices.Sorted(maps.Keys(story)) {
		for _, line := range story[service] {
			fmt.Fprintf(&out, "%s %s\n", service, line)
		}
		if state, known := states[service]; known {
			fmt.Fprintf(&out, "%s is   %s\n", service, state)
		}
	}
	return out.String(), nil
}

// of picks what was run for one service from all that was run. Marks stand where they were, unless nothing was run at all.
func of(service string, ran []string) string {
	var words []string
	found := false
	for _, line := range ran {
		who, what, named := strings.Cut(line, " ")
		switch {
		case !named:
			words = append(words, line)
		case who == service:
			words, found = append(words, what), true
		}
	}
	if !found {
		return ""
	}
	return strings.Join(words, " ")
}
