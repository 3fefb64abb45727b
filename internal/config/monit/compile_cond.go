package monit

import (
	"strconv"
	"strings"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// test compiles one "if ... then ..." to the rules it stands for.
func (e *entry) test(t *Test) {
	for _, d := range t.Dropped {
		e.warnf(d.Pos(), "one-condition", "only the last condition of a test counts, this one has no effect").
			Hinted("write a test of its own for it")
	}
	if t.Cond == nil {
		return // it could not be read, which was reported
	}
	r := model.Rule{
		Text: e.text(condition(t)), Pos: t.Pos().Pos(), Then: e.action(t.Then),
		Policy: model.Policy{Fail: e.rate(t.Rate), Pass: e.rate(t.Else.Rate)},
		Else:   []model.Action{{Kind: model.ActAlert}},
	}
	if t.Else.Given() {
		r.Else = e.action(t.Else.Then)
	}
	switch cond := t.Cond.(type) {
	case *Compare:
		e.compare(cond, r)
	case *Named:
		e.named(cond, r)
	case *Exist:
		e.exist(cond, r)
	case *Ends:
		e.ends(cond, r)
	case *Changed:
		e.changed(cond, r)
	case *Owner:
		e.owner(cond, r)
	case *Security:
		e.security(cond, r)
	case *Permission:
		if mode, ok := e.octal(cond.Want); ok {
			r.Topic, r.Metric, r.Op, r.Operand = model.TopicPermission, model.Permission, model.NotEqual, model.Num(float64(mode))
			e.add(famPermission, t.Pos(), r)
		}
	case *Checksum:
		e.checksum(cond, r)
	case *Content:
		e.content(cond, r)
	case *Link:
		e.link(cond, r)
	case *Ping:
		e.ping(cond, r)
	case *Connection:
		e.connection(cond, t, r)
	}
}

// condition is what stands between "if" and "then", with the words before it that mean nothing.
func condition(t *Test) diag.Span {
	sp := t.Text
	if sp.Src != t.Pos().Src {
		return sp // the word "if" stands in another file
	}
	before := diag.Span{Src: sp.Src, Start: t.Pos().Start, End: sp.Start}.Text()
	if len(before) > len("if") && strings.EqualFold(before[:len("if")], "if") {
		lead := strings.TrimLeft(before[len("if"):], " \t\r\n;,()")
		sp.Start -= len(lead)
	}
	return sp
}

func (e *entry) exist(cond *Exist, r model.Rule) {
	r.Topic, r.Metric, r.Op, r.Operand = model.TopicExist, model.Exist, model.Equal, model.Num(1)
	if cond.Not {
		r.Topic, r.Operand = model.TopicNonexist, model.Num(0)
	}
	e.add(famExist, cond.Pos(), r)
}

func (e *entry) link(cond *Link, r model.Rule) {
	at := r.Pos
	r = linkDown(r.Text, r.Policy, r.Then, r.Else)
	r.Pos = at
	if cond.Up {
		r.Operand = model.Num(1)
	}
	e.add(famLink, cond.Pos(), r)
}

func (e *entry) owner(cond *Owner, r model.Rule) {
	r.Metric, r.Op = cond.Metric, model.NotEqual
	what, f := "user", famUID
	r.Topic = model.TopicUID
	switch cond.Metric {
	case model.EUID:
		f = famEUID
	case model.GID:
		what, f, r.Topic = "group", famGID, model.TopicGID
	}
	r.Operand = model.Num(float64(e.user(cond.Want, what)))
	e.add(f, cond.Pos(), r)
}

func (e *entry) security(cond *Security, r model.Rule) {
	want := cond.Want.Text
	if (cond.Op == model.Matches || cond.Op == model.NotMatches) && !e.pattern(want, cond.Want.Pos()) {
		return
	}
	r.Topic, r.Metric, r.Op, r.Operand = model.TopicInvalid, model.Security, cond.Op, model.Str(want)
	e.add(famSecurity, cond.Pos(), r)
}

// octal reads a permission.
func (c *compiler) octal(w Word) (int, bool) {
	const all = 0o7777
	mode, err := strconv.ParseUint(w.Text, 8, 32)
	if err != nil || mode > all {
		c.errorf(w.Pos(), "octal", "%s is no permission: it must be an octal number up to 7777", quoted(w.Text))
		return 0, false
	}
	return int(mode), true
}

func (e *entry) checksum(cond *Checksum, r model.Rule) {
	r.Topic, r.Metric, r.Op = model.TopicChecksum, hashMetric(cond.Metric), model.Drifted
	if cond.Expect.Given() {
		named := ""
		if cond.Metric != Unnamed {
			named = strings.TrimPrefix(string(cond.Metric), "checksum.")
		}
		sum, kind := e.digest(cond.Expect, named, "file")
		if kind == "" {
			return
		}
		r.Metric, r.Op, r.Operand = model.Metric("checksum."+kind), model.NotEqual, model.Str(sum)
	} else {
		e.reference(cond.Pos())
	}
	e.add(famChecksum, cond.Pos(), r)
}

// hashMetric is MD5 where no hash is named.
func hashMetric(m model.Metric) model.Metric {
	if m == Unnamed {
		return model.ChecksumMD5
	}
	return m
}

// reference warns where a file that is compared with its present content is not there.
func (e *entry) reference(at diag.Span) {
	if _, err := e.env.Stat(e.service.Subject.Path); err != nil {
		e.warnf(at, "checksum-reference", "the checksum of %s cannot be computed now", quoted(e.service.Subject.Path)).
			Hinted("the first content that is seen will be the one to compare with")
	}
}

// content compiles tests of a file's new lines and of a program's output.
func (e *entry) content(cond *Content, r model.Rule) {
	file := e.service.Kind == model.KindFile
	m := e.match(cond.Pattern, cond.Not, file)
	if m == nil {
		return
	}
	r.Topic, r.Metric, r.Op, r.Operand, r.Else = model.TopicContent, model.OK, model.Equal, model.Num(0), nil
	r.Probe = &model.Probe{Kind: model.ProbeContent, Match: m, MaxSize: e.limits.ProgramOutput}
	if file {
		r.Probe.MaxSize = e.limits.FileContent
	}
	e.add(famContent, cond.Pos(), r)
}

// match reads the patterns of a content test or ignore statement; nil when there is nothing that can be matched.
func (e *entry) match(pattern Word, not, fromFile bool) *model.Match {
	m := &model.Match{Not: not}
	if pattern.Class != Path || !fromFile {
		if !e.pattern(pattern.Text, pattern.Pos()) {
			return nil
		}
		m.Patterns = []string{pattern.Text}
		return m
	}
	text, err := e.env.ReadFile(pattern.Text)
	if err != nil {
		e.errorf(pattern.Pos(), "pattern-file", "cannot read the patterns in %s: %v", quoted(pattern.Text), err).
			Hinted("text that begins with a slash names a file with one pattern a line; for a pattern write [/] for its first slash")
		return nil
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\r\n")
		if strings.TrimSpace(line) == "" {
			continue
		}
		if e.pattern(line, pattern.Pos()) {
			m.Patterns = append(m.Patterns, line)
		}
	}
	if len(m.Patterns) == 0 {
		e.warnf(pattern.Pos(), "pattern-file", "there is no pattern in %s", quoted(pattern.Text)).Hinted("this test is left out")
		return nil
	}
	return m
}
