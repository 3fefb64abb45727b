package daemon

import (
	"strconv"
	"strings"
	"time"

	"orderly/internal/model"
)

// keepDeaths is the text of the times of deaths that rules of a service may still count, for the next run of orderly: the
// milliseconds of the first since 1970 and of each other since the one before, to the base of 36.
func keepDeaths(deaths []time.Time, s *model.Service, now time.Time) string {
	longest := time.Duration(0)
	for i := range s.Rules {
		if s.Rules[i].Metric == model.Deaths {
			longest = max(longest, s.Rules[i].Over)
		}
	}
	var out []byte
	last := int64(0)
	for _, t := range deaths {
		if now.Sub(t) >= longest {
			continue
		}
		if len(out) > 0 {
			out = append(out, ' ')
		}
		at := t.UnixMilli()
		out = strconv.AppendInt(out, at-last, 36)
		last = at
	}
	return string(out)
}

// recallDeaths reads what keepDeaths wrote. What cannot be read is left out.
func recallDeaths(text string) (deaths []time.Time) {
	at := int64(0)
	for field := range strings.FieldsSeq(text) {
		step, err := strconv.ParseInt(field, 36, 64)
		if err != nil || len(deaths) == maxDeaths {
			return deaths
		}
		at += step
		deaths = append(deaths, time.UnixMilli(at))
	}
	return deaths
}
