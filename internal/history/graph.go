package history

import (
	"cmp"
	"context"
	"slices"
	"time"

	"orderly/internal/model"
)

// detail is how many rollups are read for each point that is wanted.
const detail = 4

// Series lists the measurements of a service of which something is known: its own first, then by part and metric.
func (h *History) Series(ctx context.Context, service string) ([]model.Series, error) {
	all, err := h.keeper.SeriesOf(ctx, service)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	if s := h.find(service); s != nil {
		for i := range s.series {
			all = append(all, s.id(&s.series[i]))
		}
	}
	h.mu.Unlock()
	slices.SortFunc(all, func(a, b model.Series) int {
		return cmp.Or(cmp.Compare(a.Part, b.Part), cmp.Compare(a.Metric, b.Metric))
	})
	return slices.CompactFunc(all, func(a, b model.Series) bool { return a.Part == b.Part && a.Metric == b.Metric }), nil
}

// Graph returns what was measured in a series from one moment to another, oldest first, in at most so many points (and no
// more than 2000), each for as long as the others: a minute, or 15, or a day, or a multiple of them. Where nothing was measured
// there is no point.
func (h *History) Graph(ctx context.Context, s model.Series, from, to time.Time, points int) ([]model.Rollup, error) {
	points = min(max(points, 1), 2000)
	now := time.Now()
	if to.After(now) {
		to = now
	}
	if !from.Before(to) {
		return nil, nil
	}
	span := h.span(from, to, points, now)
	width := time.Duration(span)
	for to.Sub(from) > width*time.Duration(points-1) && to.Sub(from) > width { // the first and the last may be cut
		width += time.Duration(span)
	}
	begin := from.UTC().Truncate(width)
	rows, err := h.read(ctx, span, s, begin, to)
	if err != nil {
		return nil, err
	}
	return folded(rows, width, points), nil
}

// span is the finest of which something is kept for all of the time, and not too much.
func (h *History) span(from, to time.Time, points int, now time.Time) model.Span {
	h.mu.Lock()
	defer h.mu.Unlock()
	kept := h.keep.Within(h.series)
	tiers := []struct {
		span model.Span
		keep time.Duration
	}{{model.Minute, kept.Minutes}, {model.Quarter, kept.Quarters}}
	for _, t := range tiers {
		if (t.keep <= 0 || from.After(now.Add(-t.keep))) && to.Sub(from)/time.Duration(t.span) <= time.Duration(detail*points) {
			return t.span
		}
	}
	return model.Day
}

// finer is the span whose rollups are summed up to those of another.
var finer = map[model.Span]model.Span{model.Day: model.Quarter, model.Quarter: model.Minute}

// read returns the rollups of a span. What was not summed up yet is, from finer ones.
func (h *History) read(ctx context.Context, span model.Span, s model.Series, from, to time.Time) ([]model.Rollup, error) {
	rows, err := h.keeper.Rollups(ctx, span, s, from, to)
	if err != nil {
		return nil, err
	}
	under, coarse := finer[span]
	if !coarse {
		return h.present(rows, s, from, to), nil
	}
	width := time.Duration(span)
	begin := to.UTC().Truncate(width).Add(-width) // it takes a moment until something is summed up
	if begin.Before(from) {
		begin = from
	}
	if n := len(rows); n > 0 && !rows[n-1].At.Before(begin) {
		begin = rows[n-1].At.Add(width)
	}
	tail, err := h.read(ctx, under, s, begin, to)
	if err != nil {
		return nil, err
	}
	return append(rows, folded(tail, width, 3)...), nil
}

// present adds what is in memory only.
func (h *History) present(rows []model.Rollup, s model.Series, from, to time.Time) []model.Rollup {
	add := func(r model.Rollup) {
		switch n := len(rows); {
		case r.Count == 0 || r.At.Before(from) || !r.At.Before(to):
		case n > 0 && rows[n-1].At.Equal(r.At):
			rows[n-1].Add(r)
		case n == 0 || rows[n-1].At.Before(r.At):
			rows = append(rows, r)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	of := h.find(s.Service)
	if of == nil {
		return rows
	}
	s.Service = of.name
	for i := range h.pending {
		if h.pending[i].Series == s {
			add(h.pending[i].Rollup)
		}
	}
	for i := range of.series {
		if one := &of.series[i]; one.metric == s.Metric && of.id(one) == s {
			add(one.rollup(of.minute))
		}
	}
	return rows
}

// folded sums rollups up to longer spans, the last so many of them.
func folded(rows []model.Rollup, width time.Duration, most int) []model.Rollup {
	var out []model.Rollup
	for _, r := range rows {
		r.At = r.At.UTC().Truncate(width)
		if n := len(out); n > 0 && out[n-1].At.Equal(r.At) {
			out[n-1].Add(r)
			continue
		}
		out = append(out, r)
	}
	return out[max(0, len(out)-most):]
}
