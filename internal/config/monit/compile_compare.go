package monit

import (
	"time"

	"orderly/internal/model"
)

// A measure is what the tests of one metric mean.
type measure struct {
	family family
	topic  model.Topic
	units  map[Unit]model.Metric // where a unit makes it another metric
}

// measures lists the metrics that are not plain resources.
var measures = map[model.Metric]measure{
	model.Uptime:         {family: famUptime, topic: model.TopicUptime},
	model.Size:           {family: famSize, topic: model.TopicSize},
	model.Hardlinks:      {family: famHardlink, topic: model.TopicResource},
	model.AccessAge:      {family: famTimestamp, topic: model.TopicTimestamp},
	model.ChangeAge:      {family: famTimestamp, topic: model.TopicTimestamp},
	model.ModifyAge:      {family: famTimestamp, topic: model.TopicTimestamp},
	model.AnyAge:         {family: famTimestamp, topic: model.TopicTimestamp},
	model.AccessTime:     {family: famTimestamp, topic: model.TopicTimestamp},
	model.ChangeTime:     {family: famTimestamp, topic: model.TopicTimestamp},
	model.ModifyTime:     {family: famTimestamp, topic: model.TopicTimestamp},
	model.AnyTime:        {family: famTimestamp, topic: model.TopicTimestamp},
	model.PID:            {family: famPID, topic: model.TopicPID},
	model.PPID:           {family: famPPID, topic: model.TopicPPID},
	model.Permission:     {family: famPermission, topic: model.TopicPermission},
	model.FSFlags:        {family: famFSFlags, topic: model.TopicFSFlags},
	model.Capacity:       {family: famCapacity, topic: model.TopicSpeed},
	model.Saturation:     {family: famSaturation, topic: model.TopicSaturation},
	model.Status:         {family: famStatus, topic: model.TopicStatus},
	model.Output:         {family: famContent, topic: model.TopicContent},
	model.SilentFor:      {family: famNamed, topic: model.TopicHeartbeat},
	model.Overdue:        {family: famNamed, topic: model.TopicHeartbeat},
	model.BeatStatus:     {family: famNamed, topic: model.TopicHeartbeat},
	model.Running:        {family: famNamed, topic: model.TopicHeartbeat},
	model.Runs:           {family: famNamed, topic: model.TopicHeartbeat},
	model.RunTime:        {family: famNamed, topic: model.TopicHeartbeat},
	model.FDsTotal:       {family: famDescriptors, topic: model.TopicResource},
	model.FDs:            {famDescriptors, model.TopicResource, percent(model.FDsPercent)},
	model.Memory:         {famResource, model.TopicResource, percent(model.MemoryPercent)},
	model.MemTotal:       {famResource, model.TopicResource, percent(model.MemTotalPercent)},
	model.Swap:           {famResource, model.TopicResource, percent(model.SwapPercent)},
	model.Space:          {famResource, model.TopicResource, percent(model.SpacePercent)},
	model.SpaceFree:      {famResource, model.TopicResource, percent(model.SpaceFreePercent)},
	model.Inodes:         {famResource, model.TopicResource, percent(model.InodesPercent)},
	model.InodesFree:     {famResource, model.TopicResource, percent(model.InodesFreePct)},
	model.ReadBytes:      {famResource, model.TopicResource, operations(model.ReadOps)},
	model.WriteBytes:     {famResource, model.TopicResource, operations(model.WriteOps)},
	model.DiskReadBytes:  {famResource, model.TopicResource, operations(model.DiskReadOps)},
	model.DiskWriteBytes: {famResource, model.TopicResource, operations(model.DiskWriteOps)},
	model.UploadBytes:    {famUpload, model.TopicByteOut, map[Unit]model.Metric{Packet: model.UploadPackets}},
	model.DownloadBytes:  {famDownload, model.TopicByteIn, map[Unit]model.Metric{Packet: model.DownloadPackets}},
}

func percent(m model.Metric) map[Unit]model.Metric    { return map[Unit]model.Metric{Percent: m} }
func operations(m model.Metric) map[Unit]model.Metric { return map[Unit]model.Metric{Operation: m} }

// totals are the metrics that are summed over a time.
var totals = map[model.Metric]model.Metric{
	model.UploadBytes: model.UploadBytesTotal, model.DownloadBytes: model.DownloadBytesTotal,
	model.UploadPackets: model.UploadPacketsTotal, model.DownloadPackets: model.DownloadPacketsTotal,
}

func measureOf(m model.Metric) measure {
	if known, ok := measures[m]; ok {
		return known
	}
	return measure{family: famResource, topic: model.TopicResource}
}

// maxOperand keeps numbers of any length finite.
const maxOperand = 1e18

func (e *entry) compare(cond *Compare, r model.Rule) {
	is := measureOf(cond.Metric)
	r.Topic, r.Metric, r.Op = is.topic, cond.Metric, cond.Op
	if m, ok := is.units[cond.Value.Unit]; ok {
		r.Metric = m
	}
	switch r.Metric {
	case model.UploadPackets:
		r.Topic = model.TopicPacketOut
	case model.DownloadPackets:
		r.Topic = model.TopicPacketIn
	}
	value := cond.Value.Value * cond.Value.Unit.Scale()
	if cond.Metric == model.ServiceTime {
		value *= 1000 // milliseconds
	}
	r.Operand = model.Num(min(value, maxOperand))
	if cond.Total {
		over, ok := e.over(cond.Over)
		if !ok {
			return
		}
		r.Metric, r.Over = totals[r.Metric], over
	}
	e.add(is.family, cond.Pos(), r)
}

// over is the time a total is summed over: at most 60 minutes, 24 hours or 1 day.
func (e *entry) over(q Quantity) (time.Duration, bool) {
	most := map[Unit]int{Minute: 60, Hour: 24, Day: 1}[q.Unit]
	if n := q.Int(); n < 1 || n > most {
		e.errorf(q.Pos(), "range", "totals are kept for at most 60 minutes, 24 hours or 1 day")
		return 0, false
	}
	return seconds(q.Value * q.Unit.Scale()), true
}

// changed compiles tests that compare with the measurement before. Each change is an event; there is no recovery.
func (e *entry) changed(cond *Changed, r model.Rule) {
	metric := hashMetric(cond.Metric)
	is := measureOf(metric)
	if metric == model.ChecksumMD5 || metric == model.ChecksumSHA1 || metric == model.ChecksumSHA256 {
		is = measure{family: famChecksum, topic: model.TopicChecksum}
		e.reference(cond.Pos())
	}
	r.Topic, r.Metric, r.Op = is.topic, metric, model.Changed
	if cond.Not {
		r.Op = model.NotChanged
	} else {
		r.Else = nil
	}
	e.add(is.family, cond.Pos(), r)
}
