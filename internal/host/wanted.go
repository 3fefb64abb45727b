package host

import "orderly/internal/model"

// A source is what has to be read for a metric: one bit for each file or call, by the meaning of the subject.
type source uint16

// A taker takes one metric from the facts F that were read of a subject.
type taker[F any] struct {
	metric model.Metric
	value  func(*F) model.Value
}

// A reader tells how a metric is taken and what must be read for it.
type reader[F any] struct {
	from  source
	value func(*F) model.Value
}

// wanted lists how to take what people like to see and what the rules of a service need, and what the rules need read.
// Metrics that are no subject of the kind are left out, so that they stay absent.
func wanted[F any](s *model.Service, liked []model.Metric, readers map[model.Metric]reader[F]) ([]taker[F], source) {
	var out []taker[F]
	var needed source
	listed := map[model.Metric]bool{}
	add := func(m model.Metric) source {
		r, ok := readers[m]
		if ok && !listed[m] {
			listed[m] = true
			out = append(out, taker[F]{m, r.value})
		}
		return r.from
	}
	for _, m := range liked {
		add(m)
	}
	for i := range s.Rules {
		if s.Rules[i].Probe == nil && s.Rules[i].Over == 0 {
			needed |= add(s.Rules[i].Metric)
		}
	}
	return out, needed
}

// takers lists how to take some metrics, each of which has a reader.
func takers[F any](metrics []model.Metric, readers map[model.Metric]reader[F]) []taker[F] {
	out := make([]taker[F], len(metrics))
	for i, m := range metrics {
		out[i] = taker[F]{m, readers[m].value}
	}
	return out
}

// take adds readings of facts to a list that begins with Exist. The list is made at once, for all of them.
func take[F any](list []taker[F], facts *F) model.Readings {
	out := make(model.Readings, 1, len(list)+1)
	out[0] = model.Reading{Metric: model.Exist, Value: model.Bool(true)}
	return appendTo(out, list, facts)
}

func appendTo[F any](out model.Readings, list []taker[F], facts *F) model.Readings {
	for i := range list {
		if v := list[i].value(facts); v.Present() {
			out = append(out, model.Reading{Metric: list[i].metric, Value: v})
		}
	}
	return out
}

// absentSubject are the readings of what does not exist.
func absentSubject() model.Readings {
	return model.Readings{{Metric: model.Exist, Value: model.Bool(false)}}
}

// The facts of a subject are numbers; these two make readings of them.

func num[N int | int64 | uint32 | uint64 | float64](n N) model.Value { return model.Num(float64(n)) }

func word(s string) model.Value {
	if s == "" {
		return model.Value{}
	}
	return model.Str(s)
}
