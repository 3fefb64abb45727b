package history

import "orderly/internal/model"

// worth tells whether a metric is worth a series: a number that goes up and down.
func worth(m model.Metric) bool {
	switch m.Unit() {
	case model.Text, model.Timestamp, model.Boolean, model.Octal:
		return false
	}
	return worthless[m] == ""
}

// wanted are the details that people look for after the fact, when it is too late to write a rule.
var wanted = []model.Metric{
	model.CPUTotal, model.MemTotal, model.FDs, model.ReadBytes, model.WriteBytes, // of a process with its children
	model.Size, // of a file
}

// Why a metric has no series although it is a number.
const (
	names    = "names something"
	constant = "stays as it is"
	clock    = "goes up with the clock"
	sum      = "counts up for ever; its growth is a metric of its own"
	twice    = "is another metric in another measure"
)

var worthless = map[model.Metric]string{
	model.PID: names, model.PPID: names, model.UID: names, model.EUID: names, model.GID: names, model.Status: names, model.BeatStatus: names,

	model.FDsLimit: constant, model.FDsLimitHard: constant, model.BlockSize: constant, model.SpaceTotal: constant,
	model.InodesTotal: constant, model.LinkSpeed: constant,

	model.Uptime: clock, model.AccessAge: clock, model.ChangeAge: clock, model.ModifyAge: clock, model.AnyAge: clock,
	model.SilentFor: clock, model.Overdue: clock, model.Running: clock,

	model.UploadBytesTotal: sum, model.DownloadBytesTotal: sum, model.UploadPacketsTotal: sum, model.DownloadPacketsTotal: sum,
	model.UploadErrorsTotal: sum, model.DownloadErrorsTotal: sum, model.ReadBytesTotal: sum, model.WriteBytesTotal: sum,
	model.DiskReadBytesTotal: sum, model.DiskWriteBytesTotal: sum, model.DiskReadOpsTotal: sum, model.DiskWriteOpsTotal: sum,
	model.Deaths: sum, model.UnitRestarts: sum,

	model.Cores: twice, model.CoresUser: twice, model.CoresSystem: twice, model.CoresWait: twice, model.CoresSteal: twice,
	model.CoresUserEnded: twice, model.CoresSysEnded: twice, model.Load1Core: twice, model.Load5Core: twice, model.Load15Core: twice,
	model.MemTotalPercent: twice, model.SpaceFree: twice, model.SpaceFreePercent: twice, model.SpaceFreeRoot: twice,
	model.InodesFree: twice, model.InodesFreePct: twice, model.FDsUnused: twice, model.CertificateLeft: twice,
}
