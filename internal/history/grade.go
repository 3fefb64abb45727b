package history

// A Grade is how good a day was, in a word that style sheets know it by.
type Grade string

// The grades. A day of which nothing is known is never a good one.
const (
	GradeNone        Grade = "none"        // not measured
	GradeMaintenance Grade = "maintenance" // nothing else was measured
	GradeFull        Grade = "full"
	GradeNearly      Grade = "nearly"  // at least 99.9 %
	GradeFair        Grade = "fair"    // at least 99 %, or only degraded
	GradePartial     Grade = "partial" // less, but it always did some of its work
	GradeMajor       Grade = "major"
)

// Grade is how good a day was (P-242). Maintenance does not count.
func (d Day) Grade() Grade {
	up, measured := d.Uptime()
	switch {
	case !measured && d.Maintenance > 0:
		return GradeMaintenance
	case !measured:
		return GradeNone
	case up == 1 && d.Degraded == 0:
		return GradeFull
	case up == 1:
		return GradeFair
	case up >= 0.999:
		return GradeNearly
	case up >= 0.99:
		return GradeFair
	case d.Down == 0:
		return GradePartial
	}
	return GradeMajor
}
