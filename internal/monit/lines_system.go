package monit

import (
	"fmt"
	"strings"

	"orderly/internal/model"
)

func (f *facts) system() {
	f.add("load average", f.load(), model.Load1, model.Load5, model.Load15,
		model.Load1Core, model.Load5Core, model.Load15Core)
	f.add("cpu", f.cpuShares(), model.CPU, model.CPUUser, model.CPUSystem, model.CPUNice, model.CPUWait,
		model.CPUHardIRQ, model.CPUSoftIRQ, model.CPUSteal, model.CPUGuest, model.CPUGuestNice)
	f.add("memory usage", withShare(byteCount(f.get(model.Memory)), percent(f.get(model.MemoryPercent))),
		model.Memory, model.MemoryPercent)
	f.add("swap usage", withShare(byteCount(f.get(model.Swap)), percent(f.get(model.SwapPercent))),
		model.Swap, model.SwapPercent)
	f.add("swap pagein/s", form(f.get(model.PageIn), "%.1f"), model.PageIn)
	f.add("swap pageout/s", form(f.get(model.PageOut), "%.1f"), model.PageOut)
	f.add("uptime", f.uptime(), model.Uptime)
	f.add("boot time", date(f.get(model.BootTime)))
	f.add("filedescriptors", f.files(), model.FDs, model.FDsPercent)
}

func (f *facts) load() string {
	a, b, c := f.get(model.Load1), f.get(model.Load5), f.get(model.Load15)
	if !a.Present() || !b.Present() || !c.Present() {
		return ""
	}
	return fmt.Sprintf("[%.2f] [%.2f] [%.2f]", a.Number(), b.Number(), c.Number())
}

// cpuShares tells what the processors did, as far as the platform knows. Each share has a blank after it.
func (f *facts) cpuShares() string {
	var out strings.Builder
	for _, share := range []struct {
		metric model.Metric
		name   string
	}{
		{model.CPUUser, "usr"},
		{model.CPUSystem, "sys"},
		{model.CPUNice, "nice"},
		{model.CPUWait, "iowait"},
		{model.CPUHardIRQ, "hardirq"},
		{model.CPUSoftIRQ, "softirq"},
		{model.CPUSteal, "steal"},
		{model.CPUGuest, "guest"},
		{model.CPUGuestNice, "guestnice"},
	} {
		if v := f.get(share.metric); v.Present() {
			fmt.Fprintf(&out, "%.1f%%%s ", v.Number(), share.name)
		}
	}
	return out.String()
}

// files tells how many files are open, and how many may be.
func (f *facts) files() string {
	open, limit := f.get(model.FDs), f.get(model.FDsLimit)
	if !open.Present() || !limit.Present() {
		return integer(open)
	}
	return fmt.Sprintf("%.0f [%.1f%% of %.0f limit]", open.Number(), percentOf(open.Number(), limit.Number()), limit.Number())
}
