package cli

import (
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

func TestEventsTellWhatIsAffected(t *testing.T) {
	ev := model.Event{Service: "db", Kind: model.EventFailed, Text: "process is not running", Failure: &model.Failure{Affects: []string{"api", "shop"}}}
	if got := (&program{}).eventLine(time.Now(), ev); !strings.HasSuffix(got, "process is not running (not checked meanwhile: api, shop)") {
		t.Error(got)
	}
}
