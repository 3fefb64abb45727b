package monit

import (
	"math"

	"orderly/internal/model"
)

func (v *values) process() {
	v.count("<pid>", model.PID, -1)
	v.count("<ppid>", model.PPID, -1)
	v.count("<uid>", model.UID, -1)
	v.count("<euid>", model.EUID, -1)
	v.count("<gid>", model.GID, -1)
	v.integer("<uptime>", rounded(math.Floor(v.number(model.Uptime, 0))))
	v.count("<threads>", model.Threads, -1)
	v.count("<children>", model.Children, -1)
	v.raw("<memory>")
	v.share("<percent>", model.MemoryPercent)
	v.share("<percenttotal>", model.MemTotalPercent)
	v.kilobytes("<kilobyte>", model.Memory)
	v.kilobytes("<kilobytetotal>", model.MemTotal)
	v.raw("</memory><cpu>")
	v.share("<percent>", model.CPU)
	v.share("<percenttotal>", model.CPUTotal)
	v.raw("</cpu><filedescriptors>")
	v.known("<open>", model.FDs)
	v.known("<opentotal>", model.FDsTotal)
	v.raw("<limit>")
	v.known("<soft>", model.FDsLimit)
	v.known("<hard>", model.FDsLimitHard)
	v.raw("</limit></filedescriptors><read>")
	v.flow("<bytesgeneric>", model.ReadBytes, model.ReadBytesTotal)
	v.flow("<bytes>", model.DiskReadBytes, model.DiskReadBytesTotal)
	v.flow("<operations>", model.DiskReadOps, model.DiskReadOpsTotal)
	v.raw("</read><write>")
	v.flow("<bytesgeneric>", model.WriteBytes, model.WriteBytesTotal)
	v.flow("<bytes>", model.DiskWriteBytes, model.DiskWriteBytesTotal)
	v.flow("<operations>", model.DiskWriteOps, model.DiskWriteOpsTotal)
	v.end("<write>")
}

// unlimited stands for a limit of files that is none.
const unlimited = "9223372036854775807"

// host is what a system service tells first.
func (v *values) host() {
	v.integer("<uptime>", rounded(math.Floor(v.number(model.Uptime, 0))))
	v.count("<boottime>", model.BootTime, 0)
	open := v.get(model.FDs)
	if !open.Present() {
		return
	}
	v.raw("<filedescriptors>")
	v.integer("<allocated>", rounded(open.Number()))
	v.count("<unused>", model.FDsUnused, 0)
	if limit := v.get(model.FDsLimit); limit.Present() {
		v.integer("<maximum>", rounded(limit.Number()))
	} else {
		v.raw("<maximum>" + unlimited + "</maximum>")
	}
	v.end("<filedescriptors>")
}

// system is what a system service tells last.
func (v *values) system() {
	v.raw("<system><load>")
	v.decimal("<avg01>", v.number(model.Load1, 0), 2)
	v.decimal("<avg05>", v.number(model.Load5, 0), 2)
	v.decimal("<avg15>", v.number(model.Load15, 0), 2)
	v.raw("</load><cpu>")
	for _, share := range [...]struct {
		tag    string
		metric model.Metric
	}{
		{"<user>", model.CPUUser},
		{"<system>", model.CPUSystem},
		{"<nice>", model.CPUNice},
		{"<wait>", model.CPUWait},
		{"<hardirq>", model.CPUHardIRQ},
		{"<softirq>", model.CPUSoftIRQ},
		{"<steal>", model.CPUSteal},
		{"<guest>", model.CPUGuest},
		{"<guestnice>", model.CPUGuestNice},
	} {
		if value := v.get(share.metric); value.Present() {
			v.decimal(share.tag, value.Number(), 1)
		}
	}
	v.raw("</cpu><memory>")
	v.decimal("<percent>", v.number(model.MemoryPercent, 0), 1)
	v.kilobytes("<kilobyte>", model.Memory)
	v.raw("</memory><swap>")
	v.decimal("<percent>", v.number(model.SwapPercent, 0), 1)
	v.kilobytes("<kilobyte>", model.Swap)
	v.raw("</swap><paging>")
	v.count("<in>", model.PageIn, 0)
	v.count("<out>", model.PageOut, 0)
	v.raw("</paging></system>")
}
