package alert

import (
	"cmp"
	"slices"
	"strings"

	"orderly/internal/model"
)

// mailFits lets events gather in a mail where its route says so, and those that quiet hours held back. Usually each has a
// mail of its own, as Monit's users know it.
func mailFits(c *model.Config, p parcel) int {
	if spacingOf(channels["mail"], p.route).gather <= 0 {
		next := slices.IndexFunc(p.events, func(ev model.Event) bool { return !heldBack(p.route, ev) })
		if next >= 0 {
			p.events = p.events[:max(next, 1)]
		}
	}
	return fitting(bodyLimit/2)(c, p)
}

// renderParcel words a mail: that of one event as ever, or with the text of its route; that of several as a list below
// a count.
func renderParcel(c *model.Config, p parcel) message {
	if len(p.events) == 1 && p.route.Text == "" {
		return render(c, p)
	}
	text := p.text(c, bodyLimit/2)
	subject, rest, _ := strings.Cut(text, "\n")
	if p.route.Text != "" {
		p.route.Text = ""
		subject, _, _ = strings.Cut(p.text(c, lineLength), "\n")
		rest = text
	} else {
		rest = paragraph(cmp.Or(rest, subject)) + p.diagnosis()
	}
	return envelop(c, p, strings.TrimSuffix(subject, ":"), paragraph(cmp.Or(rest, subject))+signOff)
}
