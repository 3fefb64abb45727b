package public

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"

	"orderly/internal/model"
)

// exportDays is how far an export goes back.
const exportDays = 365

// A tableRow is one day of one component.
type tableRow struct {
	Date        string   `json:"date"`
	ID          int64    `json:"component_id"`
	Component   string   `json:"component"`
	Up          int      `json:"up"` // seconds, as the others
	Degraded    int      `json:"degraded"`
	Partial     int      `json:"partial"`
	Down        int      `json:"down"`
	Maintenance int      `json:"maintenance"`
	Uptime      *float64 `json:"uptime"` // share; null: not measured
}

// table is each day of each component of which something is known (P-236).
func (v *visit) table() ([]tableRow, error) {
	if err := v.guarded(); err != nil {
		return nil, err
	}
	out := []tableRow{}
	for _, c := range v.view.Seen(v.guest) {
		past := v.record(c, exportDays)
		if past == nil {
			continue
		}
		for _, d := range past.days {
			if (d.Tally == model.Tally{At: d.Tally.At}) {
				continue
			}
			row := tableRow{
				Date: dayKey(d.Date), ID: c.ID, Component: c.Name, Up: d.Up, Degraded: d.Degraded, Partial: d.Partial, Down: d.Down, Maintenance: d.Maintenance,
			}
			if up, measured := d.Uptime(); measured {
				row.Uptime = &up
			}
			out = append(out, row)
		}
	}
	return out, nil
}

func (s *Site) exportJSON(v *visit) (*reply, error) {
	rows, err := v.table()
	if err != nil {
		return nil, err
	}
	return encoded("application/json; charset=utf-8", map[string]any{"days": rows})
}

func (s *Site) exportCSV(v *visit) (*reply, error) {
	rows, err := v.table()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"date", "component_id", "component", "up", "degraded", "partial", "down", "maintenance", "uptime"}) // a buffer takes everything
	for _, r := range rows {
		share := ""
		if r.Uptime != nil {
			share = strconv.FormatFloat(*r.Uptime, 'f', 6, 64)
		}
		_ = w.Write([]string{
			r.Date, strconv.FormatInt(r.ID, 10), cell(r.Component), strconv.Itoa(r.Up), strconv.Itoa(r.Degraded), strconv.Itoa(r.Partial),
			strconv.Itoa(r.Down), strconv.Itoa(r.Maintenance), share,
		})
	}
	w.Flush()
	return newReply("text/csv; charset=utf-8", b.Bytes()), nil
}

// cell is a text that no spreadsheet takes for a formula.
func cell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
