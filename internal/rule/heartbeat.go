package rule

import (
	"orderly/internal/model"
)

// describeBeat tells what became of a job that gives signs of life; "" where the usual words do.
func describeBeat(r *model.Rule, v model.Value, good bool) string {
	limit := r.Operand.Format(r.Metric.Unit())
	switch {
	case r.Metric == model.BeatStatus && r.Op == model.NotEqual && r.Operand.Number() == 0:
		switch {
		case good:
			return "succeeded"
		case v.Number() == model.StatusFailed:
			return "said that it failed"
		}
		return "ended with exit status " + v.Format(model.Count)
	case !r.Implicit:
		return ""
	case r.Metric == model.Overdue && good:
		return "gave a sign of life again"
	case r.Metric == model.Overdue:
		return "no sign of life " + limit + " after it was due"
	case r.Metric == model.Running && good:
		return "no longer runs for too long"
	case r.Metric == model.Running:
		return "has been running for more than " + limit
	}
	return ""
}
