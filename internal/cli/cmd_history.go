package cli

import (
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"orderly/internal/client"
	"orderly/internal/model"
)

// A historyRequest is what the flags of `orderly history` say.
type historyRequest struct {
	q             client.HistoryQuery
	since, export string
	json, csv     bool
}

func (p *program) historyCommand() *cobra.Command {
	var h historyRequest
	cmd := &cobra.Command{
		Use:   "history NAME",
		Short: "how a service was",
		Long: `Tell how well a service was, and what was measured of it: the lowest, mean and highest values. Time in which nothing
was measured, because orderly did not run or the service was not monitored, counts as neither up nor down, and neither
does maintenance.

With --export, everything that is kept of all services is written, a row for each series and span of time.`,
		Example: `  orderly history web
  orderly history web --metric latency --since 7d
  orderly history --export csv > history.csv`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: p.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			since, err := client.ParseSince(h.since, p.now())
			switch {
			case err != nil:
				return usageError(cmd, "%v", err)
			case h.json && h.csv:
				return usageError(cmd, "--json and --csv exclude each other")
			case h.export != "" && (len(args) > 0 || h.json || h.csv || h.q.Metric != ""):
				return usageError(cmd, "--export is about everything: it goes with --since only")
			case h.export != "" && h.export != "csv" && h.export != "json":
				return usageError(cmd, "cannot export %q: write csv or json", h.export)
			case h.export != "":
				return p.exportHistory(cmd, h.export, since)
			case len(args) != 1:
				return usageError(cmd, "orderly history takes the NAME of one service")
			}
			h.q.Service, h.q.From = args[0], since
			return p.showHistory(cmd, h)
		},
	}
	cmd.Flags().StringVar(&h.q.Metric, "metric", "", "only `METRIC`, point by point: latency, cpu, memory ...")
	cmd.Flags().StringVar(&h.q.Part, "part", "", "only what the `PROBE` of this name measures")
	cmd.Flags().StringVar(&h.since, "since", "", "how long ago (90m, 12h, 7d) or a `TIME` like 2006-01-02T15:04:05Z (default 24h)")
	cmd.Flags().IntVar(&h.q.Points, "points", 0, "at most `N` points of each metric (default 24)")
	cmd.Flags().BoolVar(&h.json, "json", false, "write JSON")
	cmd.Flags().BoolVar(&h.csv, "csv", false, "write comma-separated values")
	cmd.Flags().StringVar(&h.export, "export", "", "write everything that is kept, as `FORMAT` csv or json")
	return cmd
}

func (p *program) showHistory(cmd *cobra.Command, h historyRequest) error {
	if h.q.Points == 0 {
		h.q.Points = 1
		if h.q.Metric != "" || h.json || h.csv {
			h.q.Points = 24
		}
	}
	c := p.client()
	past, err := c.History(cmd.Context(), h.q)
	if err != nil {
		return err
	}
	if h.q.Metric != "" && len(past.Graphs) == 0 {
		return fmt.Errorf("nothing is kept of %s %s; see what is: orderly history %s", h.q.Service, h.q.Metric, h.q.Service)
	}
	switch {
	case h.json:
		return p.json(past)
	case h.csv:
		return p.historyCSV(past)
	case h.q.Metric != "":
		p.historyPoints(past)
		return nil
	}
	uptime, err := c.Uptime(cmd.Context(), client.UptimeQuery{Service: h.q.Service})
	if err == nil { // a service that is not configured any more has measurements only
		p.historyUptime(uptime)
	}
	p.historySummary(past)
	return nil
}

// historyUptime tells how well services were in words for people.
func (p *program) historyUptime(reply client.UptimeReply) {
	for _, s := range reply.Services {
		t := table{}
		names, shares := []string{"UPTIME"}, []string{clean(s.Service)}
		for _, u := range s.Uptime {
			names, shares = append(names, clean(u.Span)), append(shares, percent(u.Share))
		}
		t.row(names...)
		t.row(shares...)
		p.print(&t)
		p.line("")
	}
}

// percent shows a share with as many digits as matter, and never as 100% what is not.
func percent(share *float64) string {
	if share == nil {
		return "-"
	}
	text := strconv.FormatFloat(*share*100, 'f', 3, 64)
	if text == "100.000" && *share < 1 {
		return "99.999%"
	}
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".") + "%"
}

// historySummary sums each series up to one row.
func (p *program) historySummary(past client.HistoryReply) {
	t := table{}
	t.row("MEASURED", "LOW", "MEAN", "HIGH", "CHECKS")
	for _, g := range past.Graphs {
		var all model.Rollup
		for _, point := range g.Points {
			all.Add(model.Rollup{Count: point.Count, Low: point.Low, High: point.High, Sum: point.Mean * float64(point.Count)})
		}
		if all.Count > 0 {
			t.row(titleOf(g), shown(all.Low, g), shown(all.Mean(), g), shown(all.High, g), strconv.Itoa(all.Count))
		}
	}
	if len(t.rows) == 1 {
		p.line("Nothing was measured in this time.")
		return
	}
	p.print(&t)
}

func (p *program) historyPoints(past client.HistoryReply) {
	for i, g := range past.Graphs {
		if i > 0 {
			p.line("")
		}
		t := table{}
		t.row(titleOf(g), "LOW", "MEAN", "HIGH", "CHECKS")
		for _, point := range g.Points {
			t.row(moment(point.At), shown(point.Low, g), shown(point.Mean, g), shown(point.High, g), strconv.Itoa(point.Count))
		}
		p.print(&t)
	}
}

func titleOf(g client.Graph) string { return strings.TrimSpace(g.Part + " " + string(g.Metric)) }

func shown(v float64, g client.Graph) string { return model.Num(v).Format(g.Unit) }

func (p *program) historyCSV(past client.HistoryReply) error {
	w := csv.NewWriter(p.stdout)
	write := func(fields ...string) { _ = w.Write(fields) } // the writer keeps its first error
	write("at", "service", "part", "metric", "unit", "count", "low", "mean", "high")
	for _, g := range past.Graphs {
		for _, t := range g.Points {
			write(t.At.UTC().Format(time.RFC3339), cellOf(g.Service), cellOf(g.Part), cellOf(string(g.Metric)), string(g.Unit),
				strconv.Itoa(t.Count), digits(t.Low), digits(t.Mean), digits(t.High))
		}
	}
	return finished(w)
}

func (p *program) exportHistory(cmd *cobra.Command, format string, since time.Time) error {
	w := csv.NewWriter(p.stdout)
	if format == "csv" {
		_ = w.Write([]string{"at", "seconds", "service", "part", "metric", "count", "low", "high", "sum"})
	}
	for r, err := range p.client().Export(cmd.Context(), since) {
		switch {
		case err != nil:
		case format == "json":
			err = p.jsonLine(r)
		default:
			err = w.Write([]string{
				r.At.UTC().Format(time.RFC3339), strconv.Itoa(r.Seconds), cellOf(r.Service), cellOf(r.Part), cellOf(string(r.Metric)),
				strconv.Itoa(r.Count), digits(r.Low), digits(r.High), digits(r.Sum),
			})
		}
		if err != nil {
			w.Flush()
			return err
		}
	}
	return finished(w)
}

func finished(w *csv.Writer) error {
	w.Flush()
	if err := w.Error(); err != nil {
		return fmt.Errorf("cannot write: %w", err)
	}
	return nil
}

func digits(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// cellOf is text for a cell: what a spreadsheet would take for a formula is marked as text.
func cellOf(text string) string {
	text = clean(text)
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
