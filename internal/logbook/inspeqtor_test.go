package logbook

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"time"
)

func TestInspeqtor(t *testing.T) { // I-29
	at := time.Date(2026, 1, 31, 10, 8, 7, 123456789, time.FixedZone("CET", 3600))
	for _, tt := range []struct {
		level slog.Level
		text  string
		attrs []slog.Attr
		want  string
	}{
		{slog.LevelInfo, "ready", []slog.Attr{slog.Int("services", 3)}, "I 2026-01-31T09:08:07.123456Z 29719 ready (services=3)\n"},
		{slog.LevelWarn, "no pages", []slog.Attr{slog.String("err", "port taken")}, "W 2026-01-31T09:08:07.123456Z 29719 no pages: port taken\n"},
		{slog.LevelError, "cannot reload", nil, "W 2026-01-31T09:08:07.123456Z 29719 cannot reload\n"},
		{slog.LevelInfo, "is down", []slog.Attr{slog.String("service", "web"), slog.String("kind", "failed")}, "W 2026-01-31T09:08:07.123456Z 29719 'web' is down\n"},
		{slog.LevelInfo, "two\nlines\x1b[31m\tred\n", nil, "I 2026-01-31T09:08:07.123456Z 29719 two lines?[31m red\n"},
		{slog.LevelDebug, "unheard", nil, ""},
	} {
		var out bytes.Buffer
		h := Inspeqtor(&out, 29719, slog.LevelInfo)
		r := slog.NewRecord(at, tt.level, tt.text, 0)
		r.AddAttrs(tt.attrs...)
		if h.Enabled(context.Background(), tt.level) {
			if err := h.Handle(context.Background(), r); err != nil {
				t.Error(err)
			}
		}
		if out.String() != tt.want {
			t.Errorf("%q: got %q, want %q", tt.text, out.String(), tt.want)
		}
	}
}
