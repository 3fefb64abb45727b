package daemon

import (
	"log/slog"
	"testing"

	"orderly/internal/model"
	"orderly/internal/monit"
)

// The command line and the configuration may each have more logged, and so may whoever asks for all of it for now.
func TestLogLevel(t *testing.T) { // I-03: log_level
	for _, tt := range []struct {
		line, configured string
		talkative        bool
		want             slog.Level
	}{
		{"", "", false, slog.LevelInfo},
		{"", "warn", false, slog.LevelWarn},
		{"warn", "", false, slog.LevelWarn},
		{"warn", "info", false, slog.LevelInfo},
		{"info", "warn", false, slog.LevelInfo},
		{"info", "debug", false, slog.LevelDebug},
		{"debug", "warn", false, slog.LevelDebug},
		{"warn", "warn", true, slog.LevelDebug},
	} {
		d := &instance{Options: Options{LogLevel: tt.line}, level: &slog.LevelVar{}}
		d.current.Store(&monit.Instance{Settings: &model.Settings{Log: model.Log{Level: tt.configured}}})
		d.talk(tt.talkative)
		if got := d.level.Level(); got != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
		d.talk(false)
		if tt.talkative && d.level.Level() == tt.want {
			t.Errorf("%+v: it goes on", tt)
		}
	}
}
