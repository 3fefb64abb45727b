package monit

import (
	"slices"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// A family is a group of tests that are evaluated together.
type family int

// The families, in the order of evaluation. For a system, uptime and file descriptors come after resources.
const (
	famExist family = iota
	famEnds
	famLoop
	famType
	famLink
	famLinkErrors
	famCapacity
	famPing
	famPID
	famPPID
	famChecksum
	famPermission
	famUID
	famEUID
	famGID
	famUptime
	famSecurity
	famDescriptors
	famSize
	famHardlink
	famTimestamp
	famFSFlags
	famResource
	famPort
	famSocket
	famSaturation
	famUpload
	famDownload
	famStatus
	famContent
	famNamed
)

// A ranked rule knows where it belongs: rules are evaluated by family, and within one the last written runs first,
// but for content and for metrics by their name.
type ranked struct {
	family family
	group  int // rules of one test share it and keep their order
	rule   model.Rule
}

// lastWins are the families of which an entry has one rule only.
var lastWins = map[family]string{
	famChecksum: "checksum test", famPermission: "permission test",
	famUID: "uid test", famEUID: "euid test", famGID: "gid test",
}

// add appends the rules of one test.
func (e *entry) add(f family, at diag.Span, rules ...model.Rule) {
	if what := lastWins[f]; what != "" {
		e.once(at, what)
		e.rules = slices.DeleteFunc(e.rules, func(r ranked) bool { return r.family == f })
	}
	e.groups++
	for _, r := range rules {
		e.rules = append(e.rules, ranked{f, e.groups, r})
	}
}

// order adds what the kind of service implies and returns the rules in the order they are evaluated.
func (e *entry) order() []model.Rule {
	e.implied()
	slices.SortStableFunc(e.rules, func(a, b ranked) int {
		if fa, fb := e.turn(a.family), e.turn(b.family); fa != fb {
			return int(fa - fb)
		}
		if a.family == famContent || a.family == famNamed {
			return a.group - b.group
		}
		return b.group - a.group
	})
	var rules []model.Rule
	for _, r := range e.rules {
		rules = append(rules, r.rule)
	}
	return rules
}

// turn is when a family's turn comes.
func (e *entry) turn(f family) family {
	if e.service.Kind == model.KindSystem && (f == famUptime || f == famDescriptors) {
		return famResource + f // after the resources, in this order
	}
	return f
}

// implied adds the rules that nobody has to write.
func (e *entry) implied() {
	alert, restart := []model.Action{{Kind: model.ActAlert}}, []model.Action{{Kind: model.ActRestart}}
	add := func(f family, r model.Rule) {
		r.Implicit, r.Pos = true, e.service.Pos
		e.add(f, diag.Span{}, r)
	}
	switch e.service.Kind {
	case model.KindProcess, model.KindUnit, model.KindFile, model.KindFifo, model.KindDirectory, model.KindFilesystem:
		if !e.holds(famExist) {
			add(famExist, model.Rule{
				Text: "does not exist", Topic: model.TopicNonexist, Metric: model.Exist,
				Op: model.Equal, Operand: model.Num(0), Then: restart, Else: alert,
			})
		}
	}
	switch e.service.Kind {
	case model.KindUnit:
		for _, r := range model.UnitRules(e.service.Pos) {
			if f := endsFamily(&r); !e.holds(f) {
				add(f, r)
			}
		}
	case model.KindFile, model.KindFifo, model.KindDirectory:
		add(famType, model.Rule{
			Text: "is of another type", Topic: model.TopicInvalid, Metric: model.TypeValid,
			Op: model.Equal, Operand: model.Num(0), Then: restart, Else: alert,
		})
	case model.KindFilesystem:
		if !e.holds(famFSFlags) {
			add(famFSFlags, model.Rule{
				Text: "changed fsflags", Topic: model.TopicFSFlags, Metric: model.FSFlags, Op: model.Changed, Then: alert,
			})
		}
	case model.KindNetwork:
		if !e.holds(famLink) {
			add(famLink, linkDown("link down", model.Policy{}, alert, alert))
		}
		e.impliedErrors(add)
	}
}

// impliedErrors lets every test for a link that is down also fail while the link has errors.
func (e *entry) impliedErrors(add func(family, model.Rule)) {
	for _, r := range slices.Clone(e.rules) {
		if r.family == famLink && r.rule.Operand == model.Num(0) {
			add(famLinkErrors, model.Rule{
				Text: "link has errors", Topic: model.TopicLink, Metric: model.LinkErrors, Op: model.Greater, Operand: model.Num(0),
				Policy: r.rule.Policy, Then: r.rule.Then, Else: r.rule.Else,
			})
		}
	}
}

func linkDown(text string, policy model.Policy, then, otherwise []model.Action) model.Rule {
	return model.Rule{
		Text: text, Topic: model.TopicLink, Metric: model.Link, Op: model.Equal, Operand: model.Num(0),
		Policy: policy, Then: then, Else: otherwise,
	}
}

func (e *entry) holds(f family) bool {
	return slices.ContainsFunc(e.rules, func(r ranked) bool { return r.family == f })
}
