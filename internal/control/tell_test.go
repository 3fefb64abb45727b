package control

import (
	"context"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

func TestTell(t *testing.T) { // M-041, M-051
	c := New(Options{Environment: []string{"PATH=/usr/bin:/bin", "KEPT=1"}})
	tell := func(timeout time.Duration, args ...string) string {
		err := c.Tell(context.Background(), &model.Program{Args: args, Timeout: timeout}, []string{"ORDERLY_HOST=box"})
		if err != nil {
			return err.Error()
		}
		return ""
	}
	if got := tell(time.Minute, "sh", "-c", `[ "$ORDERLY_HOST$KEPT" = box1 ]`); got != "" {
		t.Errorf("the variables do not arrive: %s", got)
	}
	if got := tell(time.Minute, "sh", "-c", "echo first; echo last >&2; exit 3"); got != "sh exited with 3: last" {
		t.Error(got)
	}
	if got := tell(time.Minute, "/nonexistent/page"); !strings.Contains(got, "cannot run /nonexistent/page") {
		t.Error(got)
	}
	if got := tell(20*time.Millisecond, "sh", "-c", "echo hangs; exec sleep 1000"); !strings.Contains(got, "was not done after") {
		t.Error(got)
	}
}
