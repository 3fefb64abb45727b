package monit

import (
	"slices"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// condition reads what stands between "if" and the rate. Which conditions there are depends on the kind of service.
func (p *parser) condition(t *Test) recovers {
	switch start := p.here(); {
	case p.at("failed") || p.at("succeeded") && p.is(model.KindProcess, model.KindHost):
		return p.failedCondition(t)
	case p.accept("changed"):
		return p.changedCondition(t, start)
	case p.at("exist", "not") && p.is(paths...):
		return p.existence(t)
	case p.at("match") && p.is(model.KindFile):
		p.next()
		pattern := p.strOrPath("an expression")
		t.Cond = &Content{Node: p.from(start), Pattern: pattern}
		return recoverNever
	case p.at("content") && p.is(model.KindFile, model.KindProgram):
		return p.contentCondition(t)
	case p.at("security") && p.is(model.KindProcess):
		return p.securityCondition(t)
	case p.at("link") && p.is(model.KindNetwork):
		p.next()
		up := p.oneOf("down", "up") == "up"
		t.Cond = &Link{p.from(start), up}
		if up {
			return recoverFailed
		}
	case p.ofUnit && (p.atWord("ends") || p.at("restart")):
		return p.ends(t)
	case p.beyondMonit() && p.atWord("metric"):
		t.Cond = p.named(t)
	default:
		p.comparisons(t)
	}
	return recoverSucceeded
}

// paths are the kinds of service that can exist or not.
var paths = []model.Kind{
	model.KindProcess, model.KindFile, model.KindFifo, model.KindDirectory, model.KindFilesystem,
}

// is tells whether the test is one of a service of these kinds.
func (p *parser) is(kinds ...model.Kind) bool { return slices.Contains(kinds, p.kind) }

// notHere reports a test that the kind of service does not have.
func (p *parser) notHere() {
	kind := p.kind
	if p.ofUnit {
		kind = model.KindUnit
	}
	p.unexpected("a test for a "+string(kind)+": "+alternatives(tests[kind]), tests[kind]...)
}

// existence reads "exist", "not exist" and, of a file, "not match".
func (p *parser) existence(t *Test) recovers {
	start := p.here()
	not := p.accept("not")
	if not && p.at("match") && p.is(model.KindFile) {
		p.next()
		pattern := p.strOrPath("an expression")
		t.Cond = &Content{p.from(start), true, pattern}
		return recoverNever
	}
	p.expect("exist")
	t.Cond = &Exist{p.from(start), not}
	return recoverSucceeded
}

// failedCondition reads what follows "failed" or "succeeded".
func (p *parser) failedCondition(t *Test) recovers {
	start := p.here()
	succeeded := p.tok.is("succeeded")
	p.next()
	switch {
	case p.at("host", "port", "url") && p.is(model.KindProcess, model.KindHost), p.at("unixsocket") && p.is(model.KindProcess):
		t.Cond = p.connection(start, succeeded)
	case p.at("ping", "ping4", "ping6", "icmp") && p.is(model.KindHost):
		t.Cond = p.ping(start, succeeded)
	case succeeded:
		p.unexpected("a connection test", tests[p.kind]...)
	case p.at("uid", "gid") && p.is(paths...), p.at("euid") && p.is(model.KindProcess):
		metric := map[string]model.Metric{"uid": model.UID, "gid": model.GID, "euid": model.EUID}[p.tok.name]
		p.next()
		want := p.account("a user or group")
		t.Cond = &Owner{p.from(start), metric, want}
	case p.at("security") && p.is(model.KindProcess):
		p.next()
		p.expect("attribute")
		want := p.strOrPath("the attribute")
		t.Cond = &Security{p.from(start), model.NotEqual, want}
	case p.at("permission") && p.is(paths[1:]...):
		p.next()
		want := p.octal()
		t.Cond = &Permission{p.from(start), want}
	case p.at("md5", "sha1", "sha256", "checksum") && p.is(model.KindFile):
		sum := &Checksum{Metric: p.checksum()}
		if p.accept("expect") {
			sum.Expect = p.str("a checksum")
		}
		sum.Node = p.from(start)
		t.Cond = sum
	case p.at("link") && p.is(model.KindNetwork):
		p.next()
		t.Cond = &Link{p.from(start), false}
	default:
		p.notHere()
	}
	if succeeded {
		return recoverFailed
	}
	return recoverSucceeded
}

// octal reads a permission. Whether the digits are octal is not a matter of syntax.
func (p *parser) octal() Word {
	if p.tok.kind != tokNumber {
		p.unexpected("octal digits such as 0644")
		return Word{}
	}
	return p.word()
}

// checksum reads "checksum" with the name of a hash before it or without.
func (p *parser) checksum() model.Metric {
	metric := Unnamed
	switch {
	case p.accept("md5"):
		metric = model.ChecksumMD5
	case p.accept("sha1"):
		metric = model.ChecksumSHA1
	case p.accept("sha256"):
		metric = model.ChecksumSHA256
	}
	p.expect("checksum")
	return metric
}

// changes are the words that may follow "changed", by kind. Checksums are missing here.
var changes = map[model.Kind]map[string]model.Metric{
	model.KindProcess: {"pid": model.PID, "ppid": model.PPID},
	model.KindFile: {
		"size": model.Size, "hardlink": model.Hardlinks, "permission": model.Permission, "atime": model.AccessTime,
		"ctime": model.ChangeTime, "mtime": model.ModifyTime, "time": model.AnyTime,
	},
	model.KindFifo:       pathChanges,
	model.KindDirectory:  pathChanges,
	model.KindFilesystem: {"fsflags": model.FSFlags, "permission": model.Permission},
	model.KindNetwork:    {"link": model.Capacity},
	model.KindProgram:    {"status": model.Status},
}

var pathChanges = map[string]model.Metric{
	"hardlink": model.Hardlinks, "permission": model.Permission, "atime": model.AccessTime, "ctime": model.ChangeTime,
	"mtime": model.ModifyTime, "time": model.AnyTime,
}

// changedCondition reads what follows "changed". Of most there is no recovery.
func (p *parser) changedCondition(t *Test, start diag.Span) recovers {
	if p.at("md5", "sha1", "sha256", "checksum") && p.is(model.KindFile) {
		metric := p.checksum()
		t.Cond = &Changed{Node: p.from(start), Metric: metric}
		return recoverNever
	}
	metric, ok := changes[p.kind][p.tok.name]
	if !ok || p.tok.kind != tokKeyword {
		p.unexpected("what has changed", keys(changes[p.kind])...)
		return recoverNever
	}
	p.next()
	t.Cond = &Changed{Node: p.from(start), Metric: metric}
	if metric == model.Permission || metric == model.Capacity {
		return recoverSucceeded
	}
	return recoverNever
}

// contentCondition reads a test of lines of a file or of a program's output.
func (p *parser) contentCondition(t *Test) recovers {
	start := p.here()
	p.next()
	if p.is(model.KindProgram) && p.at("not", "changed") {
		not := p.accept("not")
		p.expect("changed")
		t.Cond = &Changed{p.from(start), model.Output, not}
		return recoverSucceeded
	}
	not := p.matchOperator()
	var pattern Word
	if p.is(model.KindFile) {
		pattern = p.strOrPath("an expression")
	} else {
		pattern = p.str("an expression")
	}
	t.Cond = &Content{p.from(start), not, pattern}
	return recoverNever
}

// matchOperator reads "=" or "!=", or the operators of 6.0 for the same; it tells whether they negate.
func (p *parser) matchOperator() (not bool) {
	switch p.oneOf("=", "!=", "match", "nomatch") {
	case "!=", "nomatch":
		return true
	}
	return false
}

// securityCondition reads the form of 6.0, whose operator says what is a failure.
func (p *parser) securityCondition(t *Test) recovers {
	start := p.here()
	p.next()
	p.expect("attribute")
	op := map[string]model.Op{
		"=": model.Equal, "!=": model.NotEqual, "match": model.Matches, "nomatch": model.NotMatches,
	}[p.oneOf("=", "!=", "match", "nomatch")]
	want := p.strOrPath("the attribute")
	t.Cond = &Security{p.from(start), op, want}
	return recoverSucceeded
}

// keys are the names in a table, sorted.
func keys[V any](table map[string]V) []string {
	var list []string
	for name := range table {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}
