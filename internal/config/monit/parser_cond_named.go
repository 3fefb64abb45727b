package monit

import (
	"strconv"

	"orderly/internal/model"
)

// namedUnits are the units of a number that is compared with a metric by its name.
var namedUnits = []string{"byte", "kb", "mb", "gb", "percent", "millisecond", "second", "minute", "hour", "day"}

// named reads "metric NAME > NUMBER UNIT".
func (p *parser) named() *Named {
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
	n.Node = p.from(n.Span)
	return n
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
	e.add(famNamed, cond.Pos(), r)
}
