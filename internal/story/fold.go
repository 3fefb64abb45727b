package story

import (
	"fmt"
	"slices"
	"strings"

	"orderly/internal/model"
)

// The bounds of a story: of more steps the first ones say why, the last ones how it is now.
const (
	mostSteps  = 24
	firstSteps = 8
	lastSteps  = 12
)

// enough is of how many steps it is worth to say that they are more of the same.
const enough = 3

// A sameness is what steps have in common that need not be told one by one.
type sameness struct{ kind, word, rule, untold string }

// sameAs is what a step has in common with its likes.
func sameAs(s Step) sameness { return sameness{string(s.Kind), s.Word, s.Rule, s.Untold} }

// fold puts together what happened again and again: of each sort of step the first and the last remain.
func fold(steps []Step) []Step {
	last, seen := map[sameness]int{}, map[sameness]bool{}
	for i, s := range steps {
		last[sameAs(s)] = i
	}
	var out, again []Step
	flush := func() {
		if len(again) >= enough {
			again = []Step{together(again)}
		}
		out, again = append(out, again...), nil
	}
	for i, s := range steps {
		if seen[sameAs(s)] && last[sameAs(s)] != i {
			again = append(again, s)
			continue
		}
		seen[sameAs(s)] = true
		flush()
		out = append(out, s)
	}
	if len(out) > mostSteps {
		middle := together(out[firstSteps : len(out)-lastSteps])
		out = slices.Concat(out[:firstSteps], []Step{middle}, out[len(out)-lastSteps:])
	}
	return out
}

// together is one step for several.
func together(steps []Step) Step {
	one := Step{At: steps[0].At, Kind: steps[0].Kind}
	times, words, messages := map[string]int{}, []string(nil), 0
	for _, s := range steps {
		n := max(1, s.More)
		one.More += n
		if one.Until = s.At; s.More > 0 {
			one.Until = s.Until
		}
		if s.Kind != one.Kind {
			one.Kind = ""
		}
		if times[s.Word] == 0 {
			words = append(words, s.Word)
		}
		times[s.Word] += n
		messages += arrived(s.Told)
	}
	one.Word, one.Text = inWords(words, times)
	if messages > 0 {
		one.Text += fmt.Sprintf("; %d messages about it arrived", messages)
	}
	return one
}

// inWords says how often each thing happened.
func inWords(words []string, times map[string]int) (word, text string) {
	if len(words) == 1 {
		return words[0], fmt.Sprintf("%d more times", times[words[0]])
	}
	var all []string
	for _, w := range words {
		all = append(all, fmt.Sprintf("%s %d more times", w, times[w]))
	}
	return "again", strings.Join(all, ", ")
}

func arrived(all []model.Told) (n int) {
	for _, t := range all {
		if t.Arrived() {
			n++
		}
	}
	return n
}
