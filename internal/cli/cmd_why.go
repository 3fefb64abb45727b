package cli

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"orderly/internal/story"
)

// What `orderly why` shows of what was seen, in lines; `orderly events --verbose` shows all of it.
const (
	evidenceShown  = 8
	diagnosisShown = 12
)

func (p *program) whyCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "why NAME",
		Short: "why a service is as it is",
		Long: `Tell the story of the present trouble of a service, or of its last one: what was measured, what was done about it, who
was told of it and who was not, and how it ended. What happened again and again is told once.`,
		Example: `  orderly why web
  orderly why web --json | jq -r .summary`,
		ValidArgsFunction: p.completeNames,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError(cmd, "orderly why takes the NAME of one service")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			told, err := p.client().Why(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return p.json(told)
			}
			p.printStory(told)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

// printStory tells a story on a terminal of 80 columns.
func (p *program) printStory(s story.Story) {
	p.wrapped("", bold, s.Summary)
	for _, r := range s.Remarks {
		p.wrapped("  ", plain, r)
	}
	if s.Checked.IsZero() {
		p.line("  " + p.paint(grey, "it was not checked so far"))
	} else {
		p.line("  " + p.paint(grey, "last checked at "+moment(s.Checked)))
	}
	if len(s.Steps) == 0 {
		p.printRules(s.Rules)
	}
	p.printSteps(s.Steps)
	if i := s.Incident; i != nil {
		p.line("")
		p.wrapped("", plain, onPage(i))
	}
	p.excerpt("What was seen then:", s.Evidence, evidenceShown)
	p.excerpt("How the host was then:", s.Diagnosis, diagnosisShown)
}

// stepIndent is where the texts of steps begin.
const stepIndent = 25

func (p *program) printSteps(steps []story.Step) {
	if len(steps) == 0 {
		return
	}
	p.line("")
	now := p.now().Local()
	day := now.Format(time.DateOnly)
	margin := strings.Repeat(" ", stepIndent)
	for i := range steps {
		s := &steps[i]
		at := s.At.Local()
		if d := at.Format(time.DateOnly); d != day {
			day = d
			p.line(p.paint(grey, "-- "+day))
		}
		text := s.Text
		if s.More > 0 {
			text += " (until " + untilWhen(at, s.Until.Local()) + ")"
		}
		lines := wrap(clean(text), lineWidth-stepIndent)
		word := p.paint(eventStyle(s.Kind), fmt.Sprintf("%-*s", stepIndent-11, clean(s.Word)))
		p.line(strings.TrimRight(fmt.Sprintf("%s  %s %s", at.Format(time.TimeOnly), word, lines[0]), " "))
		for _, l := range lines[1:] {
			p.line(margin + l)
		}
		for _, note := range s.Notes(now) {
			p.wrapped(margin, grey, note)
		}
	}
}

// untilWhen is a time after another one, with its date if that differs.
func untilWhen(at, until time.Time) string {
	if at.Format(time.DateOnly) == until.Format(time.DateOnly) {
		return until.Format(time.TimeOnly)
	}
	return until.Format(time.DateTime)
}

// onPage is what the public was told.
func onPage(i *story.Incident) string {
	text := fmt.Sprintf("Status page: incident %d, %q, %s, opened at %s", i.ID, clean(i.Title), clean(i.Phase), moment(i.Opened))
	if !i.Ended.IsZero() {
		text += ", ended at " + moment(i.Ended)
	}
	if i.Hidden {
		text += " (not public)"
	}
	return text
}

// excerpt shows the first lines of a text below its title, if there is any.
func (p *program) excerpt(title, text string, most int) {
	text = strings.TrimSpace(text)
	if text == "" {
		return
	}
	p.line("")
	p.line(title)
	lines := strings.Split(text, "\n")
	for _, l := range lines[:min(len(lines), most)] {
		p.line(p.paint(grey, strings.TrimRight("  | "+cut(clean(l), lineWidth-4), " ")))
	}
	if left := len(lines) - most; left > 0 {
		p.line(p.paint(grey, fmt.Sprintf("  %d more lines: orderly events --verbose", left)))
	}
}

// lineWidth is how wide lines are that are made for people, in characters.
const lineWidth = 80

// wrapped writes a text in as many lines as it takes, each behind the margin.
func (p *program) wrapped(margin string, s style, text string) {
	for _, l := range wrap(clean(text), lineWidth-len(margin)) {
		p.line(margin + p.paint(s, l))
	}
}

// wrap breaks a text between words into lines of at most width characters; a word that is longer than that has a line of its
// own. There is always a line.
func wrap(text string, width int) []string {
	lines := []string{""}
	for word := range strings.FieldsSeq(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case utf8.RuneCountInString(*last)+1+utf8.RuneCountInString(word) <= width:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}

// cut shortens a line to a number of characters.
func cut(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}
