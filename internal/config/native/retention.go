package native

import (
	"time"

	"orderly/internal/model"
)

// retentionFields say how long history is kept.
var retentionFields = []field[model.Retention]{
	{"minutes", kept(func(r *model.Retention) *time.Duration { return &r.Minutes }, time.Hour)},
	{"quarters", kept(func(r *model.Retention) *time.Duration { return &r.Quarters }, day)},
	{"days", kept(func(r *model.Retention) *time.Duration { return &r.Days }, day)},
	{"size", func(d *decoder, it item, r *model.Retention) { r.Size = d.retentionSize(it) }},
	{"events", kept(func(r *model.Retention) *time.Duration { return &r.Events }, day)},
}

// kept reads how long something is kept, or that it is for ever.
func kept(of func(*model.Retention) *time.Duration, least time.Duration) func(*decoder, item, *model.Retention) {
	return func(d *decoder, it item, r *model.Retention) {
		if follow(it.value).Value == forever {
			*of(r) = 0
		} else if v := d.duration(it, least); v > 0 {
			*of(r) = v
		}
	}
}

// leastSize is the least that measurements may take, in bytes.
const leastSize = 10 << 20

// retentionSize reads how much measurements may take, or that it does not matter.
func (d *decoder) retentionSize(it item) int64 {
	if follow(it.value).Value == unlimited {
		return 0
	}
	usual := model.DefaultRetention().Size
	w, ok := d.word(it)
	if !ok {
		return usual
	}
	n, err := parseSize(w.Text)
	switch {
	case err != nil:
		d.errorf(w.Span, "size", "%s: %v", d.subject(it), err).Hinted("write a number and a unit, as 500 MB, or " + unlimited)
	case n < leastSize:
		d.errorf(w.Span, "size", "%s must be %s at least", d.subject(it), formatSize(leastSize))
	default:
		return int64(n)
	}
	return usual
}

const unlimited = "unlimited"

const forever = "forever"

func (d *decoder) retention(it item) *model.Retention {
	r := model.DefaultRetention()
	readMap(d, it, "history", retentionFields, &r)
	return &r
}

// addRetention writes what is kept longer or shorter than usual.
func addRetention(top *node, r *model.Retention) {
	if r == nil {
		return
	}
	n, usual := newMap(), model.DefaultRetention()
	for _, each := range []struct {
		key          string
		value, usual time.Duration
	}{{"minutes", r.Minutes, usual.Minutes}, {"quarters", r.Quarters, usual.Quarters}, {"days", r.Days, usual.Days}, {"events", r.Events, usual.Events}} {
		switch each.value {
		case each.usual:
		case 0:
			n.text(each.key, forever)
		default:
			n.text(each.key, formatDuration(each.value))
		}
	}
	switch r.Size {
	case usual.Size:
	case 0:
		n.text("size", unlimited)
	default:
		n.text("size", formatSize(int(r.Size)))
	}
	top.add("history", n)
}
