package logbook

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
)

// A rank is how much a line matters, by the word that Monit's log has for it.
type rank string

const (
	debug   rank = "debug"
	info    rank = "info"
	warning rank = "warning"
	failure rank = "error"
)

// A handler turns what slog hands it into lines for people: what it is about comes first.
type handler struct {
	put   func(line)
	least slog.Level
	attrs []slog.Attr
}

func (h *handler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.least }

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &handler{h.put, h.least, append(h.attrs[:len(h.attrs):len(h.attrs)], attrs...)}
}

// WithGroup ignores the group: the log has one level of names.
func (h *handler) WithGroup(string) slog.Handler { return h }

func (h *handler) Handle(_ context.Context, r slog.Record) error {
	m := message{text: r.Message, rank: rankOf(r.Level)}
	for _, a := range h.attrs {
		m.add(a)
	}
	r.Attrs(func(a slog.Attr) bool {
		m.add(a)
		return true
	})
	h.put(line{at: r.Time, rank: m.rank, text: m.String()})
	return nil
}

func rankOf(l slog.Level) rank {
	switch {
	case l >= slog.LevelError:
		return failure
	case l >= slog.LevelWarn:
		return warning
	case l >= slog.LevelInfo:
		return info
	}
	return debug
}

// A message is one record in words.
type message struct {
	rank          rank
	text, service string
	rule, action  string
	err           string
	rest          []string
}

func (m *message) add(a slog.Attr) {
	value := a.Value.Resolve().String()
	switch a.Key {
	case "service":
		m.service = value
	case "rule":
		m.rule = value
	case "action":
		m.action = value
	case "err":
		m.err = value
	case "kind":
		if value == "failed" || value == "changed" {
			m.rank = failure
		}
	default:
		m.rest = append(m.rest, fmt.Sprintf("%s=%s", a.Key, value))
	}
}

func (m *message) String() string {
	var b strings.Builder
	if m.service != "" {
		fmt.Fprintf(&b, "'%s' ", m.service)
	}
	b.WriteString(m.text)
	if m.err != "" {
		b.WriteString(": " + m.err)
	}
	if m.action != "" && m.action != "alert" && m.action != "ignore" {
		b.WriteString(" -- " + m.action)
	}
	if m.rule != "" {
		b.WriteString(" [" + m.rule + "]")
	}
	if len(m.rest) > 0 {
		b.WriteString(" (" + strings.Join(m.rest, ", ") + ")")
	}
	return b.String()
}
