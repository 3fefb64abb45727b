package monit

import (
	"strconv"
	"strings"

	"orderly/internal/model"
)

// values are the measurements of one service on their way into its document. They are found faster the nearer their
// order is to that in which they are asked for.
type values struct {
	*document
	list model.Readings
	next int // where the search goes on
}

func (v *values) get(m model.Metric) model.Value {
	for i := v.next; i < len(v.list); i++ {
		if v.list[i].Metric == m && v.list[i].Over == 0 {
			v.next = i + 1
			return v.list[i].Value
		}
	}
	for i := range v.list[:min(v.next, len(v.list))] {
		if v.list[i].Metric == m && v.list[i].Over == 0 {
			v.next = i + 1
			return v.list[i].Value
		}
	}
	return model.Value{}
}

// number is the value of a metric, or what stands for one that is not known. What writes it sees to numbers that are none.
func (v *values) number(m model.Metric, unknown float64) float64 {
	if value := v.get(m); value.Present() {
		return value.Number()
	}
	return unknown
}

func (v *values) count(tag string, m model.Metric, unknown int64) {
	v.integer(tag, rounded(v.number(m, float64(unknown))))
}

// known is count for what is left out while it is not known.
func (v *values) known(tag string, m model.Metric) {
	if value := v.get(m); value.Present() {
		v.integer(tag, rounded(value.Number()))
	}
}

func (v *values) share(tag string, m model.Metric) { v.decimal(tag, v.number(m, -1), 1) }

func (v *values) kilobytes(tag string, m model.Metric) { v.integer(tag, rounded(v.number(m, 0))/1024) }

func (v *values) octal(tag string, m model.Metric) {
	mode := int64(0o7777) // of what is not there
	if value := v.get(m); value.Present() {
		mode = rounded(value.Number())
	}
	v.raw(tag)
	*v.markup = strconv.AppendInt(*v.markup, mode, 8)
	v.end(tag)
}

// ofKind tells what is measured of a service, by what it is. Connections come before what is told last.
func (v *values) ofKind(s *model.Snapshot) {
	switch s.Spec.Kind {
	case model.KindSystem:
		v.host()
	case model.KindProcess:
		v.process()
	case model.KindFile:
		v.node()
		v.times()
		v.count("<size>", model.Size, -1)
		v.known("<hardlink>", model.Hardlinks)
		v.checksum()
	case model.KindFifo, model.KindDirectory:
		v.node()
		v.known("<hardlink>", model.Hardlinks)
		v.times()
	case model.KindFilesystem:
		v.filesystem()
	case model.KindNetwork:
		v.network()
	}
	v.connections(s)
	switch s.Spec.Kind {
	case model.KindSystem:
		v.system()
	case model.KindProgram:
		v.program(s)
	}
}

func (v *values) node() {
	v.octal("<mode>", model.Permission)
	v.count("<uid>", model.UID, -1)
	v.count("<gid>", model.GID, -1)
}

func (v *values) times() {
	v.raw("<timestamps>")
	v.count("<access>", model.AccessTime, 0)
	v.count("<change>", model.ChangeTime, 0)
	v.count("<modify>", model.ModifyTime, 0)
	v.end("<timestamps>")
}

func (v *values) checksum() {
	for _, c := range [...]struct {
		metric model.Metric
		tag    string
	}{
		{model.ChecksumMD5, `<checksum type="MD5">`},
		{model.ChecksumSHA1, `<checksum type="SHA1">`},
		{model.ChecksumSHA256, `<checksum type="SHA256">`},
	} {
		if sum := v.get(c.metric); sum.Present() {
			v.raw(c.tag)
			v.escaped(sum.Text())
			v.end("<checksum>")
			return
		}
	}
}

func (v *values) filesystem() {
	v.text("<fstype>", v.get(model.FSType).Text())
	v.text("<fsflags>", v.get(model.FSFlags).Text())
	v.node()
	total, free := v.number(model.SpaceTotal, 0), v.number(model.SpaceFreeRoot, 0)
	v.raw("<block>")
	v.decimal("<percent>", percentOf(total-free, total), 1)
	v.decimal("<usage>", (total-free)/(1<<20), 1)
	v.decimal("<total>", total/(1<<20), 1)
	v.end("<block>")
	if total, free := v.number(model.InodesTotal, 0), v.number(model.InodesFree, 0); total > 0 {
		v.raw("<inode>")
		v.decimal("<percent>", percentOf(total-free, total), 1)
		v.integer("<usage>", rounded(total-free))
		v.integer("<total>", rounded(total))
		v.end("<inode>")
	}
	v.raw("<read>")
	v.flow("<bytes>", model.ReadBytes, model.ReadBytesTotal)
	v.flow("<operations>", model.DiskReadOps, model.DiskReadOpsTotal)
	v.raw("</read><write>")
	v.flow("<bytes>", model.WriteBytes, model.WriteBytesTotal)
	v.flow("<operations>", model.DiskWriteOps, model.DiskWriteOpsTotal)
	v.raw("</write><servicetime>")
	operations := v.number(model.DiskReadOps, 0) + v.number(model.DiskWriteOps, 0)
	v.busy("<read>", model.ServiceTimeRead, operations)
	v.busy("<write>", model.ServiceTimeWrite, operations)
	v.end("<servicetime>")
}

// busy is how many milliseconds of each second went into operations of a kind.
func (v *values) busy(tag string, each model.Metric, operations float64) {
	if value := v.get(each); value.Present() {
		v.decimal(tag, value.Number()*operations, 3)
	}
}

// flow is how much goes by in a second and how much has gone by, once that is known.
func (v *values) flow(tag string, rate, total model.Metric) {
	perSecond := v.number(rate, 0)
	sum := v.get(total)
	if !sum.Present() {
		return
	}
	v.raw(tag)
	v.integer("<count>", rounded(perSecond))
	v.integer("<total>", rounded(sum.Number()))
	v.end(tag)
}

func (v *values) network() {
	v.raw("<link>")
	v.count("<state>", model.Link, 0)
	v.count("<speed>", model.LinkSpeed, -1)
	v.count("<duplex>", model.LinkDuplex, -1)
	v.raw("<download>")
	v.traffic("<packets>", model.DownloadPackets, model.DownloadPacketsTotal)
	v.traffic("<bytes>", model.DownloadBytes, model.DownloadBytesTotal)
	v.traffic("<errors>", model.DownloadErrors, model.DownloadErrorsTotal)
	v.raw("</download><upload>")
	v.traffic("<packets>", model.UploadPackets, model.UploadPacketsTotal)
	v.traffic("<bytes>", model.UploadBytes, model.UploadBytesTotal)
	v.traffic("<errors>", model.UploadErrors, model.UploadErrorsTotal)
	v.raw("</upload></link>")
}

func (v *values) traffic(tag string, rate, total model.Metric) {
	v.raw(tag)
	v.count("<now>", rate, -1)
	v.count("<total>", total, -1)
	v.end(tag)
}

func (v *values) program(s *model.Snapshot) {
	status := v.get(model.Status)
	if !status.Present() {
		return
	}
	v.raw("<program>")
	v.integer("<started>", s.Sampled.Unix())
	v.integer("<status>", rounded(status.Number()))
	output := strings.TrimRight(v.get(model.Output).Text(), "\n")
	v.cdata("<output>", limited(output, s.Spec.Limits.ProgramOutput))
	v.end("<program>")
}
