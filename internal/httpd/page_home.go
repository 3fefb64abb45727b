package httpd

import (
	"context"
	"strings"

	"orderly/internal/model"
	"orderly/internal/monit"
)

// homeTables are the tables of the home page, in their order. Columns are what a service has a line of that label for.
var homeTables = []struct {
	kind    model.Kind
	columns []string
}{
	{model.KindSystem, []string{"load average", "memory usage", "swap usage"}},
	{model.KindProcess, []string{"uptime", "cpu total", "memory total"}},
	{model.KindUnit, nil},
	{model.KindProgram, []string{"last exit value"}},
	{model.KindFilesystem, []string{"space free total", "inodes free"}},
	{model.KindFile, []string{"size", "permission"}},
	{model.KindFifo, []string{"permission"}},
	{model.KindDirectory, []string{"permission"}},
	{model.KindNetwork, []string{"download bytes", "upload bytes"}},
	{model.KindHost, []string{"ping response time", "port response time"}},
	{model.KindHeartbeat, nil},
}

type homePage struct {
	frame
	Counts []homeCount
	Tables []homeTable
}

type homeCount struct {
	Text string
	Tone monit.Tone
}

type homeTable struct {
	Type     string
	Columns  []string
	Services []homeService
}

type homeService struct {
	Name, Path, Words string
	Tone              monit.Tone
	Cells             []monit.Line
}

func (s *Server) home(ctx context.Context, q *request) (answer, error) {
	kind := documentKind{readOnly: q.guest.readOnly, reader: q.guest.name}
	return s.recent(ctx, q, kind, typeHTML, func(in monit.Instance, services []model.Snapshot) ([]byte, error) {
		return render("home", homePageOf(q, &in, services))
	})
}

func homePageOf(q *request, in *monit.Instance, services []model.Snapshot) *homePage {
	page := &homePage{frame: frameOf(q, in, ""), Counts: homeCounts(services)}
	page.Refresh = int(in.Settings.Interval.Seconds())
	for _, t := range homeTables {
		table := homeTable{Type: monit.TypeName(t.kind)}
		for _, label := range t.columns {
			table.Columns = append(table.Columns, heading(label))
		}
		for i := range services {
			if services[i].Spec.Kind == t.kind {
				table.Services = append(table.Services, homeServiceOf(&services[i], in, t.columns))
			}
		}
		if len(table.Services) > 0 {
			page.Tables = append(page.Tables, table)
		}
	}
	return page
}

func homeServiceOf(s *model.Snapshot, in *monit.Instance, columns []string) homeService {
	out := homeService{
		Name: s.Spec.Name, Path: servicePath(s.Spec.Name), Words: monit.Words(s), Tone: monit.ToneOf(s),
		Cells: make([]monit.Line, len(columns)),
	}
	if len(columns) == 0 {
		return out
	}
	for i := range out.Cells {
		out.Cells[i] = monit.Line{Value: "-", Tone: monit.Missing}
	}
	for _, line := range monit.Lines(s, in.Now) {
		for i, label := range columns {
			if line.Label == label && out.Cells[i].Label == "" {
				line.Value, _, _ = strings.Cut(line.Value, " to ") // how long, not where
				out.Cells[i] = line
			}
		}
	}
	return out
}

// homeCounts say how many services there are of each state, those in trouble first.
func homeCounts(services []model.Snapshot) []homeCount {
	var failing, warning, starting, unmonitored, fine int
	for i := range services {
		switch tone := monit.ToneOf(&services[i]); {
		case !services[i].Monitored:
			unmonitored++
		case tone == monit.Failing:
			failing++
		case tone == monit.Warning:
			warning++
		case tone == monit.Good:
			fine++
		default:
			starting++
		}
	}
	var out []homeCount
	for _, c := range []struct {
		n    int
		word string
		tone monit.Tone
	}{
		{failing, "failing", monit.Failing},
		{warning, "changed", monit.Warning},
		{starting, "not checked yet", monit.Initializing},
		{unmonitored, "not monitored", monit.Warning},
		{fine, "fine", monit.Good},
	} {
		if c.n > 0 {
			out = append(out, homeCount{count(c.n, "service") + " " + c.word, c.tone})
		}
	}
	return out
}
