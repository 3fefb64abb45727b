package monit

import "orderly/internal/model"

// eventTypes is one more than the highest number of a type of event.
const eventTypes = 68

// topicTypes are the numbers of the types of events, by topics: those of rules about nothing finer. They are part of
// what collectors read and never change. TopicResource has none, because there are only finer ones.
var topicTypes = map[model.Topic]int{
	model.TopicAction: 1, model.TopicChecksum: 2, model.TopicConnection: 3, model.TopicContent: 4, model.TopicData: 5,
	model.TopicExec: 6, model.TopicExist: 7, model.TopicFSFlags: 8, model.TopicGID: 9, model.TopicHeartbeat: 10,
	model.TopicICMP: 11, model.TopicInstance: 12, model.TopicInvalid: 13, model.TopicNonexist: 14,
	model.TopicPermission: 15, model.TopicPID: 16, model.TopicPPID: 17, model.TopicSize: 18, model.TopicTimeout: 19,
	model.TopicUID: 20, model.TopicUptime: 21, model.TopicByteIn: 22, model.TopicByteOut: 23, model.TopicPacketIn: 24,
	model.TopicPacketOut: 25, model.TopicTimestamp: 48, model.TopicLink: 53, model.TopicSpeed: 57,
	model.TopicSaturation: 59, model.TopicStatus: 64,
}

// metricTypes are the numbers of the types that are finer than a topic.
var metricTypes = map[model.Metric]int{
	model.CPU: 26, model.CPUUser: 26, model.CPUSystem: 26, model.CPUWait: 26, model.CPUNice: 26, model.CPUHardIRQ: 26,
	model.CPUSoftIRQ: 26, model.CPUSteal: 26, model.CPUGuest: 26, model.CPUGuestNice: 26, model.CPUTotal: 27,
	model.Memory: 28, model.MemoryPercent: 28, model.MemTotal: 29, model.MemTotalPercent: 29,
	model.Swap: 30, model.SwapPercent: 30,
	model.Load1: 31, model.Load1Core: 31, model.Load5: 32, model.Load5Core: 32, model.Load15: 33, model.Load15Core: 33,
	model.Threads: 34, model.Children: 35, model.FDs: 36, model.FDsPercent: 36, model.FDsTotal: 37,
	model.ReadBytes: 38, model.DiskReadBytes: 38, model.ReadOps: 39, model.DiskReadOps: 39,
	model.WriteBytes: 40, model.DiskWriteBytes: 40, model.WriteOps: 41, model.DiskWriteOps: 41, model.ServiceTime: 42,
	model.Space: 43, model.SpacePercent: 43, model.SpaceFree: 43, model.SpaceFreePercent: 43,
	model.Inodes: 44, model.InodesPercent: 44, model.InodesFree: 44, model.InodesFreePct: 44,
	model.Hardlinks: 45, model.PageIn: 46, model.PageOut: 47,
	model.AnyTime: 48, model.AnyAge: 48, model.AccessTime: 49, model.AccessAge: 49,
	model.ChangeTime: 50, model.ChangeAge: 50, model.ModifyTime: 51, model.ModifyAge: 51, model.Certificate: 52, model.CertificateLeft: 52, model.Registration: 52,
	model.LinkErrors: 54, model.DownloadErrors: 54, model.UploadErrors: 55, model.Latency: 56, model.Capacity: 57,
	model.EUID: 62, model.Output: 63, model.Zombie: 66, model.Security: 67,
}

// eventType is the number of the type of a rule's events, 0 if it has none.
func eventType(kind model.Kind, r *model.Rule) int {
	if kind == model.KindProgram && r.Topic == model.TopicContent {
		return metricTypes[model.Output]
	}
	if id := metricTypes[r.Metric]; id != 0 {
		return id
	}
	return topicTypes[r.Topic]
}
