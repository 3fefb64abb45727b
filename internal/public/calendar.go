package public

import (
	"strings"
	"time"
	"unicode/utf8"

	"orderly/internal/status"
)

const (
	calendarTime  = "20060102T150405Z"
	calendarLine  = 75                  // bytes of a line before it is folded
	calendarReach = 90 * 24 * time.Hour // that maintenance stays in the calendar
)

// calendar makes a calendar of maintenance (RFC 5545).
func (s *Site) calendar(v *visit) (*reply, error) {
	c := &calendarText{}
	c.line("BEGIN", "VCALENDAR")
	c.line("VERSION", "2.0")
	c.line("PRODID", "-//orderly//status page//EN")
	c.line("CALSCALE", "GREGORIAN")
	c.line("METHOD", "PUBLISH")
	c.line("X-WR-CALNAME", escape(v.title()))
	for _, m := range v.schedules() {
		if end := ends(m); m.Stage != status.Complete || v.now.Sub(end) < calendarReach {
			c.event(v, m)
		}
	}
	c.line("END", "VCALENDAR")
	return newReply("text/calendar; charset=utf-8", []byte(c.out.String())), nil
}

// A calendarText is a calendar that is written line by line.
type calendarText struct{ out strings.Builder }

func (c *calendarText) event(v *visit, m *status.Schedule) {
	c.line("BEGIN", "VEVENT")
	c.line("UID", strings.TrimPrefix(urn("maintenance", v.view.Host, m.ID, m.Created.UnixNano()), "urn:uuid:"))
	c.line("DTSTAMP", latest(m.Created, m.Updated).UTC().Format(calendarTime))
	c.line("LAST-MODIFIED", latest(m.Created, m.Updated).UTC().Format(calendarTime))
	c.line("DTSTART", begins(m).UTC().Format(calendarTime))
	if end := ends(m); end.After(begins(m)) {
		c.line("DTEND", end.UTC().Format(calendarTime))
	}
	c.line("SUMMARY", escape(v.name(m)))
	text := m.Message
	if names := v.names(m.Components); len(names) > 0 {
		text = strings.TrimSpace(text + "\n\n" + v.lang.T("mail.affects", "names", strings.Join(names, ", ")))
	}
	if text != "" {
		c.line("DESCRIPTION", escape(text))
	}
	c.line("URL", v.absolute(schedulePath(m.ID)))
	c.line("STATUS", "CONFIRMED")
	c.line("TRANSP", "TRANSPARENT")
	c.line("END", "VEVENT")
}

// line writes a property, folded where it is long.
func (c *calendarText) line(name, value string) {
	rest := name + ":" + value
	for room := calendarLine; len(rest) > room; room = calendarLine - 1 {
		cut := room
		for !utf8.RuneStart(rest[cut]) {
			cut--
		}
		c.out.WriteString(rest[:cut] + "\r\n ")
		rest = rest[cut:]
	}
	c.out.WriteString(rest + "\r\n")
}

// escape makes a text fit for a value.
func escape(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	text = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(text)
}
