package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"orderly/internal/model"
)

// vitals is the page about the machine.
type vitals struct {
	Parts []part
	Range string
	Lines []choice
}

// A part is a system, a filesystem or an interface.
type part struct {
	*model.ServiceStatus
	Word   string // the state
	Signs  []sign
	Graphs []diagram
}

// A sign is one number about the machine.
type sign struct {
	Word, Value, Note string
	Share             int // how much is used, in per cent; -1: that cannot be said
}

// The measurements that are shown of each kind, with words for them. Share is the metric that says how full it is.
var signsOf = map[model.Kind][]struct {
	word         string
	value, share model.Metric
	note         model.Metric
}{
	model.KindSystem: {
		{"Load", model.Load1, "", model.Load15},
		{"Processors", model.CPU, model.CPU, model.CPUWait},
		{"Memory", model.MemoryPercent, model.MemoryPercent, model.Memory},
		{"Swap", model.SwapPercent, model.SwapPercent, model.Swap},
	},
	model.KindFilesystem: {
		{"Space", model.SpacePercent, model.SpacePercent, model.SpaceFree},
		{"Inodes", model.InodesPercent, model.InodesPercent, ""},
		{"Reads", model.ReadBytes, "", ""},
		{"Writes", model.WriteBytes, "", ""},
	},
	model.KindNetwork: {
		{"Download", model.DownloadBytes, "", ""},
		{"Upload", model.UploadBytes, "", ""},
		{"Errors", model.DownloadErrors, "", ""},
		{"In use", model.Saturation, model.Saturation, ""},
	},
}

var noteWords = map[model.Metric]string{
	model.Load15: "over 15 min", model.CPUWait: "waiting", model.Memory: "used", model.Swap: "used", model.SpaceFree: "free",
}

// drawnOf are the measurements of each kind that are drawn.
var drawnOf = map[model.Kind][]model.Metric{
	model.KindSystem:     {model.Load1, model.CPU, model.MemoryPercent, model.SwapPercent},
	model.KindFilesystem: {model.SpacePercent},
	model.KindNetwork:    {model.DownloadBytes, model.UploadBytes},
}

// maxParts bounds how many filesystems and interfaces one page shows.
const maxParts = 24

func (d *dashboard) host(w http.ResponseWriter, v *visit) error {
	ctx, cancel := v.patient()
	defer cancel()
	o, err := d.board.look(ctx, v.now)
	if err != nil {
		return err
	}
	name, long, err := d.reach(ctx, v.r.URL.Query().Get("range"), v.now, d.firstDrawn(o)...)
	if err != nil {
		return err
	}
	body := vitals{Range: name}
	for _, r := range ranges {
		body.Lines = append(body.Lines, choice{r.name, "/host?range=" + r.name, r.name == name})
	}
	for _, kind := range []model.Kind{model.KindSystem, model.KindFilesystem, model.KindNetwork} {
		for i := range o.Services {
			if s := &o.Services[i]; s.Kind == kind && len(body.Parts) < maxParts {
				p, err := d.part(ctx, s, v.now, long)
				if err != nil {
					return err
				}
				body.Parts = append(body.Parts, p)
			}
		}
	}
	live := "/live"
	if len(body.Parts) > 0 {
		live += "?" + liveQuery(body.Parts[0].Name)
	}
	d.show(w, v, page{Title: "Host", Here: "host", Live: live, Graphs: true}, "host", body)
	return nil
}

// firstDrawn is a series of the system, which is measured for as long as anything.
func (d *dashboard) firstDrawn(o *outlook) []model.Series {
	i := slices.IndexFunc(o.Services, func(s model.ServiceStatus) bool { return s.Kind == model.KindSystem })
	if i < 0 || d.Past == nil {
		return nil
	}
	return []model.Series{{Service: o.Services[i].Name, Metric: model.Load1}}
}

func (d *dashboard) part(ctx context.Context, s *model.ServiceStatus, now time.Time, long time.Duration) (part, error) {
	p := part{ServiceStatus: s, Word: wordOf(s)}
	spec, snap := d.spec(ctx, s.Name)
	if snap == nil {
		return p, nil
	}
	for _, want := range signsOf[s.Kind] {
		value := snap.Readings.Get(want.value)
		if !value.Present() {
			continue
		}
		one := sign{Word: want.word, Value: value.Format(want.value.Unit()), Share: -1}
		if full := snap.Readings.Get(want.share); want.share != "" && full.Present() {
			one.Share = int(min(max(full.Number(), 0), 100))
		}
		if note := snap.Readings.Get(want.note); note.Present() {
			one.Note = note.Format(want.note.Unit()) + " " + noteWords[want.note]
		}
		p.Signs = append(p.Signs, one)
	}
	if d.Past == nil {
		return p, nil
	}
	for _, m := range drawnOf[s.Kind] {
		series := model.Series{Service: s.Name, Metric: m}
		g, err := d.diagram(ctx, series, limitsOf(spec, series), now.Add(-long), now)
		if err != nil {
			return p, err
		}
		if g.Drawing.Line != "" {
			p.Graphs = append(p.Graphs, g)
		}
	}
	return p, nil
}
