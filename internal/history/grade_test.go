package history

import (
	"testing"

	"orderly/internal/model"
)

// A day is as good as its worst part weighs, one without data is grey, and maintenance does not count (P-205, P-242).
func TestGrade(t *testing.T) {
	for _, c := range []struct {
		tally model.Tally
		want  Grade
	}{
		{model.Tally{}, GradeNone},
		{model.Tally{Up: 1}, GradeFull},
		{model.Tally{Up: 86400}, GradeFull},
		{model.Tally{Up: 86400 - 86, Down: 86}, GradeNearly},
		{model.Tally{Up: 86400 - 87, Down: 87}, GradeFair},
		{model.Tally{Up: 86400 - 864, Down: 864}, GradeFair},
		{model.Tally{Up: 86400 - 865, Down: 865}, GradeMajor},
		{model.Tally{Up: 86400 - 865, Partial: 865}, GradePartial},
		{model.Tally{Partial: 86400}, GradePartial},
		{model.Tally{Up: 1, Degraded: 86399}, GradeFair},
		{model.Tally{Maintenance: 86400}, GradeMaintenance},
		{model.Tally{Up: 1, Maintenance: 86399}, GradeFull},
		{model.Tally{Down: 60}, GradeMajor},
	} {
		if got := (Day{Tally: c.tally}).Grade(); got != c.want {
			t.Errorf("%+v is %s, not %s", c.tally, got, c.want)
		}
	}
}
