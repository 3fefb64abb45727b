package monit

import (
	"fmt"
	"math"

	"orderly/internal/model"
)

// node are the lines of everything that has a place among the files and no content.
func (f *facts) node() {
	f.owner()
	f.add("hardlink", integer(f.get(model.Hardlinks)), model.Hardlinks)
	f.times()
	f.certificates()
}

func (f *facts) owner() {
	f.add("permission", octal(f.get(model.Permission)), model.Permission)
	f.add("uid", integer(f.get(model.UID)), model.UID)
	f.add("gid", integer(f.get(model.GID)), model.GID)
}

func (f *facts) times() {
	f.add("access timestamp", date(f.get(model.AccessTime)), model.AccessTime, model.AccessAge)
	f.add("change timestamp", date(f.get(model.ChangeTime)), model.ChangeTime, model.ChangeAge, model.AnyTime, model.AnyAge)
	f.add("modify timestamp", date(f.get(model.ModifyTime)), model.ModifyTime, model.ModifyAge, model.AnyTime, model.AnyAge)
}

func (f *facts) file() {
	f.owner()
	f.add("size", byteCount(f.get(model.Size)), model.Size)
	f.add("hardlink", integer(f.get(model.Hardlinks)), model.Hardlinks)
	f.times()
	f.content()
	f.certificates()
	f.checksum()
}

// certificates tell how long the one that ends first is valid, if there are rules about them.
func (f *facts) certificates() {
	for i, p := range f.s.Spec.Probes() {
		if p.Kind != model.ProbeCertificate {
			continue
		}
		r := f.answer(i)
		if r.Skipped {
			f.add("certificate", "")
			continue
		}
		value, tone := r.Summary, Failing
		if r.OK {
			left := math.Floor(r.Readings.Get(model.Certificate).Number())
			value = fmt.Sprintf("valid for %.0f days: %s", left, r.About)
			tone = f.tone(func(rule *model.Rule) bool { return rule.Probe == p })
		}
		f.lines = append(f.lines, Line{"certificate", oneLine(value), tone})
	}
}

// content tells whether any lines were found that rules look for, if there are such rules.
func (f *facts) content() {
	asked, known, matched := false, false, false
	for i, p := range f.s.Spec.Probes() {
		if p.Kind != model.ProbeContent {
			continue
		}
		asked = true
		if i < len(f.s.Probes) && !f.s.Probes[i].Skipped {
			known = true
			matched = matched || f.s.Probes[i].Readings.Get(model.Matched).Number() > 0
		}
	}
	if !asked {
		return
	}
	value := ""
	switch {
	case matched:
		value = "yes"
	case known:
		value = "no"
	}
	f.add("content match", value)
	if last := &f.lines[len(f.lines)-1]; last.Tone == Neutral {
		last.Tone = f.tone(func(r *model.Rule) bool { return r.Probe != nil && r.Probe.Kind == model.ProbeContent })
	}
}

// checksum tells the digest that rules are about, if there are such rules.
func (f *facts) checksum() {
	for _, digest := range []struct {
		metric model.Metric
		name   string
	}{
		{model.ChecksumMD5, "MD5"}, {model.ChecksumSHA1, "SHA1"}, {model.ChecksumSHA256, "SHA256"},
	} {
		if !f.ruled(digest.metric) {
			continue
		}
		value := f.get(digest.metric).Text()
		if value != "" {
			value += " (" + digest.name + ")"
		}
		f.add("checksum", value, digest.metric)
	}
}

// ruled tells whether any rule is about a metric.
func (f *facts) ruled(m model.Metric) bool {
	for i := range f.s.Spec.Rules {
		if f.s.Spec.Rules[i].Metric == m {
			return true
		}
	}
	return false
}

func (f *facts) filesystem() {
	f.add("filesystem type", oneLine(f.get(model.FSType).Text()))
	f.add("filesystem flags", oneLine(f.get(model.FSFlags).Text()), model.FSFlags)
	f.owner()
	f.add("block size", byteCount(f.get(model.BlockSize)))
	f.space()
	if total := f.get(model.InodesTotal); total.Number() > 0 {
		f.add("inodes total", integer(total))
		f.add("inodes free", f.part(integer(f.get(model.InodesFree)), model.InodesFree, total), model.Inodes,
			model.InodesPercent, model.InodesFree, model.InodesFreePct)
	}
	f.disk()
}

func (f *facts) space() {
	total, free, root := f.get(model.SpaceTotal), f.get(model.SpaceFree), f.get(model.SpaceFreeRoot)
	size := byteCount(total)
	if size != "" && free.Present() && root.Present() {
		size += fmt.Sprintf(" (of which %.1f%% is reserved for root user)",
			percentOf(root.Number()-free.Number(), total.Number()))
	}
	f.add("space total", size)
	f.add("space free for non superuser", f.part(byteCount(free), model.SpaceFree, total), model.Space,
		model.SpacePercent, model.SpaceFree, model.SpaceFreePercent)
	f.add("space free total", f.part(byteCount(root), model.SpaceFreeRoot, total))
}

// part is a value and how much of a total it is.
func (f *facts) part(value string, m model.Metric, total model.Value) string {
	if !total.Present() {
		return value
	}
	return withShare(value, fmt.Sprintf("%.1f%%", percentOf(f.get(m).Number(), total.Number())))
}

// disk tells what the device does, if there is one that counts it.
func (f *facts) disk() {
	read := f.volume(model.ReadBytes, model.ReadBytesTotal)
	if read == "" {
		return
	}
	f.add("read bytes", read, model.ReadBytes, model.DiskReadBytes)
	f.add("disk read operations", f.operations("reads", model.DiskReadOps, model.DiskReadOpsTotal),
		model.DiskReadOps, model.ReadOps)
	f.add("write bytes", f.volume(model.WriteBytes, model.WriteBytesTotal), model.WriteBytes, model.DiskWriteBytes)
	f.add("disk write operations", f.operations("writes", model.DiskWriteOps, model.DiskWriteOpsTotal),
		model.DiskWriteOps, model.WriteOps)
	f.add("service time", f.serviceTime(), model.ServiceTime)
}

func (f *facts) serviceTime() string {
	all, read, write := f.get(model.ServiceTime), f.get(model.ServiceTimeRead), f.get(model.ServiceTimeWrite)
	text := form(all, "%.3f ms/operation")
	if text == "" || !read.Present() || !write.Present() {
		return text
	}
	return text + fmt.Sprintf(" (of which read %.3f ms, write %.3f ms)", read.Number(), write.Number())
}
