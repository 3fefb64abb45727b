package alert

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"orderly/internal/model"
)

// affectsLimit bounds a list of services that need another one, in characters of a line.
const affectsLimit = 600

// affected lists, in so many characters, which services are not checked because of what an event tells: nobody hears of
// them by themselves. It is empty where there are none, and when it is over.
func affected(ev model.Event, limit int) string {
	if ev.Failure == nil || ev.Kind != model.EventFailed && ev.Kind != model.EventStillFailing {
		return ""
	}
	names := ev.Failure.Affects
	text := strings.Join(names, ", ")
	for n := len(names) - 1; utf8.RuneCountInString(text) > limit && n > 0; n-- {
		text = fmt.Sprintf("%s and %d more", strings.Join(names[:n], ", "), len(names)-n)
	}
	if text == "" {
		return ""
	}
	return "not checked meanwhile: " + text
}
