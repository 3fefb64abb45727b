package cli

import (
	"encoding/json"
	"fmt"
	"time"
)

// line writes one line to stdout. Nobody is left to tell when that fails.
func (p *program) line(text string) { _, _ = fmt.Fprintln(p.stdout, text) }

// json writes one value to stdout, indented for people; it is a single document.
func (p *program) json(v any) error {
	e := json.NewEncoder(p.stdout)
	e.SetIndent("", " ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("cannot write JSON: %w", err)
	}
	return nil
}

// jsonLine writes one value on one line.
func (p *program) jsonLine(v any) error {
	e := json.NewEncoder(p.stdout)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("cannot write JSON: %w", err)
	}
	return nil
}

// moment shows a time of the host's clock.
func moment(t time.Time) string { return t.Local().Format(time.DateTime) }
