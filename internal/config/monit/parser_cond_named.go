package monit

import (
	"strconv"

	"orderly/internal/model"
)

// namedUnits are the units of a number that is compared with a metric by its name.
var namedUnits = []string{"byte", "kb", "mb", "gb", "percent", "millisecond", "second", "minute", "hour", "day"}

// named reads "metric NAME > NUMBER UNIT", and of what is summed "within NUMBER minutes".
func (p *parser) named(t *Test) *Named {
	n := &Named{Node: Node{p.here()}}
	p.next()
	if _, op := operators[p.tok.name]; op || p.tok.kind != tokWord && p.tok.kind != tokKeyword {
		p.unexpected("the name of a metric")
		return n
	}
	n.Metric = Word{Node: Node{p.here()}, Text: string(p.tok.bytes())}
	p.next()
	n.Op = p.operator()
	n.Value = p.quantity(p.signed(), namedUnits...)
	if p.tok.kind == tokNumber && summed(model.Metric(n.Metric.Text)) {
		p.within(n, t)
	}
	n.Node = p.from(n.Span)
	return n
}

// summed tells whether a metric can be summed over a time.
func summed(m model.Metric) bool {
	for _, total := range totals {
		if m == total {
			return true
		}
	}
	return m == model.Deaths
}

// within reads a time, or the rate of the test that begins with the same number.
func (p *parser) within(n *Named, t *Test) {
	first := p.num()
	unit := p.unit("minute", "hour", "day")
	if unit == NoUnit {
		t.Rate = p.rateFrom(first)
		return
	}
	n.Over = Quantity{first, unit}
	n.Over.Node = p.from(first.Span)
}

// signed reads a number, which may be below zero.
func (p *parser) signed() Num {
	if value, err := strconv.ParseFloat(string(p.tok.bytes()), 64); p.tok.kind == tokWord && p.tok.bytes()[0] == '-' && err == nil {
		n := Num{Node: Node{p.here()}, Value: value}
		p.next()
		return n
	}
	return p.real("a number")
}

// named compiles a comparison with a metric that control files have no words for.
func (e *entry) named(cond *Named, r model.Rule) {
	r.Metric, r.Op = model.Metric(cond.Metric.Text), cond.Op
	if !r.Metric.Known() {
		e.errorf(cond.Metric.Pos(), "unknown-metric", "there is no metric %s", quoted(cond.Metric.Text))
		return
	}
	value := cond.Value.Value * cond.Value.Unit.Scale()
	if r.Metric.Unit() == model.Milliseconds && cond.Value.Unit != NoUnit {
		value *= 1000
	}
	r.Topic, r.Operand = measureOf(r.Metric).topic, model.Num(max(-maxOperand, min(value, maxOperand)))
	f := famNamed
	if cond.Over.Given() {
		var ok bool
		if r.Over, ok = e.over(cond.Over); !ok {
			return
		}
	}
	if r.Loops() {
		f, r.Topic = famLoop, model.TopicTimeout
	}
	e.add(f, cond.Pos(), r)
}
