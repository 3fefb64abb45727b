package alert

import (
	"strings"

	"orderly/internal/model"
)

// diagnosis is how the host was when something failed, for recipients who may know that: of several failures as of the first
// that has one.
func (p parcel) diagnosis() string {
	if !p.route.Confides() {
		return ""
	}
	for _, ev := range p.events {
		if ev.Diagnosis != "" {
			return strings.TrimSpace(ev.Diagnosis)
		}
	}
	return ""
}

// chatText is the text of a parcel for a room, with the diagnosis as far as it fits where the room is a private one.
func (p parcel) chatText(c *model.Config, limit int) string {
	text := p.text(c, limit)
	if found := p.diagnosis(); found != "" && p.route.Text == "" {
		text = cut(text+"\n\n"+found, limit)
	}
	return text
}

// paragraph is text that stands on its own in a mail, if there is any.
func paragraph(text string) string {
	if text = strings.TrimRight(text, "\n"); text == "" {
		return ""
	}
	return text + "\n\n"
}
