package inq

import (
	"orderly/internal/diag"
	"orderly/internal/model"
)

// A Word is a name or a value, as it was meant: without quotes and escapes.
type Word struct {
	Span diag.Span
	Text string
}

// given tells whether the word was written.
func (w Word) given() bool { return w.Span.Src != nil }

// A file is the tree of one file: statements of inspeqtor.conf, or a check.
type file struct {
	src     *diag.Source
	isConf  bool
	damaged bool // parts of it could not be read
	sets    []setting
	routes  []route
	checks  []check // one; more are an error
}

// A setting is "set NAME VALUE".
type setting struct {
	span        diag.Span
	name, value Word
}

// A route is "send alerts to NAME via CHANNEL with ...".
type route struct {
	span    diag.Span
	name    Word // not given: the default route
	channel Word
	params  params
}

// params are the pairs of a list, in file order. Of those with one name the first counts.
type params []param

type param struct{ name, value Word }

// find returns the first parameter of one of the names.
func (p params) find(names ...string) (param, bool) {
	for _, each := range p {
		for _, name := range names {
			if each.name.Text == name {
				return each, true
			}
		}
	}
	return param{}, false
}

// get returns the value of the first parameter of one of the names, or "".
func (p params) get(names ...string) string {
	found, _ := p.find(names...)
	return found.value.Text
}

// A check is what is watched, and the rules about it.
type check struct {
	span   diag.Span // from "check" to the end of its last parameter
	kind   model.Kind
	name   Word // of a service
	params params
	expose []Word
	rules  []rule
	jobs   []job

	exposed diag.Span // the line that begins with "expose"
}

// A rule is "if FAMILY:NAME > AMOUNT for CYCLES cycles then ACTIONS".
type rule struct {
	span         diag.Span
	family, name Word
	below        bool // the operator is <
	amount       Word
	condition    diag.Span
	cycles       Word // not given: once
	actions      []action
}

// metric is the measurement in one word, as in "memory:rss".
func (r *rule) metric() string {
	if !r.name.given() {
		return r.family.Text
	}
	return r.family.Text + ":" + r.name.Text
}

// at is where the measurement is named.
func (r *rule) at() diag.Span {
	if r.name.given() {
		return r.family.Span.To(r.name.Span)
	}
	return r.family.Span
}

// An action is "alert", "alert TEAM", "restart" or "reload".
type action struct {
	span diag.Span
	kind model.ActionKind
	team Word
}

// A job is "NAME happens every COUNT UNIT".
type job struct {
	span  diag.Span
	name  Word
	count Word // not given: 1
	unit  Word
}

// text says what is wrong when the job does not happen.
func (j *job) text() string {
	if !j.count.given() {
		return "does not happen every " + j.unit.Text
	}
	return "does not happen every " + j.count.Text + " " + j.unit.Text
}
