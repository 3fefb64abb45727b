package rule

import (
	"fmt"

	"orderly/internal/model"
)

// Describe tells a person in one line what a measurement of a rule means. The result is that of the rule's
// probe; nil for rules about the subject itself. Before is the measurement rules about change compared with.
func Describe(kind model.Kind, r *model.Rule, v, before model.Value, res *model.Result, e Effect) string {
	good := e == Recover || e == Settle
	if res != nil && r.Metric == model.OK {
		return describeProbe(r, res, good)
	}
	unit := r.Metric.Unit()
	have := v.Format(unit)
	switch r.Metric {
	case model.Exist:
		return describeExistence(kind, v)
	case model.TypeValid:
		if good {
			return fmt.Sprintf("is a %s again", kind)
		}
		return fmt.Sprintf("is not a %s", kind)
	case model.Deaths:
		return describeDeaths(r, v, good)
	case model.BeatStatus, model.Overdue, model.Running:
		if text := describeBeat(r, v, good); text != "" {
			return text
		}
	case model.Reached:
		return describeReached(r, v, good)
	case model.Certificate, model.CertificateLeft, model.Registration:
		if res != nil && res.About != "" {
			return describeEnd(r, v, res, good)
		}
		if res != nil && r.Metric == model.CertificateLeft {
			have += ", " + res.Readings.Get(model.Certificate).Format(model.Days)
		}
	case model.Link:
		return "link is " + map[bool]string{true: "up", false: "down"}[v.Number() != 0]
	}
	switch r.Op {
	case model.Changed:
		if good {
			return fmt.Sprintf("%s stays at %s", name(r.Metric), have)
		}
		return fmt.Sprintf("%s changed from %s to %s", name(r.Metric), before.Format(unit), have)
	case model.NotChanged:
		if good {
			return name(r.Metric) + " changes again"
		}
		return name(r.Metric) + " did not change"
	case model.Drifted:
		if good {
			return fmt.Sprintf("%s is %s again", name(r.Metric), have)
		}
		return fmt.Sprintf("%s is %s, was %s at first", name(r.Metric), have, before.Format(unit))
	}
	if r.Over > 0 {
		have += " in " + model.FormatSeconds(r.Over.Seconds())
	}
	return describeComparison(name(r.Metric)+" is "+have, r.Op, r.Limit(v).Format(unit), good)
}

// describeComparison adds to a fact what it was compared with, in words that fit the comparison.
func describeComparison(fact string, op model.Op, operand string, good bool) string {
	switch {
	case op == model.NotEqual && good:
		return fact + ", as it should be"
	case op == model.NotEqual:
		return fact + ", not " + operand
	case op == model.Equal && good:
		return fact + ", no longer " + operand
	case op == model.Equal:
		return fact + ", which it should not be"
	case good:
		return fmt.Sprintf("%s, no longer %s %s", fact, op, operand)
	}
	return fmt.Sprintf("%s (limit: %s %s)", fact, op, operand)
}

func describeProbe(r *model.Rule, res *model.Result, good bool) string {
	if res.Summary != "" && (!good || res.OK) {
		return res.Summary
	}
	if res.OK {
		return Target(r.Probe) + " answers"
	}
	return Target(r.Probe) + " does not answer"
}

func describeExistence(kind model.Kind, v model.Value) string {
	there := v.Number() != 0
	switch {
	case kind == model.KindProcess && there:
		return "process is running"
	case kind == model.KindProcess:
		return "process is not running"
	case kind == model.KindUnit && there:
		return "unit is running"
	case kind == model.KindUnit:
		return "unit is not running"
	case kind == model.KindFilesystem && there:
		return "filesystem is mounted"
	case kind == model.KindFilesystem:
		return "filesystem is not mounted"
	case there:
		return string(kind) + " exists"
	}
	return string(kind) + " does not exist"
}

// describeEnd tells when a domain ends, or a certificate of which the user did not say where it is.
func describeEnd(r *model.Rule, v model.Value, res *model.Result, good bool) string {
	left := v.Number()
	if r.Metric == model.CertificateLeft {
		left = res.Readings.Get(model.Certificate).Number()
	}
	fact := res.About + " ends in " + model.Num(left).Format(model.Days)
	if left < 0 {
		fact = res.About + " ended " + model.Num(-left).Format(model.Days) + " ago"
	}
	if r.Metric == model.CertificateLeft {
		fact += ", at " + v.Format(model.Percent) + " of its lifetime"
	}
	return describeComparison(fact, r.Op, r.Limit(v).Format(r.Metric.Unit()), good)
}

// describeReached tells whether this host has a network.
func describeReached(r *model.Rule, v model.Value, good bool) string {
	if good {
		return fmt.Sprintf("the network of this host is up again: %s of the reference targets answer", v.Format(model.Count))
	}
	return fmt.Sprintf("the network of this host is down: %s of the reference targets answer, where %s must", v.Format(model.Count), r.Operand.Format(model.Count))
}

// describeDeaths tells of a unit that ends although nobody asked for it.
func describeDeaths(r *model.Rule, v model.Value, good bool) string {
	switch {
	case r.Over == 0 && r.Op == model.Changed:
		return "ended unasked"
	case good && r.Implicit:
		return "runs steadily again"
	}
	times := fmt.Sprintf("ended %s times", v.Format(model.Count))
	if r.Over > 0 {
		times += " in " + model.FormatSeconds(r.Over.Seconds())
	}
	if r.Implicit {
		return "restart loop: " + times
	}
	return describeComparison(times, r.Op, r.Operand.Format(model.Count), good)
}

// Target names what a probe asks, in the words of the user.
func Target(p *model.Probe) string {
	switch p.Kind {
	case model.ProbeSocket:
		return p.Path
	case model.ProbePing:
		return "ping of " + p.Host
	case model.ProbeContent:
		return "content"
	case model.ProbeCertificate:
		return "certificate"
	case model.ProbeDomain:
		return "the registry of " + p.Host
	}
	s := fmt.Sprintf("%s:%d", p.Host, p.Port)
	if p.Protocol != "" {
		s += " (" + p.Protocol + ")"
	}
	return s
}

// plain are the metrics whose key is not what people call them.
var plain = map[model.Metric]string{
	model.FDs: "open files", model.FDsPercent: "open files", model.FDsTotal: "open files of the process tree",
	model.Cores: "cpu (100% is one core)", model.CoresUser: "cpu in programs (100% is one core)",
	model.CoresSystem: "cpu in the kernel (100% is one core)", model.CoresWait: "cpu waiting for disks (100% is one core)",
	model.CoresSteal:     "cpu taken by other machines (100% is one core)",
	model.CoresUserEnded: "cpu of ended children in programs (100% is one core)",
	model.CoresSysEnded:  "cpu of ended children in the kernel (100% is one core)",
	model.SilentFor:      "time without a sign of life",
	model.Overdue:        "time since a sign of life was due", model.BeatStatus: "exit status", model.Running: "time of the run under way",
	model.Runs: "runs under way", model.RunTime: "time of the last run",
	model.UnitState: "state", model.UnitDetail: "state", model.UnitRestarts: "restarts by its init system",
	model.CPUTotal: "cpu of the process tree", model.MemTotal: "memory of the process tree",
	model.MemTotalPercent: "memory of the process tree", model.MemoryPercent: "memory", model.SwapPercent: "swap",
	model.Load1: "load average (1 min)", model.Load5: "load average (5 min)", model.Load15: "load average (15 min)",
	model.Load1Core: "load average (1 min) per core", model.Load5Core: "load average (5 min) per core",
	model.Load15Core:   "load average (15 min) per core",
	model.SpacePercent: "space used", model.Space: "space used", model.SpaceFree: "free space", model.SpaceFreePercent: "free space",
	model.Inodes: "inodes used", model.InodesPercent: "inodes used", model.InodesFree: "free inodes", model.InodesFreePct: "free inodes",
	model.AccessAge: "last access", model.ModifyAge: "last modification", model.ChangeAge: "last status change", model.AnyAge: "last change",
	model.AccessTime: "access time", model.ModifyTime: "modification time", model.ChangeTime: "status change time", model.AnyTime: "timestamp",
	model.ChecksumMD5: "MD5 checksum", model.ChecksumSHA1: "SHA-1 checksum", model.ChecksumSHA256: "SHA-256 checksum",
	model.Status: "exit status", model.Latency: "response time", model.Certificate: "certificate validity",
	model.CertificateLeft: "what is left of the certificate's lifetime",
	model.FSFlags:         "mount options", model.ServiceTime: "service time", model.LinkErrors: "link errors",
	model.Capacity: "link speed", model.UID: "user id", model.EUID: "effective user id", model.GID: "group id",
}

func name(m model.Metric) string {
	if s, ok := plain[m]; ok {
		return s
	}
	return string(m)
}
