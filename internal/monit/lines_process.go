package monit

import (
	"strings"
	"unicode/utf8"

	"orderly/internal/model"
)

func (f *facts) process() {
	f.add("pid", integer(f.get(model.PID)), model.PID)
	f.add("parent pid", integer(f.get(model.PPID)), model.PPID)
	f.add("uid", integer(f.get(model.UID)), model.UID)
	f.add("effective uid", integer(f.get(model.EUID)), model.EUID)
	f.add("gid", integer(f.get(model.GID)), model.GID)
	f.add("uptime", f.uptime(), model.Uptime)
	f.add("threads", integer(f.get(model.Threads)), model.Threads)
	f.add("children", integer(f.get(model.Children)), model.Children)
	f.add("cpu", percent(f.get(model.CPU)), model.CPU)
	f.add("cpu total", percent(f.get(model.CPUTotal)), model.CPUTotal)
	f.add("memory", withShare(percent(f.get(model.MemoryPercent)), byteCount(f.get(model.Memory))),
		model.Memory, model.MemoryPercent)
	f.add("memory total", withShare(percent(f.get(model.MemTotalPercent)), byteCount(f.get(model.MemTotal))),
		model.MemTotal, model.MemTotalPercent)
	f.add("security attribute", oneLine(f.get(model.Security).Text()), model.Security)
	f.add("filedescriptors", f.files(), model.FDs, model.FDsPercent)
	f.add("total filedescriptors", integer(f.get(model.FDsTotal)), model.FDsTotal)
	f.add("read bytes", f.volume(model.ReadBytes, model.ReadBytesTotal), model.ReadBytes)
	f.add("disk read bytes", f.volume(model.DiskReadBytes, model.DiskReadBytesTotal), model.DiskReadBytes)
	f.add("disk read operations", f.operations("reads", model.DiskReadOps, model.DiskReadOpsTotal),
		model.DiskReadOps, model.ReadOps)
	f.add("write bytes", f.volume(model.WriteBytes, model.WriteBytesTotal), model.WriteBytes)
	f.add("disk write bytes", f.volume(model.DiskWriteBytes, model.DiskWriteBytesTotal), model.DiskWriteBytes)
	f.add("disk write operations", f.operations("writes", model.DiskWriteOps, model.DiskWriteOpsTotal),
		model.DiskWriteOps, model.WriteOps)
}

// volume tells how many bytes went by: "5.3 MB/s [2.6 GB total]". Before there is a rate it is shown as none.
func (f *facts) volume(rate, total model.Metric) string {
	r, t := f.get(rate), f.get(total)
	switch {
	case t.Present():
		return formatBytes(r.Number()) + "/s [" + formatBytes(t.Number()) + " total]"
	case r.Present():
		return formatBytes(r.Number()) + "/s"
	}
	return ""
}

// operations tells how often something was done: "0.0 reads/s [23 reads total]".
func (f *facts) operations(what string, rate, total model.Metric) string {
	r, t := f.get(rate), f.get(total)
	switch {
	case t.Present():
		return form(model.Num(r.Number()), "%.1f ") + what + "/s [" + integer(t) + " " + what + " total]"
	case r.Present():
		return form(r, "%.1f ") + what + "/s"
	}
	return ""
}

// program tells how a check program ended, once it has.
func (f *facts) program() {
	status := f.get(model.Status)
	if !status.Present() {
		return
	}
	f.add("last exit value", integer(status), model.Status)
	output := strings.TrimRight(visible(limited(f.get(model.Output).Text(), f.s.Spec.Limits.ProgramOutput)), "\n")
	f.add("last output", output, model.Status, model.Output)
	if last := &f.lines[len(f.lines)-1]; last.Tone == Neutral {
		last.Tone = f.tone(func(r *model.Rule) bool { return r.Probe != nil && r.Probe.Kind == model.ProbeContent })
	}
}

// limited is text of so many bytes at most, without half a character at its end. A limit of 0 is none.
func limited(text string, limit int) string {
	if limit <= 0 || len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}
