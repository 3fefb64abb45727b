package host

import "time"

// A Platform is the machine and its kernel, as uname(2) tells them.
type Platform struct {
	Name, Release, Version, Machine string
	CPUs                            int
	Memory, Swap                    int64 // bytes, 0 where it is not known
}

// Platform tells what this machine is.
func (h *Host) Platform() Platform { return h.platform() }

// BootTime is when this machine was started, as far as its clock can tell at now.
func (h *Host) BootTime(now time.Time) time.Time {
	return now.Add(-time.Duration(h.sinceBoot(now) * float64(time.Second)))
}
